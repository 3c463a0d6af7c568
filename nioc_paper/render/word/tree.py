"""The paper's tree as Word takes it: named styles for our blocks, sections for turned pages, numbers as fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum

from nioc_paper import tree
from nioc_paper.model import Entry, Node
from nioc_paper.ooxml.xml import field, hidden, raw, run, tab
from nioc_paper.render.word.styles import BOXES

EN_SPACE = "\u2002"
"""Between a number and its title, in headings and in the lists that Word makes of them."""

SECTION_END = raw("<w:p><w:pPr><w:sectPr/></w:pPr></w:p>", block=True)
_NUMBERED = re.compile(r"^(.*?)(\d+)$", re.DOTALL)


class Section(Enum):
    """A run of pages with the same sheet, header and footer."""

    COVER = "cover"
    LISTS = "lists"
    OPENING = "opening"
    """Starts a part or chapter: no running head on its first page."""
    UPRIGHT = "upright"
    """Goes on after a turned page."""
    TURNED = "turned"


def sections(blocks: tuple[Node, ...]) -> Iterator[tuple[Section, list[Node]]]:
    """The paper cut where a chapter starts and where the page turns; a part's title goes with its first chapter."""
    run_on: list[Node] = []
    for block in blocks:
        run_on += _unwrapped(block)
        if not tree.is_div(block, "part"):
            yield from _turns(run_on)
            run_on = []
    yield from _turns(run_on)


def styled(blocks: list[Node], picture: Callable[[Node], Node], recommendations: Mapping[str, Entry]) -> list[Node]:
    """The blocks with Word's style names on them; `picture` gives an image its bytes."""

    def change(node: Node) -> Node | list[Node]:
        kind = node["t"]
        if kind == "Div":
            return _div(node, recommendations)
        if kind == "Image":
            return picture(node)
        return _CHANGES[kind](node) if kind in _CHANGES else node

    changed: list[Node] = tree.rewrite(change, blocks)
    return changed


def named(style: str, blocks: list[Node], id: str = "") -> Node:
    """A Div whose paragraphs get a style."""
    return tree.div(blocks, id=id, values={"custom-style": style})


def _unwrapped(block: Node) -> list[Node]:
    """The blocks of a chapter; its id stays as an anchor on the first of them."""
    if block["t"] != "Div" or not block["c"][1]:
        return [block]
    first, *rest = block["c"][1]
    anchor = tree.identifier(block)
    return [tree.div([first], id=anchor) if anchor and first["t"] != "Header" else first, *rest]


def _turns(blocks: list[Node]) -> list[tuple[Section, list[Node]]]:
    """Runs of upright and turned pages; a heading goes with the turned page that it stands above."""
    out: list[tuple[Section, list[Node]]] = [(Section.OPENING, [])]
    for block in blocks:
        if not tree.is_div(block, "landscape"):
            if out[-1][0] is Section.TURNED:
                out.append((Section.UPRIGHT, []))
            out[-1][1].append(block)
            continue
        above = out[-1][1] if out[-1][0] is not Section.TURNED else []
        taken: list[Node] = []
        while above and _is_opening(above[-1]):
            taken.insert(0, above.pop())
        if not out[-1][1]:
            out.pop()
        if not out or out[-1][0] is not Section.TURNED:
            out.append((Section.TURNED, []))
        out[-1][1].extend([*taken, *block["c"][1]])
    return [(kind, run_of_blocks) for kind, run_of_blocks in out if run_of_blocks]


def _is_opening(block: Node) -> bool:
    """Whether a block only leads in to what follows."""
    return block["t"] == "Header" or any(tree.is_div(block, name) for name in _DIVS)


# --- blocks of our own -----------------------------------------------------------------------------------------------


def _div(node: Node, recommendations: Mapping[str, Entry]) -> Node:
    names, blocks = tree.classes(node), node["c"][1]
    anchor = tree.identifier(node)
    for kind in BOXES:
        if kind.lower() in names:
            return _box(kind, anchor, blocks, recommendations.get(anchor))
    if "pullquote" in names:
        said = [b for b in blocks if not tree.is_div(b, "by")]
        by = [b for b in blocks if tree.is_div(b, "by")]
        return tree.div([named("Pull Quote", said), *(named("Pull Quote Source", b["c"][1]) for b in by)], id=anchor)
    style = next((style for name, style in _DIVS.items() if name in names), "")
    return named(style, blocks, anchor) if style else node


