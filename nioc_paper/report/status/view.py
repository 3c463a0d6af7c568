"""What to show of the progress: the paper, one chapter, or who owes what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nioc_paper.model import ChapterProgress, Health, Obligation, Progress
from nioc_paper.wording.progress_text import (
    LabelledTexts,
    chapter_facts,
    describe_health,
    progress_facts,
    progress_headline,
)


@dataclass(frozen=True, slots=True)
class View:
    """What to show, and where."""

    debts_only: bool = False
    """Who owes what by when, instead of the chapters."""
    chapter: ChapterProgress | None = None
    """This chapter only, with what is owed for it."""
    width: int = 80
    """Columns of the terminal."""
    colour: bool = False
    """Whether the terminal shows colours; health is always in words too."""

    @property
    def shows_debts(self) -> bool:
        """Whether what is owed is shown, rather than the chapters."""
        return self.debts_only or self.chapter is not None

    def title(self, progress: Progress) -> str:
        """The sentence on top."""
        return f"{self.chapter.title}: {describe_health(self.chapter)}" if self.chapter else progress_headline(progress)

    def health(self, progress: Progress) -> Health:
        """The health of what is shown."""
        return self.chapter.health if self.chapter else progress.health

    def facts(self, progress: Progress) -> LabelledTexts:
        """What is said before the table."""
        if self.chapter:
            return chapter_facts(self.chapter)
        return [] if self.debts_only else progress_facts(progress)

    def shown_debts(self, progress: Progress) -> tuple[Obligation, ...]:
        """What is owed for what is shown."""
        return tuple(o for o in progress.obligations if self.chapter is None or o.chapter == self.chapter.id)


WHOLE_PAPER: Final = View()
"""The whole paper at 80 columns without colour."""
