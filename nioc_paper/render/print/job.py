"""The page as HTML, with every byte that it may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.render import body, fonts, hands, imprint, notes
from nioc_paper.render.embed import Picture
from nioc_paper.render.print.tree import parts_inside, printed
from nioc_paper.render.theme import resolve
from nioc_paper.wording import ENGLISH, direction, labels

_FILES = {
    "paper": ("print.css", "pattern.svg"),
    "brief": ("print.css", "pattern.svg", "sheet.css"),
    "list": ("print.css", "pattern.svg", "sheet.css"),
    "sheet": ("print.css", "pattern.svg", "sheet.css"),
}
"""What of the templates a document of a form is made with besides the page itself."""
_MIME = {"css": "text/css", "svg": "image/svg+xml"}


def job(
    document: Document, templates: Path, values: Mapping[str, str], pictures: Mapping[str, Picture]
) -> dict[str, Any]:
    """What the child is given: HTML, CSS, and every byte that they may refer to."""
    names = {
        # Of what was a drawing three pixels are one of the page: the style sheet knows it by its name.
        target: f"{'picture' if kind != 'image/png' or _is_png(document, target) else 'drawn'}-{number}"
        for number, (target, (kind, _)) in enumerate(sorted(pictures.items()))
    }
    blocks = notes.at_foot(printed(body.prepare(document), document, names))
    front = list(takewhile(lambda block: tree.is_div(block, "front"), blocks))
    jinja = body.environment(templates)
    context = (
        body.context(document)
        | _imprint(document, values)
        | {
            "front": Markup(body.html(front)),  # noqa: S704 - written by pandoc from a tree without raw passages
            "main": Markup(body.html(parts_inside(blocks[len(front) :]))),  # noqa: S704
            "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
            "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    hand = hands.hand(document)
    faces = hand.faces if hand else {}
    # Without the letters that it takes, the mark is an English one.
    joined = direction(document.language) == "rtl"
    said = ENGLISH if joined and not faces else context["words"]
    path, width = fonts.outline(said["draft"].upper(), faces.get("Bold") if joined else None)
    draft = resolve(jinja.get_template("draft.svg").render(path=path, width=width), values)
    given = {name: resolve((templates / name).read_text(encoding="utf-8"), values) for name in _FILES[document.form]}
    files = {name: (_MIME[name.rsplit(".")[-1]], text.encode()) for name, text in {**given, "draft.svg": draft}.items()}
    return {
        "faces": [str(file) for file in faces.values()],
        "lines": document.copy.review,
        "bars": values["muted"] if document.revision else "",
        "html": jinja.get_template("print.html").render(context),
        "assets": {names[target]: picture for target, picture in pictures.items()} | files,
    }


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
