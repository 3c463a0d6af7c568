"""Tree passes for Word: named styles for our blocks, numbers and references as fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.model import ListEntry, Node
from nioc_paper.ooxml.xml import field_xml, hidden_field_xml, raw_node, run_xml, tab_xml
from nioc_paper.render.common.shared_passes import divide_fields, is_tracked_change
from nioc_paper.render.word.cross_references import BookmarkedLabels, is_reference, label_of, split_label
from nioc_paper.render.word.styles import BOXES, EQUATION_NUMBER_STYLE, FIELD_COLUMN, FIELD_COLUMNS
from nioc_paper.tree.own_markdown import EQUATION, is_equation

# --- lines of the fields of a box in Word: short fields share a line, at the tab stops of their style -----------------


_LETTER_WIDTH = 1.6
"""Width of a letter of a field in mm; rather too wide than too narrow."""


def build_field_lines(blocks: Sequence[Node], *, separate: bool) -> list[Node]:
    """Return the fields of a box as paragraphs, one for each if they are separate, in the order of all outputs."""
    items = [item for block in blocks if block["t"] == "BulletList" for item in tree.content(block)]
    rest = [block for block in blocks if block["t"] != "BulletList"]
    if separate or any(map(is_tracked_change, tree.walk(items))):
        return [*(block for item in items for block in item), *rest]
    return [*[line for fields in divide_fields(items).values() for line in _share_lines(fields)], *rest]


def _share_lines(items: Sequence[Sequence[Node]]) -> list[Node]:
    """Return the lines of one list of fields; those of more than one paragraph are left as they are."""
    lines: list[Node] = []
    free = 0
    for item in items:
        columns = _columns(item)
        if columns <= free:
            lines[-1] = tree.para([*tree.content(lines[-1]), raw_node(tab_xml()), *tree.content(item[0])])
        else:
            lines += item
            free = FIELD_COLUMNS
        free -= columns
    return lines


def _columns(item: Sequence[Node]) -> int:
    """Return how many columns a field fills; more than there are if it has a line of its own."""
    if len(item) > 1 or item[0]["t"] not in ("Plain", "Para"):
        return FIELD_COLUMNS
    return min(FIELD_COLUMNS, 1 + int(len(tree.plain_text(item[0])) * _LETTER_WIDTH / FIELD_COLUMN))


# --- word styler ------------------------------------------------------------------------------------------------------


EN_SPACE = "\u2002"
"""Space between a number and its title, in headings and in Word's lists of them."""

_TRAILING_NUMBER = re.compile(r"^(.*?)(\d+)$", re.DOTALL)
_DIV_STYLES: Mapping[str, str] = {
    "summary": "Summary", "asks": "Key Lead", "meta": "Key Text", "key-gap": "Key Text",
    "standing": "Chapter Status", "marking": "Marking",
    "chart-title": "Chart Title", "chart-subtitle": "Chart Subtitle",
    # briefs and board sheets: colours of boxes for the state of the paper
    "late": "Gap Title", "at-risk": "Gap Title", "due": "Finding Title", "verdict": "Recommendation Title",
    "more": "caption", "abbreviations": "caption", "whole-paper": "caption", "next": "caption",
    "since": "caption", "known": "caption", "same-values": "caption",
}  # fmt: skip
_SPAN_STYLES: Mapping[str, str] = {
    "field": "Field Name", "bar-filled": "Bar Filled", "bar-rest": "Bar Rest", "bar-gap": "Bar Gap",
    "bar-year": "Bar Year", "paragraph-number": "Paragraph Number",
    "late": "Alert", "at-risk": "Alert", "due": "Chapter Number", "health": "Caption Label",
}  # fmt: skip
_MARKING_END = raw_node(f'<w:p><w:pPr><w:pStyle w:val="MarkingEnd"/></w:pPr>{run_xml(chr(160))}</w:p>', block=True)
"""Rule below a restricted passage; not empty, as Word may turn an empty one into a page break."""
_UNSTYLED_IN_BOXES = ("CodeBlock", "Div", "Figure", "Table")
"""Blocks in a box with styles of their own."""


def with_style(style: str, blocks: list[Node], id: str = "") -> Node:
    """Return a Div whose paragraphs get a style."""
    return tree.div(blocks, id=id, values={"custom-style": style})


def entry_text(entry: ListEntry) -> str:
    """Return a line of a list as Word builds it from a heading."""
    return EN_SPACE.join(filter(None, (entry.number, entry.title)))


def is_lead_in(block: Node) -> bool:
    """Whether a block only introduces the next one."""
    return block["t"] == "Header" or any(tree.is_div(block, name) for name in _DIV_STYLES)


