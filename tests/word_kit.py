"""Edits Word files as Word does: with its own revision marks, or without any, in runs that are parted anywhere."""

from __future__ import annotations

import copy
import functools
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree
from office_kit import resave
from test_papers import written

from nioc_paper.app.sendings.send import export_sending
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Paper, Sending
from nioc_paper.ooxml.package import Package, read_zip, write_zip
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.render.verify import docx_reader as printed_docx
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.system.files import default_templates

MOMENT = "2020-01-15T10:00:00Z"
NOTES = "word/footnotes.xml"
_SETTINGS = "word/settings.xml"
COMMENTS, THREADS = "word/comments.xml", "word/commentsExtended.xml"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_NOTE = (
    '<w:footnote w:id="{id}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
    '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
    '<w:r><w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote>'
)
FILES: Mapping[str, str] = {
    "paper/paper.yaml": """\
id: bridges
title: A paper on bridges
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final}]
categories: [{id: bridges, title: Bridges, letters: BR}]
parts:
  - chapters: [chapters/bridges.md]
""",
    "contributors.yaml": """\
organizations: [{id: roads, name: Roads Department, acronym: RD, kind: government}]
people:
  - {id: ada-north, name: Ada North, org: roads, kind: staff}
  - {id: ben-south, name: Ben South, org: roads, kind: staff, aka: [B. South]}
""",
    "paper/references.yaml": """\
references:
  - {id: survey2019, type: report, title: The bridge survey, author: [{literal: Roads Department}], issued: "2019"}
  - {id: audit2018, type: report, title: The audit, author: [{literal: Audit Office}], issued: "2018"}
""",
    "chapters/bridges.md": (Path(__file__).parent / "tables/word_kit.md").read_text(encoding="utf-8"),
}
"""A paper of one chapter that has something of everything, to be sent."""
SENDING = Sending(id="1", to="ada-north", on=date(2020, 2, 18), commit="0" * 40)


def load_files(files: Mapping[str, str]) -> Paper:
    """A paper of these files, without findings."""
    findings: list[Diagnostic] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            written(Path(folder, name), text)
        paper = load(Path(folder), findings.append)
        assert all(chapter.blocks for chapter in paper.chapters)  # read now: the folder goes
    assert not findings
    return paper


def send(paper: Paper) -> bytes:
    """Its chapter on bridges as it is sent."""
    return export_sending(paper, "bridges", SENDING, default_templates(), for_reader=False).data


def paragraph_texts(package: Package) -> list[str]:
    """Return the text of every paragraph of document and notes as a reader sees it, deleted text included."""
    parts = printed_docx._text_roots(package)
    return [printed_docx._text_of(paragraph) for part in parts for paragraph in iter_elements(part, "w:p")]


@functools.lru_cache(maxsize=4)
def _unpack(data: bytes) -> Package:
    """A file that nobody has edited: most are edited many times, each time from the beginning."""
    return Package(data)


