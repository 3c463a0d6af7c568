"""Rules about punctuation, in every text that is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.passages import Passage
from nioc_paper.model.late_pattern import late_pattern

_SLIPS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (late_pattern(pattern), problem, hint)
    for pattern, problem, hint in (
        (r"\.(?<![.\d]\.)\.(?![.\w])|,,|;;|,\.|;\.|:\.|,;|;,|:,|!\.|\?\.", "two marks in a row", "keep one"),
        (
            r" (?<=[\w)\]”’…] ) *(?:[,;?!.](?=\s|\Z)|:(?=\s|\Z)(?!\s\d))",
            "a space precedes the mark",
            "delete the space",
        ),
        (
            r" (?<=[^\W\d_]{2} ) *(?:[,;](?=\w)|\.(?=[A-Z][a-z]))",
            "the blank is before the mark",
            "put it after the mark",
        ),
        (r"[.?!](?<=[a-z]{2}.)(?=[A-Z][a-z])", "no space follows the mark", "put one after it"),
        (r"[,;](?<=[^\W\d_]{2}.)(?=[^\W\d_]{2})", "no space follows the mark", "put one after it"),
    )
)
_ADDRESS = late_pattern(r"[/@\\_]|www\.|\.(?:org|com|net|pk|md|txt|js|py)\b", re.IGNORECASE)
_ADDRESS_REACH = 80
"""Letters around a mark that may be of one address."""
_PAIRS = {")": "(", "]": "[", "”": "“"}
_ENUMERATOR = late_pattern(r"(?:^|[\s,;:(–-])(?:\d{1,3}|[A-Za-z]{1,2}|[ivx]{1,4})\Z")


def stray_punctuation(passage: Passage) -> Iterator[Finding]:
    """Punctuation marks are single, with no space before and one after.

    Bad: The tunnel is dark , and wet..
    Good: The tunnel is dark, and wet.
    """
    for pattern, problem, hint in _SLIPS:
        for match in pattern.finditer(passage.text):
            # A citation or a picture may have been before the mark, and is not in the text.
            is_cited = passage.keys_between(match.start(), match.end() + 1)
            if not is_cited and not _is_in_address(passage.text, match.start(), match.end()):
                shown = passage.text[max(0, match.start() - 8) : match.end() + 4].strip()
                yield Finding(passage.place(match.start()), f"'{shown}': {problem}", hint)


def _is_in_address(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _ADDRESS_REACH) : start], text[start : start + _ADDRESS_REACH]
    word = before.rpartition(" ")[2] + after.split(" ", 1)[0] if text[start] != " " else ""
    return bool(_ADDRESS.search(word)) or text[end : end + 1] in ("/", "@")


def unbalanced_mark(passage: Passage) -> Iterator[Finding]:
    """Every bracket and every quotation mark is closed in the same paragraph.

    Bad: The tunnel (the older one is closed.
    Good: The tunnel (the older one) is closed.
    """
    text, open_marks = passage.text, list[int]()
    for match in re.finditer(r"[()\[\]“”]", text):
        mark, pos = match[0], match.start()
        if mark in _PAIRS.values():
            open_marks.append(pos)
        elif open_marks and text[open_marks[-1]] == _PAIRS[mark]:
            open_marks.pop()
        elif not _stands_alone(text, pos):
            yield Finding(passage.place(pos), f"'{mark}' closes what nothing opens", "open it, or delete the mark")
    for pos in open_marks:
        # A quotation of several paragraphs opens in each, and closes in the last.
        is_of_other_fault = text[pos] + text[pos - 1 : pos] in ("(]", "“€") or passage.keys_between(pos + 1, pos + 2)
        if not is_of_other_fault and (text[pos] != "“" or text[:pos].strip()):
            yield Finding(passage.place(pos), f"'{text[pos]}' is never closed", "close it, or delete the mark")


def _stands_alone(text: str, pos: int) -> bool:
    """Whether a closing mark needs no other half: a) and 1) count, 6” measures."""
    before = text[max(0, pos - 8) : pos]
    return bool(_ENUMERATOR.search(before)) if text[pos] == ")" else text[pos] == "”" and before[-1:].isdigit()
