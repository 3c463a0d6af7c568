"""Contents, lists, contributors and imprint in Word."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import Credit, Document, ListEntry, Node
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.ooxml.xml import field_begin_xml, field_end_xml, field_xml, raw_node, run_xml, tab_xml
from nioc_paper.render.common import imprint as imprint_texts
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.word_merge import UNKNOWN_PAGE
from nioc_paper.render.word.word_styler import entry_text, with_style
from nioc_paper.wording import Wording, format_date

_MIN_ENTRIES = 5
"""Entries of contents or a list that follow one another on its last page."""
_PART_LEVEL, _CHAPTER_LEVEL, _SECTION_LEVEL = "Part,1", "Heading 1,2", "Heading 2,3"


def build_imprint(document: Document, words: Wording, theme: Theme) -> list[Node]:
    """Return the page after the cover: about this document."""
    font_families = "" if document.template else ", ".join(dict.fromkeys((theme["font-text"], theme["font-head"])))
    facts = (
        ("title", document.title),
        ("whole_paper", document.part_of),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", format_date(document.date, words)),
        ("version", document.version),
        ("standing", imprint_texts.format_statuses(document, words)),
        ("how_to_cite", imprint_texts.make_citation(document, words).text),
        ("rights", document.rights),
        ("typefaces", font_families),
    )
    notes = [*([words["draft_note"]] if document.draft else []), *notices(document, words)]
    versions = [
        (tag, tree.text_inlines(f"{on} · {description}"))
        for tag, on, description in imprint_texts.latest_versions(document, words)
    ]
    fact_lines = [(words[name], tree.text_inlines(text)) for name, text in facts if text]
    titles = imprint_texts.translated_title_inlines(document, words)
    fact_lines[1:1] = [(words["translated_title"], inlines) for inlines in titles]
    return [
        *_styled_lines(("Imprint Title", words["imprint"])),
        *(_imprint_line(*line) for line in (*fact_lines, *versions)),
        *_styled_lines(*(("Imprint Note", note) for note in notes)),
    ]


def build_contributors(document: Document, words: Wording) -> list[Node]:
    """Return a table of the contributors and their chapters."""
    rows = [
        [_chapter_link(entry) if first else [], _name_and_post(person), tree.text_inlines(person.role)]
        for entry, people in document.credits
        for first, person in zip((True, *[False] * len(people)), people, strict=False)
    ]
    heads = [(words["chapter"].capitalize(), 0.3), (words["name"], 0.5), (words["part_in_paper"], 0.2)]
    cells = [[[tree.plain_block(cell)] if cell else [] for cell in row] for row in rows]
    return (
        [raw_node(_heading_xml("ListHeading", words["credits"]), block=True), tree.table(heads, cells)] if rows else []
    )


def _chapter_link(entry: ListEntry) -> list[Node]:
    return [tree.link(tree.text_inlines(" ".join(filter(None, (entry.number, entry.title)))), f"#{entry.id}")]


def _name_and_post(person: Credit) -> list[Node]:
    """Return the name, and below it the post."""
    lines = [[tree.strong(tree.text_inlines(person.name))] if person.name else [], tree.text_inlines(person.post)]
    return [node for line in lines if line for node in ({"t": "LineBreak"}, *line)][1:]


def _styled_lines(*lines: tuple[str, str]) -> list[Node]:
    """Return a paragraph for each styled line with text."""
    return [_styled_paragraph(style, tree.text_inlines(text)) for style, text in lines if text]


def _imprint_line(name: str, inlines: Sequence[Node]) -> Node:
    return _styled_paragraph("Imprint", [raw_node(run_xml(name, "FieldName") + tab_xml()), *inlines])


def _styled_paragraph(style: str, inlines: Sequence[Node]) -> Node:
    return with_style(style, [tree.para(inlines)])


def build_contents(document: Document, words: Wording) -> list[Node]:
    """Return the contents as a Word field with linked entries; page numbers are filled in later."""
    return [raw_node(_contents_xml(document, words["contents"]), block=True)] if document.contents else []


def build_lists(document: Document, words: Wording) -> list[Node]:
    """Return the lists of figures, tables and recommendations as Word fields with linked entries."""
    out: list[Node] = []
    for title, code, style, entries in (
        ("figures", 'TOC \\h \\z \\c "Figure"', "TableOfFigures", document.figures),
        ("tables", 'TOC \\h \\z \\c "Table"', "TableOfFigures", document.tables),
        ("recommendations", "TOC \\h \\z \\f r \\l 4-4", "TOC4", document.recommendations),
    ):
        if entries:
            format_entry = entry_text if title == "recommendations" else _caption_text
            lines = [(style, entry.id, format_entry(entry)) for entry in entries]
            out.append(raw_node(_heading_xml("ListHeading", words[title]) + _entries_xml(code, lines), block=True))
    return out


def _contents_xml(document: Document, title: str) -> str:
    # The contents of a paper list its chapters, those of a chapter its sections.
    levels = (_PART_LEVEL, _CHAPTER_LEVEL, _SECTION_LEVEL)[: None if document.part_of else 2]
    entries = [entry for entry in document.contents if entry.level < len(levels)]
    lines = [(f"TOC{entry.level + 1}", entry.id, entry_text(entry)) for entry in entries]
    code = 'TOC \\h \\z \\t "' + ",".join(levels) + '"'
    return (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{_heading_xml('TOCHeading', title)}"
        f"{_entries_xml(code, lines)}</w:sdtContent></w:sdt>"
    )


def _caption_text(entry: ListEntry) -> str:
    return f"{entry.label}. {entry.title}"


def _heading_xml(style: str, title: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run_xml(title)}</w:p>'


def _entries_xml(code: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """Return a field whose cached text is one paragraph a line; a line is (style, id, text)."""
    # The last entries stay together: a page has never one of them alone.
    out = [_entry_xml(*line, keep=0 < len(lines) - place < _MIN_ENTRIES) for place, line in enumerate(lines, 1)]
    out[0] = out[0].replace("</w:pPr>", "</w:pPr>" + field_begin_xml(code), 1)
    out[-1] = out[-1].removesuffix("</w:p>") + field_end_xml() + "</w:p>"
    return "".join(out)


def _entry_xml(style: str, id: str, text: str, *, keep: bool) -> str:
    anchor = bookmark_name(id)
    page = field_xml(f"PAGEREF {anchor} \\h", UNKNOWN_PAGE)
    link = f'<w:hyperlink w:anchor="{escape(anchor)}" w:history="1">{run_xml(text)}{tab_xml()}{page}</w:hyperlink>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" * keep}</w:pPr>{link}</w:p>'
