"""Text of the cover in Word: the title in the middle of the sheet, the issue at its foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nioc_paper import tree
from nioc_paper.model import Document, Node, TranslatedTitle
from nioc_paper.ooxml.xml import raw_node, run_xml
from nioc_paper.render.common.imprint import format_day
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_size import text_width
from nioc_paper.render.word.word_styler import with_style
from nioc_paper.wording import language_attributes

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
    title_lines = [("CoverEdition", document.part_of), ("Title", document.title)]
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
    issue_xml = _lines_xml(issue_lines, _SPACE_ON_PLAIN_COVER if is_plain else 0, frame=frame)
    return [
        raw_node(_lines_xml(title_lines, space_above), block=True),
        *(_translated_title(title) for title in document.titles),
        raw_node(_lines_xml(lines_below) + issue_xml, block=True),
    ]


def _translated_title(title: TranslatedTitle) -> Node:
    """Return a title in another language, in its direction."""
    line = with_style("Translated Title", [tree.para(tree.text_inlines(title.title))])
    return tree.div([line], values=language_attributes(title.language))


def _lines_xml(lines: Sequence[StyledLine], before: float = 0, *, frame: str = "") -> str:
    """Return the paragraphs of lines with text; `before` the first of them, in points."""
    out = ""
    for style, text in lines:
        if text:
            space = f'<w:spacing w:before="{round(before * 20)}"/>' if before and not out else ""
            out += f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{frame}{space}</w:pPr>{run_xml(text)}</w:p>'
    return out
