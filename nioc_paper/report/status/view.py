"""View of progress: the paper, one chapter, or obligations only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from nioc_paper.model import ChapterProgress, Health, Obligation, OpenBranch, Progress, Status, format_count
from nioc_paper.program import command_line
from nioc_paper.wording.progress_text import (
    LabelledText,
    LabelledTexts,
    chapter_facts,
    describe_health,
    progress_facts,
    progress_headline,
)


def status_headline(progress: Progress) -> str:
    """Return the paper's headline; of a plan that is over, with what to do about it."""
    command = command_line(f"status --today {progress.sample_day}")
    advice = f" Set a new deadline in paper/timeline.yaml, or see a day of the plan: {command}"
    return f"{progress_headline(progress)}{advice if progress.is_over and progress.health is not Health.DONE else ''}"


class View(Struct, frozen=True):
    """Selection of progress, and the terminal for it."""

    obligations_only: bool = False
    """Show obligations instead of chapters."""
    chapter: ChapterProgress | None = None
    """Show this chapter only, with its obligations."""
    width: int = 80
    """Columns of the terminal."""
    colour: bool = False
    """Whether the terminal shows colours; health is always in words too."""
    wait_for_errors: Callable[[], Sequence[tuple[Status, int]]] = tuple
    """Returns statuses from the least advanced on, with the errors that wait for the chapters there; none if not
    counted."""
    branches: Sequence[OpenBranch] = ()
    """Branches that are not merged."""

    @property
    def shows_obligations(self) -> bool:
        """Whether obligations are shown instead of chapters."""
        return self.obligations_only or self.chapter is not None

    def title(self, progress: Progress) -> str:
        """Return the headline."""
        return f"{self.chapter.title}: {describe_health(self.chapter)}" if self.chapter else status_headline(progress)

    def health(self, progress: Progress) -> Health:
        """Return the health of the selection."""
        return self.chapter.health if self.chapter else progress.health

    def facts(self, progress: Progress) -> LabelledTexts:
        """Return the facts above the table."""
        if self.chapter:
            return chapter_facts(self.chapter)
        return (
            []
            if self.obligations_only
            else [*progress_facts(progress), *self._waiting_errors(), *self._open_branches(progress)]
        )

    def _waiting_errors(self) -> LabelledTexts:
        """Return the errors now and in the statuses that bring more; nothing if there are none at all."""
        most, texts = -1, list[str]()
        for status, count in self.wait_for_errors():
            if count > most:
                most, texts = count, [*texts, f"{count} in {status.title}" if texts else f"{count} now"]
        return [LabelledText("Errors", "; ".join(texts))] if most > 0 else []

    def _open_branches(self, progress: Progress) -> LabelledTexts:
        """Return the branches that are not merged, with the chapters that they change."""
        names = {chapter.path: chapter.id for chapter in progress.chapters}
        texts = []
        for branch in self.branches:
            counts = (f"{names.get(p, p)}: {format_count(n, 'sentence')}" for p, n in branch.sentences.items())
            age = format_count(max((progress.today - branch.changed_on).days, 0), "day")
            texts.append(f"{', '.join(counts)} on branch {branch.name}, not merged for {age}")
        return [LabelledText("Branches", "; ".join(texts))] if texts else []

    def shown_obligations(self, progress: Progress) -> tuple[Obligation, ...]:
        """Return the obligations of the selection."""
        return tuple(o for o in progress.obligations if self.chapter is None or o.chapter == self.chapter.id)


WHOLE_PAPER: Final = View()
"""The whole paper at 80 columns without colour."""
