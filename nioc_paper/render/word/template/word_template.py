"""Apply a Word template, and report styles that do not match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.model import Diagnostic, Reporter, Severity, WordTemplateFile, spelling_hint
from nioc_paper.ooxml import word_settings
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import PartCopier
from nioc_paper.ooxml.xml import find_element, get_attribute
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.headers_footers import RunningText
from nioc_paper.render.word.headers_footers import add_headers_footers as add_own_headers_footers
from nioc_paper.render.word.page_setup import HeadersFooters
from nioc_paper.render.word.template.headers_footers import merge_headers_footers, missing_kinds
from nioc_paper.render.word.template.merged_styles import KIND_BY_NAME, OWN_STYLE_NAMES, merge_styles, rename_styles
from nioc_paper.render.word.template.merged_theme import merge_theme
from nioc_paper.render.word.template.template_file import TemplateFile

_FOLDER = "word/template"
_COPIED_PARTS = ("theme", "fontTable")
_COPIED_SETTINGS = (
    "w:embedTrueTypeFonts",
    "w:saveSubsetFonts",
    "w:mirrorMargins",
    "w:gutterAtTop",
    "w:defaultTabStop",
    "w:evenAndOddHeaders",
    "w:themeFontLang",
    "w:clrSchemeMapping",
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
        ours = add_own_headers_footers(package, running_text, theme, missing_kinds(self.file))
        copier = PartCopier(self.file.package, package, _FOLDER)
        return merge_headers_footers(package, self.file, copier, ours, running_text.draft, theme)

    def apply(self, package: Package, report: Reporter) -> None:
        """Apply the template's styles, fonts and colours. Reports `unknown-style` and `missing-style`."""
        for finding in _unknown_styles(self.template, self.file):
            report(finding)
        if not self.file.part("styles"):
            return
        template_names = {ours.casefold(): theirs for ours, (theirs, _) in self.template.styles.items()}
        merged = merge_styles(package, self.file, template_names)
        rename_styles(package, merged)
        if merged.added:
            report(_missing_styles(self.template, merged.added))
        copier = PartCopier(self.file.package, package, _FOLDER)
        for kind in _COPIED_PARTS:
            ours = next((name for _, name in package.related_parts(kind)), "")
            if ours and (theirs := self.file.part(kind)):
                copier.replace_part(ours, theirs)
        _copy_settings(package, self.file)


def _copy_settings(package: Package, template_file: TemplateFile) -> None:
    word_settings.remove_settings(package, *_COPIED_SETTINGS)
    theirs = template_file.root("settings")
    for name in _COPIED_SETTINGS:
        if (setting := find_element(theirs, name)) is not None:
            word_settings.put_setting(package, setting)


def _unknown_styles(template: WordTemplateFile, template_file: TemplateFile) -> Iterator[Diagnostic]:
    """Yield a finding for each name in paper.yaml that matches no style."""
    theirs = {name: kind for kind, name in template_file.styles}
    for ours, (name, place) in template.styles.items():
        kind = KIND_BY_NAME.get(ours.casefold())
        if kind is None:
            hint = spelling_hint(ours, OWN_STYLE_NAMES) or "the chapter Word of the manual lists them"
            yield Diagnostic(place, "unknown-style", f"no style of ours is called '{ours}'", hint=hint)
        elif name.casefold() not in theirs:
            suggestion = spelling_hint(
                name, (get_attribute(find_element(style, "w:name")) for style in template_file.styles.values())
            )
            yield Diagnostic(place, "unknown-style", f"the template has no style '{name}'", hint=suggestion)
        elif (kind, name.casefold()) not in template_file.styles:
            message = f"'{name}' is a {theirs[name.casefold()]} style; '{ours}' is a {kind} style"
            yield Diagnostic(place, "unknown-style", message, hint="name one of the same kind")


def _missing_styles(template: WordTemplateFile, added: Sequence[str]) -> Diagnostic:
    message = f"the template lacks {len(added)} of our {len(OWN_STYLE_NAMES)} styles; ours are used"
    hint = f"leave it so, or name the template's for some of them under 'word: styles:': {', '.join(added)}"
    return Diagnostic(template.place, "missing-style", message, Severity.INFO, hint)
