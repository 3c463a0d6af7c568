"""Rules about spelling: Oxford's, and common misspellings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.words import proper_names
from nioc_paper.check.text.chapter_text import Texts
from nioc_paper.check.text.dictionary import Dictionary
from nioc_paper.check.text.quantities import MONTH, YEAR
from nioc_paper.check.text.word_index import WordIndex, is_in_address, read_word_list
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern

_OXFORD_LANGUAGE = "en-gb-oxendict"
_MIN_CHECKED_LETTERS, _MAX_RARE = 6, 2
"""Letters of a word that is looked up in the dictionary, and how often it may come in a chapter."""
_MONTH_FIRST = late_pattern(rf"\b(?P<month>{MONTH})\s(?P<day>\d{{1,2}}),\s(?P<year>{YEAR})\b")


def other_spelling(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Words have Oxford spelling: organize, but analyse, programme and centre; names keep their own.

    Bad: the organisation of the visitor center
    Good: the organization of the visitor centre
    """
    if paper.settings.language.lower() != _OXFORD_LANGUAGE:
        return
    register_words = _register_words(paper)
    index = text.word_index
    for word in (index.spellings.keys() & _checked_spellings()) - register_words:
        for spelling in index.spellings[word]:
            for start in index.offsets_of(spelling):
                right = _oxford_spellings().get(word) or _spell_by_context(index, start, word)
                if right and not _is_exempt(index, start, spelling):
                    yield _spelling_finding(index, start, spelling, right, "is not the Oxford spelling")
    for match in _MONTH_FIRST.finditer(index.full_text):
        right = f"{match['day']} {match['month']} {match['year']}"
        yield _spelling_finding(index, match.start(), match[0], right, "has the month first")


def misspelled_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """No word is a common misspelling.

    Bad: the goverment
    Good: the government
    """
    if not paper.settings.language.lower().startswith("en"):
        return
    index, accepted = text.word_index, {*_register_words(paper), *_oxford_spellings(), *_correct_words()}
    for word in index.spellings.keys() - accepted:
        rights = text.dictionary.corrections(word)
        for spelling in {*index.spellings[word]} - _correct_words() if rights else ():
            for start in index.offsets_of(spelling):
                if not _is_exempt(index, start, spelling, min_name_length=7):
                    yield _misspelling_finding(index, start, spelling, rights)


def unlikely_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """No rare word that is in no dictionary differs from a common one in a letter.

    Bad: the lanterm of the tunnel
    Good: the lantern of the tunnel
    """
    if not paper.settings.language.lower().startswith("en"):
        return
    index, accepted = text.word_index, {*_register_words(paper), *_oxford_spellings()}
    for word, likely in _find_near_words(index, text.dictionary, accepted):
        start = next(index.offsets_of(word))
        is_part = "-" in index.full_text[max(0, start - 1) : start + len(word) + 1]
        if not is_part and not _is_exempt(index, start, word):
            hint = "did you mean " + " or ".join(f"'{near}'" for near in likely[:2]) + "?"
            yield Finding(index.place(start), f"'{word}' is in no dictionary", hint)


