"""The page as HTML, with every byte that it may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render import body, fonts, notes
from nioc_paper.render.embed import Picture
from nioc_paper.render.theme import resolve


def job(
    document: Document, templates: Path, values: Mapping[str, str], pictures: Mapping[str, Picture]
) -> dict[str, Any]:
    """What the child is given: HTML, CSS, and every byte that they may refer to."""
    names = {target: f"picture-{number}" for number, target in enumerate(sorted(pictures))}
    blocks = notes.at_foot(tree.rewrite(lambda node: _printed(node, document, names), body.prepare(document)))
    front = list(takewhile(lambda block: tree.is_div(block, "front"), blocks))
    jinja = body.environment(templates)
    context = (
        body.context(document)
        | {
            "front": Markup(body.html(front)),  # noqa: S704 - written by pandoc from a tree without raw passages
            "main": Markup(body.html(_parts_inside(blocks[len(front) :]))),  # noqa: S704
            "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
            "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    path, width = fonts.outline(context["words"]["draft"].upper())
    draft = resolve(jinja.get_template("draft.svg").render(path=path, width=width), values)
    css = resolve((templates / "print.css").read_text(encoding="utf-8"), values)
    assets = {names[target]: picture for target, picture in pictures.items()}
    return {
        "lines": document.copy.review,
        "html": jinja.get_template("print.html").render(context),
        "assets": assets | {"draft.svg": ("image/svg+xml", draft.encode()), "print.css": ("text/css", css.encode())},
    }


def _printed(node: Node, document: Document, names: Mapping[str, str]) -> Node:
    """A node with what print needs: the running heads on a title, the name of a picture's file in the job."""
    if node["t"] == "Image" and node["c"][2][0] in names:
        attr, alt, (target, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [names[target], title]]}
    if node["t"] == "Header":
        level, (name, classes, pairs), inlines = node["c"]
        words = tree.plain(inlines)
        title = words.removeprefix(_number(inlines)).strip()
        return {"t": "Header", "c": [level, [name, classes, [*pairs, *_heads(level, title, words, document)]], inlines]}
    return node


def _parts_inside(blocks: Iterable[Node]) -> Iterator[Node]:
    """Each part's title within the first chapter of the part: one element for the page that they share."""
    titles: list[Node] = []
    for block in blocks:
        if tree.is_div(block, "part"):
            titles.append(block)
        else:
            attr, own = block["c"]
            yield {"t": "Div", "c": [attr, [*titles, *own]]} if titles else block
            titles = []
    yield from titles


def _number(inlines: list[Node]) -> str:
    first = inlines[0] if inlines else None
    return tree.plain(first) if first and "number" in tree.classes(first) else ""


def _heads(level: int, title: str, words: str, document: Document) -> list[list[str]]:
    running = [["data-title", title], ["data-paper", document.title]] if level == 1 else []
    return [["data-bookmark", words], *running]
