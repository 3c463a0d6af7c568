"""Rules about names of people and organizations, and abbreviations: slips, other spellings, long forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.acronym_uses import AcronymUse, find_expansion, long_forms
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.english_words import COMMON, frequency
from nioc_paper.check.text.word_index import WordIndex, find_phrases, read_word_list
from nioc_paper.domain.english_grammar import ARTICLES_AND_PREPOSITIONS
from nioc_paper.model import Cause, Fix, Organization, Paper, Person
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.lazy_regex import late_pattern

_WORD = late_pattern(r"[^\W\d_]+")
_NEXT = late_pattern(r"(?:[^\S\n]+|-)([^\W\d_]+)")
_SMALL_WORDS = ARTICLES_AND_PREPOSITIONS | {"and", "ur", "ul"}


class KnownName(NamedTuple):
    """A name, its words, and whether it is a person's."""

    text: str
    words: tuple[str, ...]
    is_person: bool


def misspelled_name(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The names of people and organizations are spelled correctly."""
    # Other rules report known aliases, and owners of recommendations.
    records: list[Person | Organization] = [*paper.contributors.people, *paper.contributors.organizations]
    aka = [alias for record in records for alias in record.aka]
    index = text.word_index
    for start, spelling, right in find_near_names(index, paper):
        passage, _ = index.passage_at(start)
        if passage.label not in ("owner", "support") and not any(alias in spelling for alias in aka):
            yield Finding(index.place(start), f"'{spelling}' is nearly '{right}'", f"write '{right}', if that is meant")


def find_near_names(index: WordIndex, paper: Paper) -> Iterator[tuple[int, str, str]]:
    """Yield where a text has nearly a known name: the offset, the words there, and the name."""
    names = _names_by_letter(
        tuple(person.name for person in paper.contributors.people),
        (*(body.name for body in paper.contributors.organizations), *(acronym.long for acronym in paper.acronyms)),
    )
    exact_names = {name.text.lower() for same in names.values() for name in same}
    for word in index.words:
        same = names.get(word[0], ())
        near = [name for name in same if word == name.words[0] or _is_near_word(name.words[0], word)]
        for start, name in product(index.offsets_of(word) if near else (), near):
            text, end = index.full_text, start + len(name.text)
            is_right = text.startswith(name.text, start) and not text[end : end + 1].isalpha()
            spelling = "" if is_right else _near_words(text, start, name)
            if spelling and spelling.lower() not in exact_names:
                yield start, spelling, name.text


@lru_cache(maxsize=4)
def _names_by_letter(people: Sequence[str], bodies: Sequence[str]) -> Mapping[str, Sequence[KnownName]]:
    """Group names of several words by their first letter. Leaves out what begins with a small one."""
    names = {**dict.fromkeys(bodies, False), **dict.fromkeys(people, True)}.items()
    known = (KnownName(name, tuple(_WORD.findall(name)), is_person) for name, is_person in names)
    return group_pairs((each.text[0], each) for each in known if len(each.words) > 1 and each.text[0].isupper())


def _near_words(full_text: str, start: int, name: KnownName) -> str:
    """Return the words at an offset that are nearly a name; empty if they are not near enough.

    Small words do not count, and the text may leave out the middle name of a person.
    """
    expected = [word for word in name.words if word not in _SMALL_WORDS]
    following = _following_words(full_text, start, len(name.words) + 2)
    written = [(word, end) for word, end in following if word.lower() not in _SMALL_WORDS]
    for parts in (expected, [expected[0], expected[-1]] if name.is_person else []):
        pairs = [*zip(parts, written, strict=False)]
        near = [right for right, (word, _) in pairs if right.lower() != word.lower()]
        are_slips = all(_is_slip(right, word, parts, name) for right, (word, _) in pairs if right in near)
        if parts and len(pairs) == len(parts) and are_slips and _are_near_enough(len(parts), len(near), name):
            return " ".join(full_text[start : pairs[-1][1][1]].split())
    return ""


def _is_slip(right: str, word: str, parts: Sequence[str], name: KnownName) -> bool:
    """Whether a word is one of a name with a slip. A plural is one only in the middle of the name."""
    is_near = word[0].isupper() and _is_near_word(right, word, 4 if name.is_person else 5)
    return is_near and (word != f"{right}s" or right is not parts[-1])


def _are_near_enough(words: int, near: int, name: KnownName) -> bool:
    """Whether a name has few words with a slip: no more than two, and one of the others for each."""
    if len(name.words) == 2:
        return near < 2 or name.is_person
    return near <= 2 and words - near >= max(2, 2 * near)


def _following_words(full_text: str, start: int, limit: int) -> list[tuple[str, int]]:
    """Return some words from an offset, with their ends, as far as only spaces and hyphens separate them."""
    match = _WORD.match(full_text, start)
    words = [(match[0], match.end())] if match else []
    while words and len(words) < limit and (match := _NEXT.match(full_text, words[-1][1])):
        words.append((match[1], match.end()))
    return words


@lru_cache(maxsize=1 << 16)
def _is_near_word(right: str, word: str, strict_length: int = 5) -> bool:
    """Whether a word is a misspelling: two changes from eight, one above a length, otherwise vowels only.

    Words that begin with different letters are different words: a Bureau is not an Academy.
    """
    if right == word or right[0] != word[0] or len(word) < 4 or abs(len(right) - len(word)) > 2:
        return False
    if right.endswith("s") != word.endswith("s"):
        return right + "s" == word or word + "s" == right
    length, is_same_but_vowels = min(len(right), len(word)), _consonants(right) == _consonants(word)
    allowed = 2 if length > 7 else 1 if length > strict_length else 0
    if not (allowed or is_same_but_vowels):  # the distance takes as long as all the rest
        return False
    # Letters of the longer word without a partner: an insertion with a deletion is one change, and so is a swap.
    common = sum(block.size for block in SequenceMatcher(None, right, word).get_matching_blocks())
    changes = max(len(right), len(word)) - common
    return changes <= allowed or (is_same_but_vowels and (changes == 1 or (changes < 4 and right[:2] == word[:2])))


@lru_cache(maxsize=1 << 14)
def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouy]", "", word.lower()))


def alias_used_as_name(paper: Paper, text: Texts) -> Iterator[Finding]:
    """A name is spelled in the text as in contributors.yaml; only quotations have other spellings."""
    records: list[Person | Organization] = [*paper.contributors.people, *paper.contributors.organizations]
    preferred = {alias: _preferred_name(r, alias) for r in records for alias in r.aka}
    index = text.word_index
    # An alias inside a right name is not a fault: of two matches that overlap the longer is found.
    for match in find_phrases(index, [*preferred, *(record.name for record in records)]):
        if name := preferred.get(match[0]):
            start, end = _full_name_span(index.full_text, match, name)
            place, spelling = index.place(start), index.full_text[start:end]
            message = f"'{spelling}' is not how the name is spelled"
            yield Finding(place, message, f"write '{name}'", Fix(place, spelling, name))


def _preferred_name(record: Person | Organization, alias: str) -> str:
    """Return the name to write for an alias. For an abbreviation it is an abbreviation: it may follow the name."""
    if isinstance(record, Organization) and record.acronym and " " not in alias and alias[-1:].isupper():
        return record.acronym
    return record.name


def _full_name_span(text: str, match: re.Match[str], name: str) -> tuple[int, int]:
    """Return the span of an alias together with the name's own first or last words around it."""
    words = name.split()
    heads = "|".join(re.escape(" ".join(words[:n])) for n in range(len(words) - 1, 0, -1))
    tails = "|".join(re.escape(" ".join(words[n:])) for n in range(1, len(words)))
    head = re.search(rf"(?<!\w)(?:{heads}) $", text[: match.start()]) if heads else None
    tail = re.match(rf" (?:{tails})(?!\w)", text[match.end() :]) if tails else None
    return head.start() if head else match.start(), match.end() + (tail.end() if tail else 0)


# --- abbreviations ----------------------------------------------------------------------------------------------------


_NO_ACRONYMS = frozenset({"TODO", "TBA", "TBC", "TBD", "FIXME", "XXX"})
"""Notes to oneself, which another rule reports."""
_EVERYDAY, _MAX_STRESSED = 20_000, 4
"""Frequency of a short word that is written in capitals for stress, and how often it is in a text: ON, but WHO."""


@cache
def _well_known() -> frozenset[str]:
    """Return the abbreviations that readers know better than their long forms."""
    return frozenset(read_word_list("well-known.txt"))


def _first_uses(text: ChapterText) -> Iterator[AcronymUse]:
    """Yield the first use of each abbreviation: in running text, or otherwise in a table or a caption."""
    first: dict[str, AcronymUse] = {}
    for running in (True, False):
        for use in text.acronym_uses:
            passage, _ = text.word_index.passage_at(use.start)
            is_counted = not (passage.is_heading or passage.is_record or passage.label or "term" in passage.within)
            if is_counted and passage.is_prose == running:
                first.setdefault(use.short, use)
    yield from first.values()


def unexpanded_acronym(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """An abbreviation is written out at its first use in a chapter's text; headings and fields do not count."""
    acronyms = {a.short: a for a in paper.acronyms if not a.exempt}
    index = text.word_index
    for use in _first_uses(text):
        if use.short in acronyms and not find_expansion(index, use, acronyms[use.short]):
            hint = f"write '{acronyms[use.short].long} ({use.short})' here"
            others = (u for u in text.acronym_uses if u.short == use.short)
            if later := next((u for u in others if find_expansion(index, u, acronyms[use.short])), None):
                hint += f"; it is written out in line {index.place(later.start).line}"
            yield Finding(index.place(use.start), f"'{use.short}' is not written out at its first use", hint)


def other_expansion(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """An abbreviation has the meaning that the register gives it."""
    acronyms, index = {a.short: a for a in paper.acronyms}, text.word_index
    for use in text.acronym_uses:
        acronym = acronyms.get(use.short)
        stated = find_expansion(index, use, acronym)
        long_texts = [" ".join(long.lower().split()) for long in long_forms(acronym)]
        if stated and long_texts and " ".join(stated.lower().split()) not in long_texts:
            if any(stated == near for _, near, _ in find_near_names(index, paper)):
                continue  # another rule reports slips in names
            hint = f"the register says '{acronyms[use.short].long}'"
            yield Finding(index.place(use.start), f"'{use.short}' is said to mean '{stated}'", hint)


def unknown_acronym(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Every abbreviation is in the register, from which the list of abbreviations is made."""
    bodies = {o.acronym: o.name for o in paper.contributors.organizations if o.acronym}
    aliases = {alias for o in paper.contributors.organizations for alias in o.aka}
    known_shorts = {a.short for a in paper.acronyms} | {w for t in paper.terms for w in (t.use, *t.avoid)}
    index = text.word_index
    first = {use.short: use for use in reversed(text.acronym_uses)}
    by_letters = {"".join(sorted({*known})): known for known in (*known_shorts, *bodies)}
    for short in first.keys() - known_shorts - aliases - _well_known() - _NO_ACRONYMS:
        long = bodies.get(short) or find_expansion(index, first[short], None) or "…"
        is_word = len(short) > 4 or sum(use.short == short for use in text.acronym_uses) <= _MAX_STRESSED
        if long == "…" and is_word and frequency(short.lower()) >= (COMMON if len(short) > 4 else _EVERYDAY):
            continue
        place, message = index.place(first[short].start), f"'{short}' is not in paper/registers/acronyms.yaml"
        other = next((acronym.short for acronym in paper.acronyms if acronym.long == long), "")
        entry = f"add '{{short: {short}, long: {long}}}' to the register"
        hint = f"{f'write {other!r}, which the register has for it' if other else entry}, or write it out"
        if (near := by_letters.get("".join(sorted({*short})))) and long == "…":
            hint = f"write '{near}', if that is meant; otherwise {entry}"
        yield Finding(place, message, hint, cause=Cause(place, short, f"{message}, in {{}} chapters"))
