"""Context of lists, and the cells that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.assemble.inline_references import CrossReferences, InlineResolver
from nioc_paper.assemble.repeated_blocks import enclose, repeat_blocks
from nioc_paper.domain.citations_as_text import plain_text_without_citations, without_notes
from nioc_paper.domain.mentions import items_by_body
from nioc_paper.model import Approval, Chapter, History, Item, Node, Organization, Paper, Place
from nioc_paper.wording import Wording, column_head
from nioc_paper.wording import format_date as format_day

Cell = Sequence[Node]


ListColumn = tuple[str, float | None]
"""Heading of a column, and its share of the table's width; None lets the text decide."""


class ListContext(Struct, frozen=True):
    """Content of lists: the paper, its chapters in print order, git history, labels and numbers.

    `words`, `labels` and `numbers` are in the language of the chapter that has the list.
    """

    paper: Paper
    chapters: Sequence[Chapter]
    history: History
    words: Wording
    labels: Mapping[str, str]
    numbers: Mapping[str, str]
    is_complete: bool = True
    """Whether nothing was withheld: only then does a list state that something is missing."""
    audience_levels: Mapping[Place, str] = field(default_factory=dict)
    """Audience of restricted boxes, by their places."""
    approvals: Mapping[str, Sequence[Approval]] = field(default_factory=dict)
    """Valid sign-offs by chapter."""
    agreements: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """State of each body with each action that it owns; empty if no body has been asked."""

    def items_of_kind(self, kind: str) -> Iterator[tuple[Chapter, Item]]:
        """Yield all items of a kind in print order, each with its chapter."""
        for chapter in self.chapters:
            for item in chapter.items_of_kind(kind):
                yield chapter, item

    @property
    def references(self) -> CrossReferences:
        """Resolver of references in the language of the list."""
        return CrossReferences(self.paper, self.words, self.labels)

    def missing_word(self, key: str) -> str:
        """Return the word for a missing entry; a dash if it may only be withheld."""
        return self.words[key] if self.is_complete else "—"


ItemCell = Callable[[ListContext, Chapter, Item], Cell]
"""Cell for an item of a chapter."""
ItemColumn = tuple[str, float | None, ItemCell]
"""Key of the heading of a column of items, its share of the table's width, and its cells."""


def column_heads(context: ListContext, *shares: ListColumn) -> list[ListColumn]:
    """Return columns by the keys of their heads in the wording, with their shares of the width."""
    return [(column_head(context.words, key), share) for key, share in shares]


def generated_table(
    context: ListContext, name: str, columns: Sequence[ListColumn], rows: Sequence[Sequence[Cell]], caption: str = ""
) -> list[Node]:
    """Return a table with columns by the keys of their heads; empty without rows."""
    heads, words = column_heads(context, *columns), tree.text_inlines(caption)
    return [tree.table(heads, rows, "generated", name, caption=words)] if rows else []


def item_table(context: ListContext, kind: str, name: str, *columns: ItemColumn) -> list[Node]:
    """Return a table with a row for each item of a kind; empty without items."""
    rows = item_rows(context, context.items_of_kind(kind), columns)
    return generated_table(context, name, [(key, share) for key, share, _ in columns], rows)


def item_rows(
    context: ListContext, items: Iterable[tuple[Chapter, Item]], columns: Sequence[ItemColumn]
) -> list[list[Cell]]:
    """Return the cells of each item."""
    return [[make_cell(context, chapter, item) for *_, make_cell in columns] for chapter, item in items]


def cell(inlines: Sequence[Node]) -> Cell:
    """Return a table cell of one tight paragraph."""
    return [tree.plain_block(inlines)] if inlines else []


def text_cell(text: str) -> Cell:
    """Return a table cell of words."""
    return cell(tree.text_inlines(text))


def chapter_title(context: ListContext, chapter_id: str, title: str) -> list[Node]:
    """Return the title of a chapter; one in another language than the paper's has a language attribute."""
    own = context.paper.settings.language
    language = next((c.language for c in context.chapters if c.id == chapter_id), own)
    words = tree.text_inlines(title)
    return words if language == own else [tree.with_attributes(tree.span(words), lang=language)]


def item_blocks(context: ListContext, chapter: Chapter, item: Item, *, with_sources: bool = False) -> list[Node]:
    """Return the text of a box for a list: all its blocks but the fields; without its sources unless requested."""
    return repeat_blocks(InlineResolver(context.references, chapter), item.blocks, with_sources=with_sources)


def labelled_blocks(
    context: ListContext, chapter: Chapter, item: Item, before: Sequence[Node] = (), *, number_only: bool = False
) -> list[Node]:
    """Return the text of a box behind some inlines and its label, or its number."""
    label = reference_to(context, item.id, number_only=number_only)
    return enclose([*before, *label, {"t": "Str", "c": ":"}], item_blocks(context, chapter, item))


def definition_list(name: str, entries: Sequence[tuple[Sequence[Node], Node]]) -> list[Node]:
    """Return terms, each with a block that defines it; empty without terms."""
    definitions = [[term, [[block]]] for term, block in entries]
    return [tree.div([{"t": "DefinitionList", "c": definitions}], "generated", name)] if entries else []


def number_cell(context: ListContext, _: Chapter, item: Item) -> Cell:
    """Return the number of a recommendation or a gap, with a mark if it is restricted."""
    return cell([*reference_to(context, item.id, number_only=True), *audience_mark(context, item)])


