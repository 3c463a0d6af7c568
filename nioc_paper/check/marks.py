"""Marks of what is kept from some readers, wherever they are written: those that nobody reads would be printed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import unescape
from itertools import islice, takewhile
from typing import Any

from nioc_paper import tree
from nioc_paper.audience import marking
from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import nodes
from nioc_paper.model import (
    AUDIENCES,
    Asset,
    Chapter,
    DataTable,
    Diagnostic,
    Loc,
    Node,
    Paper,
    Place,
    Record,
    Version,
)
from nioc_paper.signs import skeleton

MARKS = AUDIENCES[1:]
_NOWHERE: Node = {}
MARKABLE = ("Div", "Span")
"""Nodes whose marks are read."""
_MEANT = re.compile(r"\{([^{}\n]{0,200})\}?|:{3,}\s*([^\s:]{1,200})|<\w([^<>\n]{1,200})>?|(?<!\S)\.(\w{4,30})")
"""What could be a mark: words in braces, behind colons, in a tag of HTML, behind a full stop that ends nothing."""
_NAME = re.compile(r"[^\s.#=:;,\"'“”‘’«»{}<>()\[\]/\\]+")
_NAMED = re.compile(r"[.#=:]\s*[\"'“”‘’]?$")
_PROSE = ("alt", "by", "to", "list", "lang", "dir")
"""Attributes whose values are words or names of their own."""
_WRITE = "write '::: {.restricted}' above and ':::' below, or [words]{.restricted}"
_SIGNS = {"Space": " ", "SoftBreak": "\n", "LineBreak": "\n", "Code": "…", "RawInline": "…"}
_NOT_HERE = "no mark is read here: take out what not everybody may read, or put it into a marked block of a chapter"


@cache
def near(name: str, least: float = 0.75) -> str:
    """Return the mark that a name was to be, or looks like; empty if it is another word."""
    found = difflib.get_close_matches(skeleton(name), MARKS, 1, least)
    return found[0] if found else ""


def unread(text: str) -> str:
    """Return the first thing in a text that was to be a mark; empty if nothing was."""
    small = skeleton(text)
    if not any(sign in small for sign in ("{", ":::", "<", ".l", ".r")):
        return ""
    return next((found[0].strip() for found in _MEANT.finditer(small) if _is_meant(found)), "")


def _is_meant(found: re.Match[str]) -> bool:
    within = next(part for part in found.groups() if part is not None)
    names = [*_NAME.finditer(within)]
    # In braces a word alone, or one with a sign before it, may be misspelt; others are words of a sentence.
    signed = (len(names) == 1 and found[3] is None) or found[2] is not None
    return any(
        n[0] in MARKS if found[4] is not None else near(n[0], _least(within, n, signed=signed))
        for n in names
        if len(n[0]) < 40
    )


def _least(within: str, name: re.Match[str], *, signed: bool) -> float:
    if _NAMED.search(within, 0, name.start()):
        return 0.75
    return 0.8 if signed else 1.0


# --- in the text of a chapter -----------------------------------------------------------------------------------------


def unread_marking(paper: Paper) -> Iterator[Finding]:
    """Every mark of what is kept from some readers is read as one: on a block of colons, or on words in brackets.

    Bad: [the lock is broken] {.restricted}
    Good: [the lock is broken]{.restricted}
    """
    for chapter in paper.chapters:
        for leaf in nodes(chapter, "Para", "Plain", "Header", "LineBlock"):
            yield from _in_words(chapter, leaf)
        for node in nodes(chapter, *tree.WITH_ATTRIBUTES):
            yield from _in_attributes(chapter, node)
        for node in nodes(chapter, "CodeBlock"):
            if not tree.classes(node) and unread(node["c"][1]) and _is_indented(chapter, node):
                hint = "take out the blanks at the beginning of its lines"
                yield Finding(chapter.place(node), f"'{unread(node['c'][1])[:40]}' stands in an indented block", hint)


def _in_words(chapter: Chapter, leaf: Node) -> Iterator[Finding]:
    """The marks among the words of a paragraph, one finding for each line of them."""
    lines = leaf["c"] if leaf["t"] == "LineBlock" else [leaf["c"][2] if leaf["t"] == "Header" else leaf["c"]]
    for words in (line for inlines in lines for line in _lines(inlines)):
        said = "".join(text for text, _ in words)
        if said.lstrip().startswith(":::"):
            yield _colons(_line(chapter, words[0][1], ":::"), said.strip())
        elif mark := unread(said):
            place = _line(chapter, words[0][1], mark)
            yield Finding(place, f"'{mark[:40]}' is printed as words, and marks nothing", _WRITE)


def _colons(place: Place, said: str) -> Finding:
    if said.strip(": "):
        return Finding(place, f"'{said[:40]}' begins no block, and is printed as words", "leave a blank line above it")
    hint = "take it out, or begin the block above: '::: {.restricted}', for example"
    return Finding(place, f"'{said[:40]}' ends no block, and is printed as words", hint)


def _line(chapter: Chapter, first: Node, mark: str) -> Place:
    """The place of a mark in a line of which the first word is given: signs alone have no place of their own."""
    place = chapter.place(first)
    for number, line in islice(enumerate(chapter.text.split("\n"), 1), place.line - 1, place.line + 3):
        small = skeleton(line)
        if mark[:40] in small:
            return Place(place.path, number, small.find(mark[:40]) + 1)
    return place


def _lines(inlines: Sequence[Node]) -> Iterator[list[tuple[str, Node]]]:
    """The lines of a paragraph: each piece of text with the node that it stands in. Code is `…`: it is meant so."""
    line: list[tuple[str, Node]] = []
    for text, node in _pieces(inlines):
        if text == "\n":
            yield line
            line = []
        else:
            line.append((text, node))
    if line:
        yield line


def _pieces(inlines: Sequence[Any], above: Node = _NOWHERE) -> Iterator[tuple[str, Node]]:
    for node in inlines:
        kind, content = node["t"], node.get("c")
        placed = node if "at" in node else above
        if kind == "Str":
            yield content, placed
        elif kind in _SIGNS:
            yield _SIGNS[kind], placed
        elif kind == "Math":
            yield content[1], placed
        elif kind == "Quoted":
            yield from [('"', placed), *_pieces(content[1], placed), ('"', placed)]
        elif kind == "Cite":
            for citation in content[0]:
                yield from _pieces([*citation["citationPrefix"], *citation["citationSuffix"]], placed)
        elif kind != "Note":  # a note has paragraphs of its own
            yield from _pieces(content[1] if kind in tree.WITH_ATTRIBUTES else content, placed)


def _is_indented(chapter: Chapter, node: Node) -> bool:
    first = next((line for line in node["c"][1].split("\n") if line.strip()), "")
    return re.search(rf"^(?: {{4}}|\t)[ \t]*{re.escape(first)}$", chapter.text, re.MULTILINE) is not None


def _in_attributes(chapter: Chapter, node: Node) -> Iterator[Finding]:
    place = chapter.place(node)
    if marking(node) and node["t"] not in MARKABLE:
        hint = "put all that belongs together between '::: {.restricted}' and ':::'"
        yield Finding(place, "a mark is read on blocks of colons and words in brackets only", hint)
    meant = [(name, near(name)) for name in tree.classes(node) if name not in AUDIENCES]
    meant += [(name, near(name, 0.9)) for name in [tree.identifier(node)]]
    for key, value in tree.values(node).items():
        meant += [(key, near(key))] if key not in tree.ATTRIBUTES else []
        meant += [(value, near(value))] if key not in _PROSE else []
    for name, mark in meant:
        if mark:
            yield Finding(place, f"'{name}' marks nothing", f"did you mean '.{mark}'?")
    titles = [node["c"][2][1]] if node["t"] in ("Link", "Image") else []
    for text in (*tree.values(node).values(), *titles):
        if mark := unread(text):
            yield Finding(place, f"'{mark[:40]}' is printed as words, and marks nothing", _NOT_HERE)


# --- where text is no Markdown ----------------------------------------------------------------------------------------


def in_values(paper: Paper) -> Iterator[Finding]:
    """Yield the marks in front matter, registers, charts, data and pictures: none is read there, all are printed."""
    for record in _records(paper):
        for text, loc in strings(record, ()):
            if mark := unread(text):
                yield _printed(record.place(*loc), mark)
    for chapter in paper.chapters:
        for made, spec in (*((c.data, c.spec) for c in chapter.charts), *((t, {}) for t in chapter.tables)):
            above = [*_in_code(chapter, made.place, spec)]
            # A head is a name of the file, unless the block has another.
            yield from above or _in_data(made)
        for asset in {i.asset.path: i.asset for i in chapter.images if i.asset}.values():
            yield from _in_picture(asset)


def in_tags(versions: Iterable[Version]) -> Iterator[Diagnostic]:
    """Yield the marks in the names and messages of git's tags, which outputs list as their versions."""
    for version in versions:
        if mark := unread(version.subject) or unread(version.tag):
            message = f"'{mark[:40]}' in the tag '{version.tag[:40]}' is printed as it is, and marks nothing"
            hint = "give the tag another message: git tag --force --annotate"
            yield Diagnostic(Place("paper/paper.yaml"), "unread-marking", message, hint=hint)


