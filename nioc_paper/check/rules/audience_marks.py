"""Rules about audience marks: one that is not read would be printed, with the words it should protect."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from html import unescape
from itertools import islice, takewhile
from typing import Any

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import (
    AUDIENCES,
    Asset,
    Chapter,
    DataTable,
    Diagnostic,
    KeyPath,
    Node,
    Paper,
    Place,
    Record,
    References,
    Version,
)
from nioc_paper.model.characters import latin_skeleton
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.model.reviews import LineChange
from nioc_paper.tree.code import blank, blank_code_blocks, find_code_spans

AUDIENCE_MARKS = AUDIENCES[1:]
_NO_NODE: Node = {}
MARKABLE_TYPES = ("Div", "Span")
"""Nodes on which marks are read."""
_POSSIBLE_MARK = late_pattern(
    r"\{([^{}\n]{0,200})\}?|:{3,}\s*([^\s:]{1,200})|<\w([^<>\n]{1,200})>?|(?<!\S)\.(\w{4,30})"
)
"""Possible marks: words in braces, after colons, in an HTML tag, after a full stop that ends nothing."""
_ATTRIBUTES = late_pattern(
    r":{3,}\s{0,9}[^\W\d]|(?:(?<=\])|(?=\{(?:[^{}]{0,200}\s)?\.))"
    r"\{\s{0,9}(?:(?:[.#][^\W\d][\w:.-]{0,80}+|[\w-]{1,40}+=(?:\"[^\"{}]{0,200}\"|[^\s{}\"]{1,200}+))\s{0,9}+){1,9}\}"
)
"""Attributes of words or of a block, whatever they say: in braces after a bracket, or with a class; after colons."""
_SIGNS_OF_MARK = ("{", "<", ":::", ".l", ".r", "[", "sensitivity")
"""Texts, one of which is in every text with a mark: few others have one."""
_POSSIBLE_NAME = late_pattern(r"[^\s.#=:;,\"'“”‘’«»{}<>()\[\]/\\]+")
_SIGN_BEFORE_NAME = late_pattern(r"[.#=:]\s*[\"'“”‘’]?$")
_LEVEL = "|".join(AUDIENCE_MARKS)
_LIKELY_MARK = late_pattern(
    rf"(?:[\[{{]>>|[\[{{<])[^\w\]}}>]{{0,40}}(?:(?:begin|end|start|stop)[^\w\]}}>]{{1,9}})?(?:{_LEVEL})[^\w\[{{<]{{0,40}}?"
    rf"(?:<<\}}|[}}>]|\](?![(\[{{]))|\{{[^{{}}]{{0,80}}[.#=]\s{{0,9}}(?:{_LEVEL})\b[^{{}}]{{0,80}}\}}"
    rf"|\bsensitivity\s{{0,3}}[:=][\s\"']{{0,3}}(?:{_LEVEL})\b|\]\([.\s]{{0,9}}(?:{_LEVEL})\s{{0,9}}\)"
)
"""Level that is alone in brackets, a tag, a comment or an address, is the class in braces, or follows its key."""
_READ_MARK = late_pattern(
    r"(?<=\])\{(?:[^{}]{0,80}\s)?\.\w[^{}]{0,80}\}|^[ \t>\d.*+-]{0,40}:{3,}[^\n]{0,200}$", re.MULTILINE
)
"""Attributes of words or of a block, in the form in which they are read."""
_FREE_TEXT_ATTRIBUTES = ("alt", "by", "to", "title", "list", "lang", "dir")
"""Attributes with words or names as values."""
_MARK_HINT = "write '::: {.restricted}' above and ':::' below, or [words]{.restricted}"
_TEXT_BY_TYPE = {"Space": " ", "SoftBreak": "\n", "LineBreak": "\n", "Code": "…", "RawInline": "…"}
_NO_MARKS_HINT = "classes are not read here: take out restricted content, or put it into a marked block of a chapter"


@cache
def nearest_mark(name: str, min_similarity: float = 0.75) -> str:
    """Return the mark that a name resembles; empty if it is another word."""
    matches = difflib.get_close_matches(latin_skeleton(name), AUDIENCE_MARKS, 1, min_similarity)
    return matches[0] if matches else ""


def find_unread_mark(text: str, *, is_markdown: bool = True) -> str:
    """Return the first misspelled or misplaced mark in a text; without Markdown any attributes. Empty for none."""
    small = latin_skeleton(text)
    if not any(sign in small for sign in _SIGNS_OF_MARK):
        return ""
    mark = next((match[0].strip() for match in _POSSIBLE_MARK.finditer(small) if _is_mark(match)), "")
    attributes = None if mark or is_markdown else _ATTRIBUTES.search(small) or _LIKELY_MARK.search(small)
    return attributes[0] if attributes else mark


find_unread_attributes = partial(find_unread_mark, is_markdown=False)
"""The same for a text that is not Markdown."""


def _is_mark(match: re.Match[str]) -> bool:
    within = next(part for part in match.groups() if part is not None)
    names = [*_POSSIBLE_NAME.finditer(within)]
    # In braces, a single word or one after a sign may be a misspelled mark; others are words of a sentence.
    has_sign = (len(names) == 1 and match[3] is None) or match[2] is not None
    return any(
        n[0] in AUDIENCE_MARKS
        if match[4] is not None
        else nearest_mark(n[0], _min_similarity(within, n, has_sign=has_sign))
        for n in names
        if len(n[0]) < 40
    )


def _min_similarity(within: str, name: re.Match[str], *, has_sign: bool) -> float:
    if _SIGN_BEFORE_NAME.search(within, 0, name.start()):
        return 0.75
    return 0.8 if has_sign else 1.0


# --- in the text of a chapter -----------------------------------------------------------------------------------------


def unread_marking(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every mark that withholds a passage is read as one: on a block between colons, or on words in brackets.

    Bad: [the lock is broken] {.restricted}
    Good: [the lock is broken]{.restricted}
    """
    chapter = text.chapter
    for block in text.nodes("Para", "Plain", "Header", "LineBlock"):
        yield from _marks_in_words(chapter, block)
    for node in text.nodes_with_attributes:
        yield from _marks_in_attributes(chapter, node)
    for image in chapter.images:
        if not find_unread_mark(image.alt) and (attributes := find_unread_attributes(image.alt)):
            yield _printed_mark_finding(image.place, attributes)
    for node in text.nodes("CodeBlock"):
        if not tree.classes(node) and (mark := find_unread_mark(node["c"][1])):
            first = next((line for line in node["c"][1].split("\n") if line.strip()), "")
            if not re.search(rf"^(?: {{4}}|\t)[ \t]*{re.escape(first)}$", chapter.text, re.MULTILINE):
                continue
            hint = "delete the spaces at the beginning of its lines"
            yield Finding(chapter.place(node), f"'{mark[:40]}' is in an indented block", hint)


