"""A Word file as passages: what it says once every tracked change in it is accepted, and who changed what.

Written against what Word, LibreOffice and Google Docs save: marks and locked controls may be there or lost, runs may be
parted anywhere, and a change may be tracked or not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find, get, iterate, qn
from nioc_paper.review.leaf import Cell, Leaf, Token, joined, tokens
from nioc_paper.review.marks import ATOM, LEAF
from nioc_paper.review.reading import Passage, Reading, Span
from nioc_paper.review.styles import Styles, number_in, set_as
from nioc_paper.signs import FORBIDDEN

_UNREAD = ("Paragraph Number", "annotation reference")
"""Character styles of what the tool or Word puts beside the text."""
_APART = re.compile(r"^(toc \d|TOC Heading|table of figures|List Heading)$", re.IGNORECASE)
"""Paragraph styles of what the tool or Word makes by itself."""
_APP = "docProps/app.xml"
_ENDS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines that are none in a chapter."""
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def read(package: Package) -> Reading:
    """What a Word file says with its changes accepted."""
    reader = _Reader(package)
    reader.container(package.body, _Where())
    reader.flush()
    reader.reading.shifts_notes = reader.office
    return reader.reading


@dataclass(frozen=True, slots=True)
class _Where:
    note: str = ""
    cell: Cell | None = None
    author: str = ""
    apart: bool = False


