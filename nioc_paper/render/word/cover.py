"""The cover of the Word file: the whole sheet in one colour, the title on it, and the issue at its foot."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import DECLARATIONS, raw, run
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sheet import text_width, twips
from nioc_paper.wording import day

_LETTER = 0.52
"""Mean width of a letter in ems."""
_LINE = 1.4
"""Height of a line to the size of its type: too much rather than too little, for the foot must not leave the page."""
_ABOVE = 150
"""Points from the margin to the title."""
_PLAIN_ROOM = 60
"""Points between what stands above and below on a plain sheet."""
_EMU = 635
"""Units of drawings to a twentieth of a point."""


def cover(document: Document, words: Mapping[str, str], theme: Theme) -> list[Node]:
    """The paragraphs of the cover. On a plain sheet, as a template has it, what is below follows what is above."""
    on = "" if document.template else ground(theme)
    above = (
        ("CoverPublisher", document.publisher),
        ("CoverEdition", document.part_of),
        ("Title", document.title),
        ("Subtitle", document.subtitle),
    )
    kind = words["review_copy" if document.copy.review else "draft"]
    below = (
        ("CoverDraft", kind if document.draft else ""),
        ("CoverEdition", document.edition),
        ("CoverEdition", day(document.date, words)),
    )
    paragraphs: list[str] = []
    for style, text in (line for line in above if line[1]):
        paragraphs.append(_paragraph(style, (run(text) if paragraphs else on + run(text))))
    room = _room(document, sum(bool(text) for _, text in below), theme) if on else _PLAIN_ROOM
    for style, text in (line for line in below if line[1]):
        paragraphs.append(_paragraph(style, run(text), room))
        room = 0
    return [raw("".join(paragraphs), block=True)]


def _paragraph(style: str, runs: str, before: float = 0) -> str:
    space = f'<w:spacing w:before="{round(before * 20)}"/>' if before else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{space}</w:pPr>{runs}</w:p>'


def _room(document: Document, below: int, theme: Theme) -> float:
    """Points between what stands above and what stands at the foot, so that the whole fills one page."""
    heights = [twips(theme[name]) / 20 for name in ("page-height", "margin-top", "margin-bottom")]
    used = _ABOVE + sum(_heights(document, theme)) + (below + 1.5) * _LINE * _points(theme["size-subsection"])
    return max(heights[0] - heights[1] - heights[2] - used, 24)


def _heights(document: Document, theme: Theme) -> Iterator[float]:
    width = text_width(theme) / 20
    lines = (
        (document.part_of, "size-subsection"),
        (document.title, "size-cover"),
        (document.subtitle, "size-section"),
    )
    for text, name in lines:
        size = _points(theme[name])
        yield len(textwrap.wrap(text, max(int(width / size / _LETTER), 1))) * size * _LINE + 18


def _points(length: str) -> float:
    return twips(length) / 20


def ground(theme: Theme) -> str:
    """A run with the ground. In the text, not in a header: Word shows headers pale while the text is edited."""
    width, height = (twips(theme[name]) * _EMU for name in ("page-width", "page-height"))
    size = f'cx="{width}" cy="{height}"'
    return (
        f'<w:r><mc:AlternateContent {DECLARATIONS}><mc:Choice Requires="wps"><w:drawing><wp:anchor behindDoc="1" '
        'distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="0" locked="1" layoutInCell="1" '
        f'allowOverlap="1"><wp:simplePos x="0" y="0"/>{_at_edge("H")}{_at_edge("V")}<wp:extent {size}/><wp:wrapNone/>'
        f'<wp:docPr id="1" name="Cover" descr="">{_DECORATIVE}</wp:docPr><wp:cNvGraphicFramePr/><a:graphic>'
        f'<a:graphicData uri="{_SHAPE}"><wps:wsp><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:srgbClr val="{theme["cover"].lstrip("#").upper()}"/></a:solidFill><a:ln><a:noFill/></a:ln></wps:spPr>'
        "<wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        "</mc:AlternateContent></w:r>"
    )


def _at_edge(way: str) -> str:
    return f'<wp:position{way} relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:position{way}>'


_SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
_DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative val="1" '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative"/></a:ext></a:extLst>'
)
"""What tells a screen reader to pass over it."""
