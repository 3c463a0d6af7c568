"""A Word file as passages: what it says once every tracked change in it is accepted, and who changed what.

Written against what Word, LibreOffice and Google Docs save: marks and locked controls may be there or lost, runs may be
parted anywhere, and a change may be tracked or not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, qn
from nioc_paper.review.docx.bookmarks import ATOM_PREFIX, PARAGRAPH_PREFIX
from nioc_paper.review.docx.docx_styles import DocxStyles, parse_number, read_formatting
from nioc_paper.review.docx.docx_text import CommentRange, DocxPassage, DocxText, TokenPosition
from nioc_paper.review.docx.paragraph import CellPosition, Paragraph, RowKey, Token, join_split_words, tokenize

_SKIPPED_STYLES = ("Paragraph Number", "annotation reference")
"""Character styles of what the tool or Word puts beside the text."""
_GENERATED_STYLES = re.compile(r"^(toc \d|TOC Heading|table of figures|List Heading)$", re.IGNORECASE)
"""Paragraph styles of what the tool or Word makes by itself."""
_APP_PROPERTIES = "docProps/app.xml"
_LINE_SEPARATORS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines that are none in a chapter."""
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def read_docx(package: Package) -> DocxText:
    """What a Word file says with its changes accepted."""
    reader = _DocxReader(package)
    reader.read_blocks(package.body, _BlockContext())
    reader.flush_paragraph()
    reader.result.shifts_notes = reader.by_libreoffice
    return reader.result


@dataclass(frozen=True, slots=True)
class _BlockContext:
    note: str = ""
    cell: CellPosition | None = None
    author: str = ""


class _OpenAtom(NamedTuple):
    """Atom whose words are being read."""

    name: str = ""
    bookmark_id: str = ""
    """Id of its bookmark; empty in a content control."""


