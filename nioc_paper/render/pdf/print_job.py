"""Print job of a document: pages as HTML, with every file that they may refer to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Document, Node, Templates
from nioc_paper.render.common import imprint
from nioc_paper.render.common.image_embedding import Picture
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import resolve_variables
from nioc_paper.render.pdf import formulas, print_passes
from nioc_paper.render.pdf.print_passes import PrintContext, join_annexes, nest_part_titles
from nioc_paper.render.pdf.worker_messages import PageJob
from nioc_paper.wording import Wording, wording_for

_TEMPLATES_BY_FORM = {
    "paper": ("print.css", "pattern.svg", "apart.css", "edition.css", "short.css"),
    "brief": ("print.css", "pattern.svg", "sheet.css"),
    "list": ("print.css", "pattern.svg", "sheet.css"),
    "sheet": ("print.css", "pattern.svg", "sheet.css"),
}
"""Template files of each form, besides the page itself."""
_HYPHENS = {0x2010: "-", 0x2011: "\u2060-\u2060"}
"""Hyphens that a font of ours lacks, as one that it has; word joiners keep a line from ending there."""
_REFERENCED_FILE = re.compile(r'(?:src|href)="([^"#:]+)"')
_CSS_URL = re.compile(r"url\(([^()]+)\)")
PICTURE_NAME = "(?:drawn|picture)-[0-9a-f]{16}"
"""Pattern of the names of a document's pictures in pages."""
_MIME_TYPES = {"css": "text/css", "svg": "image/svg+xml"}


class PrintJob(Struct, frozen=True):
    """Tree in the form of print, and the template renderer with its files."""

    front: Sequence[Node]
    """Chapters of the front matter, as in the document."""
    main: Sequence[Node]
    """Other chapters, and the titles of parts."""
    context: PrintContext
    """Settings of the chapters."""
    renderer: PageRenderer
    stem: str
    """Name of the file, without its ending."""
    words: Wording
    assets: Mapping[str, Picture]
    """Files that pages may refer to, by name."""
    extra_fonts: Sequence[str]
    """Font files besides ours."""
    line_numbers: bool
    """Number the lines of the text."""
    bar_colour: str
    """Colour of change bars; empty for none."""
    block_hash: Callable[[Node], str]
    """Returns the hash of a block."""

    def whole_job(self) -> PageJob:
        """Return the job of the whole document in one page."""
        blocks = print_passes.notes_to_footnotes(map(self.context.prepare_chapter, (*self.front, *self.main)))
        front, main = blocks[: len(self.front)], nest_part_titles(blocks[len(self.front) :])
        texts = {"front": Markup(formulas.print_html(front)), "main": Markup(formulas.print_html(main))}  # noqa: S704 - pandoc's
        return self.page_job(self.renderer.render("print.html", back=self.back_matter(), **texts))

    def back_matter(self) -> Markup:
        """Return the lists, the contributors and the imprint of a paper, for its last pages; empty for a part of it."""
        document = self.context.document
        has_back = document.form == "paper" and not document.part_of
        return Markup(self.renderer.render("print/back.html")) if has_back else Markup()  # noqa: S704 - ours

    def page_job(self, html: str) -> PageJob:
        """Return the job of a page, with the assets that it and its style sheets refer to."""
        html = html.translate(_HYPHENS)
        referenced = set(_REFERENCED_FILE.findall(html))
        assets = {name: data for name, data in self.assets.items() if name in referenced}
        styled_text = b"".join(data for kind, data in assets.values() if kind == "text/css").decode() + html
        referenced = set(_CSS_URL.findall(styled_text))
        assets |= {name: data for name, data in self.assets.items() if name in referenced}
        return {"lines": self.line_numbers, "bars": self.bar_colour, "html": html, "assets": assets}


def prepare_job(
    document: Document,
    templates: Templates,
    theme_values: Mapping[str, str],
    pictures: Mapping[str, Picture],
    extra_fonts: Sequence[Path],
) -> PrintJob:
    """Return the print job of a document; `extra_fonts` are those for its code and its Arabic letters."""
    picture_names = {target: _picture_name(document, target, picture) for target, picture in pictures.items()}
    front = list(takewhile(lambda block: tree.is_div(block, "front"), document.blocks))
    context = _template_context(document, theme_values, front)
    files = {
        name: (_MIME_TYPES[name.rsplit(".")[-1]], resolve_variables(templates.text(name), theme_values).encode())
        for name in _TEMPLATES_BY_FORM[document.form]
    }
    return PrintJob(
        front=front,
        main=join_annexes(document.blocks[len(front) :]),
        context=PrintContext.for_document(document, picture_names),
        renderer=PageRenderer(templates, context),
        stem=document.stem,
        words=context["words"],
        assets={picture_names[target]: picture for target, picture in pictures.items()} | files,
        extra_fonts=[str(file) for file in extra_fonts],
        line_numbers=document.copy.review,
        bar_colour=theme_values["muted"] if document.revision else "",
        block_hash=document.block_hash,
    )


def _picture_name(document: Document, target: str, picture: Picture) -> str:
    """Return the name of a picture in pages. The style sheet prints `drawn` with three pixels for one of the page."""
    kind, data = picture
    is_own_png = target in document.assets and document.assets[target].mime == "image/png"
    prefix = "drawn" if kind == "image/png" and not is_own_png else "picture"
    return f"{prefix}-{hashlib.sha256(data).hexdigest()[:16]}"


def _template_context(document: Document, theme_values: Mapping[str, str], front: Sequence[Node]) -> dict[str, Any]:
    """Return the variables of the page templates."""
    words = wording_for(document.language, document.own_words)
    shared = imprint.template_context(document)
    is_whole, closing = document.form == "paper" and not document.part_of, imprint.closing_lists(document)
    return shared | {
        "draft": words["draft"] if document.draft else "",
        "chapters": imprint.contents_entries(document),
        "lists": [each for each in shared["lists"] if closing.get(each[0])] if is_whole else shared["lists"],
        "short": False,
        "standing": imprint.format_statuses(document, words),
        "versions": imprint.latest_versions(document, words),
        "citation": imprint.make_citation(document, words),
        "typefaces": [*dict.fromkeys(f"{theme_values['font-text']}, {theme_values['font-head']}".split(", "))],
        "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
        "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
