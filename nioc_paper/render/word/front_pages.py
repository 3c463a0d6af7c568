"""Front of the Word file: cover, contents, lists, contributors, imprint, and the key figures of a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.ooxml.xml import field_begin_xml, field_end_xml, field_xml, raw_node, run_xml, tab_xml
from nioc_paper.render.common import imprint as imprint_texts
from nioc_paper.render.common.imprint import format_day
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.cached_piece import UNKNOWN_PAGE
from nioc_paper.render.word.page_setup import text_width
from nioc_paper.render.word.word_passes import entry_text, with_style
from nioc_paper.wording import Wording, format_date, language_attributes

_MIN_ENTRIES = 5
"""Entries of contents or a list that follow one another on its last page."""
_PART_LEVEL, _CHAPTER_LEVEL, _SECTION_LEVEL = "Part,1", "Heading 1,2", "Heading 2,3,Panel heading 2,3"
_SUMMARY = "TOC5"
"""Style of a chapter's summary in the contents, which has no page number."""


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
    notes = [words["draft_note"] if document.draft else "", *notices(document, words)]
    notes.append(imprint_texts.format_reference(document, words))
    versions = [
        (tag, tree.text_inlines(f"{on} · {description}"))
        for tag, on, description in imprint_texts.latest_versions(document, words)
    ]
    fact_lines = [(words[name], tree.text_inlines(text)) for name, text in facts if text]
    titles = imprint_texts.translated_title_inlines(document, words)
    fact_lines[1:1] = [(words["translated_title"], inlines) for inlines in titles]
    return [
        *styled_lines(("Imprint Title", words["imprint"])),
        *(
            _styled_paragraph("Imprint", [raw_node(run_xml(name, "FieldName") + tab_xml()), *inlines])
            for name, inlines in (*fact_lines, *versions)
        ),
        *styled_lines(*(("Imprint Note", note) for note in notes)),
    ]


def build_contributors(document: Document, words: Wording) -> list[Node]:
    """Return a table of the contributors and their chapters."""
    rows = []
    for entry, people in document.credits:
        title = tree.text_inlines(" ".join(filter(None, (entry.number, entry.title))))
        for person in people:
            link = [tree.link(title, f"#{entry.id}")] if person is people[0] else []
            name = [tree.strong(tree.text_inlines(person.name))] if person.name else []
            lines = filter(None, (name, tree.text_inlines(person.post)))
            name_and_post = [node for line in lines for node in ({"t": "LineBreak"}, *line)][1:]
            rows.append([link, name_and_post, tree.text_inlines(person.role)])
    heads = [(words["chapter"].capitalize(), 0.3), (words["name"], 0.5), (words["part_in_paper"], 0.2)]
    cells = [[[tree.plain_block(cell)] if cell else [] for cell in row] for row in rows]
    heading = raw_node(lines_xml([("ListHeading", words["credits"])]), block=True)
    return [heading, tree.table(heads, cells)] if rows else []


def styled_lines(*lines: tuple[str, str]) -> list[Node]:
    """Return a paragraph for each styled line with text."""
    return [_styled_paragraph(style, tree.text_inlines(text)) for style, text in lines if text]


def _styled_paragraph(style: str, inlines: Sequence[Node]) -> Node:
    return with_style(style, [tree.para(inlines)])


def build_lists(document: Document, words: Wording) -> list[Node]:
    """Return the lists of figures, tables and recommendations as Word fields with linked entries."""
    out: list[Node] = []
    for title, code, style in (
        ("figures", 'TOC \\h \\z \\c "Figure"', "TableOfFigures"),
        ("tables", 'TOC \\h \\z \\c "Table"', "TableOfFigures"),
        ("recommendations", "TOC \\h \\z \\f r \\l 4-4", "TOC4"),
    ):
        if entries := imprint_texts.closing_lists(document)[title]:
            texts = [entry_text(e) if title == "recommendations" else f"{e.label}. {e.title}" for e in entries]
            lines = [(style, entry.id, text) for entry, text in zip(entries, texts, strict=True)]
            out.append(raw_node(lines_xml([("ListHeading", words[title])]) + _entries_xml(code, lines), block=True))
    return out


