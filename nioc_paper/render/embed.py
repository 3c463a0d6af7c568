"""Pictures inside the tree as data URIs: the one form in which pandoc's sandbox takes them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node

_STAND_IN = re.compile("data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]{43}=")
Picture = tuple[str, bytes]
"""Media type and content."""


def address(picture: Picture) -> str:
    """The address of a picture that is inside it."""
    kind, data = picture
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def stood_in(pictures: Mapping[str, Picture]) -> dict[str, Picture]:
    """What stands for each picture until pandoc is done, which takes as long for pictures as for text: a few bytes."""
    return {target: (kind, hashlib.sha256(data).digest()) for target, (kind, data) in pictures.items()}


def shown(blocks: Any, pictures: Mapping[str, Picture]) -> dict[str, Picture | None]:
    """The pictures that some blocks show, by their targets: none where there is none."""
    targets = sorted({node["c"][2][0] for node in tree.walk(blocks) if node["t"] == "Image"})
    return {target: pictures.get(target) for target in targets}


def put_in(page: str, stands: Mapping[str, Picture], pictures: Mapping[str, Picture]) -> str:
    """A page with its pictures where others stood for them."""
    inside = {address(stand): pictures[target] for target, stand in stands.items()}
    return _STAND_IN.sub(lambda found: address(inside[found[0]]) if found[0] in inside else found[0], page)


def embedder(pictures: Mapping[str, Picture], widths: Mapping[str, str] | None = None) -> Callable[[Node], Node]:
    """A function that gives an image its bytes, and its width where one is known; without bytes its text remains."""

    def embed(node: Node) -> Node:
        (name, classes, values), alt, (url, title) = node["c"]
        if url not in pictures:
            return tree.span(alt)
        width = [["width", widths[url]]] if widths and url in widths else []
        return {"t": "Image", "c": [[name, classes, [*values, *width]], alt, [address(pictures[url]), title]]}

    return embed
