"""Questions of a merge: what both sides did to one thing, and the answers of a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from msgspec import Struct


class MergeSide(Enum):
    """One of both sides, as an answer. Its value is how a person names it."""

    OURS = "1"
    THEIRS = "2"


Answer = MergeSide | str
"""MergeSide that holds, or the words to write: "1" is the word "1"."""
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
    takes_words: bool = True
    """Whether the answer may be other words than those of a side."""


class Questions:
    """Questions of one merge, in the order of its files. The merge is done again with their answers.

    Args:
        answers: Answers by the number of the question.
        settle: Returns the value that holds without a question.
    """

    def __init__(self, answers: Sequence[Answer] = (), settle: Settle = lambda *_: None) -> None:
        self._answers, self._settle = answers, settle
        self.asked: list[Question] = []
        self.settled: list[Question] = []
        """Values that were settled, each with the safe one as its base."""
        self.path = ""

    def ask(
        self, label: str, base: str | None, ours: str | None, theirs: str | None, *, takes_words: bool = True
    ) -> str | None:
        """Return the text of the answer; ours as long as there is none, or none that can be taken."""
        answer = self._answers[len(self.asked)] if len(self.asked) < len(self._answers) else MergeSide.OURS
        self.asked.append(Question(self.path, label, base, ours, theirs, takes_words=takes_words))
        answer = answer if takes_words or isinstance(answer, MergeSide) else MergeSide.OURS
        return {MergeSide.OURS: ours, MergeSide.THEIRS: theirs}[answer] if isinstance(answer, MergeSide) else answer

    def ask_value(self, label: str, base: str, ours: str, theirs: str) -> str:
        """Return the value that holds for a field."""
        if (value := self._settle(self.path, label, ours, theirs)) is None:
            return self.ask(f"the value of '{label}'", base or None, ours, theirs) or ""
        self.settled.append(Question(self.path, label, value, ours, theirs))
        return value

    def is_ours(self, text: str, ours: str, theirs: str) -> bool:
        """Ask for the place of what both sides have moved."""
        label, places = f"the place of '{_shorten(text)}'", [f"{_PLACE} '{_shorten(each)}'" for each in (ours, theirs)]
        return self.ask(label, None, places[0], places[1], takes_words=False) != places[1]


def _shorten(text: str, length: int = 60) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= length else f"{line[: length - 1]}…"
