"""Headers and footers of the template, with pictures, for our sections; ours if it has none."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import PartCopier
from nioc_paper.ooxml.xml import parse_element, qn
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.headers_footers import KINDS, watermark
from nioc_paper.render.word.page_setup import HeaderFooterRef, HeadersFooters
from nioc_paper.render.word.sections import SectionKind
from nioc_paper.render.word.template.template_file import TemplateFile, TemplateSection

_DOCUMENT = "word/document.xml"
_FIRST_WATERMARK_ID = 50
"""Ids of our own marks across the page are lower."""


def missing_kinds(template: TemplateFile) -> set[str]:
    """Return the kinds that no page of the template has: `header`, `footer` or both."""
    return {*KINDS} - {kind for page in template.sections for kind, _ in page.parts}


def merge_headers_footers(
    package: Package, template: TemplateFile, copier: PartCopier, own: HeadersFooters, draft: str, theme: Theme
) -> HeadersFooters:
    """Return headers and footers by kind of section, with ours. `draft` is the word across the page, or empty."""
    relation_by_part: dict[str, str] = {}
    pages = {section: _template_section(template, section) for section in SectionKind}

    def relate_part(part: str) -> str:
        if part not in relation_by_part:
            new = copier.copy_part(part)
            kind = "footer" if str(package.xml_root(new).tag).endswith("ftr") else "header"
            if kind == "header" and draft:
                _insert_watermark(package, new, watermark(draft, theme, _FIRST_WATERMARK_ID + len(relation_by_part)))
            relation_by_part[part] = package.add_relationship(_DOCUMENT, kind, new)
        return relation_by_part[part]

    def section_references(section: SectionKind) -> Sequence[HeaderFooterRef]:
        page, first = pages[section], section is SectionKind.COVER and pages[section].has_first
        theirs = [
            HeaderFooterRef(kind, page_kind, relate_part(part))
            for (kind, page_kind), part in sorted(page.parts.items())
            if page_kind != "first" or first
        ]
        return [*theirs, *own[section]]

    return {section: section_references(section) for section in SectionKind}


def _template_section(template: TemplateFile, section: SectionKind) -> TemplateSection:
    if section is SectionKind.COVER:
        return template.sections[0]
    return template.landscape if section is SectionKind.LANDSCAPE else template.portrait


def _insert_watermark(package: Package, part: str, watermark_xml: str) -> None:
    """Put the word across the page into a header's first line."""
    header = package.xml_root(part)
    line = next(header.iterchildren(qn("w:p")), None)
    if line is None:
        line = parse_element("<w:p/>")
        header.append(line)
    properties = line.find(qn("w:pPr"))
    line.insert(0 if properties is None else 1, parse_element(watermark_xml))
