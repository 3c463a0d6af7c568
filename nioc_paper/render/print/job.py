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
from nioc_paper.render import body, fonts, hands, imprint, notes
from nioc_paper.render.embed import Picture
from nioc_paper.render.print.tree import Setting, parts_inside
from nioc_paper.render.templating import Pages
from nioc_paper.render.theme import resolve
from nioc_paper.wording import ENGLISH, Words, direction, labels

_FILES = {
    "paper": ("print.css", "pattern.svg", "apart.css"),
    "brief": ("print.css", "pattern.svg", "sheet.css"),
    "list": ("print.css", "pattern.svg", "sheet.css"),
    "sheet": ("print.css", "pattern.svg", "sheet.css"),
}
"""What of the templates a document of a form is made with besides the page itself."""
_REFERENCE = re.compile(r'(?:src|href)="([^"#:]+)"')
_URL = re.compile(r"url\(([^()]+)\)")
_MIME = {"css": "text/css", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Ready:
    """What pages are made of: the tree as print sets it, and what templates are filled with."""

    front: Sequence[Node]
    """The chapters of the front matter, as they are in the document."""
    main: Sequence[Node]
    """The others, and the titles of parts."""
    setting: Setting
    """How they are set."""
    pages: Pages
    stem: str
    """The name of the file, without its ending."""
    words: Words
    assets: Mapping[str, Picture]
    """Whatever pages may refer to, by its name in them."""
    faces: Sequence[str]
    """Files of typefaces that are not ours."""
    lines: bool
    """Whether the lines of the text are numbered."""
    bars: str
    """The colour of bars beside what has changed; empty where there are none."""

    def html(self, template: str, **more: Any) -> str:
        """A page as HTML."""
        return self.pages.render(template, **more)

    def whole(self) -> dict[str, Any]:
        """The whole document as one page."""
        blocks = notes.at_foot(map(self.setting.printed, (*self.front, *self.main)))
        front, main = blocks[: len(self.front)], parts_inside(blocks[len(self.front) :])
        texts = {"front": Markup(body.html(front)), "main": Markup(body.html(main))}  # noqa: S704 - pandoc's
        return self.job(self.html("print.html", **texts))

    def job(self, html: str) -> dict[str, Any]:
        """A page with those of the assets that it refers to; what its style sheets may refer to is with it."""
        asked = set(_REFERENCE.findall(html))
        assets = {name: data for name, data in self.assets.items() if name in asked}
        styled = b"".join(data for kind, data in assets.values() if kind == "text/css").decode() + html
        asked = set(_URL.findall(styled))
        assets |= {name: data for name, data in self.assets.items() if name in asked}
        return {"lines": self.lines, "bars": self.bars, "html": html, "assets": assets}


def job(
    document: Document, templates: Templates, values: Mapping[str, str], pictures: Mapping[str, Picture]
) -> dict[str, Any]:
    """The whole document as one page: HTML, CSS, and every byte that they may refer to."""
    given = ready(document, templates, values, pictures, hands.hand(document))
    return given.whole() | {"faces": given.faces}


def ready(
    document: Document,
    templates: Templates,
    values: Mapping[str, str],
    pictures: Mapping[str, Picture],
    hand: hands.Hand | None,
) -> Ready:
    """A document made ready for print; `hand` is that for Arabic letters, if it has some."""
    names = {
        # Of what was a drawing three pixels are one of the page: the style sheet knows it by its name.
        target: f"{'picture' if kind != 'image/png' or _is_png(document, target) else 'drawn'}-{_digest(data)}"
        for target, (kind, data) in pictures.items()
    }
    front = list(takewhile(lambda block: tree.is_div(block, "front"), document.blocks))
    context = (
        body.context(document)
        | _imprint(document, values)
        | {
            "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
            "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    faces = hand.faces if hand else {}
    # Without the letters that it takes, the mark is an English one.
    joined = direction(document.language) == "rtl"
    said = ENGLISH if joined and not faces else context["words"]
    path, width = fonts.outline(said["draft"].upper(), faces.get("Bold") if joined else None)
    pages = Pages(templates, context)
    draft = resolve(pages.render("draft.svg", path=path, width=width), values)
    there = (name for name in _FILES[document.form] if name in templates)
    given = {name: resolve(templates.text(name), values) for name in there}
    files = {name: (_MIME[name.rsplit(".")[-1]], text.encode()) for name, text in {**given, "draft.svg": draft}.items()}
    return Ready(
        front=front,
        main=document.blocks[len(front) :],
        setting=Setting.of(document, names),
        pages=pages,
        stem=document.stem,
        words=context["words"],
        assets={names[target]: picture for target, picture in pictures.items()} | files,
        faces=[str(file) for file in faces.values()],
        lines=document.copy.review,
        bars=values["muted"] if document.revision else "",
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _imprint(document: Document, values: Mapping[str, str]) -> dict[str, Any]:
    """What the imprint says besides the document's own fields."""
    words = labels(document.language)
    return {
        "standing": imprint.standing(document, words),
        "versions": imprint.versions(document, words),
        "typefaces": [*dict.fromkeys(f"{values['font-text']}, {values['font-head']}".split(", "))],
    }


def _is_png(document: Document, target: str) -> bool:
    return target in document.assets and document.assets[target].mime == "image/png"
