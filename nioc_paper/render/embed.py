"""Pictures inside the tree as data URIs: the one form in which pandoc's sandbox takes them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from nioc_paper import tree
from nioc_paper.model import Node

Picture = tuple[str, bytes]
"""Media type and content."""


def address(picture: Picture) -> str:
    """The address of a picture that is inside it."""
    kind, data = picture
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def embedder(pictures: Mapping[str, Picture], widths: Mapping[str, str] | None = None) -> Callable[[Node], Node]:
    """A function that gives an image its bytes, and its width where one is known; without bytes its text remains."""

    def embed(node: Node) -> Node:
        (name, classes, values), alt, (url, title) = node["c"]
        if url not in pictures:
            return tree.span(alt)
        width = [["width", widths[url]]] if widths and url in widths else []
        return {"t": "Image", "c": [[name, classes, [*values, *width]], alt, [address(pictures[url]), title]]}

    return embed
