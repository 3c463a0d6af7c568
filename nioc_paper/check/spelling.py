"""Spelling: Oxford's where English has several, and words that nobody spells so."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nioc_paper.check.finding import Finding
from nioc_paper.check.terms import names
from nioc_paper.check.words import Text, lines, texts
from nioc_paper.model import Paper

_OXFORD = "en-gb-oxendict"
_MACHINE = re.compile(
    r"\b(?:computer|software|code|application|algorithm|script|server|container|process|virus|antivirus|malicious|\w+ware"
    r"|hack\w*|install\w*|download\w*|encrypt\w*|execut(?:e|ed|es|able)|compil\w*)s?\b",
    re.IGNORECASE,
)
_LICENCE = re.compile(
    r"\b(?:an?|the|no|any|each|every|this|that|its|their|under|of|without|with|driving|operating|special)\s+\Z",
    re.IGNORECASE,
)
_PRACTICE = re.compile(r"\b(?:the|in|of|good|best|bad|common|current|usual|this|that)\s+\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"[/@_]|www\.")


def other_spelling(paper: Paper) -> Iterator[Finding]:
    """Words are spelled as Oxford spells them: organize, but analyse, programme and centre; names keep their own.

    Bad: the organisation of the visitor center
    Good: the organization of the visitor centre
    """
    if paper.settings.language.lower() != _OXFORD:
        return
    own = _own(paper)
    for text in texts(paper):
        for word in (text.spellings.keys() & _either()) - own:
            for spelling in text.spellings[word]:
                for start in text.at(spelling):
                    right = _DEPENDS[word](text, start, word) if word in _DEPENDS else _oxford()[word]
                    if right and not _apart(text, start, spelling):
                        yield _finding(text, start, spelling, right, "is not the Oxford spelling")


def misspelled_word(paper: Paper) -> Iterator[Finding]:
    """No word is one of the common misspellings that codespell knows.

    Bad: the goverment
    Good: the government
    """
    if not paper.settings.language.lower().startswith("en"):
        return
    known = {*_own(paper), *_oxford()}
    for text in texts(paper):
        for word, rights in _misspelled_of(text.spellings.keys() - known):
            for spelling in text.spellings[word]:
                for start in text.at(spelling):
                    if not {spelling, word} & _right() and not _apart(text, start, spelling, long=7):
                        yield _misspelled(text, start, spelling, rights)


# --- what a word depends on -------------------------------------------------------------------------------------------


def _programme(text: Text, start: int, word: str) -> str:
    """A program is a computer's; everything else is a programme."""
    passage, at = text.where(start)
    return "" if _MACHINE.search(passage.text, max(0, at - 150), at + 150) else word.replace("program", "programme")


def _licence(text: Text, start: int, word: str) -> str:
    """The noun is a licence, the verb is to license."""
    noun = _LICENCE.search(text.whole, max(0, start - 20), start)
    return word.replace("license", "licence") if noun else ""


def _practice(text: Text, start: int, word: str) -> str:
    """The noun is a practice, the verb is to practise."""
    noun = _PRACTICE.search(text.whole, max(0, start - 20), start)
    return word.replace("practise", "practice") if noun else ""


_DEPENDS = {
    "program": _programme,
    "programs": _programme,
    "license": _licence,
    "licenses": _licence,
    "practise": _practice,
    "practises": _practice,
}


def _apart(text: Text, start: int, word: str, long: int = 99) -> bool:
    """Whether a word is no word of the text: a part of a name (if it is not long), an abbreviation, an address."""
    end = start + len(word)
    begin, after = text.whole[max(0, start - 1) : start], text.whole[end : end + 2]
    if begin.isdigit() or after[:1].isdigit() or (after[:1] in "'’" and after[1:].isalpha() and after[1:] != "s"):
        return True
    if (
        (word.isupper() and len(word) < 6)
        or not (word[1:].islower() or word.isupper())
        or (len(word) < long and text.named(start, end))
    ):
        return True
    around = text.whole[max(0, start - 40) : end + 40]
    at = min(start, 40)
    left, right = re.search(r"\S*\Z", around[:at]), re.match(r"\S*", around[at:])
    return bool(_ADDRESS.search((left[0] if left else "") + (right[0] if right else "")))


# --- findings ---------------------------------------------------------------------------------------------------------


def _like(word: str, model: str) -> str:
    """A word with the capitals of another."""
    if model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[0].isupper() else word


def _finding(text: Text, start: int, spelling: str, right: str, what: str) -> Finding:
    right = _like(right, spelling)
    message = f"'{spelling}' {what}"
    return Finding(text.place(start), message, f"write '{right}'", text.fix(start, spelling, right))


def _misspelled(text: Text, start: int, spelling: str, rights: str) -> Finding:
    found = [_oxford().get(right.strip(), right.strip()) for right in rights.split(",") if right.strip()]
    if len(found) == 1 and " " not in found[0]:
        return _finding(text, start, spelling, found[0], "is misspelled")
    hint = "did you mean " + " or ".join(f"'{_like(right, spelling)}'" for right in found[:4]) + "?"
    return Finding(text.place(start), f"'{spelling}' is misspelled", hint)


def _own(paper: Paper) -> set[str]:
    """Words that the registers spell: they are right."""
    own = [*names(paper), *(a.short for a in paper.acronyms), *(t.use for t in paper.terms)]
    return {word for name in own for word in re.findall(r"[^\W\d_]+", name.lower())}


# --- lists ------------------------------------------------------------------------------------------------------------


@cache
def _oxford() -> Mapping[str, str]:
    """Other spellings, and Oxford's."""
    return dict(line.split() for line in lines("oxford.txt"))


@cache
def _either() -> frozenset[str]:
    return frozenset({*_oxford(), *_DEPENDS})


@cache
def _right() -> frozenset[str]:
    return frozenset(lines("right.txt"))


@cache
def _misspellings() -> Sequence[str]:
    """Lines in their order: a misspelling, an arrow, and what it may have been meant to be, separated by commas."""
    # Only the list is wanted: to import the package would run a whole program for it.
    spec = find_spec("codespell_lib")
    assert spec is not None
    assert spec.origin
    text = Path(spec.origin).with_name("data").joinpath("dictionary.txt").read_text(encoding="utf-8")
    return sorted(text.split("\n"))


def _misspelled_of(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The misspellings among some words, each with what it may have been meant to be."""
    # A few words are looked up sooner than all lines are taken apart.
    listed = _misspellings()
    for word in words:
        begun = f"{word}->"
        at = bisect_left(listed, begun)
        if at < len(listed) and listed[at].startswith(begun):
            yield word, listed[at].removeprefix(begun)
