"""Pages as HTML, with every byte that they may refer to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document, Node, Templates
from nioc_paper.render.common import arabic_fonts, fonts, footnotes, html_prepare, imprint
from nioc_paper.render.common.images import Picture
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import resolve_variables
from nioc_paper.render.pdf.results import PageJob
from nioc_paper.render.pdf.tree import PrintContext, nest_part_titles
from nioc_paper.wording import ENGLISH, Wording, text_direction, wording_for

_TEMPLATES_BY_FORM = {
    "paper": ("print.css", "pattern.svg", "apart.css"),
    "brief": ("print.css", "pattern.svg", "sheet.css"),
    "list": ("print.css", "pattern.svg", "sheet.css"),
    "sheet": ("print.css", "pattern.svg", "sheet.css"),
}
"""What of the templates a document of a form is made with besides the page itself."""
_REFERENCED_FILE = re.compile(r'(?:src|href)="([^"#:]+)"')
_CSS_URL = re.compile(r"url\(([^()]+)\)")
_MIME_TYPES = {"css": "text/css", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """What pages are made of: the tree as print sets it, and what templates are filled with."""

    front: Sequence[Node]
    """The chapters of the front matter, as they are in the document."""
    main: Sequence[Node]
    """The others, and the titles of parts."""
    context: PrintContext
    """How they are set."""
    renderer: PageRenderer
    stem: str
    """The name of the file, without its ending."""
    words: Wording
    assets: Mapping[str, Picture]
    """Whatever pages may refer to, by its name in them."""
    extra_fonts: Sequence[str]
    """Files of typefaces that are not ours."""
    line_numbers: bool
    """Whether the lines of the text are numbered."""
    bar_colour: str
    """The colour of bars beside what has changed; empty where there are none."""

    def render_html(self, template: str, **variables: Any) -> str:
        """A page as HTML."""
        return self.renderer.render(template, **variables)

    def whole_job(self) -> PageJob:
        """The whole document as one page."""
        blocks = footnotes.notes_to_footnotes(map(self.context.prepare_chapter, (*self.front, *self.main)))
        front, main = blocks[: len(self.front)], nest_part_titles(blocks[len(self.front) :])
        texts = {"front": Markup(html_prepare.blocks_to_html(front)), "main": Markup(html_prepare.blocks_to_html(main))}  # noqa: S704 - pandoc's
        return self.page_job(self.render_html("print.html", **texts))

    def page_job(self, html: str) -> PageJob:
        """A page with those of the assets that it refers to; what its style sheets may refer to is with it."""
        referenced = set(_REFERENCED_FILE.findall(html))
        assets = {name: data for name, data in self.assets.items() if name in referenced}
        styled_text = b"".join(data for kind, data in assets.values() if kind == "text/css").decode() + html
        referenced = set(_CSS_URL.findall(styled_text))
        assets |= {name: data for name, data in self.assets.items() if name in referenced}
        return {"lines": self.line_numbers, "bars": self.bar_colour, "html": html, "assets": assets}


def build_whole_job(
    document: Document, templates: Templates, theme_values: Mapping[str, str], pictures: Mapping[str, Picture]
) -> PageJob:
    """The whole document as one page: HTML, CSS, and every byte that they may refer to."""
    return prepare_job(document, templates, theme_values, pictures, arabic_fonts.script_font_of(document)).whole_job()


def prepare_job(
    document: Document,
    templates: Templates,
    theme_values: Mapping[str, str],
    pictures: Mapping[str, Picture],
    script_font: arabic_fonts.ScriptFont | None,
) -> PrintJob:
    """A document made ready for print; `hand` is that for Arabic letters, if it has some."""
    picture_names = {
        # Of what was a drawing three pixels are one of the page: the style sheet knows it by its name.
        target: f"{'picture' if kind != 'image/png' or _is_png(document, target) else 'drawn'}-{_digest(data)}"
        for target, (kind, data) in pictures.items()
    }
    front = list(takewhile(lambda block: tree.is_div(block, "front"), document.blocks))
    template_context = (
        html_prepare.template_context(document)
        | _imprint_fields(document, theme_values)
        | {
            "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
            "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    script_faces = script_font.font_files if script_font else {}
    # Without the letters that it takes, the mark is an English one.
    is_rtl = text_direction(document.language) == "rtl"
    draft_words = ENGLISH if is_rtl and not script_faces else template_context["words"]
    path, width = fonts.outline_text(draft_words["draft"].upper(), script_faces.get("Bold") if is_rtl else None)
    renderer = PageRenderer(templates, template_context)
    draft_svg = resolve_variables(renderer.render("draft.svg", path=path, width=width), theme_values)
    template_names = (name for name in _TEMPLATES_BY_FORM[document.form] if name in templates)
    template_texts = {name: resolve_variables(templates.text(name), theme_values) for name in template_names}
    files = {
        name: (_MIME_TYPES[name.rsplit(".")[-1]], text.encode())
        for name, text in {**template_texts, "draft.svg": draft_svg}.items()
    }
    return PrintJob(
        front=front,
        main=document.blocks[len(front) :],
        context=PrintContext.for_document(document, picture_names),
        renderer=renderer,
        stem=document.stem,
        words=template_context["words"],
        assets={picture_names[target]: picture for target, picture in pictures.items()} | files,
        extra_fonts=[str(file) for file in script_faces.values()],
        line_numbers=document.copy.review,
        bar_colour=theme_values["muted"] if document.revision else "",
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _imprint_fields(document: Document, theme_values: Mapping[str, str]) -> dict[str, Any]:
    """What the imprint says besides the document's own fields."""
    words = wording_for(document.language)
    return {
        "standing": imprint.format_statuses(document, words),
        "versions": imprint.latest_versions(document, words),
        "typefaces": [*dict.fromkeys(f"{theme_values['font-text']}, {theme_values['font-head']}".split(", "))],
    }


def _is_png(document: Document, target: str) -> bool:
    return target in document.assets and document.assets[target].mime == "image/png"
