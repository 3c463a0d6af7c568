"""Title block in place of a cover, for briefs and board sheets, with smaller type and margins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from nioc_paper.domain.audience import notices
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import raw_node
from nioc_paper.render.common.imprint import format_day, format_reference
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.front_pages import lines_xml, styled_lines
from nioc_paper.render.word.page_setup import text_width, to_twips
from nioc_paper.render.word.styles import BOXES, STYLES, Style

_BRIEF_THEME = {
    "margin-top": "18mm", "margin-bottom": "18mm", "margin-inner": "22mm", "margin-outer": "22mm",
    "size-cover": "26pt", "size-chapter": "13.5pt", "size-lead": "13pt", "size-table": "9.5pt",
    "head-distance": "9mm", "foot-distance": "9mm",
}  # fmt: skip
_THEME_BY_FORM: Mapping[str, Theme] = {
    "paper": {},
    "brief": _BRIEF_THEME,
    "list": {**_BRIEF_THEME, "margin-inner": "16mm", "margin-outer": "16mm", "size-table": "9pt"},
    "letter": {**_BRIEF_THEME, "size-chapter": "15pt", "size-section": "11.5pt", "size-lead": "12pt"},
    "sheet": {
        "margin-top": "12mm", "margin-bottom": "10mm", "margin-inner": "16mm", "margin-outer": "16mm",
        "size-cover": "19pt", "size-chapter": "10.5pt", "size-lead": "11.5pt", "size-table": "8.4pt",
        "size-text": "8.4pt", "size-small": "8.4pt", "head-distance": "5mm", "foot-distance": "4mm",
        "table-padding": "1.2pt",
    },
}  # fmt: skip
"""Changes of the theme, by form of the document."""

_COMPACT_STYLES: Mapping[str, Mapping[str, object]] = {
    "Cover Publisher": {"shade": "", "after": 10, "size": "size-text"},
    "Subtitle": {"shade": "", "size": "size-small", "colour": "cover-gold", "bold": True, "caps": True, "right": 0},
    "Title": {"shade": "", "rules": "", "after": 4},
    "Cover Edition": {"shade": "", "size": "size-small", "colour": "accent-pale"},
    "Cover Draft": {"shade": "", "size": "size-small", "after": 4},
    "heading 1": {"before": 14, "after": 5, "right": 0},
    "Summary": {"rules": "", "colour": "ink", "right": 0, "before": 12, "after": 6},
    "Compact": {"after": 4},
    "Bibliography": {"font": "text", "size": "size-note", "after": 2, "left": 4, "hanging": 4},
}
_BOARD_SHEET_STYLES: Mapping[str, Mapping[str, object]] = {
    "Cover Publisher": {"after": 4},
    "Title": {"after": 1},
    "heading 1": {"before": 8, "after": 3},
    "caption": {"before": 2, "after": 0, "italic": True, "colour": "muted"},
    "Table Text": {"before": 0, "after": 0},
    **{f"{kind} Title": {"size": "size-lead", "colour": "ink", "bold": False} for kind in BOXES},
}


def adapt_theme(theme: Theme, form: str) -> Theme:
    """Return the theme for a document of this form."""
    return {**theme, **_THEME_BY_FORM[form]}


def adapt_styles(form: str) -> tuple[Style, ...]:
    """Return the styles for a document of this form."""
    changes: dict[str, dict[str, Any]] = {style.name: {} for style in STYLES}
    for table in (_COMPACT_STYLES, _BOARD_SHEET_STYLES)[: {"paper": 0, "sheet": 2}.get(form, 1)]:
        for name, values in table.items():
            changes[name] |= values
    return tuple(replace(style, **changes[style.name]) for style in STYLES)


def build_title_block(document: Document, words: Mapping[str, str], theme: Theme) -> list[Node]:
    """Return the title block: a panel in the colour of covers, and the keywords below it."""
    draft_label = words["review_copy" if document.copy.review else "draft"]
    issue = " · ".join(filter(None, (document.part_of, document.edition, format_day(document, words))))
    lines = [("CoverPublisher", document.publisher), ("Subtitle", document.subtitle), ("Title", document.title)]
    title = lines_xml([*lines, ("CoverDraft", draft_label if document.draft else ""), ("CoverEdition", issue)])
    # On the plain sheet of a template, the words have the template's colours.
    panel = raw_node(title if document.template else _panel_xml(title, theme), block=True)
    keywords = f"{words['semicolon']} ".join(document.keywords)
    notes = [("Imprint Note", line) for line in notices(document, words)]
    notes.append(("caption", f"{words['keywords']}: {keywords}" if keywords else ""))
    notes.append(("Imprint Note", format_reference(document, words) if document.form == "brief" else ""))
    return [panel, *styled_lines(*notes)]


def _panel_xml(paragraphs: str, theme: Theme) -> str:
    """Return a table of one cell, marked as layout for screen readers: only a cell shades many paragraphs as one."""
    width, colour = text_width(theme), {name: theme[name].lstrip("#").upper() for name in ("cover", "cover-gold")}
    padding = "".join(f'<w:{side} w:w="{to_twips(size)}" w:type="dxa"/>' for side, size in _PANEL_PADDING.items())
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar>{padding}</w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="{width}"/></w:tblGrid><w:tr><w:tc>'
        f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:tcBorders><w:bottom w:val="single" w:sz="24" w:space="0" '
        f'w:color="{colour["cover-gold"]}"/></w:tcBorders><w:shd w:val="clear" w:color="auto" '
        f'w:fill="{colour["cover"]}"/></w:tcPr>{paragraphs}</w:tc></w:tr></w:tbl>'
    )


_PANEL_PADDING = {"top": "5mm", "left": "6mm", "bottom": "4mm", "right": "6mm"}
