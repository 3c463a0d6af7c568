"""Citations taken out of a document for citeproc, and put back: it is slow only to read a whole paper.

The form of a citation depends on all citations in their order, and on the sign that follows it, which may move before
it. So each is extracted with the word that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from nioc_paper import tree
from nioc_paper.domain.citations_as_text import REPORT_MARK
from nioc_paper.model import AUTHOR_IN_FULL, WITHOUT_BRACKETS, Node

BIBLIOGRAPHY_ID = "refs"
"""Id of the division that citeproc fills."""
_CONTAINER_TYPES = (list, dict)
_TEXT_CLASSES = frozenset(("part", "front", "chapter", "annex"))
_SPACE_TYPES = ("Space", "SoftBreak")


class _Position(NamedTuple):
    """Place of a citation: list of nodes, index, and whether it is in a note of the author."""

    run: list[Node]
    place: int
    in_note: bool
    is_bare: bool
    """Whether the citation loses the brackets around it."""


class ExtractedCitations:
    """Tree without its citations, and the citations, each with the next word, in the order of the text.

    Parts without citations are shared with the original tree: two trees of a long paper would take much memory.
    """

    def __init__(self, blocks: Sequence[Node]) -> None:
        self.passages: list[list[Node]] = []
        self._positions: list[_Position] = []
        self._note_depth = 0
        self._stripped_blocks: list[Node] = self._extract(blocks)

    def reinsert(self, cited: Iterable[list[Node]]) -> list[Node]:
        """Return the tree with citeproc's results in place of its passages, in the same order. Call once."""
        for (run, place, in_note, is_bare), inlines in reversed([*zip(self._positions, cited, strict=True)]):
            words = tree.content(tree.content(inlines[0])[0]) if in_note else inlines
            words = [_without_brackets(words[0]), *words[1:]] if is_bare else words
            run[place:place] = words
            if _is_raised(words[0]):
                before = run[place - 1] if place else None
                if before is not None and before["t"] in _SPACE_TYPES:
                    del run[place - 1]
                elif before is not None and _is_node(before, "Str"):
                    run[place - 1] = {**before, "c": before["c"].rstrip(" ")}
        return self._stripped_blocks

    def _extract(self, content: Any) -> Any:
        # `type(…) is`: quicker than isinstance, and this walks the whole tree.
        kind = type(content)
        if kind is dict:
            return self._extract_mapping(content)
        return self._extract_list(content) if kind is list or kind is tuple else content

    def _extract_mapping(self, content: dict[str, object]) -> dict[str, object]:
        if "t" not in content:
            new = {key: self._extract(value) for key, value in content.items() if key != "pos"}
            return content if all(value is content[key] for key, value in new.items()) else {**content, **new}
        inner = content.get("c")
        if type(inner) not in _CONTAINER_TYPES:  # a word
            return content
        is_note = content["t"] == "Note"
        self._note_depth += is_note
        stripped = self._extract(inner)
        self._note_depth -= is_note
        return content if stripped is inner else {**content, "c": stripped}

    def _extract_list(self, content: Any) -> object:
        if content and type(content[0]) is str:  # attributes, or a target
            return content
        out: list[Any] | None = None  # most lists have no citation, and stay as they are
        after = 0
        for place, node in enumerate(content):
            if place < after:
                continue
            if type(node) is dict and node.get("t") == "Cite":
                out = [*content[:place]] if out is None else out
                cite, after = _joined_citation(content, place)
                word, rest = _split_first_word(content[after]) if after < len(content) else ([], [])
                after += bool(word)
                self._add_passage([cite, *word], out)
                out += rest
                continue
            new = self._extract(node)
            if out is not None:
                out.append(new)
            elif new is not node:
                out = [*content[:place], new]
        return content if out is None else out

    def _add_passage(self, passage: list[Node], run: list[Node]) -> None:
        """Add a passage. That of a note stays in one: a style with notes makes no note in a note."""
        in_note = self._note_depth > 0
        self.passages.append([{"t": "Note", "c": [{"t": "Plain", "c": passage}]}] if in_note else passage)
        self._positions.append(_Position(run, len(run), in_note, any(node.get(WITHOUT_BRACKETS) for node in passage)))


