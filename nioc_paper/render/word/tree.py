"""The paper's tree as Word takes it: named styles for our blocks, numbers and references as fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nioc_paper import tree
from nioc_paper.audience import marking
from nioc_paper.model import Entry, Node
from nioc_paper.ooxml.xml import field, hidden, raw, run, tab
from nioc_paper.render.body import changed
from nioc_paper.render.word.crossref import References, firm, is_reference, label_of
from nioc_paper.render.word.styles import BOXES

EN_SPACE = "\u2002"
"""Between a number and its title, in headings and in the lists that Word makes of them."""

_NUMBERED = re.compile(r"^(.*?)(\d+)$", re.DOTALL)
_DIVS: Mapping[str, str] = {
    "summary": "Summary", "standing": "Chapter Status", "marking": "Marking",
    # of briefs, and of sheets for the board, where boxes lend their colours to how the paper stands
    "late": "Gap Title", "at-risk": "Gap Title", "due": "Finding Title", "verdict": "Recommendation Title",
    "more": "caption", "abbreviations": "caption", "whole-paper": "caption", "next": "caption",
    "since": "caption", "known": "caption",
}  # fmt: skip
_SPANS: Mapping[str, str] = {
    "field": "Field Name", "paragraph-number": "Paragraph Number",
    "late": "Alert", "at-risk": "Alert", "due": "Chapter Number", "health": "Caption Label",
}  # fmt: skip
_MARKED = raw(f'<w:p><w:pPr><w:pStyle w:val="MarkingEnd"/></w:pPr>{run(chr(160))}</w:p>', block=True)
"""The rule below a passage that not everybody may read; not empty, for Word may then make a break of the page of it."""
_SEQUENCES = ("Figure", "Table")
"""What Word counts and lists; a tree's nodes are called just so."""


def named(style: str, blocks: list[Node], id: str = "") -> Node:
    """A Div whose paragraphs get a style."""
    return tree.div(blocks, id=id, values={"custom-style": style})


def numbered(entry: Entry) -> str:
    """A line of a list as Word makes it of a heading."""
    return EN_SPACE.join(filter(None, (entry.number, entry.title)))


def leads_in(block: Node) -> bool:
    """Whether a block only leads in to what follows."""
    return block["t"] == "Header" or any(tree.is_div(block, name) for name in _DIVS)


@dataclass(frozen=True, slots=True)
class Styling:
    """Puts Word's style names on the blocks of the paper."""

    picture: Callable[[Node], Node]
    """Gives an image its bytes."""
    recommendations: Mapping[str, Entry]
    """By id, as the list has them."""
    references: References

    def styled(self, blocks: list[Node]) -> list[Node]:
        """The blocks with styles, fields and pictures."""
        changed: list[Node] = tree.rewrite(self._node, blocks)
        return changed

    def _node(self, node: Node) -> Node | list[Node]:
        if node["t"] in _SEQUENCES:
            return self._captioned(node)
        changes: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "Cite": _citation,
            "Div": self._div,
            "Header": self._header,
            "Image": self.picture,
            "Link": self._link,
            "Span": _span,
        }
        return changes[node["t"]](node) if node["t"] in changes else node

    # --- blocks of our own -------------------------------------------------------------------------------------------

    def _div(self, node: Node) -> Node:
        names, blocks = tree.classes(node), node["c"][1]
        anchor = tree.identifier(node)
        for kind in BOXES:
            if kind.lower() in names:
                return self._box(kind, anchor, blocks)
        if "pullquote" in names:
            said = named("Pull Quote", [b for b in blocks if not tree.is_div(b, "by")])
            by = [named("Pull Quote Source", b["c"][1]) for b in blocks if tree.is_div(b, "by")]
            return tree.div([said, *by], id=anchor)
        style = next((style for name, style in _DIVS.items() if name in names), "")
        if marking(node) and not style:
            return tree.div([*blocks, _MARKED], id=anchor)
        return named(style, blocks, anchor) if style else node

    def _box(self, kind: str, id: str, blocks: list[Node]) -> Node:
        out: list[Node] = []
        for block in blocks:
            if tree.is_div(block, "title"):
                out.append(named(f"{kind} Title", [self._title(id, each) for each in block["c"][1]]))
            elif tree.is_div(block, "fields"):
                out.append(named(f"{kind} Fields", _fields(block["c"][1])))
            else:
                out.append(named(kind, [block]))
        return tree.div(out, id=id)

    def _title(self, id: str, title: Node) -> Node:
        """The title of a box, with the hidden mark from which Word makes the list of recommendations."""
        if title["t"] not in ("Para", "Plain"):
            return title
        inlines = title["c"]
        if label := label_of(inlines):
            before, number = firm(tree.plain(label))
            inlines = [*self.references.marked(id, _words(before), _words(number)), *inlines[1:]]
        if entry := self.recommendations.get(id):
            inlines = [raw(hidden(_listed(entry))), *inlines]
        return {"t": "Para", "c": inlines}

    # --- headings, captions, references ------------------------------------------------------------------------------

    def _header(self, node: Node) -> Node:
        level, attr, inlines = node["c"]
        if label := label_of(inlines):
            before, number = firm(tree.plain(label))
            marked = self.references.marked(attr[0], _words(before), _words(number))
            style = "Chapter Number" if level == 1 else "Section Number"
            inlines = [_in_style(style, marked), *_words(EN_SPACE), *inlines[2:]]
        else:
            inlines = self.references.marked(attr[0], [], inlines)
        if "part" in attr[1]:
            return named("Part", [tree.para(inlines)], attr[0])
        return {"t": "Header", "c": [level, attr, inlines]}

    def _captioned(self, node: Node) -> Node:
        """The number in a caption becomes a field, so that Word's own list of figures or tables finds it."""
        attr, (short, blocks), *rest = node["c"]
        captions = [self._caption(block, attr[0], node["t"]) for block in blocks]
        if node["t"] == "Figure" and any(map(changed, tree.walk(rest))):
            # Of a figure that is not one picture alone pandoc makes a table.
            drawn, said = named("Captioned Figure", rest[0]), named("Image Caption", captions)
            return tree.div([drawn, said], id=attr[0])
        return {**node, "c": [attr, [short, captions], *rest]}

    def _caption(self, block: Node, id: str, sequence: str) -> Node:
        label = label_of(block["c"]) if block["t"] in ("Plain", "Para") else None
        if label is None:
            return block
        before, number = firm(tree.plain(label))
        opening = [raw(run(before, _LABEL))] if before else []
        marked = self.references.marked(id, opening, [raw(_counted(number, sequence))])
        return {**block, "c": [*marked, *block["c"][1:]]}

    def _link(self, node: Node) -> Node | list[Node]:
        return self.references.field(node) if is_reference(node) else node


