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
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.reviews import LineChange
from nioc_paper.tree.code_blocks import blank, blank_code_blocks, find_code_spans

AUDIENCE_MARKS = AUDIENCES[1:]
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


def find_unread_marks(text: str, *, is_markdown: bool = True) -> Sequence[str]:
    """Return the misspelled or misplaced marks in a text; without Markdown or any mark its first attributes."""
    small = latin_skeleton(text)
    if not any(sign in small for sign in _SIGNS_OF_MARK):
        return ()
    marks = [match[0].strip() for match in _POSSIBLE_MARK.finditer(small) if _is_mark(match)]
    attributes = None if marks or is_markdown else _ATTRIBUTES.search(small) or _LIKELY_MARK.search(small)
    return [attributes[0]] if attributes else marks


def find_unread_mark(text: str, *, is_markdown: bool = True) -> str:
    """Return the first of the marks; empty for none."""
    return next(iter(find_unread_marks(text, is_markdown=is_markdown)), "")


find_unread_attributes = partial(find_unread_mark, is_markdown=False)
"""The same for a text that is not Markdown."""


def _is_mark(match: re.Match[str]) -> bool:
    within = next(part for part in match.groups() if part is not None)
    if match[4] is not None:
        return within in AUDIENCE_MARKS
    names = [*_POSSIBLE_NAME.finditer(within)]
    # In braces, a single word or one after a sign may be a misspelled mark; others are words of a sentence.
    least = 0.8 if match[2] is not None or (len(names) == 1 and match[3] is None) else 1.0
    short = ((n[0], _SIGN_BEFORE_NAME.search(within, 0, n.start())) for n in names if len(n[0]) < 40)
    return any(nearest_mark(name, 0.75 if is_behind_sign else least) for name, is_behind_sign in short)


# --- in the text of a chapter -----------------------------------------------------------------------------------------