def owner_cell(context: ListContext, _: Chapter, item: Item) -> Cell:
    """Return the owner of an item."""
    return text_cell(owner_name(context, item))


def agreement_text(context: ListContext, item: Item, owners: Iterable[Organization | None]) -> str:
    """Return whether some owners of an action have agreed to it; empty if nobody has been asked."""
    states = filter(None, (context.agreements.get((owner.id, item.id)) for owner in owners if owner))
    return f"{context.words['semicolon']} ".join(context.words[f"agreement_{state}"] for state in states)


def agreed_owner_cell(context: ListContext, _: Chapter, item: Item) -> Cell:
    """Return the owner of an action, and whether it has agreed."""
    owners = [organization for _, organization in context.paper.bodies(item, "owner")]
    words, agreement = tree.text_inlines(owner_name(context, item)), agreement_text(context, item, owners)
    return cell([*words, {"t": "Space"}, *tree.in_parentheses(tree.text_inlines(agreement))] if agreement else words)


def field_cell(name: str, default: str = "") -> ItemCell:
    """Return the function for the value of a field, or the default if it is empty."""
    return lambda context, chapter, item: cell(field_value(context, chapter, item, name, default))


def audience_mark(context: ListContext, item: Item) -> list[Node]:
    """Return the mark after the number of a restricted box; otherwise empty."""
    return audience_mark_at(context, item.place)


def audience_mark_at(context: ListContext, place: Place) -> list[Node]:
    """Return the mark of a restricted box at a place; otherwise empty."""
    level = context.audience_levels.get(place)
    return (
        [{"t": "Space"}, tree.span(tree.text_inlines(f"[{context.words[level]}]"), "marking", level)] if level else []
    )


def field_value(context: ListContext, chapter: Chapter, item: Item, name: str, default: str = "") -> list[Node]:
    """Return the value of a field with its sources, or the default if it is empty."""
    if not item.field_text(name):
        return tree.text_inlines(default)
    return _repeat(context, chapter, item.fields[name].inlines)


def caption_blocks(node: Node) -> list[Node]:
    """Return the caption of a figure or table; of a block around one, its paragraphs, without those of a picture."""
    if node["t"] == "Div":
        paragraphs = [b for b in tree.content(node) if b["t"] in ("Para", "Plain")]
        return [b for b in paragraphs if tree.plain_text(tree.rewrite(lambda n: None if n["t"] == "Image" else n, [b]))]
    return tree.caption(node)


def caption_title(context: ListContext, chapter: Chapter, node: Node) -> list[Node]:
    """Return the first paragraph of a caption, for a list."""
    blocks = caption_blocks(node)
    return _repeat(context, chapter, tree.content(blocks[0])) if blocks else []


def _repeat(context: ListContext, chapter: Chapter, inlines: Sequence[Node]) -> list[Node]:
    """Return inlines of a chapter for a second place: resolved, without notes and ids."""
    resolved = InlineResolver(context.references, chapter).resolve(inlines)
    return tree.rewrite(tree.without_id, without_notes(resolved), skip_types=tree.WORD_TYPES)


def owner_name(context: ListContext, item: Item) -> str:
    """Return the owner of a recommendation, by the short name if there is one; several are joined."""
    bodies = context.paper.bodies(item, "owner")
    if not any(organization for _, organization in bodies):
        return field_words(context, item, "owner")
    return f"{context.words['semicolon']} ".join(o.short_name if o else name for name, o in bodies)


def due_day(context: ListContext, item: Item, *, is_short: bool = False) -> str:
    """Return the day of a recommendation as printed; other words as they are."""
    return format_iso_day(field_words(context, item, "by"), context.words, is_short=is_short)


def field_words(context: ListContext, item: Item, name: str) -> str:
    """Return the words of a field as printed, without sources."""
    inlines = item.fields[name].inlines if name in item.fields else ()
    chapter = next((c for c in context.chapters if c.path == item.place.path), None)
    if chapter is None or all(node["t"] in tree.WORD_TYPES for node in inlines):
        return item.field_text(name)
    return printed_words(context, chapter, inlines)


def printed_words(context: ListContext, chapter: Chapter, inlines: Sequence[Node]) -> str:
    """Return the words of a passage, with references filled in and without sources."""
    resolved = InlineResolver(context.references, chapter).resolve(inlines)
    return plain_text_without_citations(resolved, context.paper.references)


def items_of_bodies(context: ListContext, kind: str, field: str) -> dict[str, list[Item]]:
    """Return the items of a kind by the bodies that a field names."""
    items = (item for _, item in context.items_of_kind(kind))
    return items_by_body(context.paper, items, field, partial(field_words, context, name=field))


def reference_to(context: ListContext, target_id: str, *, number_only: bool = False) -> list[Node]:
    """Return a reference by label, or by number if requested; the id itself if it has none."""
    label = (context.numbers if number_only else context.labels).get(target_id)
    return [tree.cross_reference(label, target_id)] if label else tree.text_inlines(target_id)


def references_to(context: ListContext, target_ids: Sequence[str]) -> list[Node]:
    """Return references to several ids by their numbers."""
    return tree.join_inlines(reference_to(context, name, number_only=True) for name in target_ids)


def format_iso_day(text: str, words: Wording, *, is_short: bool = False) -> str:
    """Return a day as 22 November 2019, or as 22 Nov 2019; a text that is not a day as it is."""
    try:
        day = format_day(date.fromisoformat(text), words, months="months_short" if is_short else "months")
        return day.replace(" ", "\u00a0", 1)
    except ValueError:
        return text
