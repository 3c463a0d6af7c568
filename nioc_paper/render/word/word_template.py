"""Apply a Word template, and report styles that do not match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from nioc_paper.model import Diagnostic, Reporter, Severity, WordTemplateFile, spelling_hint
from nioc_paper.ooxml.package import Package, PartCopier
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    iter_elements,
    number_attribute,
    parse_element,
    qn,
)
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_setup import KINDS, HeaderFooterRef, HeadersFooters, RunningText, SectionKind
from nioc_paper.render.word.page_setup import add_headers_footers as add_own_headers_footers
from nioc_paper.render.word.template_styles import KIND_BY_NAME, OWN_STYLE_NAMES, TemplateFile, merge_styles

# --- our theme with the template's sheet, fonts, text size and colour, for styles that the template lacks -------------


_MARGINS = {"top": "margin-top", "right": "margin-outer", "bottom": "margin-bottom", "left": "margin-inner"}
_DRAWING_NAMESPACE = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def merge_theme(theme: Theme, template: TemplateFile) -> Theme:
    """Return the theme with the values of the template."""
    page, text, head = template.portrait, _style_chain(template, "normal"), _style_chain(template, "heading 1")
    sizes = (number_attribute(find_element(style, "w:rPr/w:sz"), "w:val", 0) for style in text)
    scale = next((size / 2 for size in sizes if size), 10) / float(theme["size-text"].removesuffix("pt"))
    colour = next((c for style in head if len(c := get_attribute(find_element(style, "w:rPr/w:color"))) == 6), "")
    accent = f"#{colour.lower()}" if colour else theme["ink"]
    points = {name: float(value.removesuffix("pt")) for name, value in theme.items() if name.startswith("size-")}
    return {
        **theme,
        **{name: f"{round(size * scale * 2) / 2}pt" for name, size in points.items()},  # Word has half points
        "page-width": f"{page.size('w') / 20}pt",
        "page-height": f"{page.size('h') / 20}pt",
        **{name: f"{page.margin(side) / 20}pt" for side, name in _MARGINS.items()},
        "head-distance": f"{page.margin('header') / 20}pt",
        "foot-distance": f"{page.margin('footer') / 20}pt",
        "font-text": _font_family(template, text) or theme["font-text"],
        "font-head": _font_family(template, head) or theme["font-head"],
        "accent": accent,
        "accent-soft": _tint_colour(accent, 0.07),
        "accent-pale": _tint_colour(accent, 0.3),
        # Without the background of the cover, its light text is written in the accent colour.
        "cover": theme["paper"],
        "cover-ink": accent,
        "cover-gold": accent,
    }


def _style_chain(template: TemplateFile, name: str) -> list[Element]:
    """Yield a paragraph style, the styles it is based on, and the defaults of the file."""
    by_id = {get_attribute(style, "w:styleId"): style for style in template.styles.values()}
    style = template.styles.get(("paragraph", name))
    out: list[Element] = []
    while style is not None and style not in out:
        out.append(style)
        style = by_id.get(get_attribute(find_element(style, "w:basedOn")))
    return [*out, *iter_elements(template.root("styles"), "w:rPrDefault")]


def _font_family(template: TemplateFile, chain: list[Element]) -> str:
    for fonts in (find_element(style, "w:rPr/w:rFonts") for style in chain):
        if fonts is not None and (theme := get_attribute(fonts, "w:asciiTheme")):
            kind = f"{_DRAWING_NAMESPACE}{'majorFont' if theme.startswith('major') else 'minorFont'}"
            latin = (node.find(f"{_DRAWING_NAMESPACE}latin") for node in template.root("theme").iter(kind))
            return next((str(node.get("typeface", "")) for node in latin if node is not None), "")
        if fonts is not None and (name := get_attribute(fonts, "w:ascii")):
            return name
    return ""


def _tint_colour(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


# --- headers and footers of the template, with pictures, for our sections; ours if it has none ------------------------


_DOCUMENT = "word/document.xml"


def merge_headers_footers(
    package: Package, template: TemplateFile, copier: PartCopier, own: HeadersFooters, draft: str, theme: Theme
) -> HeadersFooters:
    """Return headers and footers by kind of section, with ours. `draft` is the word that marks drafts, or empty."""
    relation_by_part: dict[str, str] = {}
    pages = dict.fromkeys(SectionKind, template.portrait)
    pages |= {SectionKind.COVER: template.sections[0], SectionKind.LANDSCAPE: template.landscape}

    def relate_part(part: str) -> str:
        if part not in relation_by_part:
            new = copier.copy_part(part)
            kind = "footer" if str(package.xml_root(new).tag).endswith("ftr") else "header"
            if kind == "header" and draft:
                _insert_draft_tag(package.xml_root(new), draft, theme)
            relation_by_part[part] = package.add_relationship(_DOCUMENT, kind, new)
        return relation_by_part[part]

    def section_references(section: SectionKind) -> Sequence[HeaderFooterRef]:
        page = pages[section]
        first = section is SectionKind.COVER and find_element(page.section, "w:titlePg") is not None
        theirs = [
            HeaderFooterRef(kind, page_kind, relate_part(part))
            for (kind, page_kind), part in sorted(page.parts.items())
            if page_kind != "first" or first
        ]
        return [*theirs, *own[section]]

    return {section: section_references(section) for section in SectionKind}


def _insert_draft_tag(header: Element, draft: str, theme: Theme) -> None:
    """Put the word that marks a draft at the start of a header's first line."""
    if (line := next(header.iterchildren(qn("w:p")), None)) is None:
        line = parse_element("<w:p/>")
        header.append(line)
    colour = theme["alert"].lstrip("#").upper()
    tag = f'<w:r><w:rPr><w:b/><w:color w:val="{colour}"/></w:rPr><w:t xml:space="preserve">{escape(draft)} </w:t></w:r>'
    line.insert(0 if line.find(qn("w:pPr")) is None else 1, parse_element(tag))