def unread_marking(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every mark that withholds a passage is read as one: on a block between colons, or on words in brackets."""
    chapter = text.chapter
    for block in text.nodes("Para", "Plain", "Header", "LineBlock"):
        yield from _marks_in_words(chapter, block)
    for node in text.nodes_with_attributes:
        yield from _marks_in_attributes(chapter, node)
    for image in chapter.images:
        if not find_unread_mark(image.alt) and (attributes := find_unread_attributes(image.alt)):
            yield _printed_mark_finding(image.place, attributes)
    for node in text.nodes("CodeBlock"):
        if not tree.classes(node) and (mark := find_unread_mark(tree.content(node))):
            first = next((line for line in tree.content(node).split("\n") if line.strip()), "")
            if re.search(rf"^(?: {{4}}|\t)[ \t]*{re.escape(first)}$", chapter.text, re.MULTILINE):
                hint = "delete the spaces at the beginning of its lines"
                yield Finding(chapter.place(node), f"'{mark[:40]}' is in an indented block", hint)


def likely_marking(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No level is alone in brackets, a tag or a comment: it marks nothing there."""
    without_blocks = blank_code_blocks(text.body_source)
    spans = ((start, start + len(code)) for start, code in find_code_spans(without_blocks))
    small = latin_skeleton(blank(without_blocks, spans))
    read = _READ_MARK.sub(lambda match: "(".ljust(len(match[0])), small)
    likely = [*_LIKELY_MARK.finditer(read)]
    known = [(f.place.line, f.message.split("'")[1:2]) for f in unread_marking(paper, text)] if likely else []
    for match in likely:
        before = small[: match.start()]
        place = Place(text.chapter.path, before.count("\n") + 1, match.start() - before.rfind("\n"))
        shown = " ".join(match[0].split())[:40]
        if not any(n == place.line and all(shown in m or m in shown for m in marks) for n, marks in known):
            yield Finding(place, f"'{shown}' looks like a mark, and marks nothing", _MARK_HINT)


def _marks_in_words(chapter: Chapter, block: Node) -> Iterator[Finding]:
    """Yield the marks among the words of a paragraph."""
    content = tree.content(block)
    printed = "\n".join(map(_printed_words, content if block["t"] == "LineBlock" else [content]))
    start = chapter.place(next((node for node in tree.walk(block) if "pos" in node), block))
    if printed.startswith(":::"):  # colons have no place of their own
        start = _source_place(chapter, start.line - 1, printed.partition("\n")[0][:8]) or start
    for number, line in enumerate(printed.split("\n"), start.line):
        if (words := line.strip()).startswith(":::"):
            end = "ends" if not words.strip(": ") else "begins"
            hint = "take it out, or begin the block above: '::: {.restricted}', for example"
            place = _source_place(chapter, number, words[:8])
            if end == "begins":
                above = "".join(chapter.text.split("\n")[number - 2 : number - 1]).strip()
                hint = "leave a blank line above it" if above else "write what follows as {#ID .CLASS}"
            yield Finding(place or start, f"'{words[:40]}' {end} no block, and is printed as words", hint)
            continue
        for mark in dict.fromkeys(find_unread_marks(line)):
            place = _source_place(chapter, number, mark[:40])
            yield Finding(place or start, f"'{mark[:40]}' is printed as words, and marks nothing", _MARK_HINT)


def _printed_words(inlines: Sequence[Any]) -> str:
    """Return the text of inlines with their line breaks. Code is `…`: its signs are meant. Notes are no part of it."""
    parts = list[str]()
    for node in inlines:
        kind = node["t"]
        if kind in _TEXT_BY_TYPE:
            parts.append(_TEXT_BY_TYPE[kind])
        elif kind in ("Str", "Math"):
            parts.append(tree.content(node))
        elif kind == "Quoted":
            parts += ['"', _printed_words(tree.content(node)), '"']
        elif kind == "Cite":
            parts += [_printed_words([*c["citationPrefix"], *c["citationSuffix"]]) for c in tree.citations(node)]
        elif kind != "Note":
            parts.append(_printed_words(tree.content(node)))
    return "".join(parts)


def _source_place(chapter: Chapter, line: int, words: str) -> Place | None:
    """Return the place of words in a line or the next three."""
    for number, text in islice(enumerate(chapter.text.split("\n"), 1), max(line - 1, 0), line + 3):
        if words in (small := latin_skeleton(text)):
            return Place(chapter.path, number, small.index(words) + 1)
    return None


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
        for data, spec in (*((c.data, c.spec) for c in chapter.charts), *((t, {}) for t in chapter.tables)):
            # A value over several lines, or with escapes, has no line of its own; heads are names in the file, unless
            # the block sets others.
            strings = find_strings({key: value for key, value in spec.items() if key != "data"})
            yield from (
                _marks_in_texts(_block_lines(chapter, data.place))
                or _marks_in_texts((data.place, text) for text, _ in strings)
                or _marks_in_texts((place, text) for text, place in data.cells())
            )
        for asset in {i.asset.path: i.asset for i in chapter.images if i.asset}.values():
            yield from _marks_in_texts(_drawn_words(asset))


def _marks_in_texts(texts: Iterable[tuple[Place, str]]) -> list[Finding]:
    return [_printed_mark_finding(place, mark) for place, text in texts if (mark := find_unread_attributes(text))]


def _block_lines(chapter: Chapter, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield the lines of the block of a chart or a data table, without comments."""
    below = chapter.text.split("\n")[place.line :]
    lines = takewhile(lambda line: not line.lstrip().startswith(("```", "~~~")), below)
    for number, line in enumerate(lines, place.line + 1):
        if not line.lstrip().startswith("#"):
            yield Place(place.path, number), line


def _drawn_words(asset: Asset) -> Iterator[tuple[Place, str]]:
    """Yield the words of a drawing, and its attributes, with their lines."""
    if asset.mime.startswith("image/svg") and re.search(rb"[{&:\x80-\xff]", asset.data):
        for number, line in enumerate(asset.data.decode(errors="replace").split("\n"), 1):
            for groups in re.findall(r">([^<]+)<|\"([^\"]*)\"", line):
                yield Place(asset.path, number), unescape("".join(groups))


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
    """Return the settings and registers of a paper, with the sources that its rules watch."""
    return replace(paper, references_file=watched_references(paper)).registers


def find_strings(value: object) -> Sequence[tuple[str, KeyPath]]:
    """Return every text in a value, keys of mappings included, with its key path."""
    strings = list[tuple[str, KeyPath]]()
    _collect_strings(value, (), strings)
    return strings


def _collect_strings(value: object, loc: KeyPath, strings: list[tuple[str, KeyPath]]) -> None:
    """Append the texts in a value to a list: generators in generators take twice as long, in every check."""
    if isinstance(value, str):
        strings.append((value, loc))
    elif isinstance(value, Record | Mapping) and not isinstance(value, LineChange):  # Markdown that no output has
        own_keys = value.extra if isinstance(value, Record) else value
        for name, inner in value.items():
            if name in own_keys:
                strings.append((name, (*loc, name)))
            if inner:
                _collect_strings(inner, (*loc, name), strings)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _collect_strings(inner, (*loc, index), strings)
