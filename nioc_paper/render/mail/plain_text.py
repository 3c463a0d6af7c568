"""Writer of plain text in lines of 72 characters, for mail without markup."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common.shared_passes import node_pass
from nioc_paper.render.context import RenderContext
from nioc_paper.render.mail import markdown
from nioc_paper.render.mail.markdown import write_text_format


def write(document: Document, context: RenderContext) -> bytes:
    """Return the bytes of the .txt file. Reports `lost-content/text`."""
    return write_text_format(document, _PASSES, "plain", context.report)


def _spell_out(node: Node) -> Node | list[Node]:
    """Return a link with its address after it, and strong words, which plain text has in capitals, as others."""
    if node["t"] == "Strong":
        return list(node["c"])
    if node["t"] != "Link" or not node["c"][2][0].startswith(("https:", "http:")):
        return node
    address = node["c"][2][0]
    if tree.plain_text(node) == address:
        return node
    return [node, {"t": "Space"}, *tree.in_parentheses(tree.text_inlines(address))]


_PASSES = (node_pass(_spell_out), *markdown.PASSES)
