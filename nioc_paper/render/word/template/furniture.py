"""The template's headers and footers, pictures and all, for our sections; ours where it has none."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.ooxml.graft import Graft
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import element, qn
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.furniture import KINDS, watermark
from nioc_paper.render.word.pages import Furniture, HeadOrFoot
from nioc_paper.render.word.sections import Section
from nioc_paper.render.word.template.opened import Opened, Page

_DOCUMENT = "word/document.xml"
_IDS = 50
"""Our own marks across the page have lower numbers."""


def lacking(template: Opened) -> set[str]:
    """What the template has not on any of its pages: `header`, `footer` or both."""
    return {*KINDS} - {kind for page in template.pages for kind, _ in page.pieces}


def furniture(package: Package, template: Opened, graft: Graft, ours: Furniture, draft: str, theme: Theme) -> Furniture:
    """Heads and feet by kind of section, ours beside them. `draft` is the word across the page, or empty."""
    used: dict[str, str] = {}
    pages = {section: _page(template, section) for section in Section}

    def relation(part: str) -> str:
        if part not in used:
            new = graft.copy(part)
            kind = "footer" if str(package.xml(new).tag).endswith("ftr") else "header"
            if kind == "header" and draft:
                _mark(package, new, watermark(draft, theme, _IDS + len(used)))
            used[part] = package.relate(_DOCUMENT, kind, new)
        return used[part]

    def pieces(section: Section) -> Sequence[HeadOrFoot]:
        page, first = pages[section], section is Section.COVER and pages[section].has_first
        theirs = [
            HeadOrFoot(kind, which, relation(part))
            for (kind, which), part in sorted(page.pieces.items())
            if which != "first" or first
        ]
        return [*theirs, *ours[section]]

    return {section: pieces(section) for section in Section}


def _page(template: Opened, section: Section) -> Page:
    if section is Section.COVER:
        return template.pages[0]
    return template.turned if section is Section.TURNED else template.upright


def _mark(package: Package, part: str, mark: str) -> None:
    """Put the word across the page into a header's first line."""
    header = package.xml(part)
    line = next(header.iterchildren(qn("w:p")), None)
    if line is None:
        line = element("<w:p/>")
        header.append(line)
    properties = line.find(qn("w:pPr"))
    line.insert(0 if properties is None else 1, element(mark))