class _DocxReader:
    def __init__(self, package: Package) -> None:
        self.result = DocxText()
        self.styles = DocxStyles(package)
        self.by_libreoffice = _is_by_libreoffice(package)
        notes = package.xml_root("word/footnotes.xml") if "word/footnotes.xml" in package else None
        self.footnotes = (
            {} if notes is None else {get_attribute(n, "w:id"): n for n in iter_elements(notes, "w:footnote")}
        )
        self.image_hashes = _hash_images(package)
        self.table_count = 0
        self.tokens: list[Token] = []
        self.bookmarks: list[str] = []
        self.pending_bookmarks: list[str] = []
        self.pending_space = False
        self.removed_by = ""
        self.joins_next = False
        self.open_atom = _OpenAtom()
        self.called_notes: list[tuple[str, str]] = []
        self.open_ranges: dict[str, TokenPosition] = {}

    # --- blocks ---

    def read_blocks(self, parent: Element, context: _BlockContext) -> None:
        for node in parent:
            name = _local_name(node)
            if name == "p":
                self.read_paragraph(node, context)
            elif name == "tbl":
                self.read_table(node, context)
            elif name == "sdt" and (content := find_element(node, "w:sdtContent")) is not None:
                self.read_blocks(content, context)
            elif name in ("ins", "moveTo", "customXml", "smartTag"):
                self.read_blocks(node, replace(context, author=get_attribute(node, "w:author") or context.author))
            else:
                # Between paragraphs a mark belongs to the one that follows.
                self.read_marker(node, self.pending_bookmarks)

    def read_table(self, table: Element, context: _BlockContext) -> None:
        number = self.table_count
        self.table_count += 1
        row = 0
        for each in iter_elements(table, "w:tr"):
            if next(each.iterancestors(qn("w:tbl"))) is not table or find_element(each, "w:trPr/w:del") is not None:
                continue
            author = get_attribute(find_element(each, "w:trPr/w:ins"), "w:author") or context.author
            column = 0
            for cell in (c for c in iter_elements(each, "w:tc") if next(c.iterancestors(qn("w:tr"))) is each):
                inner = replace(context, cell=context.cell or CellPosition(number, row, column), author=author)
                self.read_blocks(cell, inner)
                self.flush_paragraph()
                column += parse_number(get_attribute(find_element(cell, "w:tcPr/w:gridSpan")), 1)
            self.result.row_lengths[RowKey(number, row)] = column
            row += 1

    def read_paragraph(self, node: Element, context: _BlockContext) -> None:
        properties = find_element(node, "w:pPr")
        end_properties = None if properties is None else find_element(properties, "w:rPr")
        end_is_deleted = end_properties is not None and any(
            find_element(end_properties, name) is not None for name in ("w:del", "w:moveFrom")
        )
        self.bookmarks += self.pending_bookmarks
        self.pending_bookmarks.clear()
        if not self.joins_next:
            self.pending_space = False
        bookmark_count = len(self.bookmarks)
        self.read_inlines(node, context.author)
        self.joins_next = end_is_deleted or (
            self.by_libreoffice and len(self.bookmarks) == bookmark_count and _is_split_at_first_page(node)
        )
        if self.joins_next:
            # Its end is deleted, or was never there: what follows is one paragraph with it.
            self.removed_by = (
                self.removed_by or get_attribute(find_element(end_properties, "w:del"), "w:author")
                if end_properties is not None
                else ""
            )
            return
        kind, level, ordered = self.styles.classify(node, in_cell=context.cell is not None)
        self.finish_paragraph(
            Paragraph("", kind, (), level, ordered, context.note, context.cell), self.styles.find_name(node)
        )

    def finish_paragraph(self, paragraph: Paragraph, style: str) -> None:
        """A paragraph is read; the notes that it calls follow it."""
        paragraph_tokens, bookmarks, called_notes = (
            join_split_words(self.tokens),
            tuple(self.bookmarks),
            list(self.called_notes),
        )
        self.tokens, self.bookmarks, self.called_notes = [], [], []
        if (paragraph_tokens or bookmarks) and not _GENERATED_STYLES.match(style):
            passage = DocxPassage(replace(paragraph, tokens=tuple(paragraph_tokens)), bookmarks, style, self.removed_by)
            self.result.passages.append(passage)
        self.removed_by = ""
        for atom, name in called_notes:
            if (note := self.footnotes.get(name)) is not None:
                self.read_blocks(note, _BlockContext(note=atom))
                self.flush_paragraph()

    def flush_paragraph(self) -> None:
        """What a paragraph without an end has left."""
        if self.joins_next:
            self.joins_next = False
            self.finish_paragraph(Paragraph("", "para"), "")

    # --- inlines ---

    def read_inlines(self, parent: Element, author: str) -> None:
        for node in parent:
            name = _local_name(node)
            if name == "r":
                self.read_run(node, author)
            elif name in ("ins", "moveTo"):
                self.read_inlines(node, get_attribute(node, "w:author") or author)
            elif name in ("del", "moveFrom"):
                self.removed_by = self.removed_by or get_attribute(node, "w:author")
            elif name == "sdt" and (content := find_element(node, "w:sdtContent")) is not None:
                self.read_control(get_attribute(find_element(node, "w:sdtPr/w:tag")), content, author)
            elif name in ("hyperlink", "smartTag", "fldSimple", "customXml", "dir", "bdo"):
                self.read_inlines(node, author)
            elif node.tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                self.add_symbol("math", "".join(t.text or "" for t in node.iter(f"{_MATH}t")), author)
            else:
                self.read_marker(node, self.bookmarks)

    def read_control(self, tag: str, content: Element, author: str) -> None:
        outer = self.open_atom
        if tag.startswith(ATOM_PREFIX):
            self.open_atom = _OpenAtom(tag.removeprefix(ATOM_PREFIX))
        self.read_inlines(content, author)
        self.open_atom = outer

    def read_marker(self, node: Element, bookmarks: list[str]) -> None:
        """A mark, or an end of what a comment is about."""
        kind, name, node_id = _local_name(node), get_attribute(node, "w:name"), get_attribute(node, "w:id")
        if kind == "bookmarkStart" and name.startswith(ATOM_PREFIX):
            self.open_atom = _OpenAtom(name.removeprefix(ATOM_PREFIX), node_id)
        elif kind == "bookmarkStart" and re.fullmatch(PARAGRAPH_PREFIX + r"\d+", name):
            bookmarks.append(name)
        elif kind == "bookmarkEnd" and self.open_atom.bookmark_id and self.open_atom.bookmark_id == node_id:
            self.open_atom = _OpenAtom()
        elif kind == "commentRangeStart":
            self.open_ranges[node_id] = self.current_position()
        elif kind == "commentRangeEnd" and node_id in self.open_ranges:
            self.result.comment_ranges[node_id] = CommentRange(self.open_ranges.pop(node_id), self.current_position())

    def current_position(self) -> TokenPosition:
        return TokenPosition(len(self.result.passages), len(join_split_words(self.tokens)))

    def read_run(self, run: Element, author: str) -> None:
        if self.styles.find_name(run) in _SKIPPED_STYLES:
            return
        formatting = read_formatting(run)
        for node in run:
            name = _local_name(node)
            if name in _SPECIAL_CHARACTERS:
                self.add_words(_SPECIAL_CHARACTERS[name], formatting, author)
            elif name == "t":
                self.add_words(node.text or "", formatting, author)
            elif name == "footnoteReference":
                self.add_note_call(get_attribute(node, "w:id"), author)
            elif name in ("drawing", "pict", "AlternateContent"):
                self.add_picture(node, author)

    def add_words(self, text: str, formatting: frozenset[str], author: str) -> None:
        text = FORBIDDEN_CHARACTERS.sub("", _LINE_SEPARATORS.sub(" ", text))
        if text.strip():
            new_tokens = tokenize(text, space_before=self.pending_space, formatting=formatting, author=author)
            self.tokens += [replace(token, atom=self.open_atom.name) for token in new_tokens]
            self.pending_space = text[-1].isspace()
        elif text:
            self.pending_space = True

    def add_symbol(self, kind: str, value: str, author: str) -> None:
        """Something that is no word, as a token that only its like is equal to."""
        self.tokens.append(
            Token(f"\1{kind}:{value}", self.pending_space, atom=self.open_atom.name or kind, author=author)
        )
        self.pending_space = False

    def add_note_call(self, name: str, author: str) -> None:
        self.called_notes.append((f"note:{name}", name))
        self.tokens.append(Token(f"\1note:{name}", self.pending_space, atom=f"note:{name}", author=author))
        self.pending_space = False

    def add_picture(self, node: Element, author: str) -> None:
        linked = next((i for i in (get_attribute(blip, "r:embed") for blip in iter_elements(node, "a:blip")) if i), "")
        if linked:
            self.add_symbol("image", self.image_hashes.get(linked, ""), author)


_SPECIAL_CHARACTERS: Mapping[str, str] = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": ""}


def _is_by_libreoffice(package: Package) -> bool:
    """Whether LibreOffice saved it, which shifts tracked changes in footnotes (seen with 25.2)."""
    return _APP_PROPERTIES in package and b"<Application>LibreOffice" in package.part_bytes(_APP_PROPERTIES)


def _is_split_at_first_page(node: Element) -> bool:
    """Whether LibreOffice ended a paragraph where a section's first page ends, if that has a head of its own."""
    following = node.getnext()
    return (
        find_element(node, "w:pPr/w:sectPr/w:titlePg") is not None
        and following is not None
        and _local_name(following) == "p"
        and get_attribute(find_element(following, "w:pPr/w:pStyle"))
        == get_attribute(find_element(node, "w:pPr/w:pStyle"))
    )


def _local_name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _hash_images(package: Package) -> Mapping[str, str]:
    """What each picture is, by the id of its relationship."""
    return {
        name: hashlib.sha256(package.part_bytes(target)).hexdigest()[:12]
        for name, target in package.related_parts("image")
        if target in package
    }
