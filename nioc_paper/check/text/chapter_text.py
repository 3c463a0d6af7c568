"""Every printed text of a chapter and of the registers, in the forms that rules use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from msgspec import Struct, field

from nioc_paper.check.text.acronym_uses import AcronymUse, find_acronyms
from nioc_paper.check.text.english_words import Dictionary
from nioc_paper.check.text.passages import Passage, Sentence, is_english, is_quotation, read_passages
from nioc_paper.check.text.quantities import Quantity, find_quantities
from nioc_paper.check.text.word_index import WordIndex, build_word_index
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import Chapter, DataTable, Decision, Holiday, Node, Paper, Place, Record, TranslatedTitle
from nioc_paper.model.characters import comparable
from nioc_paper.model.related_values import walk_declared
from nioc_paper.tree import TYPES_WITH_ATTR, group_by_type, walk
from nioc_paper.tree.code_blocks import blank, blank_addresses, blank_verbatim


def front_matter_passages(chapter: Chapter) -> Iterator[Passage]:
    """Yield the printed texts of a chapter's front matter: title and summary first."""
    return _record_passages(chapter.front, "record", *_foreign(chapter.language))


def picture_passages(chapter: Chapter) -> Iterator[Passage]:
    """Yield the texts of charts, data tables and pictures: titles, axes, descriptions, heads, cells, alternatives."""
    foreign = _foreign(chapter.language)
    for chart in chapter.charts:
        yield from (_passage(text, place, "chart", *foreign) for text, place in chart.wording)
    for table in chapter.data_tables:
        block = chapter.text.split("\n")[table.place.line - 1 :]
        cells = (
            cell for cell in _cells(table) if not any(text == cell[0] for c in chapter.charts for text, _ in c.wording)
        )
        yield from (
            _passage(text, _place_in_block(text, block, table.place) or place, "data", *foreign)
            for text, place in cells
        )
    yield from (_passage(image.alt, image.place, "alt", *foreign) for image in chapter.images)


def register_passages(paper: Paper) -> Iterator[Passage]:
    """Yield the printed texts of settings, timeline and registers, and the titles of sources."""
    foreign = _foreign(paper.settings.language)
    for register in paper.registers:
        if register is not paper.references_file:
            yield from _record_passages(register, "record", *foreign)
    for source in watched_references(paper).references:
        yield from _record_passages(source, "source", *_foreign(str(source.extra.get("language") or "en")))


def _record_passages(root: Record, *within: str) -> Iterator[Passage]:
    """Yield the printed texts of a record and of the records in it."""
    for value in walk_declared(root):
        key, owner, kind = value.loc[0], value.owner, within
        if isinstance(owner, TranslatedTitle):
            kind = (within[0], *_foreign(owner.language))
        elif isinstance(owner, Decision):  # the words of a meeting
            kind = (*within, "quotation")
        elif key in ("name", "long", "plural") and not isinstance(owner, Holiday):
            kind = (*within, "name")
        if value.limits.printed:
            yield _passage(value.value, value.place, *kind, level=int(key == "title" and "source" not in within))


def _cells(table: DataTable) -> Iterator[tuple[str, Place]]:
    """Yield the heads and cells with letters, each text once: a column may name the same thing in every row."""
    seen = set[str]()
    for text, place in table.cells():
        if text not in seen and any(map(str.isalpha, text)):
            seen.add(text)
            yield text, place


def _place_in_block(text: str, block: Sequence[str], start: Place) -> Place | None:
    """Return the place of a head or title that the block of a table or chart writes itself."""
    end = next((n for n, line in enumerate(block[1:], 1) if line.lstrip().startswith("```")), len(block))
    return next(
        (Place(start.path, start.line + n, line.index(text) + 1) for n, line in enumerate(block[:end]) if text in line),
        None,
    )


def _passage(text: str, place: Place, *within: str, level: int = 0) -> Passage:
    """Return a text that begins at a place as a passage."""
    return Passage(place.path, comparable(text), level, within, offsets=(0,), positions=((place.line, place.column),))


def _foreign(language: str) -> tuple[str, ...]:
    return () if is_english(language) else ("foreign",)