_LABEL = "CaptionLabel"


def _listed(entry: Entry) -> str:
    """The code of the hidden field from which Word makes the line of a list."""
    words = numbered(entry).replace("\\", "").replace('"', "”")
    return f'TC "{words}" \\f r \\l 4'


def _counted(number: str, sequence: str) -> str:
    """The runs of a caption's number: "3." typed, "2" counted."""
    parts = _NUMBERED.match(number)
    if not parts:
        return run(number, _LABEL)
    typed = run(parts[1], _LABEL) if parts[1] else ""
    # \r gives the number itself, so that updating the field can only confirm what the text says.
    return typed + field(f"SEQ {sequence} \\* ARABIC \\r {int(parts[2])}", parts[2], _LABEL)


def _words(text: str) -> list[Node]:
    return [{"t": "Str", "c": text}] if text else []


def _fields(blocks: list[Node]) -> list[Node]:
    """The lines of a box's fields: name, tab, value."""
    items = [item for block in blocks if block["t"] == "BulletList" for item in block["c"]]
    rest = [block for block in blocks if block["t"] != "BulletList"]
    return [_line(block) for item in items for block in item] + rest


def _line(block: Node) -> Node:
    if block["t"] not in ("Plain", "Para"):
        return block
    inlines = list(block["c"])
    if inlines and changed(inlines[0]):
        # The whole line was put in or taken out: what is in the span is the line.
        attr, own = inlines[0]["c"]
        return tree.para([{"t": "Span", "c": [attr, _line(tree.para(own))["c"]]}, *inlines[1:]])
    space = next((i for i, inline in enumerate(inlines) if inline["t"] == "Space"), None)
    if space is not None:
        inlines[space] = raw(tab())
    return tree.para(inlines)


def _citation(node: Node) -> Node:
    """A citation with a style of its own on its links, which are no links to a reader."""

    def change(inner: Node) -> Node:
        if inner["t"] != "Link":
            return inner
        attr, inlines, target = inner["c"]
        return {"t": "Link", "c": [attr, [_in_style("Citation", inlines)], target]}

    return {"t": "Cite", "c": [node["c"][0], tree.rewrite(change, node["c"][1])]}


def _span(node: Node) -> Node:
    style = next((style for name, style in _SPANS.items() if name in tree.classes(node)), "")
    return _in_style(style, node["c"][1], tree.identifier(node)) if style else node


def _in_style(style: str, inlines: list[Node], id: str = "") -> Node:
    return {"t": "Span", "c": [tree.attr(id, values={"custom-style": style}), inlines]}
