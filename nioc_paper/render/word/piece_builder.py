"""The pieces of the Word file, made or taken from what was kept."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.ooxml import zips
from nioc_paper.ooxml.package import Package
from nioc_paper.render.common.images import Picture, picture_data_uri
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import cover_background, page_setup, piece, title_block
from nioc_paper.render.word.page_setup import HeadersFooters
from nioc_paper.render.word.passes import PIECE_PASSES
from nioc_paper.render.word.pictures import blank_png
from nioc_paper.render.word.piece import WordPiece
from nioc_paper.render.word.properties import proofing_language
from nioc_paper.render.word.reference_docx import build_reference_docx
from nioc_paper.render.word.sections import SECTION_END
from nioc_paper.render.word.splitter import PieceJob
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.concurrency import parallel_map
from nioc_paper.system.files import source_hash
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.wording import text_direction


@dataclass(frozen=True)
class PieceBuilder:
    """What pieces of a document are made with."""

    document: Document
    theme: Theme
    background: bytes
    """The ground of the cover; empty for none."""
    picture_by_placeholder: Mapping[str, Picture]
    """Each picture by the address of what stands for it in the tree."""
    cache: Cache

    @cached_property
    def fingerprint(self) -> str:
        """Stands for what every piece depends on besides its blocks."""
        document = self.document
        settings = [document.form, document.language, document.copy.review, document.draft, repr(document.revision)]
        return json.dumps([pandoc.version(), zlib.ZLIB_RUNTIME_VERSION, source_hash(), dict(self.theme), settings])

    @cached_property
    def reference_docx(self) -> bytes:
        """The file whose styles, sheet and language the others take."""
        theme, form, language = self.theme, self.document.form, proofing_language(self.document.language)
        make = lambda: build_reference_docx(theme, language, title_block.adapt_styles(form))  # noqa: E731 - said once
        return self.cache.get_or_create(cache_key("word reference", self.fingerprint), make)

    def empty_package(self) -> Package:
        """A file without a text."""
        return Package(self.cache.get_or_create(cache_key("word shell", self.fingerprint), lambda: self.write_docx([])))

    def write_docx(self, blocks: Sequence[Node]) -> bytes:
        """Blocks as pandoc writes them."""
        language = self.document.language
        with ScratchFolder("word") as scratch:
            file = scratch / "reference.docx"
            file.write_bytes(self.reference_docx)
            args = ["--reference-doc", str(file), "--syntax-highlighting=none"]
            meta = {"lang": proofing_language(language), "dir": text_direction(language)}
            return pandoc.write(blocks, "docx", meta=meta, args=args)

    def build_pieces(self, jobs: Sequence[PieceJob], headers_footers: HeadersFooters) -> list[tuple[str, WordPiece]]:
        """The pieces, each with the name under which it is kept. Raises PandocError."""

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
        # The properties of the last section stand at the end of the body, where pandoc puts them itself.
        picture_by_blank: dict[bytes, bytes] = {}
        blocks = tree.rewrite(
            partial(self._with_blank_image, picture_by_blank),
            blocks[:-1] if job.is_last else blocks,
            skip_types=tree.WORD_TYPES,
        )
        package = Package(self.write_docx(blocks))
        page_setup.set_up_pages(package, sections, headers_footers, self.theme, is_last=job.is_last)
        if self.background and job.has_cover:
            cover_background.add_cover_background(package, self.background, self.theme)
        for apply_pass in PIECE_PASSES:
            apply_pass(package, self.document, self.theme)
        return piece.extract_piece(package, picture_by_blank, self.deflate)

    def deflate(self, data: bytes) -> bytes:
        """A picture or a typeface as a zip holds it: to pack all takes longer than everything else."""
        entry_key = cache_key("deflated", source_hash(), zlib.ZLIB_RUNTIME_VERSION, data)
        return self.cache.get_or_create(entry_key, lambda: zips.deflate(data))

    def _with_blank_image(self, picture_by_blank: dict[bytes, bytes], node: Node) -> Node:
        """An image with what pandoc measures, which is as large and nearly empty; `shown` is told what it is for."""
        if node["t"] != "Image" or (picture := self.picture_by_placeholder.get(node["c"][2][0])) is None:
            return node
        kind, data = picture
        blank_data = blank_png(data) if kind == "image/png" else data
        picture_by_blank[blank_data] = data
        attr, alt, (_, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [picture_data_uri((kind, blank_data)), title]]}
