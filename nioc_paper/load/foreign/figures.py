"""Pictures, figures and tables of a foreign file as those of a chapter of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from nioc_paper import tree
from nioc_paper.load.foreign.chapter_nodes import figure_node, image_parts
from nioc_paper.load.foreign.draft import Draft
from nioc_paper.load.foreign.project_context import ProjectContext
from nioc_paper.load.foreign.references import WEB_PREFIXES
from nioc_paper.model import Node


class FigureConverter:
    """Converts the pictures, figures and tables of one file."""

    def __init__(self, context: ProjectContext, draft: Draft, path: str) -> None:
        self.context, self.draft, self.path = context, draft, path

    def convert_image(self, node: Node) -> Node | list[Node]:
        """Return a picture with its file in the result; a link or words if it has none."""
        (anchor, _, values), words, (target, title) = node["c"]
        attributes = dict(values)
        if target.startswith(WEB_PREFIXES):
            message = f"the picture '{target}' is on the web, and is not imported: a link is kept"
            self.draft.note(self.draft.locate(target), message, "save it to paper/figures/")
            alt = words or tree.text_inlines(attributes.get("alt", "") or "picture")
            return {"t": "Link", "c": [tree.attr(), alt, [target, ""]]}
        path, problem = self.context.pictures.add(target, self.path)
        alt = attributes.get("fig-alt", "") or attributes.get("fig.alt", "") or attributes.get("alt", "")
        if problem:
            message = f"the picture '{unquote(target)}' {problem}: its name is kept"
            self.draft.note(self.draft.locate(target), message, "save it as PNG, JPEG or SVG to paper/figures/")
            return [
                *words,
                *([{"t": "Space"}] if words else []),
                *tree.text_inlines(f"[picture: {alt or unquote(target)}]"),
            ]
        self.context.counts["picture"] += 1
        values = {"alt": alt} if alt else {}
        if re.fullmatch(r"\d+(?:\.\d+)?%", attributes.get("width", "")):
            values["width"] = attributes["width"]
        if title and title not in ("fig:", ""):
            words = [*words, *([{"t": "Space"}] if words else []), *tree.text_inlines(title)]
        new_id = self.context.labels.find(anchor, self.path) if anchor else None
        label = attributes.get("label", "")
        new_id = new_id or (self.context.labels.find(label, self.path) if label else None)
        return {"t": "Image", "c": [tree.attr(new_id or "", (), values), words, [path, ""]]}

    def convert_figure(self, node: Node) -> Node | list[Node]:
        """Return a figure of one picture; the blocks of any other."""
        (anchor, _, _), caption, blocks = node["c"]
        images = [n for n in tree.walk(blocks) if n["t"] == "Image"]
        if len(images) != 1:
            is_there = tree.plain_text(caption[1]) in tree.plain_text(blocks)
            return [*blocks, *(() if is_there else caption[1])]
        (own_id, _, values), alt, target = images[0]["c"]
        words = tree.plain_text(alt)
        if words and words != tree.plain_text(caption[1]) and "alt" not in dict(values):
            values = [*values, ["alt", words]]
        new = (self.context.labels.find(anchor, self.path) if anchor else None) or own_id
        inlines = [n for b in caption[1] for n in b.get("c", ()) if isinstance(n, dict)]
        return figure_node(new, inlines, values, target)

    def convert_table(self, node: Node) -> Node:
        """Return a table with our id."""
        (anchor, _, _), caption, *rest = node["c"]
        self.context.counts["table"] += 1
        new = self.context.labels.find(anchor, self.path) if anchor else None
        return {"t": "Table", "c": [tree.attr(new or ""), caption, *rest]}

    @staticmethod
    def image_as_figure(image: Node) -> Node:
        """Return a picture alone in its paragraph as a figure; its own id moves to the figure."""
        (anchor, _, values), caption, target = image["c"]
        return figure_node(anchor, caption, values, target)

    def convert_labelled(self, anchor: str, blocks: Sequence[Node]) -> list[Node]:
        """Return a figure or table in a block with an id; the last paragraph is the caption."""
        new = self.context.labels.find(anchor, self.path) or ""
        out = list(blocks)
        last = out.pop() if len(out) > 1 and out[-1]["t"] in ("Para", "Plain") else None
        rest_of_block = [last] if last else []
        for index, block in enumerate(out):
            if block["t"] in ("Figure", "Table"):
                attributes, (_, caption), *rest = block["c"]
                if last and not caption:
                    caption, rest_of_block = [tree.plain_block(last["c"])], []
                if block["t"] == "Figure":
                    _, _, values, target = image_parts(block)
                    out[index] = figure_node(new or attributes[0], caption[0]["c"] if caption else [], values, target)
                else:
                    out[index] = {"t": "Table", "c": [tree.attr(new or attributes[0]), [None, caption], *rest]}
                break
        return [*out, *rest_of_block]