def likely_marking(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No level is alone in brackets, a tag or a comment: it marks nothing there.

    Bad: [restricted]the lock is broken[/restricted], or <!-- restricted -->
    Good: [the lock is broken]{.restricted}
    """
    without_blocks = blank_code_blocks(text.body_source)
    spans = ((start, start + len(code)) for start, code in find_code_spans(without_blocks))
    small = latin_skeleton(blank(without_blocks, spans))
    read = _READ_MARK.sub(lambda match: "(".ljust(len(match[0])), small)
    likely = [*_LIKELY_MARK.finditer(read)]
    known_lines = {finding.place.line for finding in unread_marking(paper, text)} if likely else set()
    for match in likely:
        before = small[: match.start()]
        place = Place(text.chapter.path, before.count("\n") + 1, match.start() - before.rfind("\n"))
        if place.line not in known_lines:
            shown = " ".join(match[0].split())[:40]
            yield Finding(place, f"'{shown}' looks like a mark, and marks nothing", _MARK_HINT)


def _marks_in_words(chapter: Chapter, block: Node) -> Iterator[Finding]:
    """Yield the marks among the words of a paragraph, one finding for each line."""
    lines = block["c"] if block["t"] == "LineBlock" else [block["c"][2] if block["t"] == "Header" else block["c"]]
    for words in (line for inlines in lines for line in _text_lines(inlines)):
        line_text = "".join(text for text, _ in words)
        if line_text.lstrip().startswith(":::"):
            yield _colon_finding(_colon_place(chapter, words[0][1], line_text.strip()), line_text.strip())
        elif mark := find_unread_mark(line_text):
            place = _mark_place(chapter, words[0][1], mark)
            yield Finding(place, f"'{mark[:40]}' is printed as words, and marks nothing", _MARK_HINT)


def _colon_finding(place: Place, line_text: str) -> Finding:
    if line_text.strip(": "):
        return Finding(
            place, f"'{line_text[:40]}' begins no block, and is printed as words", "leave a blank line above it"
        )
    hint = "take it out, or begin the block above: '::: {.restricted}', for example"
    return Finding(place, f"'{line_text[:40]}' ends no block, and is printed as words", hint)


def _mark_place(chapter: Chapter, first: Node, mark: str) -> Place:
    """Return the place of a mark in a line that begins with the given node: signs have no position of their own."""
    place = chapter.place(first)
    for number, line in islice(enumerate(chapter.text.split("\n"), 1), place.line - 1, place.line + 3):
        small = latin_skeleton(line)
        if mark[:40] in small:
            return Place(place.path, number, small.find(mark[:40]) + 1)
    return place


def _colon_place(chapter: Chapter, first: Node, line_text: str) -> Place:
    """Return the place of a printed line of colons: that of the line with its words, not of another block's colons."""
    place = chapter.place(first)
    for number, line in islice(enumerate(chapter.text.split("\n"), 1), place.line - 1, place.line + 3):
        if line.strip(" \t>")[:8] == line_text[:8]:
            return Place(place.path, number, line.index(":::") + 1)
    return _mark_place(chapter, first, ":::")


def _text_lines(inlines: Sequence[Node]) -> Iterator[list[tuple[str, Node]]]:
    """Yield the lines of a paragraph as pieces of text with their nodes. Code is `…`: its signs are meant."""
    pieces = _text_pieces(inlines)
    start = 0
    for end in [*(index for index, (text, _) in enumerate(pieces) if text == "\n"), len(pieces)]:
        yield pieces[start:end]
        start = end + 1


def _text_pieces(inlines: Sequence[Any], placed_parent: Node = _NO_NODE) -> list[tuple[str, Node]]:
    """Return the texts of inlines with their nodes; of a node without a position, with the one around it."""
    # A list: generators in generators take twice as long.
    pieces = list[tuple[str, Node]]()
    for node in inlines:
        kind, content = node["t"], node.get("c")
        placed = node if "pos" in node else placed_parent
        if kind == "Str":
            pieces.append((content, placed))
        elif kind in _TEXT_BY_TYPE:
            pieces.append((_TEXT_BY_TYPE[kind], placed))
        elif kind == "Math":
            pieces.append((content[1], placed))
        elif kind == "Quoted":
            pieces += [('"', placed), *_text_pieces(content[1], placed), ('"', placed)]
        elif kind == "Cite":
            for citation in content[0]:
                pieces += _text_pieces([*citation["citationPrefix"], *citation["citationSuffix"]], placed)
        elif kind != "Note":  # a note has its own paragraphs
            pieces += _text_pieces(content[1] if kind in tree.TYPES_WITH_ATTR else content, placed)
    return pieces


def _marks_in_attributes(chapter: Chapter, node: Node) -> Iterator[Finding]:
    place = chapter.place(node)
    if sensitivity_level(node) and node["t"] not in MARKABLE_TYPES:
        hint = "put all that belongs together between '::: {.restricted}' and ':::'"
        yield Finding(place, "a mark is read on blocks of colons and words in brackets only", hint)
    for name, mark in _misspelled_marks(node):
        yield Finding(place, f"'{name}' marks nothing", f"did you mean '.{mark}'?")
    titles = [node["c"][2][1]] if node["t"] in ("Link", "Image") else []
    for text in (*tree.attributes(node).values(), *titles):
        if mark := find_unread_attributes(text):
            yield Finding(place, f"'{mark[:40]}' is printed as words, and marks nothing", _NO_MARKS_HINT)


def _misspelled_marks(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the names in a node's attributes that are nearly a mark, each with that mark."""
    candidates = [(name, nearest_mark(name)) for name in tree.classes(node) if name not in AUDIENCES]
    candidates.append((tree.identifier(node), nearest_mark(tree.identifier(node), 0.9)))
    for key, value in tree.attributes(node).items():
        candidates.append((key, nearest_mark(key)))
        candidates += [(value, nearest_mark(value))] if key not in _FREE_TEXT_ATTRIBUTES else []
    return ((name, mark) for name, mark in candidates if mark)


# --- where text is not Markdown --------------------------------------------------------------------------------------


def find_marks_in_values(paper: Paper) -> Iterator[Finding]:
    """Yield the marks in front matter, registers, charts, data and pictures: none is read there, all are printed."""
    for record in (*paper_records(paper), *paper.reviews, *(chapter.front for chapter in paper.chapters)):
        for text, loc in find_strings(record):
            # Sources are Markdown of which one class is read, guides that of new chapters.
            unread = text.replace("{.nocase}", "") if isinstance(record, References) else text
            if mark := find_unread_mark(unread, is_markdown="guide" in loc):
                yield _printed_mark_finding(record.place(*loc), mark)
    for chapter in paper.chapters:
        for data_table, spec in (*((c.data, c.spec) for c in chapter.charts), *((t, {}) for t in chapter.tables)):
            code_findings = [*_marks_in_code(chapter, data_table.place, spec)]
            # Heads are names in the file, unless the block sets others.
            yield from code_findings or _marks_in_data(data_table)
        for asset in {i.asset.path: i.asset for i in chapter.images if i.asset}.values():
            yield from _marks_in_picture(asset)


def in_tags(versions: Iterable[Version]) -> Iterator[Diagnostic]:
    """Yield the marks in the names and messages of git's tags: outputs list them as versions."""
    for version in versions:
        if mark := find_unread_attributes(version.subject) or find_unread_attributes(version.tag):
            message = f"'{mark[:40]}' in the tag '{version.tag[:40]}' is printed as it is, and marks nothing"
            hint = "give the tag another message: git tag --force --annotate"
            yield Diagnostic(Place("paper/paper.yaml"), "unread-mark/audience", message, hint=hint)


def _printed_mark_finding(place: Place, mark: str) -> Finding:
    return Finding(place, f"'{mark[:40]}' is printed as it is, and marks nothing", _NO_MARKS_HINT)


def paper_records(paper: Paper) -> tuple[Record, ...]:
    """Return the settings and registers of a paper."""
    files = (paper.settings, paper.timeline, paper.contributors, watched_references(paper), paper.decisions_file)
    return (*files, paper.facts_file, paper.acronyms_file, paper.terms_file, paper.approvals_file)


def find_strings(value: object) -> Sequence[tuple[str, KeyPath]]:
    """Return every text in a value, keys of mappings included, with its key path."""
    strings = list[tuple[str, KeyPath]]()
    _collect_strings(value, (), strings)
    return strings


def _collect_strings(value: object, loc: KeyPath, strings: list[tuple[str, KeyPath]]) -> None:
    """Append the texts in a value to a list: generators in generators take twice as long, in every check."""
    if isinstance(value, str):
        strings.append((value, loc))
    elif isinstance(value, Record) and not isinstance(value, LineChange):  # Markdown that no output has
        for name, inner in value.items():
            if name in value.extra:
                strings.append((name, (*loc, name)))
            if inner:
                _collect_strings(inner, (*loc, name), strings)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _collect_strings(inner, (*loc, index), strings)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            strings.append((name, (*loc, name)))
            _collect_strings(inner, (*loc, name), strings)


def _marks_in_code(chapter: Chapter, place: Place, spec: Mapping[str, object]) -> Iterator[Finding]:
    """Yield the marks in the text of a chart or a data table, each at its line if it is in one."""
    below = chapter.text.split("\n")[place.line :]
    lines = [*takewhile(lambda line: not line.lstrip().startswith(("```", "~~~")), below)]
    marks_by_line = [
        (n, find_unread_attributes(line)) for n, line in enumerate(lines, 1) if not line.lstrip().startswith("#")
    ]
    for number, mark in marks_by_line:
        if mark:
            yield _printed_mark_finding(Place(place.path, place.line + number), mark)
    # A value over several lines, or with escapes, has no line of its own.
    spec_strings = find_strings({key: value for key, value in spec.items() if key != "data"})
    if not any(mark for _, mark in marks_by_line):
        yield from (
            _printed_mark_finding(place, mark) for text, _ in spec_strings if (mark := find_unread_attributes(text))
        )


def _marks_in_data(data_table: DataTable) -> Iterator[Finding]:
    lines = zip(data_table.places, data_table.starts, (data_table.heads, *data_table.rows), strict=False)
    for place, starts, values in lines:
        for column, value in zip(starts, values, strict=False):
            if mark := find_unread_attributes(value):
                yield _printed_mark_finding(replace(place, column=column), mark)


def _marks_in_picture(asset: Asset) -> Iterator[Finding]:
    """Yield the marks in the words of a drawing."""
    if not asset.mime.startswith("image/svg") or not re.search(rb"[{&:\x80-\xff]", asset.data):
        return
    for number, line in enumerate(asset.data.decode(errors="replace").split("\n"), 1):
        for groups in re.findall(r">([^<]+)<|\"([^\"]*)\"", line):
            if mark := find_unread_attributes(unescape("".join(groups))):
                yield _printed_mark_finding(Place(asset.path, number), mark)
