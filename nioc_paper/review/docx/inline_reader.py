"""Read the content of paragraphs as tokens: words, symbols, calls of notes, with their formatting and authors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, without_invisible
from nioc_paper.ooxml.package import Package, read_relationships
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    first_children,
    get_attribute,
    is_copy,
    iter_elements,
    local_name,
    text_content,
)
from nioc_paper.render.word.png_pictures import COVER_NAME, picture_identity
from nioc_paper.review.docx.bookmarks import ATOM_PREFIX, PARAGRAPH_PREFIX
from nioc_paper.review.docx.docx_styles import DocxStyles, ignored_formatting, is_on, read_formatting
from nioc_paper.review.docx.docx_text import (
    CommentRange,
    DocxPassage,
    DocxText,
    Paragraph,
    Token,
    TokenPosition,
    join_split_words,
    link_formatting,
    tokenize,
)

_CONTENTS_FIELD = re.compile(r"\s*TOC\b", re.IGNORECASE)
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+(?P<place>\\l\s+)?"?(?P<target>[^"\s]+)"?', re.IGNORECASE)


class LinkReader:
    """Formatting of the words being read that links give them."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._targets: dict[str, Mapping[str, str]] = {}
        self._part = "word/document.xml"
        self._open: list[frozenset[str]] = []
        """Links around the words, outermost first; a field that is not a link has an empty set."""
        self._codes: list[str | None] = []
        """Codes of the open fields; None once a field shows its text."""
        self._contents_depth = 0
        """Number of open fields up to and including a list of contents; 0 outside of one."""

    @property
    def formatting(self) -> frozenset[str]:
        """Formatting of the words in the innermost link; empty outside of links."""
        return next((formatting for formatting in reversed(self._open) if formatting), frozenset())

    @property
    def is_in_contents(self) -> bool:
        """Whether the words being read are a list of contents that somebody has put in."""
        return bool(self._contents_depth)

    @contextmanager
    def inside(self, node: Element) -> Iterator[None]:
        """Read the content of a `w:hyperlink` or `w:fldSimple`."""
        code = get_attribute(node, "w:instr")
        self._open.append(_field_formatting(code) if code else self._element_formatting(node))
        yield
        self._open.pop()

    @contextmanager
    def inside_part(self, part: str) -> Iterator[None]:
        """Read a part of its own: ids of links are those of the part."""
        outer, self._part = (self._part, self._open, self._codes), part
        self._open, self._codes = [], []
        yield
        self._part, self._open, self._codes = outer

    def read_field(self, node: Element) -> None:
        """Read a `w:fldChar`, by which a field begins, shows its text, or ends; or a `w:instrText`, its code."""
        kind = get_attribute(node, "w:fldCharType")
        if kind == "begin":
            self._codes.append("")
            self._open.append(frozenset())
        elif self._codes and kind == "separate":
            self._open[-1] = _field_formatting(self._codes[-1] or "")
            if _CONTENTS_FIELD.match(self._codes[-1] or ""):
                self._contents_depth = self._contents_depth or len(self._codes)
            self._codes[-1] = None
        elif self._codes and kind == "end":
            self._codes.pop()
            self._open.pop()
            self._contents_depth *= self._contents_depth <= len(self._codes)
        elif self._codes and not kind and (code := self._codes[-1]) is not None:
            self._codes[-1] = code + (node.text or "")

    def _element_formatting(self, node: Element) -> frozenset[str]:
        if anchor := get_attribute(node, "w:anchor"):
            return link_formatting(f"#{anchor}")
        target = self._external_targets(self._part).get(get_attribute(node, "r:id"))
        return link_formatting(target) if target else frozenset()

    def _external_targets(self, part: str) -> Mapping[str, str]:
        """Return the targets outside the file by the ids of a part's relationships."""
        if part not in self._targets:
            self._targets[part] = {r.id: r.target for r in read_relationships(self._package, part) if r.external}
        return self._targets[part]


def _field_formatting(code: str) -> frozenset[str]:
    match = _LINK_FIELD.match(code)
    return link_formatting("#" * bool(match["place"]) + match["target"]) if match else frozenset()