class _Reader:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.reading = Reading()
        self.styles = Styles(package)
        self.office = _by_libreoffice(package)
        notes = package.xml("word/footnotes.xml") if "word/footnotes.xml" in package else None
        self.notes = {} if notes is None else {get(n, "w:id"): n for n in iterate(notes, "w:footnote")}
        self.media = _media(package)
        self.tables = 0
        self.run: list[Token] = []
        self.marks: list[str] = []
        self.pending: list[str] = []
        self.space = False
        self.removed = ""
        self.joins = False
        self.atom: tuple[str, str] = ("", "")
        self.fields: list[bool] = []
        self.called: list[tuple[str, str]] = []
        self.open: dict[str, tuple[int, int]] = {}

    # --- blocks ---

    def container(self, parent: Element, where: _Where) -> None:
        for node in parent:
            name = _local(node)
            if name == "p":
                self.paragraph(node, where)
            elif name == "tbl":
                self.table(node, where)
            elif name == "sdt" and (content := find(node, "w:sdtContent")) is not None:
                self.container(content, where)
            elif name in ("ins", "moveTo", "customXml", "smartTag"):
                self.container(node, replace(where, author=get(node, "w:author") or where.author))
            else:
                # Between paragraphs a mark belongs to the one that follows.
                self.point(node, self.pending)

    def table(self, table: Element, where: _Where) -> None:
        number = self.tables
        self.tables += 1
        row = 0
        for each in iterate(table, "w:tr"):
            if next(each.iterancestors(qn("w:tbl"))) is not table or find(each, "w:trPr/w:del") is not None:
                continue
            author = get(find(each, "w:trPr/w:ins"), "w:author") or where.author
            column = 0
            for cell in (c for c in iterate(each, "w:tc") if next(c.iterancestors(qn("w:tr"))) is each):
                inner = replace(where, cell=where.cell or Cell(number, row, column), author=author)
                self.container(cell, inner)
                self.flush()
                column += number_in(get(find(cell, "w:tcPr/w:gridSpan")), 1)
            self.reading.rows[number, row] = column
            row += 1

    def paragraph(self, node: Element, where: _Where) -> None:
        properties = find(node, "w:pPr")
        mark = None if properties is None else find(properties, "w:rPr")
        gone = mark is not None and any(find(mark, name) is not None for name in ("w:del", "w:moveFrom"))
        self.marks += self.pending
        self.pending.clear()
        if not self.joins:
            self.space = False
        before = len(self.marks)
        self.inlines(node, where.author)
        self.joins = gone or (self.office and len(self.marks) == before and _parted(node))
        if self.joins:
            # Its end is deleted, or was never there: what follows is one paragraph with it.
            self.removed = self.removed or get(find(mark, "w:del"), "w:author") if mark is not None else ""
            return
        kind, level, ordered = self.styles.kind(node, in_cell=where.cell is not None)
        self.finish(Leaf("", kind, (), level, ordered, where.note, where.cell), self.styles.of(node))

    def finish(self, leaf: Leaf, style: str) -> None:
        """A paragraph is read; the notes that it calls follow it."""
        run, marks, called = joined(self.run), tuple(self.marks), list(self.called)
        self.run, self.marks, self.called = [], [], []
        if (run or marks) and not _APART.match(style):
            passage = Passage(replace(leaf, tokens=tuple(run)), marks, style, self.removed)
            self.reading.passages.append(passage)
        self.removed = ""
        for atom, name in called:
            if (note := self.notes.get(name)) is not None:
                self.container(note, _Where(note=atom))
                self.flush()

    def flush(self) -> None:
        """What a paragraph without an end has left."""
        if self.joins:
            self.joins = False
            self.finish(Leaf("", "para"), "")

    # --- inlines ---

    def inlines(self, parent: Element, author: str) -> None:
        for node in parent:
            name = _local(node)
            if name == "r":
                self.text(node, author)
            elif name in ("ins", "moveTo"):
                self.inlines(node, get(node, "w:author") or author)
            elif name in ("del", "moveFrom"):
                self.removed = self.removed or get(node, "w:author")
            elif name == "sdt" and (content := find(node, "w:sdtContent")) is not None:
                self.control(get(find(node, "w:sdtPr/w:tag")), content, author)
            elif name in ("hyperlink", "smartTag", "fldSimple", "customXml", "dir", "bdo"):
                self.inlines(node, author)
            elif node.tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                self.sign("math", "".join(t.text or "" for t in node.iter(f"{_MATH}t")), author)
            else:
                self.point(node, self.marks)

    def control(self, tag: str, content: Element, author: str) -> None:
        outer = self.atom
        if tag.startswith(ATOM):
            self.atom = (tag.removeprefix(ATOM), "")
        self.inlines(content, author)
        self.atom = outer

    def point(self, node: Element, marks: list[str]) -> None:
        """A mark, or an end of what a comment is about."""
        kind, name = _local(node), get(node, "w:name")
        if kind == "bookmarkStart" and name.startswith(ATOM):
            self.atom = (name.removeprefix(ATOM), get(node, "w:id"))
        elif kind == "bookmarkStart" and re.fullmatch(LEAF + r"\d+", name):
            marks.append(name)
        elif kind == "bookmarkEnd" and self.atom[1] and self.atom[1] == get(node, "w:id"):
            self.atom = ("", "")
        elif kind == "commentRangeStart":
            self.open[get(node, "w:id")] = self.here()
        elif kind == "commentRangeEnd" and get(node, "w:id") in self.open:
            self.reading.spans[get(node, "w:id")] = Span(self.open.pop(get(node, "w:id")), self.here())

    def here(self) -> tuple[int, int]:
        return len(self.reading.passages), len(joined(self.run))

    def text(self, run: Element, author: str) -> None:
        if self.styles.of(run) in _UNREAD:
            return
        marks = set_as(run)
        for node in run:
            name = _local(node)
            if name == "fldChar":
                self.field(get(node, "w:fldCharType"))
            elif name in _SIGNS:
                self.words(_SIGNS[name], marks, author)
            elif name == "t":
                self.words(node.text or "", marks, author)
            elif name == "footnoteReference":
                self.note(get(node, "w:id"), author)
            elif name in ("drawing", "pict", "AlternateContent"):
                self.picture(node, author)

    def field(self, what: str) -> None:
        if what == "begin":
            self.fields.append(False)
        elif what == "separate" and self.fields:
            self.fields[-1] = True
        elif what == "end" and self.fields:
            self.fields.pop()

    def words(self, text: str, marks: frozenset[str], author: str) -> None:
        text = FORBIDDEN.sub("", _ENDS.sub(" ", text))
        if text.strip():
            read = tokens(text, space=self.space, marks=marks, author=author)
            self.run += [replace(token, atom=self.atom[0]) for token in read]
            self.space = text[-1].isspace()
        elif text:
            self.space = True

    def sign(self, kind: str, value: str, author: str) -> None:
        """Something that is no word, as a token that only its like is equal to."""
        self.run.append(Token(f"\1{kind}:{value}", self.space, atom=self.atom[0] or kind, author=author))
        self.space = False

    def note(self, name: str, author: str) -> None:
        self.called.append((f"note:{name}", name))
        self.run.append(Token(f"\1note:{name}", self.space, atom=f"note:{name}", author=author))
        self.space = False

    def picture(self, node: Element, author: str) -> None:
        linked = next((i for i in (get(blip, "r:embed") for blip in iterate(node, "a:blip")) if i), "")
        if linked:
            self.sign("image", self.media.get(linked, ""), author)


_SIGNS: Mapping[str, str] = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": ""}


def _by_libreoffice(package: Package) -> bool:
    """Whether LibreOffice saved it, which shifts tracked changes in footnotes (seen with 25.2)."""
    return _APP in package and b"<Application>LibreOffice" in package.part(_APP)


def _parted(node: Element) -> bool:
    """Whether LibreOffice ended a paragraph where a section's first page ends, if that has a head of its own."""
    following = node.getnext()
    return (
        find(node, "w:pPr/w:sectPr/w:titlePg") is not None
        and following is not None
        and _local(following) == "p"
        and get(find(following, "w:pPr/w:pStyle")) == get(find(node, "w:pPr/w:pStyle"))
    )


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _media(package: Package) -> Mapping[str, str]:
    """What each picture is, by the id of its relationship."""
    return {
        name: hashlib.sha256(package.part(target)).hexdigest()[:12]
        for name, target in package.targets("image")
        if target in package
    }