def build_contents(document: Document, words: Wording) -> list[Node]:
    """Return the contents as a Word field with linked entries; page numbers are filled in later."""
    if not document.contents:
        return []
    # The contents of a paper list its chapters, those of a chapter its sections.
    levels = (_PART_LEVEL, _CHAPTER_LEVEL, _SECTION_LEVEL)[: None if document.part_of else 2]
    entries = imprint_texts.contents_entries(document, len(levels))
    lines = [
        line
        for entry in entries
        for line in ((f"TOC{entry.level + 1}", entry.id, entry_text(entry)), (_SUMMARY, entry.id, entry.summary))
        if line[-1]
    ]
    code = 'TOC \\h \\z \\n 5-5 \\t "' + ",".join(levels) + (',Summary,5"' if any(e.summary for e in entries) else '"')
    xml = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{lines_xml([('TOCHeading', words['contents'])])}"
        f"{_entries_xml(code, lines)}</w:sdtContent></w:sdt>"
    )
    return [raw_node(xml, block=True)]


def _entries_xml(code: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """Return a field whose cached text is one paragraph a line; a line is (style, id, text)."""
    # The last entries stay together: a page has never one of them alone.
    out = [_entry_xml(*line, keep=0 < len(lines) - place < _MIN_ENTRIES) for place, line in enumerate(lines, 1)]
    out[0] = out[0].replace("</w:pPr>", "</w:pPr>" + field_begin_xml(code), 1)
    out[-1] = out[-1].removesuffix("</w:p>") + field_end_xml() + "</w:p>"
    return "".join(out)


def _entry_xml(style: str, id: str, text: str, *, keep: bool) -> str:
    anchor = bookmark_name(id)
    page = "" if style == _SUMMARY else tab_xml() + field_xml(f"PAGEREF {anchor} \\h", UNKNOWN_PAGE)
    link = f'<w:hyperlink w:anchor="{escape(anchor)}" w:history="1">{run_xml(text)}{page}</w:hyperlink>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" * keep}</w:pPr>{link}</w:p>'


StyledLine = tuple[str, str]
"""Id of the style, and text."""
_SPACE_ABOVE_TITLE = 290
"""Points from the margin to the title, below the lattice; templates/print.css has the same number."""
_FOOT_FRAME = (
    '<w:framePr w:w="{width}" w:wrap="notBeside" w:hAnchor="margin" w:xAlign="left" '
    'w:vAnchor="margin" w:yAlign="bottom"/>'
)
"""Frame at the foot of the page, whatever the font of the title and its number of lines."""
_SPACE_ON_PLAIN_COVER = 60
"""Points above the title on a plain sheet, and between title and issue."""


def build_cover(document: Document, words: Mapping[str, str], theme: Theme) -> list[Node]:
    """Return the paragraphs of the cover. On the plain sheet of a template the issue follows the title."""
    instructions = words["review_how"].splitlines() if document.copy.review else []
    lines_below = [("Subtitle", document.subtitle), *(("CoverEdition", line) for line in instructions)]
    draft_label = words["review_copy" if document.copy.review else "draft"]
    issue_lines = [
        ("CoverDraft", draft_label if document.draft else ""),
        ("CoverPublisher", document.publisher),
        ("CoverEdition", " · ".join(filter(None, (document.edition, format_day(document, words))))),
    ]
    is_plain = document.template is not None
    frame = "" if is_plain else _FOOT_FRAME.format(width=text_width(theme))
    space_above = _SPACE_ON_PLAIN_COVER if is_plain else _SPACE_ABOVE_TITLE
    issue_xml = lines_xml(issue_lines, _SPACE_ON_PLAIN_COVER if is_plain else 0, frame=frame)
    return [
        raw_node(lines_xml([("CoverEdition", document.part_of), ("Title", document.title)], space_above), block=True),
        *(
            tree.div(
                [with_style("Translated Title", [tree.para(tree.text_inlines(title.title))])],
                values=language_attributes(title.language),
            )
            for title in document.titles
        ),
        raw_node(lines_xml(lines_below) + issue_xml, block=True),
    ]


def lines_xml(lines: Sequence[StyledLine], before: float = 0, *, frame: str = "") -> str:
    """Return the paragraphs of lines with text; `before` the first of them, in points."""
    out = ""
    for style, text in lines:
        if text:
            space = f'<w:spacing w:before="{round(before * 20)}"/>' if before and not out else ""
            out += f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{frame}{space}</w:pPr>{run_xml(text)}</w:p>'
    return out


_ASK_SHARES = (0.72, 0.28)
"""Widths of a recommendation, and of its owner and day."""
_STYLES = {"before": "Key Unit", "big": "Key Figure", "behind": "Key Unit"}
"""Character styles of the parts of a number."""


def set_key_figures(blocks: list[Node], _document: Document) -> list[Node]:
    """Return blocks with the key figures and the first recommendations of a summary as tables."""
    return tree.rewrite(_as_table, blocks, skip_types=tree.WORD_TYPES)


def _as_table(node: Node) -> Node:
    if tree.is_div(node, "first-asks"):
        return _ask_table(node)
    if not tree.is_div(node, "key-figures"):
        return node
    is_opening = tree.is_div(node, "chapter-figures")
    figures = [tree.content(figure) for figure in tree.content(node)]
    has_before = any(_has_before(each) for each in tree.walk(node) if each["t"] == "Para")
    row = [
        [
            _number(b, in_line=is_opening, is_below=has_before)
            if tree.is_div(b, "key-number")
            else with_style("Key Text", [b])
            for b in blocks
            if not tree.is_div(b, "title")
        ]
        for blocks in figures
    ]
    table = tree.table([("", 1 / len(figures))] * len(figures), [row], "generated")
    if is_opening:
        return tree.without_head(table)
    for head, (title, *_) in zip(tree.head_rows(table)[0], figures, strict=True):
        head[:] = [with_style("Key Title", tree.content(title))]
    return table


def _has_before(paragraph: Node) -> bool:
    return any(node["t"] == "Span" and "before" in tree.classes(node) for node in tree.content(paragraph))


def _ask_table(division: Node) -> Node:
    """Return the recommendations as rows: the sentence, then its owner and day."""
    asks = [tree.content(ask) for ask in tree.content(division)]
    rows = [[[with_style("Key Ask", text)], [with_style("Key Text", tree.content(meta))]] for *text, meta in asks]
    return tree.without_head(tree.table([("", share) for share in _ASK_SHARES], rows, "generated"))


def _number(division: Node, *, in_line: bool, is_below: bool) -> Node:
    """Return a number and its unit: in one line, or one below the other, with a line above if others have words there.

    The first line begins with the paragraph number of a review copy.
    """
    paragraphs = []
    for paragraph in tree.content(division):
        inlines = tree.content(paragraph)
        start = 2 if any("paragraph-number" in tree.classes(node) for node in inlines[:1]) else 0
        room = [] if in_line or not is_below or _has_before(paragraph) else [{"t": "LineBreak"}]
        style = _styled_part if in_line else _as_line
        paragraphs.append(tree.para([*inlines[:start], *room, *map(style, inlines[start:])]))
    return with_style("Key Number", paragraphs)


def _as_line(node: Node) -> Node:
    """Return a part of a number with its style, and the space between two as a line break; in tracked changes too."""
    if node["t"] == "Space":
        return {"t": "LineBreak"}
    styled = _styled_part(node)
    if styled is not node or node["t"] != "Span":
        return styled
    return tree.with_content(node, [_as_line(inner) for inner in tree.content(node)])


def _styled_part(node: Node) -> Node:
    names = tree.classes(node) if node["t"] == "Span" else []
    style = next((_STYLES[name] for name in names if name in _STYLES), "")
    return tree.with_attributes(node, **{"custom-style": style}) if style else node
