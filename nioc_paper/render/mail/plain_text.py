"""A document of one flow as plain text in lines of 72 letters, for mail without any form."""

from __future__ import annotations

from dataclasses import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.context import RenderContext
from nioc_paper.render.mail.markdown import write_text_format


def write(document: Document, context: RenderContext) -> bytes:
    """The bytes of the .txt file. Reports `lost-text`."""
    spelled = replace(document, blocks=tuple(tree.rewrite(_spell_out, document.blocks)))
    return write_text_format(spelled, "plain", "txt", context.report)


def _spell_out(node: Node) -> Node | list[Node]:
    """A link with its address behind it, and strong words as they are: in plain text they would be capitals."""
    if node["t"] == "Strong":
        return list(node["c"])
    if node["t"] != "Link" or not node["c"][2][0].startswith(("https:", "http:")):
        return node
    address = node["c"][2][0]
    return (
        node
        if tree.plain_text(node) == address
        else [node, {"t": "Space"}, *tree.in_parentheses(tree.text_inlines(address))]
    )