class Texts(Struct, frozen=True, dict=True, kw_only=True):
    """Printed texts of a chapter or of all registers, with their words and abbreviations."""

    dictionary: Dictionary = field(default_factory=Dictionary)

    @cached_property
    def texts(self) -> tuple[Passage, ...]:
        """Every printed text with its place and kind."""
        raise NotImplementedError

    @cached_property
    def word_index(self) -> WordIndex:
        """Words of the paper's own English texts."""
        return build_word_index(self.texts)

    @cached_property
    def acronym_uses(self) -> tuple[AcronymUse, ...]:
        """Abbreviations of these texts, in order."""
        return find_acronyms(self.word_index)


class RegisterText(Texts, frozen=True, dict=True):
    """Printed texts of settings, timeline and registers, with the titles of sources."""

    paper: Paper

    @cached_property
    def texts(self) -> tuple[Passage, ...]:
        """Every printed text with its place and kind."""
        return tuple(filter(_has_text, register_passages(self.paper)))


def _has_text(passage: Passage) -> bool:
    return bool(passage.text.strip())


class ChapterText(Texts, frozen=True, dict=True):
    """Nodes, passages, words and abbreviations of a chapter: computed on first use, freed with this object."""

    chapter: Chapter

    @cached_property
    def _nodes_by_type(self) -> Mapping[str, list[Node]]:
        return group_by_type(self.chapter.blocks)

    def nodes(self, *types: str) -> Iterator[Node]:
        """Return the nodes of some types, type by type: one walk of the tree serves all rules."""
        return chain.from_iterable(self._nodes_by_type.get(type_, ()) for type_ in types)

    @property
    def nodes_with_attributes(self) -> Iterator[Node]:
        """Nodes that can have attributes, also those in suggestions: a review copy prints them."""
        if not self.chapter.suggestions:
            return self.nodes(*TYPES_WITH_ATTR)
        return (node for node in walk(self.chapter.suggested_body.blocks()) if node["t"] in TYPES_WITH_ATTR)

    @cached_property
    def body_source(self) -> str:
        """Text of the file with spaces for the front matter."""
        text = self.chapter.text
        end = sum(len(line) + 1 for line in text.split("\n")[: self.chapter.body_line - 1])
        return blank(text, [(0, end)])

    @cached_property
    def verbatim_free_source(self) -> str:
        """Text of the file with spaces for the front matter, code, comments and formulas."""
        return blank_verbatim(self.body_source)

    @cached_property
    def prose_source(self) -> str:
        """Text of the file with spaces for everything but prose: rules about signs that pandoc consumes read it."""
        return blank_addresses(self.verbatim_free_source)

    def place_at(self, offset: int) -> Place:
        """Return the place of a character of the file."""
        before = self.chapter.text[:offset]
        return Place(self.chapter.path, before.count("\n") + 1, offset - before.rfind("\n"))

    def source_line(self, offset: int) -> str:
        """Return the line of the file around a character."""
        text = self.chapter.text
        return text[text.rfind("\n", 0, offset) + 1 :].split("\n", 1)[0]

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Passages of the authors' own text in reading order, without quotations."""
        return tuple(read_passages(self.chapter))

    @cached_property
    def quantities(self) -> tuple[tuple[Passage, Sentence, Sequence[Quantity]], ...]:
        """Sentences of the text and the front matter, each with its quantities: rules about figures read this list."""
        passages = chain(front_matter_passages(self.chapter), self.passages)
        sentences = ((passage, sentence) for passage in passages for sentence in passage.sentences)
        return tuple((passage, sentence, [*find_quantities(sentence.text)]) for passage, sentence in sentences)

    @cached_property
    def texts(self) -> tuple[Passage, ...]:
        """Every printed text with its place and kind, title and summary first. Rules about words read this list."""
        has_quotations = any(map(is_quotation, self.nodes("BlockQuote", "Div")))
        body = tuple(read_passages(self.chapter, quotations=True)) if has_quotations else self.passages
        printed = {passage.text for passage in body}
        # The alternative text of a picture is also its caption, unless it has another one.
        pictures = (p for p in picture_passages(self.chapter) if "alt" not in p.within or p.text not in printed)
        return tuple(filter(_has_text, (*front_matter_passages(self.chapter), *body, *pictures)))