class WordStyler(Struct, frozen=True):
    """Sets Word's style names on the blocks of the paper."""

    embed_picture: Callable[[Node], Node]
    """Adds the data to an image."""
    recommendations: Mapping[str, ListEntry]
    """By id, as in their list."""
    references: BookmarkedLabels
    has_separate_fields: bool = False
    """Whether each field of a box is a paragraph, as reviewers edit them."""

    def apply_styles(self, blocks: list[Node]) -> list[Node]:
        """Return the blocks with styles, fields and pictures."""
        return tree.rewrite(self._style_node, blocks)

    def _style_node(self, node: Node) -> Node | list[Node]:
        if node["t"] in ("Figure", "Table"):
            return self._style_captioned(node)
        changes: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "Cite": _style_citation,
            "Div": self._style_div,
            "Header": self._style_header,
            "Image": self.embed_picture,
            "Link": lambda link: self.references.to_field(link) if is_reference(link) else link,
            "Para": _with_equation_lines,
            "Plain": _with_equation_lines,
            "Span": _style_span,
        }
        return changes[node["t"]](node) if node["t"] in changes else node

    # --- blocks of our own -------------------------------------------------------------------------------------------

    def _style_div(self, node: Node) -> Node:
        names, blocks = tree.classes(node), tree.content(node)
        anchor = tree.identifier(node)
        for kind in BOXES:
            if kind.lower() in names:
                return self._style_box(kind, anchor, blocks)
        if "pullquote" in names:
            quote = with_style("Pull Quote", [b for b in blocks if not tree.is_div(b, "by")])
            source = [with_style("Pull Quote Source", tree.content(b)) for b in blocks if tree.is_div(b, "by")]
            return tree.div([quote, *source], id=anchor)
        if "findings" in names:
            return with_style("Findings List", [_with_loose_lists(block) for block in blocks], anchor)
        if "panel" in names:
            return tree.div([_style_in_panel(block) for block in blocks], id=anchor)
        style = next((style for name, style in _DIV_STYLES.items() if name in names), "")
        if sensitivity_level(node) and not style:
            return tree.div([*blocks, _MARKING_END], id=anchor)
        return with_style(style, blocks, anchor) if style else node

    def _style_box(self, kind: str, id: str, blocks: list[Node]) -> Node:
        out: list[Node] = []
        for block in blocks:
            if tree.is_div(block, "title"):
                out.append(with_style(f"{kind} Title", [self._style_box_title(id, b) for b in tree.content(block)]))
            elif tree.is_div(block, "fields"):
                lines = build_field_lines(tree.content(block), separate=self.has_separate_fields)
                out.append(with_style(f"{kind} Fields", lines))
            else:
                out.append(block if block["t"] in _UNSTYLED_IN_BOXES else with_style(kind, [_with_loose_lists(block)]))
        return tree.div(out, id=id)

    def _style_box_title(self, id: str, title: Node) -> Node:
        """Return the title of a box, with the hidden field from which Word builds the list of recommendations."""
        if title["t"] not in ("Para", "Plain"):
            return title
        inlines = tree.content(title)
        if label := label_of(inlines):
            before, number = split_label(tree.plain_text(label))
            inlines = [*self.references.with_bookmarks(id, _word_nodes(before), _word_nodes(number)), *inlines[1:]]
        if entry := self.recommendations.get(id):
            words = entry_text(entry).replace("\\", "").replace('"', "”")
            inlines = [raw_node(hidden_field_xml(f'TC "{words}" \\f r \\l 4')), *inlines]
        return {"t": "Para", "c": inlines}

    # --- headings, captions, references ------------------------------------------------------------------------------

    def _style_header(self, node: Node) -> Node:
        name, inlines = tree.identifier(node), tree.content(node)
        if label := label_of(inlines):
            before, number = split_label(tree.plain_text(label))
            marked = self.references.with_bookmarks(name, _word_nodes(before), _word_nodes(number))
            style = "Chapter Number" if tree.level(node) == 1 else "Section Number"
            inlines = [_styled_span(style, marked), *_word_nodes(EN_SPACE), *inlines[2:]]
        else:
            inlines = self.references.with_bookmarks(name, [], inlines)
        if "part" in tree.classes(node):
            return with_style("Part", [tree.para(inlines)], name)
        return tree.with_content(node, inlines)

    def _style_captioned(self, node: Node) -> Node:
        """Turn the number in a caption into a field, so that Word's list of figures or tables finds it."""
        attr, (short, blocks), *rest = node["c"]
        captions = [self._style_caption(block, attr[0], node["t"]) for block in blocks]
        if node["t"] == "Figure" and (len(rest[0]) > 1 or any(map(is_tracked_change, tree.walk(rest)))):
            # pandoc writes a figure with more than one picture or paragraph as a table.
            content = [b if b["t"] == "Div" else with_style("Captioned Figure", [b]) for b in rest[0]]
            return tree.div([*content, with_style("Image Caption", captions)], id=attr[0])
        return {**node, "c": [attr, [short, captions], *rest]}

    def _style_caption(self, block: Node, id: str, sequence: str) -> Node:
        label = label_of(tree.content(block)) if block["t"] in ("Plain", "Para") else None
        if label is None:  # it may be in a tracked change
            styled: Node = tree.rewrite(
                lambda n: _styled_span("Caption Label", tree.content(n)) if label_of([n]) else n, block
            )
            return styled
        before, number = split_label(tree.plain_text(label))
        opening = [raw_node(run_xml(before, _LABEL_STYLE))] if before else []
        marked = self.references.with_bookmarks(id, opening, [raw_node(_caption_number_runs(number, sequence))])
        return tree.with_content(block, [*marked, *tree.content(block)[1:]])


