"""What stands between cover and text in Word: imprint, contents, lists of figures, tables and recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from nioc_paper import tree
from nioc_paper.audience import notices
from nioc_paper.model import Document, Entry, Node
from nioc_paper.ooxml.xml import begin, bookmark, end, field, raw, run, tab
from nioc_paper.render.word.tree import named, numbered
from nioc_paper.wording import day

UNKNOWN_PAGE = "–"
"""Stands for a page number until the layout is known."""

_PARTS = 'TOC \\h \\z \\t "Part,1,Heading 1,2,Heading 2,3"'


def imprint(document: Document, words: Mapping[str, str]) -> list[Node]:
    """What stands behind the cover."""
    fields = (
        ("whole_paper", document.part_of),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", day(document.date, words)),
        ("version", document.version),
        ("contributors", "; ".join(document.authors)),
        ("rights", document.rights),
    )
    notes = [words["draft_note"]] if document.draft else []
    notes += words["review_how"].splitlines() if document.copy.review else []
    notes += notices(document, words)
    told = (_pair(words[name], text) for name, text in fields if text)
    return [*_lines(("Imprint Title", document.title)), *told, *_lines(*(("Imprint Note", note) for note in notes))]


def _lines(*lines: tuple[str, str]) -> list[Node]:
    """A paragraph in its style for every line that says something."""
    return [_line(style, tree.text(text)) for style, text in lines if text]


def _pair(name: str, text: str) -> Node:
    return _line("Imprint", [raw(run(name, "FieldName") + tab()), *tree.text(text)])


def _line(style: str, inlines: Sequence[Node]) -> Node:
    return named(style, [tree.para(inlines)])


def lists(document: Document, words: Mapping[str, str]) -> list[Node]:
    """Contents and lists as Word's own fields, each entry cached with a link; page numbers are filled in later."""
    out = [raw(_contents(document, words["contents"]), block=True)] if document.contents else []
    for title, code, style, entries in (
        ("figures", 'TOC \\h \\z \\c "Figure"', "TableOfFigures", document.figures),
        ("tables", 'TOC \\h \\z \\c "Table"', "TableOfFigures", document.tables),
        ("recommendations", "TOC \\h \\z \\f r \\l 4-4", "TOC4", document.recommendations),
    ):
        if entries:
            called = numbered if title == "recommendations" else _captioned
            lines = [(style, entry.id, called(entry)) for entry in entries]
            # The first of the short lists starts a page: after the long contents of a paper it would stand alone.
            head = _heading("ListHeading", words[title], page=len(out) == 1 and not document.part_of)
            out.append(raw(head + _entries(code, lines), block=True))
    return out


def _contents(document: Document, title: str) -> str:
    lines = [(f"TOC{entry.level + 1}", entry.id, numbered(entry)) for entry in document.contents]
    return (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{_heading('TOCHeading', title)}{_entries(_PARTS, lines)}</w:sdtContent></w:sdt>"
    )


def _captioned(entry: Entry) -> str:
    return f"{entry.label}. {entry.title}"


def _heading(style: str, title: str, *, page: bool = False) -> str:
    start = "<w:pageBreakBefore/>" if page else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{start}</w:pPr>{run(title)}</w:p>'


def _entries(code: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """A field whose cached text is one paragraph a line; a line is (style, id, text)."""
    out = [_entry(*line) for line in lines]
    out[0] = out[0].replace("</w:pPr>", "</w:pPr>" + begin(code), 1)
    out[-1] = out[-1].removesuffix("</w:p>") + end() + "</w:p>"
    return "".join(out)


def _entry(style: str, id: str, text: str) -> str:
    anchor = bookmark(id)
    page = field(f"PAGEREF {anchor} \\h", UNKNOWN_PAGE)
    link = f'<w:hyperlink w:anchor="{escape(anchor)}" w:history="1">{run(text)}{tab()}{page}</w:hyperlink>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{link}</w:p>'
