"""The words on the cover of the Word file: the title in the middle of the sheet, the issue at its foot."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import raw, run
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sheet import text_width, twips
from nioc_paper.wording import day

Line = tuple[str, str]
"""A style's id, and the words."""
_LETTER = 0.52
"""Mean width of a letter in ems."""
_LINE = 1.4
"""Height of a line to the size of its type: too much rather than too little, for the foot must not leave the page."""
_ABOVE = 290
"""Points from the margin to the title on our ground, below the lattice; templates/print.css has the same place."""
_PLAIN = 60
"""The same on a plain sheet, and what parts title and issue there."""


def cover(document: Document, words: Mapping[str, str], theme: Theme) -> list[Node]:
    """The paragraphs of the cover. On a plain sheet, as a template has it, the issue follows the title."""
    how = words["review_how"].splitlines() if document.copy.review else []
    name = [
        ("CoverEdition", document.part_of),
        ("Title", document.title),
        ("Subtitle", document.subtitle),
        *(("CoverEdition", line) for line in how),
    ]
    kind = words["review_copy" if document.copy.review else "draft"]
    issue = [
        ("CoverDraft", kind if document.draft else ""),
        ("CoverPublisher", document.publisher),
        ("CoverEdition", " · ".join(filter(None, (document.edition, day(document.date, words))))),
    ]
    plain = document.template is not None
    room = _PLAIN if plain else _room(name, issue, theme)
    return [raw(_block(name, _PLAIN if plain else _ABOVE) + _block(issue, room), block=True)]


def _block(lines: Sequence[Line], before: float) -> str:
    """The paragraphs of lines that say something; `before` the first of them, in points."""
    out = ""
    for style, text in lines:
        if text:
            space = "" if out else f'<w:spacing w:before="{round(before * 20)}"/>'
            out += f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{space}</w:pPr>{run(text)}</w:p>'
    return out


def _room(name: Sequence[Line], issue: Sequence[Line], theme: Theme) -> float:
    """Points between title and issue, so that both fill one page."""
    sheet, *margins = (_points(theme[side]) for side in ("page-height", "margin-top", "margin-bottom"))
    used = _ABOVE + sum(_heights([*name, *issue], theme)) + 40  # of space before and after
    return max(sheet - sum(margins) - used, 24)


def _heights(lines: Sequence[Line], theme: Theme) -> Iterator[float]:
    width = text_width(theme) / 20
    for style, text in lines:
        size = _points(theme[{"Title": "size-cover", "Subtitle": "size-section"}.get(style, "size-subsection")])
        yield len(textwrap.wrap(text, max(int(width / size / _LETTER), 1))) * size * _LINE


def _points(length: str) -> float:
    return twips(length) / 20
