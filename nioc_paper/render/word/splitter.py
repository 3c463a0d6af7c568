"""Splitting of a document into pieces of the Word file, each with the hash of its content and its sections."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, groupby

from msgspec import Struct
from msgspec.structs import astuple, replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import bookmark_name
from nioc_paper.render.common import shared_passes
from nioc_paper.render.common.images import Picture, image_embedder
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import front_pages, title_block
from nioc_paper.render.word.cross_references import BookmarkedLabels, LabelScan, scan_labels
from nioc_paper.render.word.front_pages import build_cover, set_key_figures
from nioc_paper.render.word.page_setup import SectionKind, WordSection, split_into_sections
from nioc_paper.render.word.word_styler import WordStyler
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.wording import wording_for


class PieceJob(Struct, frozen=True):
    """Piece to be built."""

    content_hash: str
    """Hash of the piece's content."""
    make_sections: Callable[[], Sequence[WordSection]]
    page_one_bookmark: str | None = None
    """Bookmark where page 1 starts in it; empty if at its start, None if not in it."""
    has_cover: bool = False
    """Whether it starts with the cover."""
    is_last: bool = False
    """Whether it ends the file."""


class Splitter(Struct, frozen=True, dict=True):
    """Splits a document."""

    document: Document
    theme: Theme
    placeholders: Mapping[str, Picture]
    """Image placeholders by target in the tree."""
    widths: Mapping[str, str]
    cache: Cache

    def split_document(self) -> list[PieceJob]:
        """Return the pieces in order. A file with tracked changes, and one that is not a paper, is one piece."""
        is_paper = self.document.form == "paper"
        jobs = [*([self._front_matter()] if is_paper else []), *self._chapter_jobs()]
        if is_paper and not self.document.part_of:
            jobs.append(self._back_matter())
        if not is_paper or self.document.revision:
            sections = [section for job in jobs for section in job.make_sections()]
            sections = sections if is_paper else self._with_title_block(sections)
            page_one_bookmark = next(
                (bookmark_name(tree.identifier(run.blocks[0])) for run in sections if run.starts_text), ""
            )
            jobs = [
                PieceJob(
                    _sections_hash(sections), lambda: sections, page_one_bookmark=page_one_bookmark, has_cover=is_paper
                )
            ]
        return [*jobs[:-1], replace(jobs[-1], is_last=True)]

    def _with_title_block(self, sections: Sequence[WordSection]) -> list[WordSection]:
        """Add the title block of a document without a cover."""
        title = title_block.build_title_block(
            self.document, wording_for(self.document.language, self.document.labels), self.theme
        )
        return [replace(sections[0], blocks=[*title, *sections[0].blocks]), *sections[1:]]

    def _front_matter(self) -> PieceJob:
        """Return the piece before the text: the cover and the contents; of a part of the paper also what ends it."""
        document, words = self.document, wording_for(self.document.language, self.document.labels)
        cover = WordSection(SectionKind.COVER, build_cover(document, words, self.theme))
        contents = front_pages.build_contents(document, words)
        is_part = bool(document.part_of)
        lists = self._closing_section(contents, is_roman=True) if is_part else WordSection(SectionKind.LISTS, contents)
        sections = [section for section in (cover, lists) if section.blocks]
        return PieceJob(_sections_hash(sections), lambda: sections, has_cover=True)

    def _back_matter(self) -> PieceJob:
        """Return the last piece of a paper."""
        sections = [self._closing_section([], is_roman=False)]
        return PieceJob(_sections_hash(sections), lambda: sections)

    def _closing_section(self, contents: Sequence[Node], *, is_roman: bool) -> WordSection:
        """Return the section of contents, lists, contributors and imprint."""
        document, words = self.document, wording_for(self.document.language, self.document.labels)
        lists = [
            *contents,
            *front_pages.build_lists(document, words),
            *front_pages.build_contributors(document, words),
            *front_pages.build_imprint(document, words, self.theme),
        ]
        return WordSection(SectionKind.LISTS, lists, is_roman=is_roman)

    def _chapter_jobs(self) -> Iterator[PieceJob]:
        has_text_started = False
        for blocks, blocks_hash, chapter_labels in self._chapter_texts:
            roman = not has_text_started and tree.is_div(blocks[-1], "front")
            first = not roman and not has_text_started
            has_text_started = has_text_started or not roman
            content_hash = json.dumps([blocks_hash, roman, first, self._inputs_from_outside(chapter_labels)])
            yield PieceJob(
                content_hash, partial(self._styled_sections, blocks, roman=roman, first=first), "" if first else None
            )

    def _styled_sections(self, blocks: Sequence[Node], *, roman: bool, first: bool) -> list[WordSection]:
        prepared = set_key_figures(
            [*shared_passes.run_shared_passes(replace(self.document, blocks=tuple(blocks)))], self.document
        )
        sections = split_into_sections(prepared, is_roman=roman, starts_text=first)
        return [replace(section, blocks=self._styler.apply_styles(section.blocks)) for section in sections]

    def _inputs_from_outside(self, chapter_labels: LabelScan) -> list[object]:
        """Return the inputs of a chapter from the rest of the paper."""
        names = {*chapter_labels.names}
        entries = [repr(entry) for name, entry in self._styler.recommendations.items() if name in names]
        picture_targets = sorted(self.placeholders.keys() & names)
        picture_inputs = [
            [name, self.placeholders[name][0], self.placeholders[name][1].hex(), self.widths.get(name)]
            for name in picture_targets
        ]
        return [self._styler.references.relevant_labels(names), entries, picture_inputs, self.document.languages]

    @cached_property
    def _chapter_texts(self) -> list[tuple[list[Node], str, LabelScan]]:
        """Blocks of each chapter, their hash, and their labels; the labels are cached."""
        groups = _join_annexes(shared_passes.group_with_parts(self.document.blocks))
        texts = [(blocks, cache_key(*map(self.document.block_hash, blocks))) for blocks in groups]
        return [(blocks, blocks_hash, self._cached_labels(blocks, blocks_hash)) for blocks, blocks_hash in texts]

    def _cached_labels(self, blocks: Sequence[Node], blocks_hash: str) -> LabelScan:
        make = lambda: json.dumps(astuple(scan_labels(blocks))).encode()  # noqa: E731 - said once
        return LabelScan(*json.loads(self.cache.get_or_create(cache_key("labels", source_hash(), blocks_hash), make)))

    @cached_property
    def _styler(self) -> WordStyler:
        entries = {entry.id: entry for entry in self.document.recommendations}
        references = BookmarkedLabels(chapter_labels for *_, chapter_labels in self._chapter_texts)
        embed_picture = image_embedder(self.placeholders, self.widths)
        return WordStyler(embed_picture, entries, references, has_separate_fields=self.document.copy.review)


def _join_annexes(groups: Iterable[list[Node]]) -> Iterator[list[Node]]:
    """Yield the blocks of each chapter, and those of neighbouring annexes at once: they share a section."""
    for is_annex, run in groupby(groups, key=lambda blocks: tree.is_div(blocks[-1], "annex")):
        each = list(run)
        yield from [list(chain.from_iterable(each))] if is_annex else each


def _sections_hash(sections: Sequence[WordSection]) -> str:
    return tree.tree_hash(
        [[section.kind.value, section.is_roman, section.starts_text, section.blocks] for section in sections]
    )
