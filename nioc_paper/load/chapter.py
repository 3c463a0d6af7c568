"""A chapter's file to a `Chapter`: front matter, tree, and the views of the tree that rules and outputs ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.load import assets, text
from nioc_paper.load.locate import locate
from nioc_paper.load.log import diagnostics
from nioc_paper.load.records import build
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import (
    Anchor,
    Block,
    Chapter,
    Chart,
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

ITEMS: Mapping[str, str] = {"recommendation": "rec", "gap": "gap", "finding": "fnd", "linkage": "lnk"}
"""Kinds of blocks by class, with the prefix of their ids."""
_KINDS = {"Header": "sec", "Figure": "fig", "Table": "tbl"}
Nodes = Mapping[str, list[Node]]
_FIELD_NAME = re.compile(r"([A-Z][\w ]{0,30}):(?:\s|$)")
_SCHEMA = "3"
"""Raised when what is cached changes its shape."""


def load(
    root: Path, path: str, category_key: str, cache: Cache, report: Report, unsaved: Mapping[str, str] = {}
) -> Chapter | None:
    """A chapter, however broken: what cannot be read is reported and left out. None when nothing can be read."""
    raw = text.read(root, path, report, unsaved)
    if raw is None:
        return None
    head, body, first = text.split(raw, path, report)
    front = _front(head, path, category_key, report)
    blocks = _parse(body, path, cache, report)
    nodes = tree.by_type(blocks)
    return Chapter(
        path,
        front,
        raw,
        first,
        tuple(blocks),
        tree.words(blocks),
        tuple(_headings(blocks, path)),
        tuple(_citations(nodes, path)),
        tuple(sorted(_anchors(nodes, path), key=lambda anchor: anchor.place)),
        tuple(_links(nodes, root, path)),
        tuple(_images(nodes, root, path)),
        tuple(_charts(nodes, root, path, report)),
        tuple(_items(nodes, path)),
    )


def _front(head: str, path: str, category_key: str, report: Report) -> FrontMatter:
    data = read_yaml(head, path, report)
    if isinstance(data.value, dict) and category_key in data.value:
        # The paper names its own key; the model's name for it stays out of messages.
        data.value["category"] = data.value.pop(category_key)
        for table in (data.marks, data.keys):
            if (category_key,) in table:
                table["category",] = table[category_key,]
    front = build(FrontMatter, data, path, report)
    if isinstance(data.value, dict) and not data.broken:
        for name in FrontMatter.required:
            if not data.value.get(name):
                shown = category_key if name == "category" else name
                hint = f"add '{shown}: …' to the front matter"
                report(Diagnostic(Place(path), "missing-key", f"the key '{shown}' is missing", hint=hint))
    return front if front.id else front.model_copy(update={"id": PurePosixPath(path).stem})


def _parse(body: str, path: str, cache: Cache, report: Report) -> list[Node]:
    name = key(_SCHEMA, pandoc.READER, pandoc.version(), body)
    if (kept := cache.get(name)) is not None:
        blocks, log = json.loads(kept)
    else:
        try:
            blocks, log = pandoc.parse(body)
            locate(blocks, body)
        except RecursionError:
            report(_trouble(pandoc.PandocError("failed", "it is nested too deeply"), body, path))
            return []
        except pandoc.PandocError as error:
            report(_trouble(error, body, path))
            return []
        cache.put(name, json.dumps([blocks, log]).encode())
    for diagnostic in diagnostics(log, path):
        report(diagnostic)
    return list(blocks)


def _trouble(error: pandoc.PandocError, body: str, path: str) -> Diagnostic:
    if error.reason == "missing":
        return Diagnostic(Place(path), "missing-tool", "pandoc is not installed", hint="pip install pypandoc_binary")
    line = _slow_line(body) if error.reason in ("time", "memory") else 1
    message = f"pandoc cannot read this passage within its limit of {error.reason}"
    if error.reason == "failed":
        message = (
            f"pandoc cannot read the chapter: {error.detail.splitlines()[0] if error.detail else 'no reason given'}"
        )
    return Diagnostic(
        Place(path, line), "unreadable-passage", message, hint="look for unclosed brackets or deep nesting"
    )


def _slow_line(body: str) -> int:
    """The line of the passage that pandoc chokes on: halves at blank lines, each tried for a second."""
    passages = [(m.start(), m.end()) for m in re.finditer(r"(?:.+\n?)+", body)]
    while len(passages) > 1:
        middle = len(passages) // 2
        first = body[passages[0][0] : passages[middle - 1][1]]
        try:
            pandoc.run(["-f", pandoc.READER, "-t", "json"], first.encode(), timeout=1)
        except pandoc.PandocError:
            passages = passages[:middle]
        else:
            passages = passages[middle:]
    return body.count("\n", 0, passages[0][0]) + 1 if passages else 1


def at(node: Mapping[str, Any], path: str) -> Place:
    """The place of a node that has been located."""
    return Place(path, *node.get("at", (1, 1)))


def _headings(blocks: Sequence[Node], path: str) -> Iterator[Heading]:
    found = [(i, b) for i, b in enumerate(blocks) if b["t"] == "Header"]
    for position, (index, node) in enumerate(found):
        end = next((i for i, b in found[position + 1 :] if b["c"][0] <= node["c"][0]), len(blocks))
        words = tree.words(blocks[index + 1 : end])
        # A section that holds only a picture or a generated list is not empty.
        full = words or sum(b["t"] in ("Div", "CodeBlock", "Figure", "Table") for b in blocks[index + 1 : end])
        yield Heading(node["c"][0], tree.plain(node["c"][2]), tree.identifier(node), full, at(node, path))


def _citations(nodes: Nodes, path: str) -> Iterator[Citation]:
    for node in nodes["Cite"]:
        for citation in node["c"][0]:
            yield Citation(citation["citationId"], at(citation, path))


def _anchors(nodes: Nodes, path: str) -> Iterator[Anchor]:
    for kind in tree.WITH_ATTRIBUTES:
        for node in nodes[kind]:
            if name := tree.identifier(node):
                kinds = tree.classes(node)
                prefix = next((ITEMS[c] for c in kinds if c in ITEMS), "fig" if "figure" in kinds else "")
                yield Anchor(name, prefix or _KINDS.get(kind, ""), at(node, path))


def _links(nodes: Nodes, root: Path, path: str) -> Iterator[Link]:
    for node in nodes["Link"]:
        target = node["c"][2][0]
        yield Link(target, at(node, path), assets.link(root, path, target))


def _images(nodes: Nodes, root: Path, path: str) -> Iterator[Image]:
    for node in nodes["Image"]:
        target, alt = node["c"][2][0], tree.values(node).get("alt") or tree.plain(node["c"][1])
        found = assets.image(root, path, target)
        if isinstance(found, str):
            yield Image(target, alt, at(node, path), problem=found)
        else:
            yield Image(target, alt, at(node, path), found)


def _charts(nodes: Nodes, root: Path, path: str, report: Report) -> Iterator[Chart]:
    for node in nodes["Div"]:
        for inner in node["c"][1]:
            if inner["t"] == "CodeBlock" and "chart" in tree.classes(inner):
                chart = assets.chart(root, path, tree.identifier(node), inner["c"][1], at(inner, path), report)
                if chart is not None:
                    yield chart


def _items(nodes: Nodes, path: str) -> Iterator[Block]:
    for node in nodes["Div"]:
        if kind := next((c for c in tree.classes(node) if c in ITEMS), None):
            content = node["c"][1]
            fields = _fields(content[-1], path) if content and content[-1]["t"] == "BulletList" else {}
            body = content[:-1] if fields else content
            name, attributes = tree.identifier(node), tree.values(node)
            yield Block(kind, name, tree.plain(body), tuple(body), fields, attributes, at(node, path))


def _fields(bullets: Node, path: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for item in bullets["c"]:
        inlines = item[0]["c"] if item and item[0]["t"] in ("Plain", "Para") else []
        name = _FIELD_NAME.match(tree.plain(inlines) + " ")
        if name is None:
            return {}
        value = _behind_colon(inlines)
        fields[name[1].lower()] = Field(tree.plain(value), tuple(value), at(item[0], path))
    return fields


def _behind_colon(inlines: Sequence[Node]) -> list[Node]:
    for index, node in enumerate(inlines):
        if node["t"] == "Str" and ":" in node["c"]:
            rest = node["c"].partition(":")[2]
            tail = list(inlines[index + 1 :])
            return [{**node, "c": rest}, *tail] if rest else tail[1:] if tail and tail[0]["t"] == "Space" else tail
    return []
