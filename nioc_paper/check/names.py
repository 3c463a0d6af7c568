"""Names in the text that are nearly those of people and organizations, or spell them in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from nioc_paper.check.expansion import slips
from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import passages
from nioc_paper.check.words import Text, texts
from nioc_paper.model import Fix, Organization, Paper, Person

_WORD = re.compile(r"[^\W\d_]+")
_NEXT = re.compile(r"(?:[^\S\n]+|-)([^\W\d_]+)")
_SMALL = frozenset({"of", "the", "and", "for", "on", "in", "to", "against", "with", "by", "at", "from", "ur", "ul"})


class Name(NamedTuple):
    """A name, its words, and whether it is a person's."""

    name: str
    words: tuple[str, ...]
    person: bool


def misspelled_name(paper: Paper) -> Iterator[Finding]:
    """The names of people and organizations, and their abbreviations, are without slips.

    Bad: Ada Nroth of the Roads Departement of Ardale (RAD)
    Good: Ada North of the Roads Department of Ardale (RDA)
    """
    people, organizations = paper.contributors.people, paper.contributors.organizations
    shorts = {*(body.acronym for body in organizations if body.acronym), *(a.short for a in paper.acronyms)}
    # Other spellings that contributors.yaml knows, and owners of recommendations, have rules of their own.
    aka = [alias for aka in (*(p.aka for p in people), *(o.aka for o in organizations)) for alias in aka]
    for text in texts(paper):
        found = list(near_names(text, paper))
        found += [(use.start, use.short, right) for use, right in slips(text, shorts)]
        for start, said, right in found:
            passage, _ = text.where(start)
            if passage.label not in ("owner", "support") and not any(alias in said for alias in aka):
                yield Finding(text.place(start), f"'{said}' is nearly '{right}'", f"write '{right}', if that is meant")


def near_names(text: Text, paper: Paper) -> Iterator[tuple[int, str, str]]:
    """Where a text has nearly a known name: the place, what is there, and the name."""
    names = _names(
        tuple(person.name for person in paper.contributors.people),
        (*(body.name for body in paper.contributors.organizations), *(acronym.long for acronym in paper.acronyms)),
    )
    right = {name.name.lower() for group in names.values() for same in group.values() for name in same}
    for word in text.words:
        for first, same in names.get(word[0], {}).items():
            if word == first or _close(first, word):
                for start, name in product(text.at(word), same):
                    exact = text.whole.startswith(name.name, start)
                    said = "" if exact else _aligned(text.whole, start, name)
                    if said and said.lower() not in right:
                        yield start, said, name.name


@lru_cache(maxsize=4)
def _names(people: Sequence[str], bodies: Sequence[str]) -> Mapping[str, Mapping[str, Sequence[Name]]]:
    """Names by their first letter and their first word; those that begin with a small one are no proper names."""
    found: dict[str, dict[str, list[Name]]] = {}
    for name, person in {**dict.fromkeys(bodies, False), **dict.fromkeys(people, True)}.items():
        words = tuple(_WORD.findall(name))
        if len(words) > 1 and name[0].isupper():
            found.setdefault(name[0], {}).setdefault(words[0], []).append(Name(name, words, person))
    return found


def _aligned(whole: str, start: int, name: Name) -> str:
    """The words from an offset that stand for those of a name, if they are near enough to it."""
    said = _said(whole, start, len(name.words) + 2)
    exact = near = at = 0
    for index, word in enumerate(name.words):
        while at < len(said) and said[at][0].lower() in _SMALL and word not in _SMALL:
            at += 1
        if at == len(said):
            return ""
        other = said[at][0]
        if other.lower() == word.lower():
            exact += word not in _SMALL
        elif word in _SMALL:
            at -= other.lower() not in _SMALL
        elif other[0].isupper() and _close(word, other) and (other != word + "s" or index < len(name.words) - 1):
            near += 1
        elif name.person and 0 < index < len(name.words) - 1 and not near:
            at -= 1
        else:
            return ""
        at += 1
    enough = (exact > 0 or (near == 2 and name.person)) if len(name.words) == 2 else exact >= 2 * near and exact > 1
    return " ".join(whole[start : said[at - 1][1]].split()) if enough and near < 3 else ""


def _said(whole: str, start: int, count: int) -> list[tuple[str, int]]:
    """Some words from an offset with their ends, as far as only spaces and hyphens part them."""
    found = _WORD.match(whole, start)
    words = [(found[0], found.end())] if found else []
    while words and len(words) < count and (found := _NEXT.match(whole, words[-1][1])):
        words.append((found[1], found.end()))
    return words


@lru_cache(maxsize=1 << 16)
def _close(right: str, word: str) -> bool:
    """Whether a word is another with a slip: a letter in a word of six, two in one of eight, else vowels only.

    Two words that begin differently are two words: a Bureau is no Academy.
    """
    if right == word or right[0] != word[0] or len(word) < 4 or abs(len(right) - len(word)) > 2:
        return False
    if right.endswith("s") != word.endswith("s"):
        return right + "s" == word or word + "s" == right
    changes, length = _changes(right, word), min(len(right), len(word))
    if changes <= (2 if length > 7 else 1 if length > 5 else 0):
        return True
    return _consonants(right) == _consonants(word) and (changes == 1 or (changes < 4 and right[:2] == word[:2]))


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouy]", "", word.lower()))


def _changes(right: str, word: str) -> int:
    """How many letters to put in, take out, exchange or swap with the next (Damerau 1964) to make one of the other."""
    before, row = list[int](), list(range(len(word) + 1))
    for i, a in enumerate(right, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(word, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 < j and a == word[j - 2] and right[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def alias_used_as_name(paper: Paper) -> Iterator[Finding]:
    """A name is spelled in the text as in contributors.yaml; other spellings belong into quotations.

    Bad: Ada Nord offered the venue.
    Good: Ada North offered the venue.
    """
    records: list[Person | Organization] = [*paper.contributors.people, *paper.contributors.organizations]
    right = {alias: _right(r, alias) for r in records for alias in r.aka}
    if not right:
        return
    # Longest first, the right names among them: an alias inside a right name is no fault.
    words = sorted({*right, *(r.name for r in records)}, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")
    for chapter in paper.chapters:
        for passage in passages(chapter):
            for found in pattern.finditer(passage.text):
                if found[0] in right:
                    good = right[found[0]]
                    start, end = _around(passage.text, found, good)
                    place, said = passage.place(start), passage.text[start:end]
                    yield Finding(
                        place, f"'{said}' is not how the name is spelled", f"write '{good}'", Fix(place, said, good)
                    )


def _right(record: Person | Organization, alias: str) -> str:
    """What to write for another spelling: an abbreviation for an abbreviation, which may stand behind the name."""
    if isinstance(record, Organization) and record.acronym and " " not in alias and alias[-1:].isupper():
        return record.acronym
    return record.name


def _around(text: str, found: re.Match[str], name: str) -> tuple[int, int]:
    """From where to where a text has a name, when the name's own first or last words stand around the alias."""
    words = name.split()
    heads = "|".join(re.escape(" ".join(words[:n])) for n in range(len(words) - 1, 0, -1))
    tails = "|".join(re.escape(" ".join(words[n:])) for n in range(1, len(words)))
    head = re.search(rf"(?<!\w)(?:{heads}) $", text[: found.start()]) if heads else None
    tail = re.match(rf" (?:{tails})(?!\w)", text[found.end() :]) if tails else None
    return head.start() if head else found.start(), found.end() + (tail.end() if tail else 0)
