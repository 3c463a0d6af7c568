"""Pictures in the tree as data URIs: the only form that pandoc's sandbox reads."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping

from nioc_paper import tree
from nioc_paper.model import Node

_PLACEHOLDER_URI = re.compile("data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]{43}=")
Picture = tuple[str, bytes]
"""Media type and content."""


def picture_data_uri(picture: Picture) -> str:
    """Return the data URI of a picture."""
    kind, data = picture
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def make_placeholders(pictures: Mapping[str, Picture]) -> dict[str, Picture]:
    """Return a few bytes for each picture, by target: pandoc's time grows with the bytes of pictures."""
    return {target: (kind, hashlib.sha256(data).digest()) for target, (kind, data) in pictures.items()}


def pictures_in(blocks: object, pictures: Mapping[str, Picture]) -> dict[str, Picture | None]:
    """Return the pictures of some blocks by target; None for a target without picture."""
    targets = sorted({tree.target(node) for node in tree.walk(blocks) if node["t"] == "Image"})
    return {target: pictures.get(target) for target in targets}


def replace_placeholders(page: str, placeholders: Mapping[str, Picture], pictures: Mapping[str, Picture]) -> str:
    """Return a page with pictures in place of their placeholders."""
    pictures_by_uri = {picture_data_uri(stand): pictures[target] for target, stand in placeholders.items()}
    return _PLACEHOLDER_URI.sub(
        lambda m: picture_data_uri(pictures_by_uri[m[0]]) if m[0] in pictures_by_uri else m[0], page
    )


def image_embedder(pictures: Mapping[str, Picture], widths: Mapping[str, str] | None = None) -> Callable[[Node], Node]:
    """Return a function that gives an image its bytes, and a width if it lacks one; or its alternative text."""

    def embed_image(node: Node) -> Node:
        (name, classes, values), alt, (url, title) = node["c"]
        if url not in pictures:
            return tree.span(alt)
        is_sized = any(key == "width" for key, _ in values)
        width = [["width", widths[url]]] if widths and url in widths and not is_sized else []
        return {"t": "Image", "c": [[name, classes, [*values, *width]], alt, [picture_data_uri(pictures[url]), title]]}

    return embed_image
