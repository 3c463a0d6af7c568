"""The Word file around its text: styles, heads and feet, settings, typefaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from nioc_paper.cache import key
from nioc_paper.model import Report
from nioc_paper.ooxml import zips
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import iterate, qn
from nioc_paper.ooxml.zips import Packed
from nioc_paper.render import fonts
from nioc_paper.render.word import leftward, pagination
from nioc_paper.render.word.fonts import embed
from nioc_paper.render.word.furniture import Running, furniture
from nioc_paper.render.word.join import join
from nioc_paper.render.word.make import Bench
from nioc_paper.render.word.pages import Furniture
from nioc_paper.render.word.piece import Piece
from nioc_paper.render.word.properties import configure, describe
from nioc_paper.render.word.template.dress import Clothes
from nioc_paper.wording import day, direction, labels

Base = tuple[bytes, Furniture]
"""A file without a text, and what stands above and below the text that it will have."""


@dataclass(frozen=True)
class Shell:
    """What pieces are joined in."""

    bench: Bench
    clothes: Clothes | None

    @property
    def furniture(self) -> Furniture:
        """What stands above and below the text, by the relationships that the joined file will have."""
        return self._base[1]

    def joined(
        self, pieces: Iterable[Piece], pages: Callable[[], Mapping[str, str]], report: Report
    ) -> tuple[Package, bool]:
        """The file, and whether all `pages` are known that its lists name. Reports like `Clothes.put_on`."""
        package = Package(self._base[0])
        describe(package, self.bench.document)
        package.pack(self._packed)
        known = join(package, pieces, pages)
        if self.clothes:
            self.clothes.put_on(package, report)
            package.pack(self._packed)
        return package, known

    def _packed(self, data: bytes) -> Packed:
        return zips.packed(data, self.bench.deflated)

    def name(self, piece: str) -> str:
        """Stands for all that the pages of a piece of this name depend on."""
        template = self.bench.document.template
        asset = template.asset.data if template else b""
        styles = repr(template.styles) if template else ""
        return key(piece, self.bench.state, repr(self._masked), fonts.known(), styles, asset)

    def bare(self, piece: Piece) -> bytes:
        """A file of one piece that has its pages, quick to lay out: its pictures have their size and no content."""
        package = Package(self._bare_base[0])
        join(package, [replace(piece, pictures=dict.fromkeys(piece.pictures, zips.packed(pagination.dot())))], dict)
        pagination.flatten(package.body)
        if len(package.body) and package.body[-1].tag != qn("w:sectPr"):
            package.body.extend([*iterate(package.body[-1], "w:sectPr")])
        if self.clothes:
            self.clothes.put_on(package, lambda _: None)
        return package.save(0, packed=False)

    @cached_property
    def _base(self) -> Base:
        return self._made(self._running)

    @cached_property
    def _bare_base(self) -> Base:
        return self._made(self._masked)

    def _made(self, running: Running) -> Base:
        bench = self.bench
        package, way = bench.shell(), direction(bench.document.language)
        above = (self.clothes.furniture if self.clothes else furniture)(package, running, bench.look)
        configure(package, bench.document.language)
        leftward.turn_headings(package, way)
        if way == "rtl":
            leftward.turn(package)
        if not self.clothes:
            embed(package)
        return package.save(0, packed=False), above

    @property
    def _running(self) -> Running:
        document = self.bench.document
        said = labels(document.language)
        issue = " · ".join(filter(None, (document.edition, day(document.date, said), document.version)))
        return Running(document.series, issue, said["draft"].upper() if document.draft else "")

    @property
    def _masked(self) -> Running:
        """The same without what every commit changes, for pages do not hang on it."""
        return replace(self._running, issue=re.sub(r"\w", "0", self._running.issue))
