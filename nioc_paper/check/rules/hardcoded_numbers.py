"""Rule about cross-references that are typed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import Texts
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.word_index import WordIndex
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern

_NOT_OF_OTHER_TEXT = r"(?![\w.-]*\w)(?![^\S\n]*(?:\([^)\n]{0,40}\)[^\S\n]*)?,?[^\S\n]*(?:of|in|to)[^\S\n]+(?!this\b))"
"""Excludes other texts' parts: `table 5 of the World Drug Report`."""
_NUMBER = r"[^\S\n]+\d+(?:\.\d+)*(?:(?:,|[^\S\n]and|[^\S\n]to|–)[^\S\n]?\d+(?:\.\d+)*)*"
_DOTTED = r"[^\S\n]+\d+(?:\.\d+)+(?![\w.-]*\w)"
_ITEM_LABEL = r"[^\S\n]+[A-Z]{1,4}-G?\d+\b"
_ON_THE_PAGE = (
    r"[^\S\n]+(?:above|below|overleaf|opposite)\b(?=[^\S\n]*(?:[^\w\s]|\Z|\n)|[^\S\n]+(?:shows?|gives?|lists?|sets?|compares?"
    r"|summari[sz]es?|presents?|illustrates?|contains?|describes?|is|are|has|have|was|were|and|or|for|with)\b)"
)
_OTHER_TABLE = late_pattern(
    r"\b(?:water|periodic|dining|dinner|round|negotiating|league|life|time|pool)[^\S\n]+\Z", re.IGNORECASE
)
"""Words that give "table" another meaning."""
_PREFIX_BY_WORD = {
    "section": "sec",
    "chapter": "sec",
    "table": "tbl",
    "figure": "fig",
    "recommendation": "rec",
    "gap": "gap",
}
_PATTERNS: Mapping[str, str] = {
    "section": rf"(?:{_DOTTED}{_NOT_OF_OTHER_TEXT})",
    "chapter": rf"(?:{_NUMBER}{_NOT_OF_OTHER_TEXT})",
    "table": rf"(?:{_NUMBER}{_NOT_OF_OTHER_TEXT}|{_ON_THE_PAGE})",
    "figure": rf"(?:{_NUMBER}{_NOT_OF_OTHER_TEXT}|{_ON_THE_PAGE})",
    "recommendation": _ITEM_LABEL,
    "gap": _ITEM_LABEL,
    "page": rf"(?:{_NUMBER}{_NOT_OF_OTHER_TEXT})",
}
"""Continuation of a word that makes it refer to this paper: an Act has a section 4 but no 4.2; recommendation 8 is
another body's."""
_REFERENCE_BY_WORD = {word: late_pattern(rf"{word}s?{pattern}", re.IGNORECASE) for word, pattern in _PATTERNS.items()}
_NEIGHBOUR = late_pattern(r"\b(?:following|next|previous|preceding|facing|opposite)[^\S\n]+\Z", re.IGNORECASE)


def typed_number(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Numbers of sections, figures and tables, and places on a page, are written as references.

    Bad: see section 4.2 and the table below
    Good: see @sec-law and @tbl-cases
    """
    index = text.word_index
    for word in _REFERENCE_BY_WORD:
        for start in (*index.offsets_any_case(word), *index.offsets_any_case(f"{word}s")):
            if finding := _hardcoded_finding(index, start, word):
                yield finding
    yield from _typed_labels(paper, index)


def _typed_labels(paper: Paper, index: WordIndex) -> Iterator[Finding]:
    """Yield numbers of recommendations and gaps after the paper's own words for them."""
    for kind, *words in paper.settings.box_labels:
        for word in words if kind in _PREFIX_BY_WORD else ():
            pattern = re.compile(re.escape(word) + _ITEM_LABEL, re.IGNORECASE)
            for start in index.offsets_any_case(word.lower()):
                passage, pos = index.passage_at(start)
                if not passage.is_heading and (match := pattern.match(index.full_text, start)):
                    yield Finding(passage.place(pos), f"'{match[0]}' is typed by hand", _reference_hint(kind))


def _hardcoded_finding(index: WordIndex, start: int, word: str) -> Finding | None:
    passage, pos = index.passage_at(start)
    is_other = word == "table" and _OTHER_TABLE.search(index.full_text, max(0, start - 20), start)
    match = None if passage.is_heading or is_other else _REFERENCE_BY_WORD[word].match(index.full_text, start)
    if match and not _belongs_to_source(word, passage, pos, pos + len(match[0])):
        hint = _caption_hint(word, passage.text[pos + len(match[0]) :]) if not passage.text[:pos].strip() else ""
        return Finding(passage.place(pos), f"'{match[0]}' is typed by hand", hint or _reference_hint(word))
    before = _NEIGHBOUR.search(passage.text, 0, pos) if word in ("page", "table", "figure") else None
    if before:
        return Finding(
            passage.place(before.start()), f"'{before[0]}{word}' depends on the layout", _reference_hint(word)
        )
    return None


def _caption_hint(word: str, rest: str) -> str:
    """Return where the words of a typed caption belong: "Table 1: Institutions"; empty for any other text."""
    caption = re.match(r"\s?[:.–]\s*([^.]+)", rest)
    if caption is None or word not in ("table", "figure"):
        return ""
    if word == "table":
        return f"write it as a line of its own below the table: ': {caption[1].strip()} {{#tbl-…}}'"
    return f"write it in the brackets of the picture: ![{caption[1].strip()}](…){{#fig-…}}"


def _belongs_to_source(word: str, passage: Passage, start: int, end: int) -> bool:
    """Whether a number is a cited source's: a citation follows it, or, for a page, is in its sentence."""
    if word == "page":
        return bool(next(s for s in reversed(passage.sentences) if s.start <= start).keys)
    return bool(passage.keys_between(end, end + 3))


def _reference_hint(word: str) -> str:
    if word in _PREFIX_BY_WORD:
        return f"write '@{_PREFIX_BY_WORD[word]}-…': the number, or the place, is filled in"
    return "refer to the section, the figure or the table: pages differ in every output"
