"""The website: a page for each chapter, and those that lead to them. Static files that ask nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Diagnostic, Document, Place, Report, Standing, Templates
from nioc_paper.render import body, charts, fonts, hands, inventory, page_read, web
from nioc_paper.render.site import meta
from nioc_paper.render.site.around import Around, Download
from nioc_paper.render.site.pages import HOME, Page, Plan, plan
from nioc_paper.render.site.progress import told
from nioc_paper.render.site.text import figures, kept, picture, sources, styles, unstyled
from nioc_paper.render.templating import Pages, require_policy
from nioc_paper.render.theme import theme
from nioc_paper.wording import day, labels

__all__ = ["Around", "Download", "Frame", "meta", "sheet", "site", "type_of"]

_SHEETS = ("theme.css", "web.css", "site/site.css")
_AS_THEY_ARE = ("site.js", "icon.svg")


Files = dict[str, bytes]


def site(document: Document, around: Around, templates: Templates, report: Report, cache: Cache = NO_CACHE) -> Files:
    """The files of the site by their paths. The document has its citations filled in."""
    for finding in web.foreign(document, Place("dist/site")):
        report(finding)
    made, entries = plan(document), sources(document)
    texts = {page.name: html for page, html in zip(made.pages, kept(document, made, entries, cache), strict=True)}
    for page in made.pages:
        place = Place(f"dist/site/{page.name}.html")
        inventory.compare((page.block,), page_read.part(texts[page.name]), "website", place, report)
    frame = Frame(document, around, templates, made)
    pages = {f"{name}.html": html for name, html in frame.pages(texts)}
    pictures = body.dressed(document, theme(templates), report, cache)
    return {
        **{name: html.encode() for name, html in pages.items()},
        **{picture(target): data for target, (_, data) in pictures.items()},
        **explorable(document, templates, report, cache),
        **look(document, templates, pages, cache),
        **meta.machines(document, around, made),
        **{download.name: download.data for download in around.downloads},
    }


def explorable(document: Document, templates: Templates, report: Report, cache: Cache) -> Files:
    """What charts are drawn of in the browser, and the program that draws them there. Reports `render-failed`."""
    own = theme(templates)
    shown = {figures(target): charts.live(chart, own) for target, chart in document.charts.items()}
    try:
        return {**shown, "charts.js": charts.engine(cache)} if shown else {}
    except ValueError as error:
        place = next(iter(document.charts.values())).place
        report(
            Diagnostic(place, "render-failed", f"the program that draws charts in a browser cannot be made: {error}")
        )
        return {}


def look(document: Document, templates: Templates, pages: Mapping[str, str], cache: Cache) -> Files:
    """Style sheet, script and typefaces."""
    css, files = type_of(document, templates, "".join(pages.values()), cache)
    fixed = {name: templates.data(f"site/{name}") for name in _AS_THEY_ARE}
    return {**files, **fixed, "site.css": (css + sheet(templates, pages)).encode()}


def type_of(document: Document, templates: Templates, text: str, cache: Cache = NO_CACHE) -> tuple[str, Files]:
    """The typefaces with the letters of a text, as rules of a style sheet and the files that these name."""
    files: Files = {}

    def address(name: str, data: bytes) -> str:
        path = f"type/{name.lower().replace(' ', '-')}.woff2"
        files[path] = data
        return path

    css = fonts.faces("".join(sorted(set(text))), address=address, cache=cache)
    if hand := hands.hand(document):
        css += hands.sheet(hand, theme(templates), address, cache)
    return css, files


def sheet(templates: Templates, pages: Mapping[str, str]) -> str:
    """The rest of the style sheet: that of the site, and what pages ask for."""
    return "".join(templates.text(name) for name in _SHEETS) + styles(pages)


@dataclass(frozen=True)
class Frame:
    """What stands around the text of every page."""

    document: Document
    around: Around
    templates: Templates
    plan: Plan

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What all pages are filled with."""
        words = labels(self.document.language)
        return body.context(self.document) | {
            "around": self.around,
            "plan": self.plan,
            "changed": {path: day(on, words) for path, on in self.around.changed.items()},
        }

    @cached_property
    def templated(self) -> Pages:
        """Renders the pages."""
        return Pages(self.templates, self.shared)

    def pages(self, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Every page by its name; `texts` are those of the chapters."""
        for page in self.plan.pages:
            yield page.name, self.chapter(page, texts[page.name])
        for name in (HOME, "lists", "404", *(["search"] if self.around.search else [])):
            yield name, self.fill(name)
        if self.around.progress:
            yield "progress", self.progress(self.around.progress)

    def progress(self, standing: Standing) -> str:
        """The page on how far the paper is."""
        return self.fill("progress", **told(self.document, self.plan, standing))

    def chapter(self, page: Page, text: str) -> str:
        """A page with a chapter, an annex or the sources."""
        before, after = self.plan.beside(page)
        return self.fill("chapter", page=page, text=Markup(text), before=before, after=after)  # noqa: S704 - ours

    def fill(self, name: str, page: Page | None = None, **more: Any) -> str:
        """A page of a kind."""
        address, template = page.name if page else name, f"site/{name}.html"
        context = {
            "page": page,
            "name": address,
            "canonical": meta.address(self.around.url, address),
            "structured": meta.structured(self.document, self.around, page, address),
            "policy": meta.POLICY,
        } | more
        html = self.templated.render(template, **context)
        require_policy(template, html, context["policy"])
        return unstyled(html)
