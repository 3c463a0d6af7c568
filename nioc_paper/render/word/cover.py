"""The words on the cover of the Word file: the title in the middle of the sheet, the issue at its foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import raw_node, run_xml
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_size import text_width
from nioc_paper.wording import format_date

StyledLine = tuple[str, str]
"""A style's id, and the words."""
_SPACE_ABOVE_TITLE = 290
"""Points from the margin to the title on our ground, below the lattice; templates/print.css has the same place."""
_FOOT_FRAME = (
    '<w:framePr w:w="{width}" w:wrap="notBeside" w:hAnchor="margin" w:xAlign="left" '
    'w:vAnchor="margin" w:yAlign="bottom"/>'
)
"""Stands at the foot of the page, however many lines the title above has and whatever its typeface."""
_SPACE_ON_PLAIN_COVER = 60
"""Points above the title on a plain sheet, and what parts title and issue there."""


def build_cover(document: Document, words: Mapping[str, str], theme: Theme) -> list[Node]:
    """The paragraphs of the cover. On a plain sheet, as a template has it, the issue follows the title."""
    instructions = words["review_how"].splitlines() if document.copy.review else []
    title_lines = [
        ("CoverEdition", document.part_of),
        ("Title", document.title),
        ("Subtitle", document.subtitle),
        *(("CoverEdition", line) for line in instructions),
    ]
    draft_label = words["review_copy" if document.copy.review else "draft"]
    issue_lines = [
        ("CoverDraft", draft_label if document.draft else ""),
        ("CoverPublisher", document.publisher),
        ("CoverEdition", " · ".join(filter(None, (document.edition, format_date(document.date, words))))),
    ]
    if document.template is not None:
        return [
            raw_node(
                _lines_xml(title_lines, _SPACE_ON_PLAIN_COVER) + _lines_xml(issue_lines, _SPACE_ON_PLAIN_COVER),
                block=True,
            )
        ]
    return [
        raw_node(
            _lines_xml(title_lines, _SPACE_ABOVE_TITLE)
            + _lines_xml(issue_lines, frame=_FOOT_FRAME.format(width=text_width(theme))),
            block=True,
        )
    ]


def _lines_xml(lines: Sequence[StyledLine], before: float = 0, *, frame: str = "") -> str:
    """The paragraphs of lines that say something; `before` the first of them, in points."""
    out = ""
    for style, text in lines:
        if text:
            space = f'<w:spacing w:before="{round(before * 20)}"/>' if before and not out else ""
            out += f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{frame}{space}</w:pPr>{run_xml(text)}</w:p>'
    return out
