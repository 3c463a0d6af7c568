"""Text of a chapter in the forms that rules use, each computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from nioc_paper.check.text.acronym_uses import AcronymUse, find_acronyms
from nioc_paper.check.text.passages import Passage, read_passages
from nioc_paper.check.text.word_index import WordIndex, build_word_index
from nioc_paper.model import Chapter, Node
from nioc_paper.tree import group_by_type


@dataclass(frozen=True)
class ChapterText:
    """Nodes, passages, words and abbreviations of a chapter: computed on first use, freed with this object."""

    chapter: Chapter

    @cached_property
    def _nodes_by_type(self) -> Mapping[str, list[Node]]:
        return group_by_type(self.chapter.blocks)

    def nodes(self, *types: str) -> Iterator[Node]:
        """Return the nodes of some types, type by type: one walk of the tree serves all rules."""
        return chain.from_iterable(self._nodes_by_type.get(type_, ()) for type_ in types)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Passages in reading order."""
        return tuple(read_passages(self.chapter))

    @cached_property
    def word_index(self) -> WordIndex:
        """Words of the English passages, the title and the summary."""
        return build_word_index(self.chapter, self.passages)

    @cached_property
    def acronym_uses(self) -> tuple[AcronymUse, ...]:
        """Abbreviations of the English passages, in order."""
        return find_acronyms(self.word_index)