# --- word template ----------------------------------------------------------------------------------------------------


_FOLDER = "word/template"
_COPIED_PARTS = ("theme", "fontTable")
_COPIED_SETTINGS = (
    *("w:embedTrueTypeFonts", "w:saveSubsetFonts", "w:mirrorMargins", "w:gutterAtTop"),
    *("w:defaultTabStop", "w:evenAndOddHeaders", "w:themeFontLang", "w:clrSchemeMapping"),
)
"""Settings of the template that belong to its pages and fonts."""


class WordTemplate:
    """Word template to apply to our file."""

    def __init__(self, template: WordTemplateFile) -> None:
        self.template = template
        self.file = TemplateFile(Package(template.asset.data))

    def adapt_theme(self, theme: Theme) -> Theme:
        """Return our theme with the template's sheet, fonts, text size and colour, for styles that it lacks."""
        return merge_theme(theme, self.file)

    def add_headers_footers(self, package: Package, running_text: RunningText, theme: Theme) -> HeadersFooters:
        """Add the template's headers and footers, and ours for those that it lacks."""
        missing_kinds = {*KINDS} - {kind for page in self.file.sections for kind, _ in page.parts}
        ours = add_own_headers_footers(package, running_text, theme, missing_kinds)
        copier = PartCopier(self.file.package, package, _FOLDER)
        return merge_headers_footers(package, self.file, copier, ours, running_text.draft, theme)

    def apply(self, package: Package, report: Reporter) -> None:
        """Apply the template's styles, fonts and colours. Reports unknown and missing styles."""
        for finding in _unknown_styles(self.template, self.file):
            report(finding)
        if not self.file.part("styles"):
            return
        template_names = {ours.casefold(): theirs for ours, (theirs, _) in self.template.styles.items()}
        if added := merge_styles(package, self.file, template_names):
            message = f"the template lacks {len(added)} of our {len(OWN_STYLE_NAMES)} styles; ours are used"
            hint = f"leave it so, or name the template's for some of them under 'word: styles:': {', '.join(added)}"
            report(Diagnostic(self.template.place, "bad-template/missing-style", message, Severity.INFO, hint))
        for kind in _COPIED_PARTS:
            ours = next((name for _, name in package.related_parts(kind)), "")
            if ours and (theirs := self.file.part(kind)):
                PartCopier(self.file.package, package, _FOLDER).replace_part(ours, theirs)
        _copy_settings(package, self.file)


def _copy_settings(package: Package, template_file: TemplateFile) -> None:
    package.remove_settings(*_COPIED_SETTINGS)
    theirs = template_file.root("settings")
    for name in _COPIED_SETTINGS:
        if (setting := find_element(theirs, name)) is not None:
            package.put_setting(setting)


def _unknown_styles(template: WordTemplateFile, template_file: TemplateFile) -> Iterator[Diagnostic]:
    """Yield a finding for each name in paper.yaml that matches no style."""
    theirs = {name: kind for kind, name in template_file.styles}
    for ours, (name, place) in template.styles.items():
        if (kind := KIND_BY_NAME.get(ours.casefold())) is None:
            hint = spelling_hint(ours, OWN_STYLE_NAMES) or "the chapter Word of the manual lists them"
            yield Diagnostic(place, "dead-name/style", f"no style of ours is called '{ours}'", hint=hint)
        elif name.casefold() not in theirs:
            suggestion = spelling_hint(
                name, (get_attribute(find_element(style, "w:name")) for style in template_file.styles.values())
            )
            yield Diagnostic(place, "dead-name/style", f"the template has no style '{name}'", hint=suggestion)
        elif (kind, name.casefold()) not in template_file.styles:
            message = f"'{name}' is a {theirs[name.casefold()]} style; '{ours}' is a {kind} style"
            yield Diagnostic(place, "dead-name/style", message, hint="name one of the same kind")
