"""The pieces of the Word file, made or taken from what was kept."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import fingerprint
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.package import Package
from nioc_paper.render.theme import Theme
from nioc_paper.render.word import compact, ground, leftward, pages, piece, review, tracked
from nioc_paper.render.word.finish import finish
from nioc_paper.render.word.pages import Furniture
from nioc_paper.render.word.piece import Piece
from nioc_paper.render.word.properties import proofing
from nioc_paper.render.word.reference import reference
from nioc_paper.render.word.sections import SECTION_END, Run, Section
from nioc_paper.wording import direction

_CODE = Path(__file__).parent, Path(__file__).parents[2] / "ooxml"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece to be made."""

    runs: Sequence[Run]
    last: bool
    """Whether it ends the file."""


@dataclass(frozen=True)
class Bench:
    """What pieces of a document are made with."""

    document: Document
    look: Theme
    cover: bytes
    """The ground of the cover; empty for none."""
    pictures: Mapping[str, str]
    """The address of each picture with its bytes inside, by the one that stands for it in the tree."""
    cache: Cache

    @cached_property
    def state(self) -> str:
        """Stands for what every piece depends on besides its blocks."""
        document, code = self.document, " ".join(map(fingerprint, _CODE))
        told = [pandoc.version(), code, dict(self.look), document.form, document.language, document.copy.review]
        return json.dumps([*told, repr(document.revision)])

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
        with tempfile.TemporaryDirectory(prefix="nioc-") as scratch:
            file = Path(scratch, "reference.docx")
            file.write_bytes(self.reference)
            args = ["--reference-doc", str(file), "--syntax-highlighting=none"]
            meta = {"lang": proofing(language), "dir": direction(language)}
            return pandoc.write(tree.rewrite(self._picture, blocks, words=False), "docx", meta=meta, args=args)

    def pieces(self, cut: Sequence[Sequence[Run]], furniture: Furniture) -> dict[str, Piece]:
        """The pieces by the names under which they are kept. Raises PandocError."""
        jobs = {self._name(job, furniture): job for job in (Job(runs, last=runs is cut[-1]) for runs in cut)}
        made = {name: piece.unpacked(data) for name in jobs if (data := self.cache.get(name)) is not None}
        lacking = {name: job for name, job in jobs.items() if name not in made}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, data in zip(lacking, pool.map(self._run_on, lacking.values()), strict=True):
                made[name] = self._finished(data, lacking[name], furniture)
                self.cache.put(name, piece.packed(made[name]))
        return {name: made[name] for name in jobs}

    def _name(self, job: Job, furniture: Furniture) -> str:
        told = [[run.kind.value, run.roman, run.first, run.blocks] for run in job.runs]
        cover = self.cover if job.runs[0].kind is Section.COVER else b""
        return key("word piece", self.state, json.dumps([told, job.last]), repr(furniture), cover)

    def _run_on(self, job: Job) -> bytes:
        blocks = [block for run in job.runs for block in (*run.blocks, SECTION_END)]
        # The properties of the last section stand at the end of the body, where pandoc puts them itself.
        return self.written(blocks[:-1] if job.last else blocks)

    def _finished(self, data: bytes, job: Job, furniture: Furniture) -> Piece:
        package, document = Package(data), self.document
        pages.lay_out(package, job.runs, furniture, self.look, last=job.last)
        if self.cover and job.runs[0].kind is Section.COVER:
            ground.lay(package, self.cover, self.look)
        if document.revision:
            tracked.mark(package, document.revision)
        finish(package, self.look)
        leftward.turn_headings(package, direction(document.language))
        if direction(document.language) == "rtl":
            leftward.turn(package)
        if document.copy.review:
            review.mark(package)
        return piece.taken(package)

    def _picture(self, node: Node) -> Node:
        if node["t"] != "Image" or node["c"][2][0] not in self.pictures:
            return node
        attr, alt, (address, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [self.pictures[address], title]]}