def _style_in_panel(block: Node) -> Node:
    """Return text or the heading of a panel with its shade; boxes and tables have styles of their own."""
    if block["t"] == "Header":
        text = tree.para(tree.content(block))
        return with_style(f"Panel heading {tree.level(block)}", [text], tree.identifier(block))
    is_text = block["t"] == "Para" or block["t"].endswith("List")
    return with_style("Panel", [_with_loose_lists(block)]) if is_text else block


_LABEL_STYLE = "CaptionLabel"


def _caption_number_runs(number: str, sequence: str) -> str:
    """Return the runs of a caption's number: "3." typed, "2" counted."""
    if not (parts := _TRAILING_NUMBER.match(number)):
        return run_xml(number, _LABEL_STYLE)
    typed = run_xml(parts[1], _LABEL_STYLE) if parts[1] else ""
    # \r sets the number, so that an update of fields cannot change the text.
    return typed + field_xml(f"SEQ {sequence} \\* ARABIC \\r {int(parts[2])}", parts[2], _LABEL_STYLE)


def _with_loose_lists(block: Node) -> Node:
    """Return a list with paragraphs in its items: pandoc gives those of a tight list another style than its Div's."""
    if not block["t"].endswith("List"):
        return block
    with_paragraphs: Node = tree.rewrite(
        lambda node: {**node, "t": "Para"} if node["t"] == "Plain" else node, block, skip_types=tree.WORD_TYPES
    )
    return with_paragraphs


def _word_nodes(text: str) -> list[Node]:
    return [{"t": "Str", "c": text}] if text else []


def _style_citation(node: Node) -> Node:
    """Return a citation with a style of its own on its links, as they are not links for readers."""

    def style_link(inner: Node) -> Node:
        if inner["t"] != "Link":
            return inner
        return tree.with_content(inner, [_styled_span("Citation", tree.content(inner))])

    return tree.with_content(node, tree.rewrite(style_link, tree.content(node)))


def _style_span(node: Node) -> Node | list[Node]:
    names = tree.classes(node)
    if EQUATION in names:
        formula = [raw_node(tab_xml()), *tree.rewrite(_as_inline_formula, tree.content(node))]
        return tree.span(formula, EQUATION, id=tree.identifier(node))
    if "equation-number" in names:
        return [raw_node(tab_xml()), _styled_span(EQUATION_NUMBER_STYLE, tree.content(node))]
    style = next((style for name, style in _SPAN_STYLES.items() if name in tree.classes(node)), "")
    return tree.with_attributes(node, **{"custom-style": style}) if style else node


def _with_equation_lines(block: Node) -> Node:
    """Return a paragraph whose display formulas are on lines of their own; pandoc would part the paragraph."""
    inlines = tree.content(block)
    if len(inlines) == 1 or not any(map(_is_displayed, inlines)):
        return block
    out: list[Node] = []
    for before, part, after in zip([None, *inlines], inlines, [*inlines[1:], None], strict=False):
        follows, precedes = (neighbour is not None and _is_displayed(neighbour) for neighbour in (before, after))
        if before is not None and (follows or _is_displayed(part)):
            out.append({"t": "LineBreak"})
        out.append(_strip_line_end(_as_inline_formula(part), at_start=follows, at_end=precedes))
    return tree.with_content(block, out)


def _strip_line_end(node: Node, *, at_start: bool, at_end: bool) -> Node:
    """Return words without blanks at the start or the end of a line; any other node as it is."""
    if node["t"] in ("Space", "SoftBreak") and (at_start or at_end):
        return {"t": "Str", "c": ""}
    if node["t"] != "Str":
        return node
    text = node["c"].lstrip() if at_start else node["c"]
    return {**node, "c": text.rstrip() if at_end else text}


def _is_displayed(node: Node) -> bool:
    """Whether a node is a display formula, in its bookmark too, or a numbered equation."""
    inner = tree.content(node)[0] if node["t"] == "Span" and len(tree.content(node)) == 1 else node
    return is_equation(node) or (inner["t"] == "Math" and tree.form(inner) == "DisplayMath")


def _as_inline_formula(node: Node) -> Node:
    """Return a display formula, in its bookmark too, as one of the line."""
    if node["t"] == "Span" and _is_displayed(node) and not is_equation(node):
        return tree.with_content(node, [_as_inline_formula(tree.content(node)[0])])
    return {"t": "Math", "c": [{"t": "InlineMath"}, tree.content(node)]} if node["t"] == "Math" else node


def _styled_span(style: str, inlines: list[Node]) -> Node:
    return {"t": "Span", "c": [tree.attr(values={"custom-style": style}), inlines]}