def _without_brackets(cite: Node) -> Node:
    """Return a printed citation without the brackets around it, if it has any."""
    inlines = tree.content(cite) if cite["t"] == "Cite" else []
    ends = [inlines[0], inlines[-1]] if len(inlines) > 1 else [*inlines] * 2
    if not all(_is_node(end, "Str") for end in ends) or not ends or ends[0]["c"][:1] != "(" or ends[1]["c"][-1:] != ")":
        return cite
    bare = [*inlines]
    bare[0] = {**bare[0], "c": bare[0]["c"][1:]}
    bare[-1] = {**bare[-1], "c": bare[-1]["c"][:-1]}
    return tree.with_content(cite, [node for node in bare if node.get("c", " ") != ""])


def _joined_citation(content: Sequence[Node], place: int) -> tuple[Node, int]:
    """Return a citation with those that follow it, and the index after them: two raised numbers would read as one.

    A source that is cited in the same words again is cited once.
    """
    node, after = content[place], place + 1
    while _is_in_brackets(node) and (following := _index_of_next(content, after)):
        own = tree.citations(node)
        known = [*map(_citation_words, own)]
        citations = [*own, *(c for c in tree.citations(content[following]) if _citation_words(c) not in known)]
        node, after = {**node, "c": [citations, tree.content(node)]}, following + 1
    return node, after


def _index_of_next(content: Sequence[Node], place: int) -> int | None:
    """Return the index of the citation in brackets at a place, or after a space there; None if there is none."""
    if place < len(content) and (content[place]["t"] in _SPACE_TYPES or content[place].get("c") == " "):
        place += 1
    return place if place < len(content) and _is_in_brackets(content[place]) else None


def _is_in_brackets(node: Node) -> bool:
    return _is_node(node, "Cite") and all(c["citationMode"]["t"] == "NormalCitation" for c in tree.citations(node))


def _citation_words(citation: Node) -> tuple[str, ...]:
    parts = (citation["citationPrefix"], citation["citationSuffix"])
    return (citation["citationId"], *map(tree.plain_text, parts))


def citation_blocks(passages: Iterable[Sequence[Node]]) -> list[Node]:
    """Return a document of these passages and the bibliography only."""
    return [*({"t": "Plain", "c": list(inlines)} for inlines in passages), tree.div([], id=BIBLIOGRAPHY_ID)]


def with_bibliography(blocks: Sequence[Node], sources: Node) -> list[Node]:
    """Return a tree with the bibliography in its place."""
    # Chapters are not searched for it: that would take longer than all the rest.
    return [
        block
        if _TEXT_CLASSES.intersection(tree.classes(block))
        else tree.rewrite(lambda node: sources if tree.identifier(node) == BIBLIOGRAPHY_ID else node, block)
        for block in blocks
    ]


def _split_first_word(node: Node) -> tuple[list[Node], list[Node]]:
    """Return the first word of a text, and its rest."""
    if not _is_node(node, "Str"):
        return [], []
    word, blank, rest = node["c"].partition(" ")
    return [{**node, "c": word}] if word else [], [{**node, "c": blank + rest}] if word and blank else []


def _is_node(node: object, kind: str) -> bool:
    return type(node) is dict and node.get("t") == kind


def _is_raised(node: Node) -> bool:
    """Whether a citation is printed as a note or a raised number, alone or after signs that end a sentence."""
    inlines = tree.content(node) if node["t"] == "Cite" else []
    raised = next((i for i, inline in enumerate(inlines) if inline["t"] in ("Note", "Superscript")), None)
    return raised is not None and not re.search(r"\w", tree.plain_text(inlines[:raised]))


# --- words of single citations ----------------------------------------------------------------------------------------


_ENTRY_PREFIX = "ref-"
_NUMBER = re.compile(r"[\[(]?\d+[\])]?\.?")
"""Number of an entry in a numbered list."""
_NUMBER_COLUMN = "csl-left-margin"
_COLUMNS = frozenset((_NUMBER_COLUMN, "csl-right-inline", "csl-block", "csl-indent"))


def join_reports(content: object) -> Any:
    """Return inlines in which a comma is before "as reported by": styles put the same sign between all sources."""
    if isinstance(content, dict):
        return {key: join_reports(value) for key, value in content.items()}
    if not isinstance(content, list):
        return content
    joined: list[Any] = []
    for node in content:
        if isinstance(node, dict) and node.get("t") == "Str" and node["c"].startswith(REPORT_MARK):
            place = next((i for i in reversed(range(len(joined))) if joined[i].get("t") not in _SPACE_TYPES), None)
            if place is not None and joined[place].get("t") == "Str" and joined[place]["c"].endswith(";"):
                joined[place] = {**joined[place], "c": joined[place]["c"][:-1] + ","}
            joined.append({**node, "c": node["c"].removeprefix(REPORT_MARK)})
        else:
            joined.append(join_reports(node))
    return joined