_SKIPPED_STYLE = "annotation reference"
"""Character style of text added by Word."""
_NUMBER_STYLE = "Paragraph Number"
"""Character style of the numbers of paragraphs; words typed directly after a number have it too."""
_TYPED_WORD = re.compile(r"[^\W\d_]{2}")
_LINE_SEPARATORS = re.compile("[\x85\u2028\u2029]")
"""Line separators that do not end a line in a chapter."""
_CITATION = "cite"
"""Start of the names of citations' atoms."""
_NOTE_PARTS = {"": "word/footnotes.xml", "end-": "word/endnotes.xml"}
"""Parts with notes, by the prefix of their notes' names here."""
_NOTE_CALLS: Mapping[str, str] = {"footnoteReference": "", "endnoteReference": "end-"}
_SPECIAL_CHARACTERS: Mapping[str, str] = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": ""}
_PARAGRAPH_NUMBER = re.compile(r"\s*¶(?:[^\W\d_]\w*\.)?\d+(?:\.\d+)*(?!\w)\s*")
"""Number that the tool prints before a paragraph, of a chapter with a number (¶3.4) or letters (¶ES.4)."""


class _OpenAtom(NamedTuple):
    """Atom whose words are being read."""

    name: str = ""
    bookmark_id: str = ""
    """Id of its bookmark; empty in a content control."""


