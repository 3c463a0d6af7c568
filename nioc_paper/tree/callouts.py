"""Callouts: blocks that are set off from the text, with a title above."""

from __future__ import annotations

from nioc_paper.model import Node
from nioc_paper.tree.nodes import attributes, classes

CALLOUT_CLASSES = ("note", "tip", "warning", "box")
"""Classes of callouts. All but a box have a title of their own if the author gives none."""


def callout_class(node: Node) -> str:
    """Return the class of a callout; empty for any other node."""
    return next((c for c in classes(node) if c in CALLOUT_CLASSES), "") if node["t"] == "Div" else ""


def callout_title(node: Node) -> str:
    """Return the title that the author gives a callout; empty if there is none."""
    return attributes(node).get("title", "").strip() if callout_class(node) else ""
