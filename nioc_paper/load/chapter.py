"""A chapter's file to a `Chapter`: front matter, tree, and the views of the tree that rules and outputs ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from nioc_paper import tree
from nioc_paper.cache import Cache
from nioc_paper.load import assets, body, text
from nioc_paper.load.outline import ITEMS, Outline
from nioc_paper.load.records import build
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import (
    Anchor,
    Block,
    Chapter,
    Citation,
    Diagnostic,
    Field,
    FrontMatter,
    Heading,
    Image,
    Link,
    Node,
    Place,
    Report,
)

_FIELD_NAME = re.compile(r"([A-Z][\w ]{0,30}):(?:\s|$)")


def load(
    root: Path, path: str, category_key: str, cache: Cache, report: Report, unsaved: Mapping[str, str] = {}
) -> Chapter | None:
    """A chapter, however broken: what cannot be read is reported and left out. None when nothing can be read."""
    raw = text.read(root, path, report, unsaved)
    if raw is None:
        return None
    head, below, first = text.split(raw, path, report)
    front = _front(head, path, category_key, report, fenced=first > 1)
    brief, blocks = body.read(below, path, cache, report)

    def place(at: Sequence[int]) -> Place:
        return Place(path, *at)

    charts = [assets.chart(root, path, name, code, place(at), report) for name, code, at in brief["charts"]]
    return Chapter(
        path,
        front,
        raw,
        first,
        blocks,
        brief["words"],
        tuple(Heading(level, title, name, words, place(at)) for level, title, name, words, at in brief["headings"]),
        tuple(Citation(name, place(at)) for name, at in brief["citations"]),
        tuple(Anchor(name, kind, place(at)) for name, kind, at in brief["anchors"]),
        tuple(Link(target, place(at), assets.link(root, path, target)) for target, at in brief["links"]),
        tuple(_images(brief, root, path)),
        tuple(c for c in charts if c),
        tuple(_item(node, path) for node in brief["items"]),
    )


def _front(head: str, path: str, category_key: str, report: Report, *, fenced: bool) -> FrontMatter:
    data = read_yaml(head, path, report)
    if isinstance(data.value, dict) and category_key in data.value:
        # The paper names its own key; the model's name for it stays out of messages.
        data.value["category"] = data.value.pop(category_key)
        for table in (data.marks, data.keys):
            if (category_key,) in table:
                table["category",] = table[category_key,]
    front = build(FrontMatter, data, path, report)
    # Without its fences the whole front matter is missing, and that has been said.
    given = {} if data.value is None and fenced else data.value
    if isinstance(given, dict) and not data.broken:
        for name in FrontMatter.required:
            if not given.get(name):
                shown = category_key if name == "category" else name
                hint = f"add '{shown}: …' to the front matter"
                report(Diagnostic(Place(path), "missing-key", f"the key '{shown}' is missing", hint=hint))
    return front if front.id else front.model_copy(update={"id": PurePosixPath(path).stem})


def _images(brief: Outline, root: Path, path: str) -> Iterator[Image]:
    for target, alt, at in brief["images"]:
        found = assets.image(root, path, target)
        if isinstance(found, str):
            yield Image(target, alt, Place(path, *at), problem=found)
        else:
            yield Image(target, alt, Place(path, *at), found)


def _item(node: Node, path: str) -> Block:
    """A recommendation, gap, finding or linkage."""
    kind = next(c for c in tree.classes(node) if c in ITEMS)
    content = node["c"][1]
    fields = _fields(content[-1], path) if content and content[-1]["t"] == "BulletList" else {}
    blocks = content[:-1] if fields else content
    place = Place(path, *node.get("at", (1, 1)))
    return Block(kind, tree.identifier(node), tree.plain(blocks), tuple(blocks), fields, tree.values(node), place)


def _fields(bullets: Node, path: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for item in bullets["c"]:
        inlines = item[0]["c"] if item and item[0]["t"] in ("Plain", "Para") else []
        name = _FIELD_NAME.match(tree.plain(inlines) + " ")
        if name is None:
            return {}
        value = _behind_colon(inlines)
        fields[name[1].lower()] = Field(tree.plain(value), tuple(value), Place(path, *item[0].get("at", (1, 1))))
    return fields


def _behind_colon(inlines: Sequence[Node]) -> list[Node]:
    for index, node in enumerate(inlines):
        if node["t"] == "Str" and ":" in node["c"]:
            rest = node["c"].partition(":")[2]
            tail = list(inlines[index + 1 :])
            return [{**node, "c": rest}, *tail] if rest else tail[1:] if tail and tail[0]["t"] == "Space" else tail
    return []
