"""What lists are made of, and the cells that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from nioc_paper import tree
from nioc_paper.model import Approval, Block, Chapter, History, Node, Paper, Place
from nioc_paper.wording import Words, head
from nioc_paper.wording import day as printed

Cell = Sequence[Node]


@dataclass(frozen=True, slots=True)
class Context:
    """What lists are made of: the paper, its chapters in print order, what git knows, and what all is called.

    `words`, `labels` and `numbers` are in the language of the chapter that the list stands in.
    """

    paper: Paper
    chapters: Sequence[Chapter]
    history: History
    words: Words
    labels: Mapping[str, str]
    numbers: Mapping[str, str]
    whole: bool = True
    """Whether nothing was withheld: only then does a list say that something is missing."""
    levels: Mapping[Place, str] = field(default_factory=dict)
    """For whom boxes are that not everybody may read, by their places."""
    approvals: Mapping[str, Sequence[Approval]] = field(default_factory=dict)
    """The sign-offs that hold, by chapter."""

    def blocks(self, kind: str) -> Iterator[tuple[Chapter, Block]]:
        """All blocks of a kind in print order."""
        for chapter in self.chapters:
            for block in chapter.of(kind):
                yield chapter, block

    def missing(self, key: str) -> str:
        """The word for what is not there; a dash where it may only be withheld."""
        return self.words[key] if self.whole else "—"


def columns(context: Context, *shares: tuple[str, float | None]) -> list[tuple[str, float | None]]:
    """The heads of columns by their keys in the table of words, with their shares of the width."""
    return [(head(context.words, key), share) for key, share in shares]


def cell(inlines: Sequence[Node]) -> Cell:
    """A table cell of one tight paragraph."""
    return [tree.plain_block(inlines)] if inlines else []


def titled(context: Context, name: str, title: str) -> list[Node]:
    """The title of a chapter, by its id; one in another language than the paper's says in which, for its typeface."""
    own = context.paper.settings.language
    language = next((c.language for c in context.chapters if c.id == name), own)
    words = tree.text(title)
    return words if language == own else [tree.marked(tree.span(words), lang=language)]


def brief(block: Block, *, sources: bool = False) -> list[Node]:
    """The first paragraph of a block for a list: without its sources unless asked for."""
    first: list[Node] = next((b["c"] for b in block.blocks if b["t"] in ("Para", "Plain")), [])
    return _bare(first, sources=sources)


def own(context: Context, block: Block) -> Cell:
    """The number of a recommendation or a gap, with its mark where not everybody may read it."""
    return cell([*reference(context, block.id, short=True), *mark(context, block)])


def mark(context: Context, block: Block) -> list[Node]:
    """For whom a box is, behind its number, where not everybody may read it."""
    return mark_at(context, block.place)


def mark_at(context: Context, place: Place) -> list[Node]:
    """For whom something is that stands at a place, where not everybody may read it."""
    level = context.levels.get(place)
    return [{"t": "Space"}, tree.span(tree.text(f"[{context.words[level]}]"), "marking", level)] if level else []


def value(block: Block, name: str, missing: str = "") -> list[Node]:
    """The value of a field with its sources, or what to write where there is none."""
    return _bare(block.fields[name].inlines, sources=True) if block.value(name) else tree.text(missing)


def caption(node: Node) -> list[Node]:
    """The caption's blocks of a figure or a table; of a block around one the paragraphs, without a picture's own."""
    if node["t"] == "Div":
        return [b for b in node["c"][1] if b["t"] in ("Para", "Plain") and tree.plain(_without_pictures(b))]
    return list(node["c"][1][1])


def title(node: Node) -> list[Node]:
    """The first paragraph of a caption, for a list."""
    blocks = caption(node)
    return _bare(blocks[0]["c"], sources=True) if blocks else []


def _without_pictures(block: Node) -> list[Node]:
    out: list[Node] = tree.rewrite(lambda n: None if n["t"] == "Image" else n, [block])
    return out


def _bare(inlines: Sequence[Node], *, sources: bool) -> list[Node]:
    """Inlines that can stand a second time: without notes and ids."""

    def change(node: Node) -> Node | None:
        if node["t"] == "Note" or (node["t"] == "Cite" and not sources):
            return None
        return {**node, "c": [tree.attr(), *node["c"][1:]]} if node["t"] == "Span" else node

    out: list[Node] = []
    for node in tree.rewrite(change, inlines):
        # Where a source was taken out, the blank before it would stand before a full stop.
        if out and out[-1]["t"] in ("Space", "SoftBreak") and tree.plain([node]).startswith((".", ",", ";", ":")):
            out.pop()
        out.append(node)
    return out


def owner(context: Context, block: Block) -> str:
    """The owner of a recommendation, by the short name if there is one."""
    found = context.paper.organization(block.value("owner"))
    return (found.acronym or found.name) if found else block.value("owner")


def reference(context: Context, name: str, *, short: bool = False) -> list[Node]:
    """A reference to something by its label, or `short` by its number; the id itself when nothing is called so."""
    label = (context.numbers if short else context.labels).get(name)
    return [tree.xref(label, name)] if label else tree.text(name)


def references(context: Context, names: Sequence[str]) -> list[Node]:
    """References to several things by their numbers."""
    return tree.joined(reference(context, name, short=True) for name in names)


def day(text: str, words: Words) -> str:
    """22 November 2019; a text that is no day as it is."""
    try:
        return printed(date.fromisoformat(text), words).replace(" ", "\u00a0", 1)
    except ValueError:
        return text
