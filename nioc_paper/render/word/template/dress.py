"""The finished file in the template's clothes, and what is to be said of how they fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.model import Diagnostic, Report, Severity, Template, nearest
from nioc_paper.ooxml import settings
from nioc_paper.ooxml.graft import Graft
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find, get
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.furniture import Running
from nioc_paper.render.word.furniture import furniture as own_furniture
from nioc_paper.render.word.pages import Furniture
from nioc_paper.render.word.template.furniture import furniture, lacking
from nioc_paper.render.word.template.look import look
from nioc_paper.render.word.template.opened import Opened
from nioc_paper.render.word.template.styles import KINDS, NAMES, merge, rename

_FOLDER = "word/template"
_PARTS = ("theme", "fontTable")
_SETTINGS = (
    "w:embedTrueTypeFonts",
    "w:saveSubsetFonts",
    "w:mirrorMargins",
    "w:gutterAtTop",
    "w:defaultTabStop",
    "w:evenAndOddHeaders",
    "w:themeFontLang",
    "w:clrSchemeMapping",
)
"""What of the template's settings goes with its pages and typefaces."""


class Clothes:
    """What a template has our file put on."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.opened = Opened(Package(template.asset.data))

    def look(self, theme: Theme) -> Theme:
        """Our theme with the template's sheet, typefaces, size of text and colour: for styles that it does not have."""
        return look(theme, self.opened)

    def furniture(self, package: Package, running: Running, theme: Theme) -> Furniture:
        """The template's headers and footers, and ours for those it lacks."""
        ours = own_furniture(package, running, theme, lacking(self.opened))
        graft = Graft(self.opened.package, package, _FOLDER)
        return furniture(package, self.opened, graft, ours, running.draft, theme)

    def put_on(self, package: Package, report: Report) -> None:
        """The template's styles, typefaces and colours. Reports `unknown-style` and `missing-style`."""
        for finding in _unknown(self.template, self.opened):
            report(finding)
        if not self.opened.part("styles"):
            return
        wanted = {ours.casefold(): theirs for ours, (theirs, _) in self.template.styles.items()}
        merged = merge(package, self.opened, wanted)
        rename(package, merged)
        if merged.added:
            report(_missing(self.template, merged.added))
        graft = Graft(self.opened.package, package, _FOLDER)
        for kind in _PARTS:
            ours = next((name for _, name in package.targets(kind)), "")
            if ours and (theirs := self.opened.part(kind)):
                graft.replace(ours, theirs)
        _take_settings(package, self.opened)


def _take_settings(package: Package, opened: Opened) -> None:
    settings.take(package, *_SETTINGS)
    theirs = opened.root("settings")
    for name in _SETTINGS:
        if (setting := find(theirs, name)) is not None:
            settings.put(package, setting)


def _unknown(template: Template, opened: Opened) -> Iterator[Diagnostic]:
    """What the table in paper.yaml says in vain."""
    theirs = {name: kind for kind, name in opened.styles}
    for ours, (name, place) in template.styles.items():
        kind = KINDS.get(ours.casefold())
        if kind is None:
            hint = nearest(ours, NAMES) or "the chapter Word of the manual lists them"
            yield Diagnostic(place, "unknown-style", f"no style of ours is called '{ours}'", hint=hint)
        elif name.casefold() not in theirs:
            known = nearest(name, (get(find(style, "w:name")) for style in opened.styles.values()))
            yield Diagnostic(place, "unknown-style", f"the template has no style '{name}'", hint=known)
        elif (kind, name.casefold()) not in opened.styles:
            message = f"'{name}' is a {theirs[name.casefold()]} style; '{ours}' is a {kind} style"
            yield Diagnostic(place, "unknown-style", message, hint="name one of the same kind")


def _missing(template: Template, added: Sequence[str]) -> Diagnostic:
    message = f"the template lacks {len(added)} of our {len(NAMES)} styles; ours stand in"
    hint = f"leave it so, or name the template's for some of them under 'word: styles:': {', '.join(added)}"
    return Diagnostic(template.place, "missing-style", message, Severity.INFO, hint)
