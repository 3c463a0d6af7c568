"""The Word file cut into pieces: what each is made of, so that it is known whether it has changed, and its blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property, partial

from nioc_paper import tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.model import Document, Node
from nioc_paper.ooxml.xml import bookmark
from nioc_paper.render import body
from nioc_paper.render.embed import Picture, embedder
from nioc_paper.render.theme import Theme
from nioc_paper.render.word import compact, front
from nioc_paper.render.word.cover import cover
from nioc_paper.render.word.crossref import References, Told, tell
from nioc_paper.render.word.sections import Run, Section, turns
from nioc_paper.render.word.tree import Styling
from nioc_paper.wording import labels


@dataclass(frozen=True, slots=True)
class Job:
    """A piece to be made."""

    made_of: str
    """Stands for all that is its own."""
    runs: Callable[[], Sequence[Run]]
    first: str | None = None
    """At which bookmark in it page 1 begins; empty where it does itself."""
    covered: bool = False
    """Whether it begins with the cover."""
    last: bool = False
    """Whether it ends the file."""


@dataclass(frozen=True)
class Cutter:
    """Cuts a document."""

    document: Document
    look: Theme
    pictures: Mapping[str, Picture]
    """What stands for each picture until pandoc gets it, by its target in the tree."""
    widths: Mapping[str, str]
    cache: Cache

    def jobs(self) -> list[Job]:
        """The pieces in their order. A file whose changes are tracked, and one that is no paper, is one piece."""
        is_paper = self.document.form == "paper"
        jobs = [*([self._before()] if is_paper else []), *self._chapters()]
        if not is_paper or self.document.revision:
            runs = [run for job in jobs for run in job.runs()]
            runs = runs if is_paper else self._headed(runs)
            begins = next((bookmark(tree.identifier(run.blocks[0])) for run in runs if run.first), "")
            jobs = [Job(_digest(runs), lambda: runs, first=begins, covered=is_paper)]
        return [*jobs[:-1], replace(jobs[-1], last=True)]

    def _headed(self, runs: Sequence[Run]) -> list[Run]:
        """What has a title block instead of a cover."""
        title = compact.masthead(self.document, labels(self.document.language), self.look)
        return [replace(runs[0], blocks=[*title, *runs[0].blocks]), *runs[1:]]

    def _before(self) -> Job:
        """What stands before the text."""
        document, said = self.document, labels(self.document.language)
        runs = [
            Run(Section.COVER, cover(document, said, self.look)),
            Run(Section.IMPRINT, front.imprint(document, said, self.look)),
            Run(Section.LISTS, front.contributors(document, said)),
            Run(Section.LISTS, front.lists(document, said)),
        ]
        runs = [run for run in runs if run.blocks]
        return Job(_digest(runs), lambda: runs, covered=True)

    def _chapters(self) -> Iterator[Job]:
        begun = False
        for blocks, stands, told in self._texts:
            roman = not begun and tree.is_div(blocks[-1], "front")
            first = not roman and not begun
            begun = begun or not roman
            made_of = json.dumps([stands, roman, first, self._told(told)])
            yield Job(made_of, partial(self._styled, blocks, roman=roman, first=first), "" if first else None)

    def _styled(self, blocks: Sequence[Node], *, roman: bool, first: bool) -> list[Run]:
        prepared = body.prepare(replace(self.document, blocks=tuple(blocks)))
        runs = turns(prepared, roman=roman, first=first)
        return [replace(run, blocks=self._styling.styled(run.blocks)) for run in runs]

    def _told(self, told: Told) -> list[object]:
        """What the blocks of a chapter get from the rest of the paper."""
        names = {*told.names}
        entries = [repr(entry) for name, entry in self._styling.recommendations.items() if name in names]
        shown = sorted(self.pictures.keys() & names)
        drawn = [[name, self.pictures[name][0], self.pictures[name][1].hex(), self.widths.get(name)] for name in shown]
        return [self._styling.references.around(names), entries, drawn, self.document.languages]

    @cached_property
    def _texts(self) -> list[tuple[list[Node], str, Told]]:
        """The blocks of each chapter, what stands for them, and what they say of labels, which is kept."""
        texts = [(blocks, tree.digest(blocks)) for blocks in body.with_parts(self.document.blocks)]
        return [(blocks, stands, self._labels(blocks, stands)) for blocks, stands in texts]

    def _labels(self, blocks: Sequence[Node], stands: str) -> Told:
        make = lambda: json.dumps(astuple(tell(blocks))).encode()  # noqa: E731 - said once
        return Told(*json.loads(self.cache.made(key("labels", code(), stands), make)))

    @cached_property
    def _styling(self) -> Styling:
        entries = {entry.id: entry for entry in self.document.recommendations}
        references = References(told for *_, told in self._texts)
        return Styling(embedder(self.pictures, self.widths), entries, references)


def _digest(runs: Sequence[Run]) -> str:
    return tree.digest([[run.kind.value, run.roman, run.first, run.blocks] for run in runs])
