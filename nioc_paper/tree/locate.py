"""Locate the nodes of a chapter's tree in its source.

Pandoc's Markdown reader keeps no positions, and a second parser would read another document than the one printed. But
the tree holds the source's words in the source's order, so one alignment of both finds each of them. `pos` of a node is
its exact (line, column), or (line,) alone, of the words before it, if its own words are not found for certain.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from html import unescape
from itertools import pairwise

from nioc_paper.model import Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.sequence_alignment import longest_rising_run
from nioc_paper.tree.code_blocks import COMMENT, blank_code_blocks, find_code_blocks
from nioc_paper.tree.markdown_scan import (
    SourceWord,
    find_div_lines,
    find_inline_notes,
    find_note_definitions,
    normalize_word,
    scan_words,
)
from nioc_paper.tree.nodes import classes, identifier, walk
from nioc_paper.tree.table_word_order import CellOrder
from nioc_paper.tree.tokens import UNPLACED_TYPES, WORD_PART, Mark, TokenStream, TreeToken, inside_tokens, node_text

_ENTITY = late_pattern(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_FILLER = "\U00016fe3"
"""Letter that no text has: keeps the length of an entity in a word."""
_CITATION = late_pattern(r"@(?:\{([^}\s]+)\}|(\w(?:[\w:.#$%&+?~/-]*\w)?))")
_INSIDE_ATOM = late_pattern(rf"{_CITATION.pattern}|\[\^(?P<note>[^\]\s]+)\]|(?P<part>{WORD_PART.pattern})")
_MAX_BETWEEN = 1000
"""Most characters between two words in which a sign is looked for: each of many signs would look through them all."""
_COMMENT = late_pattern(COMMENT)
_DIV_NAME = late_pattern(r"#([\w:-]+)|\.([\w:-]+)|:{3,}[ \t]*([\w-]+)")
_BARE_DIV_NAME = late_pattern(r"[ \t>]*:{3,}[ \t]*(?!\{[^}\n]*[#.=])(\S*[^\s:]\S*)")
_QUOTED_VALUE = late_pattern(r"""=(?:"[^"]*"|'[^']*')""")
_PRINTED_MARKUP = frozenset("{}[]@")
_TYPES_BY_KEY = frozenset(("CodeBlock", "Div", "RawBlock", "RawInline"))
"""Types of nodes that are located by their whole text or name, before the words."""
_DASHES_AND_DOTS = {"—": ("—", "---"), "–": ("–", "--"), "…": ("…", "...")}


def locate(blocks: list[Node], text: str) -> None:
    """Set `pos` on every node and every citation, in place."""
    _Locator(text).locate_blocks(blocks)
    _complete(blocks, 1)


def find_spans(keys: Sequence[str], words: Sequence[SourceWord]) -> list[tuple[int, int] | None]:
    """Return the start and end of each key among the words of a source. None for a key that is not found."""
    matches = align(keys, [word.key for word in words])
    return [words[matches[index]].span if index in matches else None for index in range(len(keys))]


