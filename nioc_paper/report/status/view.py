"""What to show of the progress: the paper, one chapter, or who owes what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nioc_paper.model import ChapterProgress, Health, Owed, Progress
from nioc_paper.phrases import Facts, details, facts, headline, verdict


@dataclass(frozen=True, slots=True)
class View:
    """What to show, and where."""

    who: bool = False
    """Who owes what by when, instead of the chapters."""
    chapter: ChapterProgress | None = None
    """This chapter only, with what is owed for it."""
    width: int = 80
    """Columns of the terminal."""
    colour: bool = False
    """Whether the terminal shows colours; health is always in words too."""

    @property
    def debts(self) -> bool:
        """Whether what is owed is shown, rather than the chapters."""
        return self.who or self.chapter is not None

    def title(self, progress: Progress) -> str:
        """The sentence on top."""
        return f"{self.chapter.title}: {verdict(self.chapter)}" if self.chapter else headline(progress)

    def health(self, progress: Progress) -> Health:
        """The health of what is shown."""
        return self.chapter.health if self.chapter else progress.health

    def facts(self, progress: Progress) -> Facts:
        """What is said before the table."""
        if self.chapter:
            return details(self.chapter)
        return [] if self.who else facts(progress)

    def owes(self, progress: Progress) -> tuple[Owed, ...]:
        """What is owed for what is shown."""
        return tuple(o for o in progress.owes if self.chapter is None or o.chapter == self.chapter.id)


PAPER: Final = View()
"""The whole paper at 80 columns without colour."""
