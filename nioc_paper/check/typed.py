"""Numbers and places that are typed although the tool knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import Passage
from nioc_paper.check.words import Text, texts
from nioc_paper.model import Paper

_OF = r"(?![\w.-]*\w)(?![^\S\n]*(?:\([^)\n]{0,40}\)[^\S\n]*)?,?[^\S\n]*(?:of|in|to)[^\S\n]+(?!this\b))"
"""What another text has is another text's: `table 5 of the World Drug Report`."""
_NUMBER = r"[^\S\n]+\d+(?:\.\d+)*(?:(?:,|[^\S\n]and|[^\S\n]to|–)[^\S\n]?\d+(?:\.\d+)*)*"
_DOTTED = r"[^\S\n]+\d+(?:\.\d+)+(?![\w.-]*\w)"
_LABEL = r"[^\S\n]+[A-Z]{1,4}-\d+\b"
_HERE = r"[^\S\n]+(?:above|below|overleaf|opposite)\b"
_REF = {"section": "sec", "chapter": "sec", "table": "tbl", "figure": "fig", "recommendation": "rec", "gap": "gap"}
_PATTERNS: Mapping[str, str] = {
    "section": rf"(?:{_DOTTED}{_OF})",
    "chapter": rf"(?:{_NUMBER}{_OF})",
    "table": rf"(?:{_NUMBER}{_OF}|{_HERE})",
    "figure": rf"(?:{_NUMBER}{_OF}|{_HERE})",
    "recommendation": _LABEL,
    "gap": _LABEL,
    "page": rf"(?:{_NUMBER}{_OF})",
}
"""What makes a word refer to this paper: an Act has a section 4, but none 4.2; a recommendation 8 is another body's."""
_NUMBERED = {word: re.compile(rf"{word}s?{pattern}", re.IGNORECASE) for word, pattern in _PATTERNS.items()}
_BESIDE = re.compile(r"\b(?:following|next|previous|preceding|facing|opposite)[^\S\n]+\Z", re.IGNORECASE)


def typed_number(paper: Paper) -> Iterator[Finding]:
    """Numbers of sections, figures and tables, and places on a page, are left to references.

    Bad: see section 4.2 and the table below
    Good: see @sec-law and @tbl-cases
    """
    for text in texts(paper):
        for word in _NUMBERED:
            for start in (*text.offsets(word), *text.offsets(f"{word}s")):
                if found := _typed(text, start, word):
                    yield found


def _typed(text: Text, start: int, word: str) -> Finding | None:
    passage, at = text.where(start)
    found = None if passage.heading else _NUMBERED[word].match(text.whole, start)
    if found and not _is_theirs(word, passage, at, at + len(found[0])):
        return Finding(passage.place(at), f"'{found[0]}' is typed by hand", _hint(word))
    before = _BESIDE.search(passage.text, 0, at) if word in ("page", "table", "figure") else None
    if before:
        return Finding(passage.place(before.start()), f"'{before[0]}{word}' depends on the layout", _hint(word))
    return None


def _is_theirs(word: str, passage: Passage, start: int, end: int) -> bool:
    """Whether a number is a source's: one is cited right behind it, or behind a page anywhere in the sentence."""
    if word == "page":
        return bool(next(s for s in reversed(passage.sentences) if s.start <= start).keys)
    return bool(passage.cited(end, end + 3))


def _hint(word: str) -> str:
    if word in _REF:
        return f"write '@{_REF[word]}-…': the number, or the place, comes by itself"
    return "refer to the section, the figure or the table: pages differ in every output"
