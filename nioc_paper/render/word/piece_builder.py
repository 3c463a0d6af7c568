"""Pieces of the Word file, built or taken from the cache."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.package import Package, deflate
from nioc_paper.render.common.images import Picture, picture_data_uri
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import page_setup, pictures, piece, title_block
from nioc_paper.render.word.page_setup import SECTION_END, HeadersFooters
from nioc_paper.render.word.pictures import blank_png
from nioc_paper.render.word.piece import WordPiece
from nioc_paper.render.word.postprocess import PIECE_PASSES
from nioc_paper.render.word.reference_docx import build_reference_docx, keep_style_names, proofing_language
from nioc_paper.render.word.splitter import PieceJob
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.schedule import parallel_map
from nioc_paper.wording import text_direction


class PieceBuilder(Struct, frozen=True, dict=True):
    """Builder of the pieces of a document, with their common inputs."""

    document: Document
    theme: Theme
    background: bytes
    """Background of the cover; empty for none."""
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
            entry_key = self._cache_key(job, headers_footers)
            data = self.cache.get_or_create(
                entry_key, lambda: piece.serialize_piece(self._build_piece(job, headers_footers))
            )
            return entry_key, piece.deserialize_piece(data)

        return parallel_map(build_or_reuse, jobs)

    def _cache_key(self, job: PieceJob, headers_footers: HeadersFooters) -> str:
        background = self.background if job.has_cover else b""
        return cache_key(
            "word piece", self.fingerprint, job.content_hash, str(job.is_last), repr(headers_footers), background
        )

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
        if self.background and job.has_cover:
            pictures.add_cover_background(package, self.background, self.theme)
        for apply_pass in PIECE_PASSES:
            apply_pass(package, self.document, self.theme)
        return piece.extract_piece(package, picture_by_blank, self.deflate)

    def deflate(self, data: bytes) -> bytes:
        """Deflate a picture or a font, or take it from the cache: deflating all takes longer than the rest."""
        entry_key = cache_key("deflated", source_hash(), zlib.ZLIB_RUNTIME_VERSION, data)
        return self.cache.get_or_create(entry_key, lambda: deflate(data))

    def _with_blank_image(self, picture_by_blank: dict[bytes, bytes], node: Node) -> Node:
        """Replace an image by a blank one of its size, which pandoc only measures; add it to `picture_by_blank`."""
        if node["t"] != "Image" or (picture := self.picture_by_placeholder.get(node["c"][2][0])) is None:
            return node
        kind, data = picture
        blank_data = blank_png(data) if kind == "image/png" else data
        picture_by_blank[blank_data] = data
        attr, alt, (_, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [picture_data_uri((kind, blank_data)), title]]}
