"""Shared state of the functions that read one text of a paper."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Fact, OwnWords, Paper, Reporter
from nioc_paper.system.cache import Cache
from nioc_paper.wording import Wording, wording_for


class LoadContext(Struct, frozen=True):
    """Files and facts of the paper, cache, and receiver of the findings."""

    files: PaperFiles
    cache: Cache
    report: Reporter
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """Register of facts by id: charts, data files and alternative texts refer to them."""
    language: str = "en"
    """Language of the paper as a tag."""
    own_words: OwnWords = OwnWords()

    @property
    def words(self) -> Wording:
        """Words and signs in which the paper prints numbers and dates."""
        return wording_for(self.language, self.own_words)

    def for_paper(self, paper: Paper) -> LoadContext:
        """Return this context with the facts and the language of a paper that was read."""
        settings = paper.settings
        return replace(self, facts=paper.facts, language=settings.language, own_words=settings.own_words)

    def reporting_to(self, report: Reporter) -> LoadContext:
        """Return this context with another receiver of the findings."""
        return replace(self, report=report)
