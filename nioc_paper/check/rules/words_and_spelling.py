"""Rules about words: of the paper's own lists, their spelling, and lengths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.english_words import Dictionary
from nioc_paper.check.text.quantities import MONTH, YEAR
from nioc_paper.check.text.word_index import WordIndex, find_phrases, is_in_address, read_word_list
from nioc_paper.model import Paper, Term
from nioc_paper.model.lazy_regex import late_pattern


def avoided_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text uses the words that terms.yaml prefers; quotations and names keep their own."""
    terms, index = _terms_by_avoided_word(paper), text.word_index
    written = (form for term in paper.terms for word in term.avoid for form in (word, _plural_of(word)))
    for match in find_phrases(index, [*written, *(word for word, entry in terms.items() if not entry)]):
        term, form = terms[" ".join(match[0].lower().split())] or (None, "")
        if term and _applies_to(term, index, match):
            hint = f"write '{term.use}'{form}" + (f". {term.note}" if term.note else "")
            yield Finding(index.place(match.start()), f"the paper avoids '{match[0]}'", hint)


def _terms_by_avoided_word(paper: Paper) -> Mapping[str, tuple[Term, str] | None]:
    """Return the term that avoids each word, with the form of its hint; None for right words that contain one."""
    singulars = {word.lower(): term for term in paper.terms for word in term.avoid}
    plurals = {_plural_of(word): (term, ", in the plural") for word, term in singulars.items()}
    # A word inside a preferred term or a name is not a fault; inside a longer one to avoid it is the same fault.
    names = [words.lower() for words in (*(term.use for term in paper.terms), *proper_names(paper))]
    preferred = (word for name in names for word in (name, _plural_of(name)) if word not in singulars)
    protected = dict.fromkeys(word for word in preferred if any(avoid in word for avoid in singulars))
    return plurals | {word: (term, "") for word, term in singulars.items()} | protected


def proper_names(paper: Paper) -> Iterator[str]:
    """Yield names with a spelling of their own: people, organizations, long forms of abbreviations."""
    yield from (person.name for person in paper.contributors.people)
    yield from (body.name for body in paper.contributors.organizations)
    for acronym in paper.acronyms:
        yield acronym.long


def _plural_of(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    if not word[-1:].isalpha() or word.endswith("s"):
        return word
    return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")


def _applies_to(term: Term, index: WordIndex, match: re.Match[str]) -> bool:
    """Whether a term applies: the scope `prose` excludes headings, tables and captions."""
    passage, _ = index.passage_at(match.start())
    if term.scope == "prose" and not passage.is_prose:
        return False
    return not index.is_in_name(match.start(), match.end())


_WORD = late_pattern(r"\S*\w\S*")
MAX_SENTENCE_WORDS = 35


def weak_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text is free of the words that `weak` in terms.yaml lists; without the list nothing is found."""
    index = text.word_index
    for match in find_phrases(index, paper.terms_file.weak):
        if not index.is_in_name(*match.span()):
            hint = "write what is meant, or who says it; the list is in paper/registers/terms.yaml"
            yield Finding(index.place(match.start()), f"'{match[0]}' says little", hint)


def long_sentence(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A sentence has at most 35 words."""
    for passage in text.word_index.passages:
        is_long = len(passage.text) > 4 * MAX_SENTENCE_WORDS
        for sentence in passage.sentences if is_long and passage.is_prose and not passage.label else ():
            # A colon and semicolons divide a list, which is no burden.
            count = max(len(_WORD.findall(part)) for part in re.split(r"[:;]\s", sentence.text))
            if count > MAX_SENTENCE_WORDS:
                place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                yield Finding(place, f"the sentence has {count} words", "make two of it")


# --- spelling ---------------------------------------------------------------------------------------------------------


_OXFORD_LANGUAGE = "en-gb-oxendict"
_MIN_CHECKED_LETTERS, _MAX_RARE = 6, 2
"""Letters of a word that is looked up in the dictionary, and how often it may come in a chapter."""
_MONTH_FIRST = late_pattern(rf"\b(?P<month>{MONTH})\s(?P<day>\d{{1,2}}),\s(?P<year>{YEAR})\b")


def other_spelling(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Words have Oxford spelling: organize, but analyse, programme and centre; names keep their own."""
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


def month_first(paper: Paper, text: Texts) -> Iterator[Finding]:
    """A date in British English has the day before the month."""
    if not paper.settings.language.lower().startswith("en-gb"):
        return
    index = text.word_index
    for match in _MONTH_FIRST.finditer(index.full_text):
        right = f"{match['day']} {match['month']} {match['year']}"
        yield _spelling_finding(index, match.start(), match[0], right, "has the month first")


def misspelled_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """No word is a common misspelling."""
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
    """No rare word that is in no dictionary differs from a common one in a letter."""
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