def unnest_brackets(content: object) -> Any:
    """Return content in which round brackets within others of a citation or source are square: "([Repeal] Act, 2010)".

    Those in a number stay, and those around it are square: "[S.R.O. 256(I)/2016]".
    """

    def unnest(node: Node) -> Node:
        is_entry = node["t"] == "Div" and tree.identifier(node).startswith(_ENTRY_PREFIX)
        if not is_entry and node["t"] != "Cite":
            return node
        inner = tree.content(node)
        words = [each for each in tree.walk(inner) if each["t"] == "Str"]
        texts = _square_inner([word["c"] for word in words])
        changed = {id(word): {**word, "c": text} for word, text in zip(words, texts, strict=True)}
        return tree.with_content(node, tree.rewrite(lambda each: changed.get(id(each), each), inner))

    return tree.rewrite(unnest, content)


def _square_inner(words: Sequence[str]) -> Sequence[str]:
    """Return words with square brackets for those within others."""
    signs, opened = [*"\n".join(words)], list[int]()
    pairs: dict[int, tuple[int, int | None]] = {}
    for place, sign in enumerate(signs):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and opened:
            start = opened.pop()
            pairs[start] = place, opened[-1] if opened else None
    in_words = {start for start in pairs if start and signs[start - 1].isalnum()}
    around = {pairs[start][1] for start in in_words}
    for start, (end, outer) in pairs.items():
        if start in around or (outer in pairs and outer not in around and start not in in_words):
            signs[start], signs[end] = "[]"
    return "".join(signs).split("\n")


def unaligned_entries(sources: Node) -> Node:
    """Return the list of references with entries of one paragraph: some styles give the number its own column."""

    def join_columns(node: Node) -> Node | list[Node]:
        if node["t"] != "Span" or not _COLUMNS.intersection(tree.classes(node)):
            return node
        inlines = [*tree.content(node)]
        while inlines and inlines[-1]["t"] in _SPACE_TYPES:
            inlines.pop()
        return [*inlines, {"t": "Space"}] if _NUMBER_COLUMN in tree.classes(node) else inlines

    joined: Node = tree.rewrite(join_columns, sources)
    return joined


def explain_short_names(sources: Node, references: Iterable[Mapping[str, Any]]) -> Node:
    """Return the list of references with the full names after each short name that begins an entry."""
    short = {f"{_ENTRY_PREFIX}{r['id']}": r for r in references if AUTHOR_IN_FULL in r}

    def explain(node: Node) -> Node:
        reference = short.get(tree.identifier(node)) if node["t"] == "Div" else None
        if reference is None:
            return node
        words, full = str(reference["author"][0]["literal"]).split(), str(reference[AUTHOR_IN_FULL])
        return tree.with_content(node, _explain_first(tree.content(node), words, full))

    return tree.rewrite(explain, sources) if short else sources


def _explain_first(content: Sequence[object], words: Sequence[str], full: str) -> list[object]:
    """Return content with the full name after the short one, if it begins with that, or with a number and that."""
    for place, item in enumerate(content):
        if isinstance(item, list):
            if any(isinstance(part, dict) for part in item):
                return [*content[:place], _explain_first(item, words, full), *content[place + 1 :]]
        elif isinstance(item, dict) and item["t"] == "Str" and not _NUMBER.fullmatch(item["c"]):
            return [*content[:place], *_explain_words(content[place:], words, full)]
        elif (
            isinstance(item, dict)
            and isinstance(item.get("c"), list)
            and not _NUMBER.fullmatch(tree.plain_text([item]).strip())
        ):
            return [*content[:place], {**item, "c": _explain_first(item["c"], words, full)}, *content[place + 1 :]]
    return [*content]


def _explain_words(inlines: Sequence[Any], words: Sequence[str], full: str) -> list[Node]:
    """Return inlines with the full name after the words of the short one; as they are if they do not begin with it."""
    text, count = "", 0
    while count < len(inlines) and len(text) < len(" ".join(words)):
        text, count = text + (inlines[count]["c"] if inlines[count]["t"] == "Str" else " "), count + 1
    rest = text.removeprefix(" ".join(words))
    if rest == text or rest[:1].isalnum():
        return [*inlines]
    behind = [{"t": "Str", "c": rest}] if rest else []
    return [*tree.text_inlines(f"{' '.join(words)} ({full})"), *behind, *inlines[count:]]
