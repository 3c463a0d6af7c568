"""The tree of a foreign file as that of a chapter of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nioc_paper import tree
from nioc_paper.load.foreign.chapter_nodes import callout_node, word_nodes
from nioc_paper.load.foreign.draft import PLACEHOLDER, Draft, excerpt
from nioc_paper.load.foreign.figures import FigureConverter
from nioc_paper.load.foreign.labels import normalize_label
from nioc_paper.load.foreign.project_context import ProjectContext
from nioc_paper.load.foreign.raw_code import RawCodeConverter
from nioc_paper.load.foreign.references import ReferenceConverter
from nioc_paper.model import Node
from nioc_paper.tree.chapter_markdown import as_pipe_table, break_sentences, escape_line_starts
from nioc_paper.tree.code import INLINE_CELL

_PLAIN_DIVS = frozenset(("section", "cell"))


class Rewriter:
    """Rewrites the tree of one file."""

    def __init__(self, context: ProjectContext, draft: Draft, path: str) -> None:
        self.context, self.draft, self.path = context, draft, path
        self.references = ReferenceConverter(context, draft, path)
        self.figures = FigureConverter(context, draft, path)
        raw_code = RawCodeConverter(draft, self.references, self.figures, self._change)
        self._shift, self._last_level = 0, 1
        self._changes: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "Str": self._word,
            "Header": self._heading,
            "Div": self._div,
            "Span": self._span,
            "Underline": lambda node: self._plain_words("underlined", node["c"]),
            "SmallCaps": lambda node: self._plain_words("small capitals", node["c"]),
            "RawInline": raw_code.convert_inline,
            "RawBlock": raw_code.convert_block,
            "Link": self.references.convert_link,
            "Cite": self.references.convert_cite,
            "Code": self._code,
            "CodeBlock": self._code_block,
            "Figure": self.figures.convert_figure,
            "Image": self.figures.convert_image,
            "Table": self.figures.convert_table,
            "Note": self._note,
            "Para": self._paragraph,
            "Plain": self._paragraph,
        }

    def rewrite(self, blocks: Sequence[Node]) -> list[Node]:
        """Return the blocks of a chapter: headings from level 2, a sentence per line, nothing of the other tool."""
        levels = [b["c"][0] for b in tree.walk(list(blocks)) if b["t"] == "Header" and "title" not in tree.classes(b)]
        self._shift = 2 - min(levels, default=2)
        return tree.rewrite(as_pipe_table, tree.rewrite(self._change, blocks))

    def _change(self, node: Node) -> Node | list[Node]:
        change = self._changes.get(node["t"])
        return node if change is None else change(node)

    def _word(self, node: Node) -> list[Node]:
        out: list[Node] = []
        end = 0
        for match in PLACEHOLDER.finditer(node["c"]):
            out += word_nodes(node["c"][end : match.start()])
            out += self.references.convert_placeholder(self.draft.placeholders[int(match[1])])
            end = match.end()
        return out + word_nodes(node["c"][end:])

    def _note(self, node: Node) -> Node:
        self.context.counts["note"] += 1
        return node

    def _paragraph(self, node: Node) -> Node | list[Node]:
        inlines = node["c"]
        if inlines and all(n["t"] == "RawInline" and n["c"][1].startswith("<!--") for n in inlines):
            return [{"t": "RawBlock", "c": n["c"]} for n in inlines]
        images = [n for n in inlines if n["t"] == "Image"]
        if len(images) == 1 and all(n["t"] in ("Image", "Space", "SoftBreak", "LineBreak") for n in inlines):
            return self.figures.image_as_figure(images[0])
        return {**node, "c": escape_line_starts(break_sentences(inlines))} if inlines else []

    def _heading(self, node: Node) -> Node | list[Node]:
        level, (anchor, classes, _), inlines = node["c"]
        if "title" in classes:
            return []
        # Levels skipped in the original are not skipped here.
        self._last_level = max(2, min(level + self._shift, self._last_level + 1))
        new = self.context.labels.by_file[self.path].get(normalize_label(anchor), "") if anchor else ""
        inlines = [n for n in inlines if n["t"] not in ("LineBreak", "SoftBreak")] if len(inlines) > 1 else inlines
        return {"t": "Header", "c": [self._last_level, tree.attr(new if new.startswith("sec-") else ""), inlines]}

    def _div(self, node: Node) -> Node | list[Node]:
        (anchor, classes, values), blocks = node["c"]
        kind = next((name.removeprefix("callout-") for name in classes if name.startswith("callout-")), "")
        if kind:
            return callout_node(kind, dict(values).get("title", ""), blocks)
        figures = [b for b in blocks if b["t"] == "Figure"]
        if anchor and (figures or any(b["t"] == "Table" for b in blocks)):
            return self.figures.convert_labelled(anchor, blocks)
        looks = [f' {key}="{value}"' for key, value in values if key in ("align", "style")]
        if names := [*(f".{name}" for name in classes if name not in _PLAIN_DIVS), *looks]:
            title = dict(values).get("title", "")
            form = f"'{''.join(names).strip()}'{f' with the title {title}' if title else ''}"
            message = f"a block {form} has no counterpart here: its text is kept"
            place = self.draft.locate(names[0].strip(" ."))
            self.draft.note(place, message, "check that the text reads well without it")
        return list(blocks)

    def _span(self, node: Node) -> list[Node]:
        (_, classes, values), inlines = node["c"]
        look = [*(f".{name}" for name in classes), *(f'{key}="{value}"' for key, value in values if key != "label")]
        return self._plain_words(" ".join(look), inlines)

    def _plain_words(self, look: str, inlines: Sequence[Node]) -> list[Node]:
        """Return inlines without a look, which is reported."""
        words = tree.plain_text(inlines)
        if look:
            message = f"'{excerpt(words)}' loses its look, {look}: there is none here"
            self.draft.note(self.draft.locate(words), message, "check that the words read well without it")
        return list(inlines)

    def _code(self, node: Node) -> Node:
        (_, classes, _), code = node["c"]
        if INLINE_CELL.match(code) or classes[:1] == ["r"]:
            message = f"'{excerpt(code)}' is a value that the tool computes: its code is kept"
            self.draft.note(self.draft.locate(code), message, "write the value, or @fact-ID", "computed-cell")
        return {"t": "Code", "c": [tree.attr(), code]}

    def _code_block(self, node: Node) -> Node:
        (_, classes, values), code = node["c"]
        attributes = dict(values)
        header = attributes.pop("cell", "")
        attributes.pop("label", "")
        if "=" in header or "," in header:
            code = f"#| {header}\n{code}"
        code = code.strip("\n")
        if words := [f"{key}={value}" for key, value in attributes.items()]:
            message = f"'{' '.join(words)}' of a block of code is left out"
            self.draft.note(self.draft.locate(words[0].partition("=")[0]), message, "write it as words above the code")
        language = [name for name in classes[:1] if re.fullmatch(r"[\w+-]+", name)]
        return {"t": "CodeBlock", "c": [tree.attr("", language), code]}