def _box(kind: str, id: str, blocks: list[Node], entry: Entry | None) -> Node:
    out: list[Node] = []
    for block in blocks:
        if tree.is_div(block, "title"):
            out.append(named(f"{kind} Title", _listed(block["c"][1], entry)))
        elif tree.is_div(block, "fields"):
            out.append(named(f"{kind} Fields", _fields(block["c"][1])))
        else:
            out.append(named(kind, [block]))
    return tree.div(out, id=id)


def _listed(title: list[Node], entry: Entry | None) -> list[Node]:
    """A title with the hidden mark from which Word makes the list of recommendations."""
    if entry is None or title[0]["t"] not in ("Para", "Plain"):
        return title
    words = f"{entry.label}. {entry.title}".replace("\\", "").replace('"', "”")
    mark = raw(hidden(f'TC "{words}" \\f r \\l 3'))
    return [{"t": "Para", "c": [mark, *title[0]["c"]]}, *title[1:]]


def _fields(blocks: list[Node]) -> list[Node]:
    """The lines of a box's fields: name, tab, value."""
    items = [item for block in blocks if block["t"] == "BulletList" for item in block["c"]]
    rest = [block for block in blocks if block["t"] != "BulletList"]
    return [_line(block) for item in items for block in item] + rest


def _line(block: Node) -> Node:
    if block["t"] not in ("Plain", "Para"):
        return block
    inlines = list(block["c"])
    space = next((i for i, inline in enumerate(inlines) if inline["t"] == "Space"), None)
    if space is not None:
        inlines[space] = raw(tab())
    return tree.para(inlines)


# --- headings, captions, spans ---------------------------------------------------------------------------------------


def _header(node: Node) -> Node:
    level, attr, inlines = node["c"]
    if len(inlines) > 1 and inlines[0]["t"] == "Span" and inlines[1]["t"] == "Space":
        inlines = [inlines[0], {"t": "Str", "c": EN_SPACE}, *inlines[2:]]
    if "part" in attr[1]:
        return named("Part", [tree.para(inlines)], attr[0])
    return {"t": "Header", "c": [level, attr, inlines]}


def _captioned(sequence: str) -> Callable[[Node], Node]:
    """Figures and tables: the number in the caption becomes a field, so that Word's own list of them finds it."""

    def change(node: Node) -> Node:
        attr, (short, blocks), *rest = node["c"]
        return {**node, "c": [attr, [short, [_caption(block, sequence) for block in blocks]], *rest]}

    return change


def _caption(block: Node, sequence: str) -> Node:
    inlines = block["c"]
    if block["t"] not in ("Plain", "Para") or not inlines or "label" not in tree.classes(inlines[0]):
        return block
    label = tree.plain(inlines[0])
    parts = _NUMBERED.match(label)
    if not parts:
        return {**block, "c": [raw(run(label, "CaptionLabel")), *inlines[1:]]}
    # \r gives the number itself, so that updating the field can only confirm what the text says.
    number = field(f"SEQ {sequence} \\* ARABIC \\r {int(parts[2])}", parts[2], "CaptionLabel")
    return {**block, "c": [raw(run(parts[1], "CaptionLabel") + number), *inlines[1:]]}


def _span(node: Node) -> Node:
    style = next((style for name, style in _SPANS.items() if name in tree.classes(node)), "")
    if not style:
        return node
    return {"t": "Span", "c": [tree.attr(tree.identifier(node), values={"custom-style": style}), node["c"][1]]}


_DIVS: Mapping[str, str] = {"summary": "Summary", "standing": "Chapter Status"}
_SPANS: Mapping[str, str] = {"number": "Section Number", "field": "Field Name"}
_CHANGES: Mapping[str, Callable[[Node], Node]] = {
    "Header": _header,
    "Figure": _captioned("Figure"),
    "Table": _captioned("Table"),
    "Span": _span,
}
