"""Pieces of the Word file: a document is cut into them, and each is built or taken from the cache."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, groupby

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.ooxml.package import Package
from nioc_paper.render.common import shared_passes
from nioc_paper.render.common.image_embedding import Picture, image_embedder, picture_data_uri
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import cached_piece, front_pages, page_setup, png_pictures, title_block
from nioc_paper.render.word.cached_piece import WordPiece
from nioc_paper.render.word.cross_references import BookmarkedLabels, LabelScan, scan_labels
from nioc_paper.render.word.front_pages import build_cover, set_key_figures
from nioc_paper.render.word.page_setup import SECTION_END, HeadersFooters, SectionKind, WordSection, split_into_sections
from nioc_paper.render.word.png_pictures import blank_png
from nioc_paper.render.word.postprocess import postprocess
from nioc_paper.render.word.reference_docx import build_reference_docx, keep_style_names, proofing_language
from nioc_paper.render.word.word_passes import WordStyler
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.concurrency import parallel_map
from nioc_paper.system.files import source_hash
from nioc_paper.wording import text_direction, wording_for


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
            back = [self._closing_section([], is_roman=False)]
            jobs.append(PieceJob(_sections_hash(back), lambda: back))
        if not is_paper or self.document.revision:
            sections = [section for job in jobs for section in job.make_sections()]
            sections = sections if is_paper else self._with_title_block(sections)
            start = next((bookmark_name(tree.identifier(run.blocks[0])) for run in sections if run.starts_text), "")
            jobs = [PieceJob(_sections_hash(sections), lambda: sections, page_one_bookmark=start, has_cover=is_paper)]
        return [*jobs[:-1], replace(jobs[-1], is_last=True)]

    def _with_title_block(self, sections: Sequence[WordSection]) -> list[WordSection]:
        """Add the title block of a document without a cover."""
        words = wording_for(self.document.language, self.document.own_words)
        title = title_block.build_title_block(self.document, words, self.theme)
        return [replace(sections[0], blocks=[*title, *sections[0].blocks]), *sections[1:]]

    def _front_matter(self) -> PieceJob:
        """Return the piece before the text: the cover and the contents; of a part of the paper also what ends it."""
        document, words = self.document, wording_for(self.document.language, self.document.own_words)
        cover = WordSection(SectionKind.COVER, build_cover(document, words, self.theme))
        contents = front_pages.build_contents(document, words)
        is_part = bool(document.part_of)
        lists = self._closing_section(contents, is_roman=True) if is_part else WordSection(SectionKind.LISTS, contents)
        sections = [section for section in (cover, lists) if section.blocks]
        return PieceJob(_sections_hash(sections), lambda: sections, has_cover=True)

    def _closing_section(self, contents: Sequence[Node], *, is_roman: bool) -> WordSection:
        """Return the section of contents, lists, contributors and imprint."""
        document, words = self.document, wording_for(self.document.language, self.document.own_words)
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
            make = partial(self._styled_sections, blocks, roman=roman, first=first)
            yield PieceJob(content_hash, make, "" if first else None)

    def _styled_sections(self, blocks: Sequence[Node], *, roman: bool, first: bool) -> list[WordSection]:
        shared = shared_passes.run_shared_passes(replace(self.document, blocks=tuple(blocks)))
        sections = split_into_sections(set_key_figures([*shared], self.document), is_roman=roman, starts_text=first)
        return [replace(section, blocks=self._styler.apply_styles(section.blocks)) for section in sections]

    def _inputs_from_outside(self, chapter_labels: LabelScan) -> list[object]:
        """Return the inputs of a chapter from the rest of the paper."""
        names = {*chapter_labels.names}
        entries = [repr(entry) for name, entry in self._styler.recommendations.items() if name in names]
        picture_inputs = [
            [name, self.placeholders[name][0], self.placeholders[name][1].hex(), self.widths.get(name)]
            for name in sorted(self.placeholders.keys() & names)
        ]
        return [self._styler.references.relevant_labels(names), entries, picture_inputs, self.document.languages]

    @cached_property
    def _chapter_texts(self) -> list[tuple[list[Node], str, LabelScan]]:
        """Blocks of each chapter, their hash, and their labels; the labels are cached."""
        groups = _join_annexes(shared_passes.group_with_parts(self.document.blocks))
        texts = [(blocks, cache_key(*map(self.document.block_hash, blocks))) for blocks in groups]
        return [(blocks, blocks_hash, self._cached_labels(blocks, blocks_hash)) for blocks, blocks_hash in texts]

    def _cached_labels(self, blocks: Sequence[Node], blocks_hash: str) -> LabelScan:
        key = cache_key("labels", source_hash(), blocks_hash)
        labels: LabelScan = self.cache.get_or_make(key, lambda: scan_labels(blocks), LabelScan)
        return labels

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


class PieceBuilder(Struct, frozen=True, dict=True):
    """Builder of the pieces of a document, with their common inputs."""

    document: Document
    theme: Theme
    draw_background: Callable[[], bytes]
    """Returns the background of the cover; empty for none."""
    picture_by_placeholder: Mapping[str, Picture]
    """Picture by the data URI of its placeholder in the tree."""
    cache: Cache

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of every piece's inputs besides its blocks."""
        document = self.document
        settings = [document.form, document.language, document.copy.review, document.draft, repr(document.revision)]
        return json.dumps([pandoc.version(), zlib.ZLIB_RUNTIME_VERSION, source_hash(), dict(self.theme), settings])

    @cached_property
    def reference_docx(self) -> bytes:
        """Reference document with styles, page size and language."""
        theme, form, language = self.theme, self.document.form, proofing_language(self.document.language)
        make = lambda: build_reference_docx(theme, language, title_block.adapt_styles(form))  # noqa: E731 - said once
        return self.cache.get_or_create(cache_key("word reference", self.fingerprint), make)

    @cached_property
    def _style_names_docx(self) -> bytes:
        """Reference document for a piece, whose styles nobody needs: they come with the file that it is merged into."""
        entry_key = cache_key("word style names", self.fingerprint)
        return self.cache.get_or_create(entry_key, lambda: keep_style_names(self.reference_docx))

    def empty_package(self) -> Package:
        """Return a file without a text."""
        entry_key = cache_key("word shell", self.fingerprint)
        return Package(self.cache.get_or_create(entry_key, lambda: self._write_docx([], self.reference_docx)))

    def _write_docx(self, blocks: Sequence[Node], reference_docx: bytes) -> bytes:
        """Write blocks with pandoc."""
        language = self.document.language
        args = ["--reference-doc=reference.docx", "--syntax-highlighting=none"]
        meta = {"lang": proofing_language(language), "dir": text_direction(language)}
        return pandoc.write(blocks, "docx", meta=meta, args=args, files={"reference.docx": reference_docx})

    def build_pieces(self, jobs: Sequence[PieceJob], headers_footers: HeadersFooters) -> list[tuple[str, WordPiece]]:
        """Return the pieces, each with its cache key. Raises PandocError."""

        def build_or_reuse(job: PieceJob) -> tuple[str, WordPiece]:
            inputs = self.fingerprint, job.content_hash, str(job.is_last), repr(headers_footers)
            entry_key = cache_key("word piece", *inputs, self.draw_background() if job.has_cover else b"")
            return entry_key, self.cache.get_or_make(
                entry_key, lambda: self._build_piece(job, headers_footers), WordPiece
            )

        return parallel_map(build_or_reuse, jobs)

    def _build_piece(self, job: PieceJob, headers_footers: HeadersFooters) -> WordPiece:
        sections = job.make_sections()
        blocks = [block for section in sections for block in (*section.blocks, SECTION_END)]
        # The properties of the last section are at the end of the body, where pandoc puts them itself.
        picture_by_blank: dict[bytes, bytes] = {}
        blocks = tree.rewrite(
            partial(self._with_blank_image, picture_by_blank),
            blocks[:-1] if job.is_last else blocks,
            skip_types=tree.WORD_TYPES,
        )
        package = Package(self._write_docx(blocks, self._style_names_docx))
        page_setup.set_up_pages(package, sections, headers_footers, self.theme, is_last=job.is_last)
        if job.has_cover and (background := self.draw_background()):
            png_pictures.add_cover_background(package, background, self.theme)
        postprocess(package, self.document, self.theme)
        return cached_piece.extract_piece(package, picture_by_blank)

    def _with_blank_image(self, picture_by_blank: dict[bytes, bytes], node: Node) -> Node:
        """Replace an image by a blank one of its size, which pandoc only measures; add it to `picture_by_blank`."""
        if node["t"] != "Image" or (picture := self.picture_by_placeholder.get(tree.target(node))) is None:
            return node
        kind, data = picture
        blank_data = blank_png(data) if kind == "image/png" else data
        picture_by_blank[blank_data] = data
        return tree.with_target(node, picture_data_uri((kind, blank_data)))
