"""Fixes in a text: one is skipped if its text is no longer at its place. Pure: text to text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nioc_paper.model import Fix
from nioc_paper.model.characters import comparable_pattern

_LINE_END = re.compile(r"(?:\r\n?|\n)")
_BLANK_LINE = re.compile(r"[ \t]*(?:\r\n?|\n|\Z)")


def apply_fixes(text: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """Return the text with the fixes of its file applied, and how many were."""
    starts = [0, *(m.end() for m in _LINE_END.finditer(text))]
    count = 0
    # From the end, so that earlier places stay valid; of two at one place the first is applied.
    for fix in sorted(set(fixes), key=lambda f: f.place, reverse=True):
        if fix.place.line <= len(starts):
            begin = starts[fix.place.line - 1] + fix.place.column - 1
            # Line ends and characters may be of any kind: rules see one.
            old = _LINE_END.pattern.join(map(comparable_pattern, fix.old.split("\n")))
            if match := re.compile(old).match(text, begin):
                end = match.end()
                text = text[:begin] + fix.new + text[end:] if fix.new else _without_passage(text, begin, end)
                count += 1
    return text, count


def _without_passage(text: str, begin: int, end: int) -> str:
    """Delete a stretch of a text, with a line left empty and one of the blank lines around it."""
    line = max(text.rfind("\n", 0, begin), text.rfind("\r", 0, begin)) + 1
    line_rest = _BLANK_LINE.match(text, end)
    if text[line:begin].strip() or line_rest is None:
        return text[:begin] + text[end:]
    following = _BLANK_LINE.match(text, line_rest.end())
    return text[:line] + text[following.end() if following else line_rest.end() :]
