"""HTML and TeX in a foreign file: converted, kept as code, or reported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.load.foreign.chapter_nodes import markdown_node
from nioc_paper.load.foreign.draft import Draft, Placeholder, excerpt
from nioc_paper.load.foreign.figures import FigureConverter
from nioc_paper.load.foreign.references import ReferenceConverter
from nioc_paper.model import Node
from nioc_paper.system import pandoc

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^<>]*?)/?>", re.DOTALL)
_MARKS: Mapping[str, str] = MappingProxyType(
    {"b": "**", "strong": "**", "i": "*", "em": "*", "sub": "~", "sup": "^", "del": "~~", "s": "~~"}
)
_LOOK = re.compile(
    r"<(?:center|font|big|small|mark|u)\b[^<>]*>|<[a-z][\w-]*\b[^<>]*\s(?:align|style|color|bgcolor)\s*=[^<>]*>",
    re.IGNORECASE,
)
"""Tag that says how words look."""
_DROPPED_HTML = frozenset(("script", "style", "iframe", "video", "audio", "object", "embed", "form", "svg", "canvas"))


class RawCodeConverter:
    """Converts the HTML and TeX of one file; nodes of HTML are converted by a function."""

    def __init__(
        self,
        draft: Draft,
        references: ReferenceConverter,
        figures: FigureConverter,
        convert_node: Callable[[Node], Node | list[Node]],
    ) -> None:
        self.draft = draft
        self._references, self._figures, self._convert_node = references, figures, convert_node

    def convert_inline(self, node: Node) -> Node | list[Node]:
        """Return nodes for HTML, TeX or Markdown in a line."""
        form, text = node["c"]
        if form == "markdown":
            return node
        if form == "html":
            if text.startswith("<!--"):
                return markdown_node(text)
            if tag := _TAG.fullmatch(text):
                return self._convert_tag(text, tag)
        if form in ("tex", "latex") and (match := re.fullmatch(r"\\(?:ref|eqref|autoref|cref|Cref)\{([^{}]*)\}", text)):
            return self._references.convert_reference(Placeholder("reference", match[1], text, self.draft.locate(text)))
        self.draft.note(
            self.draft.locate(text),
            f"'{excerpt(text)}' is {_format_name(form)}, and is left out",
            "write it in Markdown",
        )
        return []

    def _convert_tag(self, text: str, tag: re.Match[str]) -> Node | list[Node]:
        name = tag["name"].lower()
        if name == "br":
            return {"t": "LineBreak"}
        if name in _MARKS:
            return markdown_node(_MARKS[name])
        attributes = dict(re.findall(r"([\w-]+)\s*=\s*[\"']([^\"']*)[\"']", tag["rest"]))
        if name == "img" and "src" in attributes:
            alt = attributes.get("alt", "")
            values = [["alt", alt]] if alt else []
            width = attributes.get("width", "")
            values += [["width", width]] if width.endswith("%") else []
            return self._figures.convert_image(
                {"t": "Image", "c": [[attributes.get("id", ""), [], values], [], [attributes["src"], ""]]}
            )
        if _LOOK.fullmatch(text):
            self._report_look(text)
            return []
        words = " ".join(value for key, value in attributes.items() if key in ("href", "title", "alt", "data-cite"))
        if words or name in _DROPPED_HTML:
            message = f"the tag '{excerpt(text)}' is left out; the words around it are kept"
            self.draft.note(self.draft.locate(text), message, "write it in Markdown")
        return []

    def _report_look(self, tag: str) -> None:
        message = f"the tag '{excerpt(tag)}' is left out; the words in it are kept"
        self.draft.note(self.draft.locate(tag), message, "check that they read well without it")

    def convert_block(self, node: Node) -> Node | list[Node]:
        """Return nodes for a block of HTML, TeX or Markdown."""
        form, text = node["c"]
        if form == "markdown":
            return node
        if form == "html":
            comment = re.fullmatch(r"\s*<!--([\s\S]*?)-->\s*", text)
            if comment:
                return {"t": "RawBlock", "c": ["markdown", text.strip()]}
            return self._convert_html(text)
        lines = text.strip()
        if re.fullmatch(r"(?:\\[A-Za-z]+\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})*\s*)+", lines):
            self.draft.note(
                self.draft.locate(lines), f"'{excerpt(lines)}' is {_format_name(form)}, and is left out", ""
            )
            return []
        message = f"a passage of {_format_name(form)} is kept as code"
        self.draft.note(self.draft.locate(lines), message, "write it in Markdown")
        return {"t": "CodeBlock", "c": [tree.attr("", ["latex" if "tex" in form else form]), lines]}

    def _convert_html(self, text: str) -> list[Node]:
        """Return HTML as blocks; scripts, styles and players are left out."""
        name = m["name"].lower() if (m := _TAG.search(text)) else ""
        words = re.sub(r"<[^<>]*>", " ", text).split()
        if name in _DROPPED_HTML:
            self.draft.note(
                self.draft.locate(text[:60]), f"HTML is left out: {excerpt(text)}", "show a picture, or a link"
            )
            return []
        if look := _LOOK.search(text):
            self._report_look(look[0])
        if not words and name != "img" and "<img" not in text:
            if any(tag in text for tag in ("href=", "<iframe", "<video", "<source")):
                self.draft.note(
                    self.draft.locate(text[:60]), f"HTML is left out: {excerpt(text)}", "write it in Markdown"
                )
            return []
        try:
            output = pandoc.run(["-f", "html", "-t", "json"], text.encode(), seconds=20, heap="1g")
            blocks: list[Node] = json.loads(output.stdout)["blocks"]
        except (pandoc.PandocError, ValueError):
            return [{"t": "CodeBlock", "c": [tree.attr("", ["html"]), text]}]
        return tree.rewrite(self._convert_node, blocks)


def _format_name(form: str) -> str:
    return {"tex": "LaTeX", "latex": "LaTeX", "html": "HTML"}.get(form, form)
