"""The pieces of the Word file, made or taken from what was kept."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.model import Document, Node
from nioc_paper.ooxml import zips
from nioc_paper.ooxml.package import Package
from nioc_paper.render.embed import Picture, address
from nioc_paper.render.theme import Theme
from nioc_paper.render.word import compact, ground, leftward, pages, piece, review, tracked
from nioc_paper.render.word.cut import Job
from nioc_paper.render.word.finish import finish
from nioc_paper.render.word.pages import Furniture
from nioc_paper.render.word.pictures import blank
from nioc_paper.render.word.piece import Piece
from nioc_paper.render.word.properties import proofing
from nioc_paper.render.word.reference import reference
from nioc_paper.render.word.sections import SECTION_END
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.threads import mapped
from nioc_paper.wording import direction


@dataclass(frozen=True)
class Bench:
    """What pieces of a document are made with."""

    document: Document
    look: Theme
    cover: bytes
    """The ground of the cover; empty for none."""
    pictures: Mapping[str, Picture]
    """Each picture by the address of what stands for it in the tree."""
    cache: Cache

    @cached_property
    def state(self) -> str:
        """Stands for what every piece depends on besides its blocks."""
        document = self.document
        said = [document.form, document.language, document.copy.review, document.draft, repr(document.revision)]
        return json.dumps([pandoc.version(), zlib.ZLIB_RUNTIME_VERSION, code(), dict(self.look), said])

    @cached_property
    def reference(self) -> bytes:
        """The file whose styles, sheet and language the others take."""
        look, form, language = self.look, self.document.form, proofing(self.document.language)
        make = lambda: reference(look, language, compact.styles(form))  # noqa: E731 - said once
        return self.cache.made(key("word reference", self.state), make)

    def shell(self) -> Package:
        """A file without a text."""
        return Package(self.cache.made(key("word shell", self.state), lambda: self.written([])))

    def written(self, blocks: Sequence[Node]) -> bytes:
        """Blocks as pandoc writes them."""
        language = self.document.language
        with ScratchFolder("word") as scratch:
            file = scratch / "reference.docx"
            file.write_bytes(self.reference)
            args = ["--reference-doc", str(file), "--syntax-highlighting=none"]
            meta = {"lang": proofing(language), "dir": direction(language)}
            return pandoc.write(blocks, "docx", meta=meta, args=args)

    def pieces(self, jobs: Sequence[Job], furniture: Furniture) -> list[tuple[str, Piece]]:
        """The pieces, each with the name under which it is kept. Raises PandocError."""

        def made(job: Job) -> tuple[str, Piece]:
            name = self._name(job, furniture)
            data = self.cache.made(name, lambda: piece.packed(self._made(job, furniture)))
            return name, piece.unpacked(data)

        return mapped(made, jobs)

    def _name(self, job: Job, furniture: Furniture) -> str:
        cover = self.cover if job.covered else b""
        return key("word piece", self.state, job.made_of, str(job.last), repr(furniture), cover)

    def _made(self, job: Job, furniture: Furniture) -> Piece:
        runs = job.runs()
        blocks = [block for run in runs for block in (*run.blocks, SECTION_END)]
        # The properties of the last section stand at the end of the body, where pandoc puts them itself.
        shown: dict[bytes, bytes] = {}
        blocks = tree.rewrite(partial(self._shown, shown), blocks[:-1] if job.last else blocks, leave=tree.WORDS)
        package = Package(self.written(blocks))
        pages.lay_out(package, runs, furniture, self.look, last=job.last)
        if self.cover and job.covered:
            ground.lay(package, self.cover, self.look)
        self._finish(package)
        return piece.taken(package, shown, self.deflated)

    def deflated(self, data: bytes) -> bytes:
        """A picture or a typeface as a zip holds it: to pack all takes longer than everything else."""
        name = key("deflated", code(), zlib.ZLIB_RUNTIME_VERSION, data)
        return self.cache.made(name, lambda: zips.deflated(data))

    def _finish(self, package: Package) -> None:
        document = self.document
        if document.revision:
            tracked.mark(package, document.revision)
        finish(package, self.look)
        leftward.turn_headings(package, direction(document.language))
        if direction(document.language) == "rtl":
            leftward.turn(package)
        if document.copy.review:
            review.mark(package)

    def _shown(self, shown: dict[bytes, bytes], node: Node) -> Node:
        """An image with what pandoc measures, which is as large and nearly empty; `shown` is told what it is for."""
        if node["t"] != "Image" or (picture := self.pictures.get(node["c"][2][0])) is None:
            return node
        kind, data = picture
        small = blank(data) if kind == "image/png" else data
        shown[small] = data
        attr, alt, (_, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [address((kind, small)), title]]}