def _printed(place: Place, mark: str) -> Finding:
    return Finding(place, f"'{mark[:40]}' is printed as it is, and marks nothing", _NOT_HERE)


def _records(paper: Paper) -> Iterable[Record]:
    """Every record that people write."""
    files = (paper.settings, paper.timeline, paper.contributors, paper.references_file, paper.decisions_file)
    registers = (paper.facts_file, paper.acronyms_file, paper.terms_file, paper.approvals_file)
    return (*files, *registers, *paper.reviews, *(chapter.front for chapter in paper.chapters))


def strings(value: Any, loc: Loc) -> Iterator[tuple[str, Loc]]:
    """Yield every text in a value, keys of mappings included, with its position."""
    if isinstance(value, str):
        yield value, loc
    elif isinstance(value, Record | Mapping):
        for name, inner in value.items():
            if not isinstance(value, Record) or name in value.extra:
                yield name, (*loc, name)
            yield from strings(inner, (*loc, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from strings(inner, (*loc, index))


def _in_code(chapter: Chapter, place: Place, spec: Mapping[str, Any]) -> Iterator[Finding]:
    """The marks in the text of a chart or of a table of data, each at its line if it stands in one."""
    below = chapter.text.split("\n")[place.line :]
    lines = [*takewhile(lambda line: not line.lstrip().startswith(("```", "~~~")), below)]
    found = [(n, unread(line)) for n, line in enumerate(lines, 1) if not line.lstrip().startswith("#")]
    for number, mark in found:
        if mark:
            yield _printed(Place(place.path, place.line + number), mark)
    # What is written over several lines, or with signs that stand for others, has no line of its own.
    said = strings({key: value for key, value in spec.items() if key != "data"}, ())
    if not any(mark for _, mark in found):
        yield from (_printed(place, mark) for text, _ in said if (mark := unread(text)))


def _in_data(made: DataTable) -> Iterator[Finding]:
    given = zip(made.places, made.starts, (made.heads, *made.rows), strict=False)
    for place, starts, values in given:
        for column, value in zip(starts, values, strict=False):
            if mark := unread(value):
                yield _printed(replace(place, column=column), mark)


def _in_picture(asset: Asset) -> Iterator[Finding]:
    """The marks in the words of a drawing."""
    if not asset.mime.startswith("image/svg") or not re.search(rb"[{&:\x80-\xff]", asset.data):
        return
    for number, line in enumerate(asset.data.decode(errors="replace").split("\n"), 1):
        for said in re.findall(r">([^<]+)<|\"([^\"]*)\"", line):
            if mark := unread(unescape("".join(said))):
                yield _printed(Place(asset.path, number), mark)