class Edited:
    """A Word file in somebody's hands. With an author the changes are tracked, without one they are not."""

    def __init__(self, data: bytes, author: str = "") -> None:
        self.package = copy.deepcopy(_unpack(data))
        self.author = author
        self.ids = iter(range(70_000, 80_000))

    def save(self) -> bytes:
        """The file as it is now; not compressed, for it is read once."""
        return self.package.save(1_579_082_400, compressed=False)

    # --- finding ---

    def paragraphs(self) -> Iterator[Element]:
        """Every paragraph, those of notes last."""
        yield from iter_elements(self.package.body, "w:p")
        if NOTES in self.package:
            yield from iter_elements(self.package.xml_root(NOTES), "w:p")

    def paragraph(self, words: str) -> Element:
        """The paragraph that holds these words."""
        return next(p for p in self.paragraphs() if words in element_text(p))

    def row(self, words: str) -> Element:
        """The row of a table that holds these words."""
        return next(self.paragraph(words).iterancestors(qn("w:tr")))

    # --- words ---

    def replace(self, old: str, new: str, *, within: str = "") -> Edited:
        """Other words in their place; either may be empty."""
        paragraph = self.paragraph(within or old)
        runs = self.runs(paragraph, old)
        if new:
            fresh = copy.deepcopy(runs[-1])
            for node in list(fresh):
                if node.tag != qn("w:rPr"):
                    fresh.remove(node)
            fresh.append(parse_element(f'<w:t xml:space="preserve">{escaped(new)}</w:t>'))
            runs[-1].addnext(self.marked("ins", fresh))
        for run in runs:
            self.remove(run)
        return self

    def insert(self, after: str, words: str, *, within: str = "") -> Edited:
        """Words typed behind others."""
        run = self.runs(self.paragraph(within or after), after)[-1]
        fresh = copy.deepcopy(run)
        for node in list(fresh):
            if node.tag != qn("w:rPr"):
                fresh.remove(node)
        fresh.append(parse_element(f'<w:t xml:space="preserve">{escaped(words)}</w:t>'))
        run.addnext(self.marked("ins", fresh))
        return self

    def delete(self, words: str, *, within: str = "") -> Edited:
        """Words taken out."""
        return self.replace(words, "", within=within)

    def style(self, words: str, property_: str, *, on: bool = True) -> Edited:
        """Words set in bold (`w:b`) or italics (`w:i`), or no longer so."""
        for run in self.runs(self.paragraph(words), words):
            properties = get_or_add_first(run, "w:rPr")
            for old in properties.findall(qn(property_)):
                properties.remove(old)
            if on:
                properties.append(parse_element(f"<{property_}/>"))
        return self

    # --- paragraphs ---

    def add(self, after: str, words: str, *, style: str = "", like: bool = False) -> Edited:
        """A new paragraph behind another: with a style of its own, or `like` the one before."""
        before = self.paragraph(after)
        fresh = parse_element(f'<w:p><w:r><w:t xml:space="preserve">{escaped(words)}</w:t></w:r></w:p>')
        old = before.find(qn("w:pPr"))
        if like and old is not None:
            fresh.insert(0, copy.deepcopy(old))
            for mark in fresh[0].findall(qn("w:rPr")):
                fresh[0].remove(mark)
        elif style:
            fresh.insert(0, parse_element(f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>'))
        if self.author:
            run = fresh.find(qn("w:r"))
            assert run is not None
            self.marked("ins", run)
            self.mark_end(fresh, "ins")
        before.addnext(fresh)
        return self

    def copy_behind(self, paragraph: Element, words: str) -> Edited:
        """A new paragraph of the same style and author behind one, as after Enter."""
        fresh = copy.deepcopy(paragraph)
        texts = list(iter_elements(fresh, "w:t"))
        for text in texts:
            text.text = words if text is texts[0] else ""
        paragraph.addnext(fresh)
        return self

    def drop(self, words: str) -> Edited:
        """A whole paragraph taken out."""
        paragraph = self.paragraph(words)
        if not self.author:
            remove_element(paragraph)
            return self
        for run in list(iter_elements(paragraph, "w:r")):
            self.remove(run)
        self.mark_end(paragraph, "del")
        return self

    def split(self, before: str) -> Edited:
        """A paragraph parted before these words."""
        paragraph = self.paragraph(before)
        first = self.runs(paragraph, before)[0]
        fresh = parse_element("<w:p/>")
        if (properties := paragraph.find(qn("w:pPr"))) is not None:
            fresh.append(copy.deepcopy(properties))
            for mark in fresh[0].findall(qn("w:sectPr")):
                fresh[0].remove(mark)
        # Word's cursor was in the second half: the first is the new paragraph, marks at the end stay with the second.
        for node in list(paragraph):
            if node is first or first in node.iterdescendants():
                break
            if node.tag != qn("w:pPr"):
                fresh.append(node)
        paragraph.addprevious(fresh)
        if self.author:
            self.mark_end(fresh, "ins")
        return self

    def join(self, words: str) -> Edited:
        """The end of a paragraph taken out: the next is one with it."""
        paragraph = self.paragraph(words)
        if self.author:
            self.mark_end(paragraph, "del")
            return self
        following = next(p for p in paragraph.itersiblings(qn("w:p")))
        for node in list(following):
            if node.tag != qn("w:pPr"):
                paragraph.append(node)
        remove_element(following)
        return self

    def move(self, words: str, after: str) -> Edited:
        """A whole paragraph dragged behind another."""
        paragraph, target = self.paragraph(words), self.paragraph(after)
        if not self.author:
            target.addnext(paragraph)
            return self
        there = copy.deepcopy(paragraph)
        for mark in list(iter_elements(there, "w:bookmarkStart", "w:bookmarkEnd")):
            remove_element(mark)
        for old, tag in ((paragraph, "moveFrom"), (there, "moveTo")):
            for run in list(iter_elements(old, "w:r")):
                wrapper = self.wrapper(tag)
                run.addprevious(wrapper)
                wrapper.append(run)
            self.mark_end(old, tag)
        target.addnext(there)
        return self

    # --- tables ---

    def add_row(self, after: str, *cells: str) -> Edited:
        """A row typed below another."""
        row = self.row(after)
        fresh = copy.deepcopy(row)
        for mark in list(iter_elements(fresh, "w:bookmarkStart", "w:bookmarkEnd")):
            remove_element(mark)
        for cell, words in zip(fresh.findall(qn("w:tc")), cells, strict=True):
            paragraph = next(iter_elements(cell, "w:p"))
            for node in list(paragraph):
                if node.tag != qn("w:pPr"):
                    paragraph.remove(node)
            run = parse_element(f'<w:r><w:t xml:space="preserve">{escaped(words)}</w:t></w:r>')
            paragraph.append(self.marked("ins", run))
        if self.author:
            get_or_add_first(fresh, "w:trPr").append(self.wrapper("ins"))
        row.addnext(fresh)
        return self

    def drop_row(self, words: str) -> Edited:
        """A row taken out."""
        row = self.row(words)
        if not self.author:
            remove_element(row)
            return self
        for run in list(iter_elements(row, "w:r")):
            self.remove(run)
        get_or_add_first(row, "w:trPr").append(self.wrapper("del"))
        return self

    # --- notes ---

    def add_note(self, after: str, words: str) -> Edited:
        """A footnote behind some words."""
        notes = self.package.xml_root(NOTES)
        number = max(int(get_attribute(n, "w:id")) for n in notes) + 1
        notes.append(parse_element(_NOTE.format(id=number, text=escaped(words))))
        run = self.runs(self.paragraph(after), after)[-1]
        call = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{}"/></w:r>'
        run.addnext(self.marked("ins", parse_element(call.format(number))))
        return self

    def drop_note(self, words: str) -> Edited:
        """The call of a footnote taken out; as in Word, its text goes with it."""
        note = next(self.paragraph(words).iterancestors(qn("w:footnote")))
        for call in list(iter_elements(self.package.body, "w:footnoteReference")):
            if get_attribute(call, "w:id") == get_attribute(note, "w:id"):
                self.remove(next(call.iterancestors(qn("w:r"))))
        if not self.author:
            remove_element(note)
        return self

    # --- comments ---

    def comment(self, words: str, text: str, *, by: str, to: str = "", done: bool = False) -> Edited:
        """A comment on some words; `to` makes it a reply to the comment of that text."""
        root, number = self.comments(), 1 + max((int(get_attribute(n, "w:id")) for n in self.comments()), default=0)
        parent = next((paragraph_id(n) for n in root if to and to in element_text(n)), "")
        named = f'w:id="{number}" w:author="{escaped(by)}" w:date="{MOMENT}" w:initials="X"'
        lines = "".join(f"<w:p><w:r><w:t>{escaped(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
        root.append(parse_element(f"<w:comment {named}>{lines}</w:comment>"))
        root[-1][-1].set(f"{{{W14}}}paraId", f"{number:08X}")
        around = self.runs(self.paragraph(words), words)
        around[0].addprevious(parse_element(f'<w:commentRangeStart w:id="{number}"/>'))
        end = parse_element(f'<w:commentRangeEnd w:id="{number}"/>')
        around[-1].addnext(end)
        end.addnext(parse_element(f'<w:r><w:commentReference w:id="{number}"/></w:r>'))
        if THREADS not in self.package:
            kind = "http://schemas.microsoft.com/office/2011/relationships/commentsExtended"
            content = "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"
            self.package.add_related_part(
                THREADS, kind, f'<w15:commentsEx xmlns:w15="{W15}"/>'.encode(), content=content
            )
        entry = etree.SubElement(self.package.xml_root(THREADS), f"{{{W15}}}commentEx")
        entry.set(f"{{{W15}}}paraId", f"{number:08X}")
        entry.set(f"{{{W15}}}done", str(int(done)))
        if parent:
            entry.set(f"{{{W15}}}paraIdParent", parent)
        return self

    def comments(self) -> Element:
        """The part with the comments."""
        if COMMENTS not in self.package:
            self.package.add_related_part(COMMENTS, "comments", f'<w:comments xmlns:w="{NAMESPACES["w"]}"/>'.encode())
        return self.package.xml_root(COMMENTS)

    # --- the file ---

    def strip(self) -> Edited:
        """Every mark of ours lost, as after a trip through another program."""
        for name in ("word/document.xml", NOTES):
            if name not in self.package:
                continue
            root = self.package.xml_root(name)
            for mark in list(iter_elements(root, "w:bookmarkStart", "w:bookmarkEnd")):
                remove_element(mark)
            for control in list(iter_elements(root, "w:sdt")):
                content = find_element(control, "w:sdtContent")
                for node in list(content if content is not None else ()):
                    control.addprevious(node)
                remove_element(control)
        return self

    # --- how ---

    def runs(self, paragraph: Element, words: str) -> list[Element]:
        """The runs of some words, parted from those around them."""
        texts = [t for t in iter_elements(paragraph, "w:t") if t.text]
        whole = "".join(str(t.text) for t in texts)
        start = whole.index(words)
        end, at, out = start + len(words), 0, []
        for text in texts:
            run = text.getparent()
            assert run is not None
            assert text.text is not None
            low, high = max(start - at, 0), min(end - at, len(text.text))
            at += len(text.text)
            if low >= high:
                continue
            out.append(_parted(run, text, low, high))
        return out

    def remove(self, run: Element) -> None:
        """A run taken out, or marked as taken out."""
        if not self.author:
            remove_element(run)
            return
        for text in list(iter_elements(run, "w:t")):
            text.tag = qn("w:delText")
        wrapper = self.wrapper("del")
        run.addprevious(wrapper)
        wrapper.append(run)

    def marked(self, tag: str, run: Element) -> Element:
        """A run as a tracked change, if changes are tracked."""
        if not self.author:
            return run
        wrapper = self.wrapper(tag)
        if (parent := run.getparent()) is not None:
            parent.replace(run, wrapper)
        wrapper.append(run)
        return wrapper

    def wrapper(self, tag: str) -> Element:
        """An element of a tracked change."""
        author = quoteattr(self.author)
        return parse_element(f'<w:{tag} w:id="{next(self.ids)}" w:author={author} w:date="{MOMENT}"/>')

    def mark_end(self, paragraph: Element, tag: str) -> None:
        """The end of a paragraph as a tracked change."""
        properties = get_or_add_first(paragraph, "w:pPr")
        mark = properties.find(qn("w:rPr"))
        if mark is None:
            mark = etree.SubElement(properties, qn("w:rPr"))
        mark.insert(0, self.wrapper(tag))


def paragraph_id(comment: Element) -> str:
    """The id of the last paragraph of a comment, by which threads know it."""
    return comment[-1].get(f"{{{W14}}}paraId", "")


def element_text(paragraph: Element) -> str:
    """The words of a paragraph, run by run."""
    return "".join(t.text or "" for t in iter_elements(paragraph, "w:t"))


def escaped(words: str) -> str:
    """Words as XML."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


def light(data: bytes) -> bytes:
    """Return a file without the bytes of its fonts, which nobody reads back, and not compressed.

    Both take time at every save. LibreOffice saves two megabytes of fonts of its own in a file that says it has fonts.
    """
    members = {name: b"" if name.endswith(".odttf") else part for name, part in read_zip(data).items()}
    members[_SETTINGS] = members[_SETTINGS].replace(b"<w:embedTrueTypeFonts/>", b"")
    return write_zip(members, 0, stored=tuple(members))


@functools.cache
def read_sent(data: bytes) -> DocxText:
    """Return the text of a Word file as it was sent, which many tests compare with."""
    return docx_reader.read_docx(Package(data))


def resaved(*files: bytes) -> list[bytes]:
    """Return files after LibreOffice has opened and saved them."""
    with tempfile.TemporaryDirectory() as scratch:
        return resave(Path(scratch), *files)


def _parted(run: Element, text: Element, low: int, high: int) -> Element:
    """The part of a run between two characters, as a run of its own in the same place."""
    assert text.text is not None
    whole = text.text
    if low == 0 and high == len(whole) and len([n for n in run if n.tag != qn("w:rPr")]) == 1:
        return run
    pieces = [(whole[:low], False), (whole[low:high], True), (whole[high:], False)]
    last_run = run
    for words, wanted in pieces:
        if not words:
            continue
        piece = copy.deepcopy(run)
        for node in list(piece):
            if node.tag != qn("w:rPr"):
                piece.remove(node)
        piece.append(parse_element(f'<w:t xml:space="preserve">{escaped(words)}</w:t>'))
        run.addprevious(piece)
        last_run = piece if wanted else last_run
    remove_element(run)
    return last_run