class _Locator:
    """Locator of the nodes of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        scanned = _ENTITY.sub(_fill_entity, blank_code_blocks(text))
        notes = find_note_definitions(scanned)
        notes |= find_inline_notes(scanned)
        order = CellOrder(scanned)
        self.words = {
            label: order.sort(_split_words(words, scanned)) for label, words in scan_words(scanned, notes).items()
        }
        self.called_notes: list[tuple[Node, str]] = []

    def locate_blocks(self, blocks: list[Node]) -> None:
        """Locate code, divisions and comments, then the words of the body, then those of the notes that it calls."""
        nodes = [n for n in walk(blocks) if n["t"] in _TYPES_BY_KEY]
        self.locate_code([n for n in nodes if n["t"] == "CodeBlock"])
        self.locate_divs([n for n in nodes if n["t"] == "Div"])
        self.locate_comments([n for n in nodes if n["t"] in ("RawBlock", "RawInline")])
        self.locate_stream(blocks, "")
        while self.called_notes:
            note, label = self.called_notes.pop()
            self.locate_stream(note["c"], label)

    def locate_stream(self, blocks: list[Node], label: str) -> None:
        """Locate the words of the body, or of the note with this label."""
        stream, words = TokenStream(), self.words.get(label, [])
        stream.add(blocks)
        matches = align([token.key for token in stream.tokens], [word.key for word in words])
        spans = [words[matches[i]].span if i in matches else None for i in range(len(stream.tokens))]
        for index, word_index in matches.items():
            self.locate_token(stream.tokens[index], words[word_index])
        before, after = _bounds(spans, len(self.text))
        for index, token in enumerate(stream.tokens):
            # Braces and brackets that pandoc prints may be markup for the scan.
            if (
                index not in matches
                and "pos" not in token.node
                and not _PRINTED_MARKUP.isdisjoint(node_text(token.node))
            ):
                self.locate_between(token.node, before[index], after[index])
        for sign in stream.signs:
            self.locate_between(sign.node, before[sign.start], after[sign.start])
        for link in stream.links:
            self.locate_link(link, before[link.start], after[link.start])

    def locate_token(self, token: TreeToken, word: SourceWord) -> None:
        node = token.node
        if token.key == " note":
            self.called_notes.append((node, word.label))
        for inside in token.inside:
            self.locate_inside(inside, word.span)
        if "pos" not in node and (offset := self.start_of_node(token, word.span[0])) is not None:
            self.set_position(node, offset)

    def start_of_node(self, token: TreeToken, offset: int) -> int | None:
        """Return the start of a node by a part of it, with the signs before it that the source has."""
        if not token.offset:
            return offset
        text = normalize_word(node_text(token.node)[: token.offset])
        start = max(offset - token.offset, 0)
        if normalize_word(self.text[start:offset]) == text:
            return start
        return None if WORD_PART.search(text) else offset

    def set_position(self, node: Node, offset: int) -> None:
        line = bisect_right(self.line_starts, offset)
        node["pos"] = [line, offset - self.line_starts[line - 1] + 1]

    def locate_inside(self, content: object, span: tuple[int, int]) -> None:
        """Locate the words inside of a citation or a picture."""
        matches = [*_INSIDE_ATOM.finditer(self.text, *span)]
        keys = ["^" if m["note"] else m["part"] or f"@{m[1] or m[2]}" for m in matches]
        tokens = [*inside_tokens(content)]
        for index, match_index in align([token.key for token in tokens], keys).items():
            token, start = tokens[index], matches[match_index].start()
            if token.key == "^":
                self.called_notes.append((token.node, matches[match_index]["note"]))
            if "pos" not in token.node and (offset := self.start_of_node(token, start)) is not None:
                self.set_position(token.node, offset)

    def locate_between(self, node: Node, start: int, end: int) -> None:
        """Locate a node between the words around it by its own text, if that is there once."""
        if end - start > _MAX_BETWEEN:
            return
        between = normalize_word(self.text[start:end]) if node_text(node) else ""
        for sign in _DASHES_AND_DOTS.get(node_text(node), (normalize_word(node_text(node)),)):
            if between.count(sign) == 1:
                self.set_position(node, start + between.index(sign))
                return

    def locate_link(self, link: Mark, start: int, end: int) -> None:
        """Locate the bracket of a link before its first word."""
        bracket = end - 1 if self.text[end - 1 : end] == "<" else self.text.rfind("[", start, end)
        if bracket >= 0 and (link.end > link.start or self.text.count("[", start, end) == 1):
            self.set_position(link.node, bracket)

    def locate_code(self, nodes: Sequence[Node]) -> None:
        blocks = [*find_code_blocks(self.text)] if nodes else []
        lead = re.compile(r"^[ \t>]+", re.MULTILINE)
        codes = [(block.span[0], lead.sub("", self.text[slice(*block.code_span)])) for block in blocks]
        self.locate_by_key(nodes, [n["c"][1] for n in nodes], codes)

    def locate_comments(self, nodes: Sequence[Node]) -> None:
        comments = [(c.start(), c[0]) for c in _COMMENT.finditer(self.text)] if nodes else []
        self.locate_by_key(nodes, [n["c"][1] for n in nodes], comments)

    def locate_divs(self, nodes: Sequence[Node]) -> None:
        lines = find_div_lines(self.text) if nodes else []
        names = [(start + len(line) - len(line.lstrip(" \t>")), _div_name(line)) for start, line in lines]
        self.locate_by_key(nodes, [identifier(n) or next(iter(classes(n)), "") for n in nodes], names)

    def locate_by_key(self, nodes: Sequence[Node], keys: Sequence[str], places: Sequence[tuple[int, str]]) -> None:
        """Locate blocks by their whole text or name; both runs are in the order of the text."""
        squeezed = ["".join(key.split()) for _, key in places]
        for index, place_index in align(["".join(key.split()) for key in keys], squeezed).items():
            self.set_position(nodes[index], places[place_index][0])


def _bounds(spans: Sequence[tuple[int, int] | None], length: int) -> tuple[list[int], list[int]]:
    """Return the end of the words before each place among the tokens, and the start of those after it."""
    before, after = [0], [length]
    for span in spans:
        before.append(span[1] if span else before[-1])
    for span in reversed(spans):
        after.append(span[0] if span else after[-1])
    return before, after[::-1]


def _fill_entity(entity: re.Match[str]) -> str:
    """Return a character for its entity, filled up to the entity's length; spaces for a sign."""
    character = unescape(entity[0])
    is_letter = len(character) == 1 and character.isalnum()
    return character + _FILLER * (len(entity[0]) - 1) if is_letter else " " * len(entity[0])