class InlineReader:
    """Reads one paragraph after the other; ranges of comments and ignored formatting go into `result`."""

    def __init__(self, package: Package, styles: DocxStyles, result: DocxText) -> None:
        self.result = result
        self.styles = styles
        self.links = LinkReader(package)
        self.notes = _read_notes(package)
        """Part and element of each note by its name."""
        self.bookmarks: list[str] = []
        self.removed_by = ""
        self._image_hashes = _hash_images(package)
        self._tokens: list[Token] = []
        self._listed: list[Token] = []
        """What is read in a list of contents."""
        self._pending_space = False
        self._at_start = False
        """Whether no word of the paragraph was read yet."""
        self._follows_initial = False
        """Whether the paragraph continues a drop cap, whose letter Word keeps in a paragraph of its own."""
        self._deletes_formula = False
        self._open_atom = _OpenAtom()
        self._called_notes: list[str] = []
        self._end_field: Callable[[], None] | None = None
        self._open_ranges: dict[str, TokenPosition] = {}

    def begin_paragraph(
        self, *, continues: bool, follows_initial: bool, end_field: Callable[[], None] | None = None
    ) -> None:
        """Begin a paragraph; it `continues` the one before if that has no end.

        In a line that fields share, `end_field` is called at each tab between them.
        """
        self._end_field = end_field
        self._pending_space = self._pending_space and continues
        self._at_start, self._follows_initial = True, follows_initial

    @property
    def _sink(self) -> list[Token]:
        return self._listed if self.links.is_in_contents else self._tokens

    @property
    def has_content(self) -> bool:
        """Whether anything but bookmarks was read since the last paragraph."""
        return bool(self._tokens)

    def take_content(self, passage: DocxPassage) -> tuple[DocxPassage, Sequence[str]]:
        """Return a passage with what was read since the last call, and the notes that it calls; and forget it.

        What it has in a list of contents is a line of that list.
        """
        if self._listed:
            self.result.list_lines.append(Paragraph("", "para", tuple(join_split_words(self._listed))).text)
        tokens, called_notes = tuple(join_split_words(self._tokens)), self._called_notes
        full_passage = replace(
            passage,
            paragraph=replace(passage.paragraph, tokens=tokens),
            bookmarks=tuple(self.bookmarks),
            author=self.removed_by,
            deletes_formula=self._deletes_formula,
        )
        self._tokens, self._listed, self.bookmarks, self._called_notes = [], [], [], []
        self.removed_by, self._deletes_formula, self._pending_space = "", False, False
        return full_passage, called_notes

    def read_inlines(self, parent: Element, author: str) -> None:
        """Read the children of a paragraph, or of an element in it."""
        for node in parent:
            name = local_name(node)
            if name == "r":
                self._read_run(node, author)
            elif name in ("ins", "moveTo"):
                self.read_inlines(node, get_attribute(node, "w:author") or author)
            elif name in ("del", "moveFrom"):
                self.removed_by = self.removed_by or get_attribute(node, "w:author")
                self._deletes_formula |= next(node.iter(f"{MATH}oMath"), None) is not None
            elif name == "sdt" and (content := find_control_content(node)) is not None:
                self._read_control(get_attribute(find_element(node, "w:sdtPr/w:tag")), content, author)
            elif name in ("hyperlink", "fldSimple"):
                with self.links.inside(node):
                    self.read_inlines(node, author)
            elif name in ("smartTag", "customXml", "dir", "bdo"):
                self.read_inlines(node, author)
            elif node.tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
                self._read_formula(node, author)
            else:
                self.read_marker(node, self.bookmarks)

    def read_marker(self, node: Element, bookmarks: list[str]) -> None:
        """Read a bookmark, or one end of a comment's range."""
        kind, name, node_id = local_name(node), get_attribute(node, "w:name"), get_attribute(node, "w:id")
        if kind == "bookmarkStart" and name.startswith(ATOM_PREFIX):
            self._open_atom = _OpenAtom(name.removeprefix(ATOM_PREFIX), node_id)
        elif kind == "bookmarkStart" and re.fullmatch(PARAGRAPH_PREFIX + r"\d+", name):
            bookmarks.append(name)
        elif kind == "bookmarkEnd" and self._open_atom.bookmark_id and self._open_atom.bookmark_id == node_id:
            self._open_atom = _OpenAtom()
        elif kind == "commentRangeStart":
            self._open_ranges[node_id] = self._current_position()
        elif kind == "commentRangeEnd" and node_id in self._open_ranges:
            self.result.comment_ranges[node_id] = CommentRange(self._open_ranges.pop(node_id), self._current_position())

    def _read_control(self, tag: str, content: Element, author: str) -> None:
        outer = self._open_atom
        if tag.startswith(ATOM_PREFIX):
            self._open_atom = _OpenAtom(tag.removeprefix(ATOM_PREFIX))
        self.read_inlines(content, author)
        self._open_atom = outer

    def _current_position(self) -> TokenPosition:
        return TokenPosition(len(self.result.passages), len(join_split_words(self._tokens)))

    def _read_run(self, run: Element, author: str) -> None:
        properties = first_children(find_element(run, "w:rPr"))
        style = self.styles.find_name(properties)
        typed = _PARAGRAPH_NUMBER.sub("", text_content(run)) if style == _NUMBER_STYLE else ""
        if style == _SKIPPED_STYLE:
            return
        if style == _NUMBER_STYLE and not _TYPED_WORD.search(typed):
            self._read_number()
            return
        formatting, count = read_formatting(properties) | self.links.formatting, len(self._sink)
        for node in run:
            if self._end_field and local_name(node) == "tab":
                self._end_field()
            else:
                self._read_run_content(node, formatting, author)
        if kinds := ignored_formatting(properties):
            # LibreOffice gives citations the colour of their style.
            words = sum(not token.atom for token in self._sink[count:])
            self.result.ignored_formatting.update(dict.fromkeys(kinds, words))

    def _read_run_content(self, node: Element, formatting: frozenset[str], author: str) -> None:
        name = local_name(node)
        if name == "sym" and not symbol_text(node):
            self._add_symbol("symbol", symbol_name(node), author)
        elif name in ("t", "sym", *_SPECIAL_CHARACTERS):
            text = symbol_text(node) if name == "sym" else node.text or ""
            self._add_words(_SPECIAL_CHARACTERS.get(name, text), formatting, author)
        elif name in _NOTE_CALLS:
            self._add_note_call(_NOTE_CALLS[name] + get_attribute(node, "w:id"), author)
        elif name in ("fldChar", "instrText"):
            self.links.read_field(node)
        elif name == "ruby":
            for inner in iter_elements(node, "w:r"):
                self._read_run(inner, author)
        elif name in ("drawing", "pict", "AlternateContent"):
            for content in drawn_content(node, self._image_hashes):
                self._add_symbol(*content, author)
        elif name == "object":
            self._add_symbol("object", "", author)

    def _read_formula(self, node: Element, author: str) -> None:
        text = formula_text(node)
        if text or not node.findall(f".//{MATH}t"):
            self._add_symbol("math", text, author)
        else:
            self._deletes_formula = True

    def _add_words(self, text: str, formatting: frozenset[str], author: str) -> None:
        text = without_invisible(FORBIDDEN_CHARACTERS.sub("", _LINE_SEPARATORS.sub(" ", text.replace("\u00ad", ""))))
        if _PARAGRAPH_NUMBER.fullmatch(text):
            self._read_number()
            return
        if self._at_start and (number := _PARAGRAPH_NUMBER.match(text)):
            text = text[number.end() :]
        if text.strip():
            self._at_start = False
            space, atom = self._pending_space, self._open_atom.name
            self._sink.extend(tokenize(text, space_before=space, formatting=formatting, atom=atom, author=author))
            self._pending_space = text[-1].isspace()
        elif text:
            self._pending_space = True

    def _read_number(self) -> None:
        """Read the number of a paragraph: where it was joined with the one before, the number parts their words."""
        self._pending_space |= bool(self._tokens) and not self._follows_initial

    def _add_symbol(self, kind: str, value: str, author: str) -> None:
        """Add something other than a word as a token that equals only its like."""
        atom = self._open_atom.name or kind
        self._sink.append(Token(f"\1{kind}:{value}", self._pending_space, atom=atom, author=author))
        self._pending_space = False

    def _add_note_call(self, name: str, author: str) -> None:
        """Add the call of a note. A note that a citation is printed in has the words of that citation."""
        if self._open_atom.name.startswith(_CITATION) and name in self.notes:
            part, note = self.notes[name]
            with self.links.inside_part(part):
                for paragraph in note:
                    self.read_inlines(paragraph, author)
            return
        self._called_notes.append(name)
        self._tokens.append(Token(f"\1note:{name}", self._pending_space, atom=f"note:{name}", author=author))
        self._pending_space = False


