"""Texts of a chapter and of the registers in the forms that rules use, each computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain

from msgspec import Struct, field

from nioc_paper.check.text.acronym_uses import AcronymUse, find_acronyms
from nioc_paper.check.text.dictionary import Dictionary
from nioc_paper.check.text.passages import Passage, is_quotation, read_passages
from nioc_paper.check.text.printed_texts import front_matter_passages, picture_passages, register_passages
from nioc_paper.check.text.word_index import WordIndex, build_word_index
from nioc_paper.model import Chapter, Node, Paper, Place
from nioc_paper.tree import TYPES_WITH_ATTR, group_by_type, walk
from nioc_paper.tree.code import blank, blank_addresses, blank_verbatim


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
    def texts(self) -> tuple[Passage, ...]:
        """Every printed text with its place and kind, title and summary first. Rules about words read this list."""
        has_quotations = any(map(is_quotation, self.nodes("BlockQuote", "Div")))
        body = tuple(read_passages(self.chapter, quotations=True)) if has_quotations else self.passages
        printed = {passage.text for passage in body}
        # The alternative text of a picture is also its caption, unless it has another one.
        pictures = (p for p in picture_passages(self.chapter) if "alt" not in p.within or p.text not in printed)
        return tuple(filter(_has_text, (*front_matter_passages(self.chapter), *body, *pictures)))