def _split_words(words: Sequence[SourceWord], text: str) -> list[SourceWord]:
    """Return words split at signs, and atoms with keys as those of the tree."""
    parts: list[SourceWord] = []
    for word in words:
        source = text[slice(*word.span)]
        if source.isalnum() and _FILLER not in source:
            parts.append(word)  # nearly all
        elif word.key in {"image", "xref", "math", "note", "cite"} and source != word.key:
            ids = " ".join(m[1] or m[2] for m in _CITATION.finditer(source)) if word.key == "cite" else ""
            parts.append(SourceWord(f" {word.key}{ids}", word.span, word.label))
        else:
            start, pieces = word.span[0], WORD_PART.finditer(source)
            parts += (SourceWord(p[0].replace(_FILLER, ""), (start + p.start(), start + p.end())) for p in pieces)
    return parts


def _div_name(line: str) -> str:
    """Return the id in the first line of a division, or its first class; a word without braces is one, as it is."""
    if bare := _BARE_DIV_NAME.match(line):
        return bare[1]
    names = [*_DIV_NAME.finditer(_QUOTED_VALUE.sub("", line))]
    return next((n[1] for n in names if n[1]), "") or next((n[2] or n[3] for n in names), "")


def _complete(item: object, line: int) -> int:
    """Give the other nodes the place of their first word, or the line of the word before. Returns the last line."""
    if type(item) is list:
        for part in item:
            kind = part.get("t") if type(part) is dict else None
            if kind == "Str":
                line = part.setdefault("pos", [line])[0]  # nearly all
            elif type(part) is list or (type(part) is dict and kind not in UNPLACED_TYPES):
                line = _complete(part, line)
    elif type(item) is dict:
        own = item.get("pos")
        last = _complete(_children(item), own[0] if own else line)
        if own is None or item.get("t") in ("Header", "Figure"):
            item["pos"] = _place_by_content(item) or [line]
        return line if item.get("t") == "Note" else last
    return line


def _children(node: Node) -> object:
    """Return the content of a node or a citation; a citation as it was typed is not a content."""
    if "citationId" in node:
        return [node["citationPrefix"], node["citationSuffix"]]
    return node["c"][0] if node.get("t") == "Cite" else node.get("c")


def _place_by_content(node: Node) -> list[int] | None:
    """Return the place of the first word that is located; of a picture for a figure, of the line for a heading."""
    content = node["c"][2] if node.get("t") == "Figure" else node.get("c")
    first = next((n["pos"] for n in walk(content) if len(n.get("pos", ())) == 2), None)
    return [first[0], 1] if first and node.get("t") == "Header" else first


# --- alignment of the words of a tree with those of its source --------------------------------------------------------

# Each match is certain, or missing. Both runs are nearly equal: the source has more where a scan mistakes markup for
# words, the tree where pandoc made words. Equal ends are matched first, then words that occur once on both sides, and
# so on between them; where all words occur several times, by the fewest differences (E. W. Myers, An O(ND)
# Difference Algorithm, 1986): the longest equal parts of `difflib` put repeated marks at lines of others. Linear for
# equal runs; a match that could as well be another one is taken back.

Matches = dict[int, int]
"""Index in the source by index in the tree."""
_MAX_DIFFERENCES = 200
"""Words without a partner between two unique words: more are not aligned, to limit the time."""


def align(keys: Sequence[str], words: Sequence[str]) -> Matches:
    """Return which word of the source is which key of the tree."""
    matches: Matches = {}
    _align_range(keys, words, matches, (0, len(keys), 0, len(words)))
    return matches