def _read_notes(package: Package) -> dict[str, tuple[str, Element]]:
    """Return the part and the element of each note by its name."""
    return {
        prefix + get_attribute(note, "w:id"): (part, note)
        for prefix, part in _NOTE_PARTS.items()
        if part in package
        for note in iter_elements(package.xml_root(part), "w:footnote", "w:endnote")
    }


def _hash_images(package: Package) -> Mapping[str, str]:
    """Return the identity of each picture by the id of its relationship."""
    images = ((name, target) for name, target in package.related_parts("image") if target in package)
    return {name: picture_identity(package.part_bytes(target)) for name, target in images}


# --- other content: signs of symbol fonts, text boxes, pictures, drawings, formulas -----------------------------------


MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PRIVATE_USE = range(0xF000, 0xF100)
"""Characters of symbol fonts in Word: the code in the font, with F0 before it."""
_SYMBOL_FONT: Mapping[int, str] = {
    **dict(zip(b"abgdezhqiklmnxoprstufcyw", "αβγδεζηθικλμνξοπρστυφχψω", strict=True)),
    **dict(zip(b"ABGDEZHQIKLMNXOPRSTUFCYW", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True)),
    **dict(zip(b"0123456789()+.,%/=<>", "0123456789()+.,%/=<>", strict=True)),
    0x2D: "−", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±",
    0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xCE: "∈", 0xD6: "√",
    0xDB: "⇔", 0xDC: "⇐", 0xDE: "⇒", 0xE5: "∑",
}  # fmt: skip
"""Characters by their code in the font Symbol (Adobe's encoding)."""


def symbol_text(node: Element) -> str:
    """Return the character of a `w:sym`; empty if its font alone gives it a meaning."""
    try:
        code = int(get_attribute(node, "w:char"), 16)
    except ValueError:
        return ""
    if code not in _PRIVATE_USE:
        return chr(code) if 0x20 < code < 0xD800 else ""
    is_symbol = get_attribute(node, "w:font").casefold() == "symbol"
    return _SYMBOL_FONT.get(code - _PRIVATE_USE.start, "") if is_symbol else ""


def symbol_name(node: Element) -> str:
    """Return the font and code of a `w:sym`."""
    return f"{get_attribute(node, 'w:font')} {get_attribute(node, 'w:char').upper()}"


def drawn_content(node: Element, image_hashes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the text boxes and pictures of a drawing, or itself: kind, and a value that is equal for equal content."""
    boxes = [" ".join(text_content(p) for p in iter_elements(box, "w:p")) for box in text_boxes(node)]
    yield from (("box", words) for words in boxes)
    names = [get_attribute(blip, "r:embed") for blip in iter_elements(node, "a:blip")]
    names += [get_attribute(data, "r:id") for data in iter_elements(node, "v:imagedata")]
    picture = next(filter(None, names), "")
    if any(shape.get("name") == COVER_NAME for shape in iter_elements(node, "wp:docPr")):
        return  # the background of the cover, which is drawn for readers alone
    if picture:
        yield "image", f"{image_hashes.get(picture, '')} {_alt_text(node)}"
    elif not boxes:
        yield "drawing", ""


def _alt_text(node: Element) -> str:
    """Return the alternative text of a picture: its title and its description."""
    picture = next(iter_elements(node, "wp:docPr"), None)
    names = ("title", "descr") if picture is not None else ("title", "alt")
    shape = next(iter_elements(node, "v:shape"), None) if picture is None else picture
    return " ".join(" ".join(shape.get(name, "") for name in names).split()) if shape is not None else ""


def text_boxes(node: Element) -> Iterator[Element]:
    """Yield the text boxes in an element, without the copies for old programs."""
    return (box for box in iter_elements(node, "w:txbxContent") if not is_copy(box))


def find_control_content(control: Element) -> Element | None:
    """Return the content of a content control; None if nobody has filled it in."""
    is_empty = is_on(find_element(control, "w:sdtPr/w:showingPlcHdr"))
    return None if is_empty else find_element(control, "w:sdtContent")


def formula_text(node: Element) -> str:
    """Return the letters and signs of a formula that are not deleted."""
    letters = (t for t in node.iter(f"{MATH}t") if not any(local_name(outer) == "del" for outer in t.iterancestors()))
    return "".join(t.text or "" for t in letters)