def _find_near_words(
    index: WordIndex, dictionary: Dictionary, accepted: Collection[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield words in lower case that no dictionary has, and that are rare here, with the common words near them.

    Names and foreign words fill the texts of many countries: what is near no common word is left alone.
    """
    for word in sorted(index.words.difference(accepted, _oxford_spellings().values(), _correct_words())):
        is_candidate = len(word) >= _MIN_CHECKED_LETTERS and word.islower() and word.isascii()
        if is_candidate and index.spellings[word] == [word] and (likely := dictionary.likely_words(word)):
            is_rare = len([*index.offsets_of(word)]) <= _MAX_RARE
            if is_rare and not dictionary.corrections(word):
                yield word, likely


# --- dependencies of a word -------------------------------------------------------------------------------------------

_COMPUTER = (
    r"\b(?:computer|software|code|application|algorithm|script|server|container|process|virus|antivirus|malicious|\w+ware"
    r"|hack\w*|install\w*|download\w*|encrypt\w*|execut(?:e|ed|es|able)|compil\w*)s?\b"
)
_NOUN = r"\b(?:an?|the|no|any|each|every|this|that|its|their|in|of|without|with|driving|good|best|common|usual)\s+\Z"
_BY_CONTEXT: Mapping[str, tuple[str, str, int]] = {
    # Spelling, the words that allow or demand it, and the letters after the word that count.
    **{f"program{s}": (f"programme{s}", _COMPUTER, 150) for s in ("", "s")},
    **{f"license{s}": (f"licence{s}", _NOUN, 0) for s in ("", "s")},
    **{f"practise{s}": (f"practice{s}", _NOUN, 0) for s in ("", "s")},
}


def _spell_by_context(index: WordIndex, start: int, word: str) -> str:
    """Return "programme" unless a computer is near the word, and "licence" and "practice" for nouns."""
    right, pattern, after = _BY_CONTEXT[word]
    passage, pos = index.passage_at(start)
    around = passage.text[max(0, pos - (after or 20)) : pos + after]
    return right if bool(re.search(pattern, around, re.IGNORECASE)) != bool(after) else ""


def _is_exempt(index: WordIndex, start: int, word: str, min_name_length: int = 99) -> bool:
    """Whether a word is not checked: part of a name (if it is not long), an abbreviation, an address."""
    end = start + len(word)
    return (
        _is_glued(index.full_text, start, end)
        or _is_cased_otherwise(word)
        or (len(word) < min_name_length and index.is_in_name(start, end))
        or is_in_address(index.full_text, start, end)
    )


def _is_glued(full_text: str, start: int, end: int) -> bool:
    """Whether a digit or an apostrophe joins a word to its neighbour."""
    before, after = full_text[max(0, start - 1) : start], full_text[end : end + 2]
    has_ending = after[:1] in "'’" and after[1:].isalpha() and after[1:] != "s"
    return before.isdigit() or after[:1].isdigit() or has_ending


def _is_cased_otherwise(word: str) -> bool:
    """Whether a word is cased like an abbreviation or a name: NACTA, MacArthur."""
    return (word.isupper() and len(word) < 6) or not (word[1:].islower() or word.isupper())


# --- findings ---------------------------------------------------------------------------------------------------------


def _with_capitals_of(word: str, model: str) -> str:
    """Return a word with the capitals of another."""
    if model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[0].isupper() else word


def _spelling_finding(index: WordIndex, start: int, spelling: str, right: str, problem: str) -> Finding:
    right = _with_capitals_of(right, spelling)
    message = f"'{spelling}' {problem}"
    return Finding(index.place(start), message, f"write '{right}'", index.fix_at(start, spelling, right))


def _misspelling_finding(index: WordIndex, start: int, spelling: str, rights: Iterable[str]) -> Finding:
    corrections = [_oxford_spellings().get(right, right) for right in rights]
    if len(corrections) == 1 and " " not in corrections[0]:
        return _spelling_finding(index, start, spelling, corrections[0], "is misspelled")
    hint = "did you mean " + " or ".join(f"'{_with_capitals_of(right, spelling)}'" for right in corrections[:4]) + "?"
    return Finding(index.place(start), f"'{spelling}' is misspelled", hint)


def _register_words(paper: Paper) -> set[str]:
    """Return the words that the registers spell: they are right."""
    names_and_terms = [*proper_names(paper), *(a.short for a in paper.acronyms), *(t.use for t in paper.terms)]
    return {word for name in names_and_terms for word in re.findall(r"[^\W\d_]+", name.lower())}


# --- lists ------------------------------------------------------------------------------------------------------------


@cache
def _oxford_spellings() -> Mapping[str, str]:
    """Return Oxford's spellings by other spellings."""
    return dict(line.split() for line in read_word_list("oxford.txt"))


@cache
def _checked_spellings() -> frozenset[str]:
    return frozenset({*_oxford_spellings(), *_BY_CONTEXT})


@cache
def _correct_words() -> frozenset[str]:
    return frozenset(read_word_list("right.txt"))
