"""Text of a foreign file while its syntax is converted. Line numbers never change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from nioc_paper.load.foreign.words import count_each_word
from nioc_paper.model import Diagnostic, Place, Reporter, Severity
from nioc_paper.tree.code import blank_all_but_prose, blank_code_blocks

_START, _END = "\ue000", "\ue001"
PLACEHOLDER = re.compile(f"{_START}(\\d+){_END}")
"""Placeholder in a text for something that pandoc is not to read."""
_MAX_EXCERPT = 300


class Placeholder(NamedTuple):
    """Content of a placeholder."""

    kind: str
    """`markdown` in our syntax; `reference` to a label; `equation` with a label; `include` of a file."""
    value: str
    raw: str
    """The form in the original."""
    place: Place


class Draft:
    """Text of a file, the placeholders in it, and the findings about it."""

    def __init__(self, path: str, text: str, report: Reporter) -> None:
        self.path, self.report = path, report
        self.original = self.text = re.sub(f"[{_START}{_END}]", "", text)
        self.placeholders: list[Placeholder] = []
        self.computed: dict[str, str] = {}
        """Labels of what cells would draw, each with its caption."""
        self.reported_words: Counter[str] = Counter()
        """Words named in findings."""
        self.syntax_lines: set[int] = set()
        """Lines with options alone: what readers see of them is in the text."""
        self.depth = 0
        """Number of directives around the one that is converted."""
        self._cursor = 0

    def place(self, offset: int) -> Place:
        """Return the place of an offset in the text."""
        before = self.text[:offset]
        return Place(self.path, before.count("\n") + 1, offset - before.rfind("\n"))

    def locate(self, words: str) -> Place:
        """Return the place of words of the original: the next ones after the previous call, or the first."""
        start = self.original.find(words, self._cursor)
        start = self.original.find(words) if start < 0 else start
        if start < 0:
            return Place(self.path)
        self._cursor = start
        before = self.original[:start]
        return Place(self.path, before.count("\n") + 1, start - before.rfind("\n"))

    def note(self, place: Place, message: str, hint: str, rule: str = "not-imported") -> None:
        """Report something that is not in the result, or not as it was."""
        self.reported_words += count_each_word(message)
        self.report(Diagnostic(place, rule, message, Severity.WARNING, hint))

    def add_placeholder(self, kind: str, value: str, raw: str, place: Place) -> str:
        """Add a placeholder for a part of the text, and return it."""
        self.placeholders.append(Placeholder(kind, value, raw, place))
        return f"{_START}{len(self.placeholders) - 1}{_END}"

    def replace(
        self, pattern: str, change: Callable[[re.Match[str], Place], str | None], *, in_code_spans: bool = False
    ) -> None:
        """Replace a pattern outside of code; a function returns the new text, or None to keep the old one."""
        if not re.search(pattern, self.text, re.MULTILINE):
            return
        masked = blank_code_blocks(self.text) if in_code_spans else blank_all_but_prose(self.text)
        parts, end = list[str](), 0
        for match in re.finditer(pattern, masked, re.MULTILINE):
            # Formulas and addresses are blank in the masked text, and stay in the match.
            full = re.compile(pattern, re.MULTILINE).match(self.text, match.start()) or match
            new = change(full, self.place(match.start())) if match.start() >= end else None
            if new is not None:
                parts += (self.text[end : match.start()], with_lines(new, full[0]))
                end = full.end()
        self.text = "".join([*parts, self.text[end:]])


def with_lines(new: str, old: str) -> str:
    """Return a text with as many lines as another one that it replaces."""
    return new + "\n" * (old.count("\n") - new.count("\n"))


def excerpt(text: str) -> str:
    """Return a text in one line for a message."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_EXCERPT else f"{line[: _MAX_EXCERPT - 1]}…"


def callout_opening(kind: str, title: str = "", label: str = "") -> str:
    """Return the opening line of a callout without its colons."""
    words = title.replace('"', "”").strip()
    attribute = f' title="{words}"' if words else ""
    name = re.sub(r"[^\w:.-]+", "-", label)
    anchor = f"#{name} " if name else ""
    return f"{{{anchor}.callout-{kind.lower()}{attribute}}}"
