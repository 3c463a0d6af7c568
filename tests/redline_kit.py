"""Kit for comparisons: random texts, random revisions of them, and texts with all changes accepted."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, PARAGRAPH_MARK_PREFIX, Node
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    iter_elements,
    qn,
    remove_element,
)

_WORDS = [
    *("the", "bridge", "a", "tunnel", "of", "stone", "and", "iron", "was", "closed", "in", "winter", "because"),
    *("nobody", "had", "looked", "at", "its", "piers", "since", "1871", "when", "council", "well-known", "drivers’"),
    *("inspect", "every", "deck", "once", "year", "publish", "result", "5.5", "per", "cent", "“quoted”", "it"),
]

# --- texts ------------------------------------------------------------------------------------------------------------


def text(random: Random) -> list[Node]:
    """A few blocks of every kind, with ids where the assembled tree has some."""
    return [_block(random, number) for number in range(random.randint(3, 9))]


def _block(random: Random, number: int) -> Node:
    kinds = (_para, _para, _para, _header, _bullets, _ordered, _table, _box, _quote, _figure)
    return random.choice(kinds)(random, number)


def _sentence(random: Random, *, notes: bool = True) -> list[Node]:
    out: list[Node] = []
    for _ in range(random.randint(2, 12)):
        word: Node = {"t": "Str", "c": random.choice(_WORDS)}
        chance = random.random()
        if chance < 0.08:
            word = {"t": random.choice(("Emph", "Strong")), "c": [word, {"t": "Space"}, {"t": "Str", "c": "indeed"}]}
        elif chance < 0.12:
            word = tree.cross_reference(f"Table {random.randint(1, 4)}", "tbl-one")
        elif chance < 0.15 and notes:
            word = {"t": "Note", "c": [tree.para(_sentence(random, notes=False))]}
        elif chance < 0.18:
            word = {"t": "Code", "c": [["", [], []], "x = 1"]}
        elif chance < 0.26:
            word = _marked(random, [word, {"t": "Space"}, {"t": "Str", "c": random.choice(_WORDS)}])
        out += [*([{"t": "Space"}] if out and word["t"] != "Note" else []), word]
    return [*out, {"t": "Str", "c": "."}]


def _marked(random: Random, inlines: list[Node]) -> Node:
    """Inlines with a mark on them: quoted, emphasized, or a link."""
    kind = random.choice(("Emph", "Strong", "Superscript", "DoubleQuote", "SingleQuote", "Link"))
    if kind == "Link":
        return tree.link(inlines, f"https://example.org/{random.randint(1, 3)}")
    return {"t": "Quoted", "c": [{"t": kind}, inlines]} if kind.endswith("Quote") else {"t": kind, "c": inlines}


def _para(random: Random, _: int) -> Node:
    return tree.para([*_sentence(random), {"t": "Space"}, *_sentence(random)])


def _header(random: Random, number: int) -> Node:
    label = tree.span(tree.text_inlines(f"1.{number}"), "number")
    return tree.header(2, [label, {"t": "Space"}, *_sentence(random, notes=False)], id=f"sec-{number}")


def _bullets(random: Random, _: int) -> Node:
    return {"t": "BulletList", "c": [[tree.plain_block(_sentence(random))] for _ in range(random.randint(1, 4))]}


def _ordered(random: Random, _: int) -> Node:
    items = [[tree.para(_sentence(random)), tree.para(_sentence(random))] for _ in range(random.randint(1, 3))]
    return {"t": "OrderedList", "c": [[1, {"t": "Decimal"}, {"t": "Period"}], items]}


def _table(random: Random, number: int) -> Node:
    rows = [
        [[tree.plain_block(_sentence(random))] if random.random() < 0.9 else [] for _ in range(2)]
        for _ in range(random.randint(1, 5))
    ]
    caption = [
        tree.span(tree.text_inlines(f"Table 1.{number}"), "label"),
        {"t": "Space"},
        *_sentence(random, notes=False),
    ]
    return tree.table([("What", 0.5), ("When", 0.5)], rows, caption=caption, id=f"tbl-{number}")


def _box(random: Random, number: int) -> Node:
    title = tree.div([tree.para([tree.span(tree.text_inlines(f"Recommendation X-{number}"), "label")])], "title")
    lines = [
        [
            tree.span(tree.text_inlines(name), "field"),
            {"t": "Str", "c": ":"},
            {"t": "Space"},
            *_sentence(random, notes=False),
        ]
        for name in ("Owner", "By", "Target")[: random.randint(1, 3)]
    ]
    fields = tree.div([tree.bullet_list(lines)], "fields")
    return tree.div([title, tree.para(_sentence(random)), fields], "recommendation", id=f"rec-{number}")


def _quote(random: Random, _: int) -> Node:
    return {"t": "BlockQuote", "c": [tree.para(_sentence(random))]}


def _figure(random: Random, number: int) -> Node:
    image = {"t": "Image", "c": [["", [], []], tree.text_inlines("A deck."), [f"deck-{random.randint(1, 2)}.png", ""]]}
    caption = [
        tree.span(tree.text_inlines(f"Figure 1.{number}"), "label"),
        {"t": "Space"},
        *_sentence(random, notes=False),
    ]
    return {
        "t": "Figure",
        "c": [[f"fig-{number}", [], []], [None, [tree.plain_block(caption)]], [tree.plain_block([image])]],
    }


# --- revisions --------------------------------------------------------------------------------------------------------


def revised(random: Random, blocks: list[Node]) -> list[Node]:
    """The text after some edits: words, passages, rows and items; new, gone and moved."""
    out = copy.deepcopy(blocks)
    for _ in range(random.randint(1, 7)):
        random.choice((_edit, _edit, _edit, _mark, _mark, _drop, _add, _move, _rows))(random, out)
    return out


def _leaves(blocks: list[Node]) -> list[Node]:
    return [node for node in tree.walk(blocks) if node["t"] in ("Para", "Plain", "Header")]


def _edit(random: Random, blocks: list[Node]) -> None:
    if not (leaves := _leaves(blocks)):
        return
    leaf = random.choice(leaves)
    inlines: list[Node] = leaf["c"][2] if leaf["t"] == "Header" else leaf["c"]
    first = 2 if leaf["t"] == "Header" else 0
    at = random.randint(first, len(inlines))
    end = at if random.random() < 0.4 else min(at + random.randint(1, 4), len(inlines))
    inlines[at:end] = [] if random.random() < 0.3 else [{"t": "Space"}, *_sentence(random, notes=leaf["t"] == "Para")]


_MARKS = ("Emph", "Strong", "Superscript", "Quoted", "Link")


def _mark(random: Random, blocks: list[Node]) -> None:
    """A mark put on words, taken off them, or another in its place."""
    if not (leaves := _leaves(blocks)):
        return
    leaf = random.choice(leaves)
    inlines: list[Node] = leaf["c"][2] if leaf["t"] == "Header" else leaf["c"]
    marks = [n for n, node in enumerate(inlines) if node["t"] in _MARKS and not is_reference(node)]
    if marks and random.random() < 0.6:
        at = random.choice(marks)
        content = inlines[at]["c"]
        bare: list[Node] = content if isinstance(content[0], dict) and inlines[at]["t"] != "Quoted" else content[1]
        inlines[at : at + 1] = bare if random.random() < 0.5 else [_marked(random, bare)]
        return
    at = random.randint(2 if leaf["t"] == "Header" else 0, len(inlines))
    end = min(at + random.randint(1, 4), len(inlines))
    if end > at and not any(node["t"] in ("Note", "Link", "Image") for node in tree.walk(inlines[at:end])):
        inlines[at:end] = [_marked(random, inlines[at:end])]


def is_reference(node: Node) -> bool:
    """Return whether a node leads to another place of the text: such a link has no mark of its own."""
    return bool(node["t"] == "Link" and node["c"][2][0].startswith("#"))


def _drop(random: Random, blocks: list[Node]) -> None:
    if blocks:
        del blocks[random.randrange(len(blocks))]


def _add(random: Random, blocks: list[Node]) -> None:
    blocks.insert(random.randint(0, len(blocks)), _block(random, random.randint(20, 99)))


def _move(random: Random, blocks: list[Node]) -> None:
    if blocks:
        block = blocks.pop(random.randrange(len(blocks)))
        blocks.insert(random.randint(0, len(blocks)), block)


def _rows(random: Random, blocks: list[Node]) -> None:
    """A row or an item that is gone, or there twice."""
    several: list[list[Any]] = [n["c"][4][0][3] for n in tree.walk(blocks) if n["t"] == "Table"]
    several += [n["c"] for n in tree.walk(blocks) if n["t"] == "BulletList"]
    if not several:
        return
    rows = random.choice(several)
    at = random.randrange(len(rows)) if rows else 0
    if len(rows) > 1 and random.random() < 0.5:
        del rows[at]
    elif rows:
        row = copy.deepcopy(rows[at])
        _edit(random, row[1][0][-1] if isinstance(row[0], list) and len(row) == 2 and len(row[0]) == 3 else row)
        rows.insert(at, row)


# --- decided ----------------------------------------------------------------------------------------------------------


def decided(blocks: list[Node], *, accept: bool) -> list[Node]:
    """A compared tree with all changes accepted, or all rejected."""
    gone, ends = (DELETION, ("del", "from")) if accept else (INSERTION, ("ins", "to"))
    staying = INSERTION if accept else DELETION

    def change(node: Node) -> Node | list[Node] | None:
        if node["t"] == "Span" and gone in tree.classes(node):
            return []
        if node["t"] == "Span" and staying in tree.classes(node):
            return list(node["c"][1])
        if node["t"] in ("Para", "Plain", "Header"):
            inlines = node["c"][2] if node["t"] == "Header" else node["c"]
            end = tree.identifier(inlines[-1]) if inlines else ""
            return None if end.startswith(tuple(f"{PARAGRAPH_MARK_PREFIX}{e}-" for e in ends)) else node
        return node

    return list(tree.rewrite(change, blocks))


def passage_words(blocks: list[Node]) -> list[str]:
    """The words of each passage that has some."""
    leaves = (node for node in tree.walk(blocks) if node["t"] in ("Para", "Plain", "Header"))
    return [words for leaf in leaves if (words := tree.plain_text(leaf))]


def marked(blocks: list[Node]) -> list[list[tuple[str, frozenset[str]]]]:
    """The letters and signs of each passage that has some, each with its marks; quotation marks are signs."""
    leaves = (node for node in tree.walk(blocks) if node["t"] in ("Para", "Plain", "Header"))
    passages = ([each for each in _letters(leaf["c"], frozenset()) if each[0].strip()] for leaf in leaves)
    return [letters for letters in passages if letters]


def _letters(part: Any, marks: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(part, list):
        for each in part:
            yield from _letters(each, marks)
    if not isinstance(part, dict) or part["t"] in ("Note", "Image"):
        return
    kind: str = part["t"]
    content: Any = part.get("c")
    if kind == "Str":
        yield from ((letter, marks) for letter in content)
    elif kind in ("Code", "Math"):
        yield from ((letter, marks | {kind}) for letter in content[1])
    elif kind == "Quoted":
        before, after = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
        yield (before, marks)
        yield from _letters(content[1], marks)
        yield (after, marks)
    elif kind == "Link" and not is_reference(part):
        yield from _letters(content[1], marks | {content[2][0]})
    else:
        yield from _letters(content, marks | {kind} if kind in _MARKS and kind != "Link" else marks)


def settle(package: Package, *, accept: bool) -> Package:
    """A Word file with all changes accepted, or all rejected, as ECMA-376 part 1, 17.13.5, says."""
    out, keep = (("del", "moveFrom"), ("ins", "moveTo")) if accept else (("ins", "moveTo"), ("del", "moveFrom"))
    for part in ("word/document.xml", "word/footnotes.xml"):
        root = package.xml_root(part)
        for row in list(iter_elements(root, "w:tr")):
            if any(find_element(row, f"w:trPr/w:{name}") is not None for name in out):
                remove_element(row)
        for paragraph in list(iter_elements(root, "w:p")):
            if any(find_element(paragraph, f"w:pPr/w:rPr/w:{name}") is not None for name in out):
                _join(paragraph)
        for change in list(iter_elements(root, *(f"w:{name}" for name in (*out, *keep)))):
            if qn("w:r") in {node.tag for node in change} and change.tag in {qn(f"w:{name}") for name in keep}:
                for node in list(change):
                    change.addprevious(node)
            remove_element(change)
        for gone in list(iter_elements(root, "w:delText")):
            gone.tag = qn("w:t")
    return package


def _join(paragraph: Element) -> None:
    """A paragraph without its end: its content is at the beginning of the next one."""
    following = next((n for n in paragraph.itersiblings(qn("w:p"))), None)
    if following is None or following is not next(paragraph.itersiblings(), None):
        return
    before = get_or_add_first(following, "w:pPr")
    for node in reversed([n for n in paragraph if n.tag != qn("w:pPr")]):
        before.addnext(node)
    remove_element(paragraph)


def passages(package: Package) -> list[str]:
    """The words of each paragraph that has some, and then those of the notes that are called.

    Short fields of a box are in one line with tabs, or in lines of their own beside a change.
    """
    called = {get_attribute(node, "w:id") for node in iter_elements(package.body, "w:footnoteReference")}
    notes = [
        n
        for n in iter_elements(package.xml_root("word/footnotes.xml"), "w:footnote")
        if get_attribute(n, "w:id") in called
    ]
    lines = []
    for part in (package.body, *notes):
        for paragraph in iter_elements(part, "w:p"):
            signs = {qn("w:tab"): "\t", qn("w:br"): " "}
            words = "".join(signs.get(t.tag, t.text or "") for t in iter_elements(paragraph, "w:t", "w:tab", "w:br"))
            lines += [" ".join(line.split()) for line in words.split("\t")]
    return [text for text in lines if text]