def _align_range(keys: Sequence[str], words: Sequence[str], matches: Matches, whole: tuple[int, int, int, int]) -> None:
    """Match the words in a range of both runs: start and end in the tree, start and end in the source."""
    stack = [whole]
    while stack:
        a, b, c, d = stack.pop()
        while a < b and c < d and keys[a] == words[c]:
            matches[a] = c
            a, c = a + 1, c + 1
        while a < b and c < d and keys[b - 1] == words[d - 1]:
            b, d = b - 1, d - 1
            matches[b] = d
        if a == b or c == d:
            _take_back_ambiguous(keys, words, matches, (a, b, c, d))
            continue
        bounds = [(a - 1, c - 1), *_find_anchors(keys, words, (a, b, c, d)), (b, d)]
        if len(bounds) > 2:
            matches.update(bounds[1:-1])
            stack += [(i + 1, j, k + 1, m) for (i, k), (j, m) in pairwise(bounds)]
        elif pairs := _fewest_differences(keys[a:b], words[c:d]):
            near_matches = [(a + i, c + k) for i, k in pairs]
            matches.update(near_matches)
            for (i, k), (j, m) in pairwise([(a - 1, c - 1), *near_matches, (b, d)]):
                _take_back_ambiguous(keys, words, matches, (i + 1, j, k + 1, m))


def _take_back_ambiguous(
    keys: Sequence[str], words: Sequence[str], matches: Matches, gap: tuple[int, int, int, int]
) -> None:
    """Remove the matches around surplus words that equal the surplus: either of the two may be the one."""
    a, b, c, d = gap
    run, start, end = (words, c, d) if a == b else (keys, a, b)
    before = after = 0
    if start == end:
        return
    while start - before > 0 and run[start - 1 - before] == run[end - 1 - before]:
        before += 1
    while end + after < len(run) and run[end + after] == run[start + after]:
        after += 1
    for index in range(a - before, b + after):
        matches.pop(index, None)


def _find_anchors(
    keys: Sequence[str], words: Sequence[str], whole: tuple[int, int, int, int]
) -> Sequence[tuple[int, int]]:
    """Return pairs of words that occur once in each range, in the order of both: the longest such run."""
    a, b, c, d = whole
    for size in (1, 2, 3):
        in_tree, in_source = _unique_runs(keys, a, b, size), _unique_runs(words, c, d, size)
        pairs = sorted((index, in_source[run]) for run, index in in_tree.items() if run in in_source)
        if pairs:
            in_order = longest_rising_run([place for _, place in pairs])
            return [pair for pair in pairs if pair[1] in in_order]
    return ()


def _fewest_differences(keys: Sequence[str], words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of equal words if at most _MAX_DIFFERENCES words have no partner, otherwise none."""
    ends, history = {1: 0}, list[dict[int, int]]()
    for count in range(_MAX_DIFFERENCES + 1):
        history.append(dict(ends))
        for diagonal in range(-count, count + 1, 2):
            x = _furthest(ends, diagonal, count)
            while x < len(keys) and x - diagonal < len(words) and keys[x] == words[x - diagonal]:
                x += 1
            ends[diagonal] = x
            if x >= len(keys) and x - diagonal >= len(words):
                return _trace(history, len(keys), len(words))
    return []


def _furthest(ends: dict[int, int], diagonal: int, count: int) -> int:
    """Return where a diagonal begins: below or beside the furthest end of its two neighbours."""
    return ends[diagonal + 1] if _is_down(ends, diagonal, count) else ends[diagonal - 1] + 1


def _is_down(ends: dict[int, int], diagonal: int, count: int) -> bool:
    return diagonal == -count or (diagonal != count and ends[diagonal - 1] < ends[diagonal + 1])


def _trace(history: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Return the pairs on the way from the end of both runs to their start."""
    pairs: list[tuple[int, int]] = []
    for count in range(len(history) - 1, -1, -1):
        ends, diagonal = history[count], x - y
        start = _furthest(ends, diagonal, count) if count else 0
        while x > start and y > start - diagonal and x > 0 and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if count:
            x, y = (x, y - 1) if _is_down(ends, diagonal, count) else (x - 1, y)
    return pairs[::-1]


def _unique_runs(words: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[index : index + size]) for index in range(start, end - size + 1)]
    counts = Counter(runs)
    return {run: start + index for index, run in enumerate(runs) if counts[run] == 1}
