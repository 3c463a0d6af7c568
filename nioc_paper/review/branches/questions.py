"""Questions about what both sides changed, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

OURS: Final = "1"
THEIRS: Final = "2"
_PLACE = "goes after"
Settle = Callable[[str, str, str, str], str | None]
"""Returns the safe one of two values by path, label, ours and theirs; None if that has to be asked."""


class Question(Struct, frozen=True):
    """What both sides did to one thing. A text is None if that side has deleted it."""

    path: str
    label: str
    base: str | None
    ours: str | None
    theirs: str | None
    line: int = 1


class Questions:
    """Questions of one merge, in the order of its files. The merge is done again with their answers.

    Args:
        answers: OURS, THEIRS, or the words to write, by the number of the question.
        settle: Returns the value that holds without a question.
    """

    def __init__(self, answers: Sequence[str] = (), settle: Settle = lambda *_: None) -> None:
        self._answers, self._settle = answers, settle
        self.asked: list[Question] = []
        self.settled: list[Question] = []
        """Values that were settled, each with the safe one as its base."""
        self.path = ""

    def ask(self, label: str, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        """Return the text of the answer; ours as long as there is none."""
        answer = self._answers[len(self.asked)] if len(self.asked) < len(self._answers) else OURS
        self.asked.append(Question(self.path, label, base, ours, theirs))
        return {OURS: ours, THEIRS: theirs}.get(answer, answer)

    def ask_value(self, label: str, base: str, ours: str, theirs: str) -> str:
        """Return the value that holds for a field."""
        if (value := self._settle(self.path, label, ours, theirs)) is None:
            return self.ask(f"the value of '{label}'", base or None, ours, theirs) or ""
        self.settled.append(Question(self.path, label, value, ours, theirs))
        return value

    def is_ours(self, text: str, ours: str, theirs: str) -> bool:
        """Ask for the place of what both sides have moved."""
        label = f"the place of '{_shorten(text)}'"
        return self.ask(label, None, f"{_PLACE} '{_shorten(ours)}'", f"{_PLACE} '{_shorten(theirs)}'") != (
            f"{_PLACE} '{_shorten(theirs)}'"
        )


def _shorten(text: str, length: int = 60) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= length else f"{line[: length - 1]}…"
