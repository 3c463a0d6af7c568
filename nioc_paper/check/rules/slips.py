"""Rules about slips of the pen, in every text that is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.passages import Passage
from nioc_paper.model.late_pattern import late_pattern

_DOUBLED = late_pattern(r"(?<![\w'’.-])([^\W\d_]{2,}|[aAiI]) +(\1)(?![\w'’-])", re.IGNORECASE)
_MAY_BE_DOUBLED = frozenset(("that", "had"))
_SMALL_WORD = late_pattern(
    r"the|an?|o[fnr]|to|i[nst]|at|by|for|from|with|and|but|a[sr]e?|was|were|be|been|its|this|these|we|they|s?he|not?|so|if"
    r"|than|which|who|has|have|will|would|can|may"
)
_SUBJECT_CLAUSE = late_pattern(r"\b(?:it|that|this|there|what|he|she)\s\Z", re.IGNORECASE)
_UNIT = (
    r"(?:per\s+cent|percent|%|million|billion|trillion|thousand|hundred|crore|lakh|years?|months?|days?|people|km|ha)"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_NOTE_VERBS = (
    r"check|verify|confirm|cite|citation|ref(?:s|erence)?|insert|add|update|fix|reword|rephrase|rewrite|expand|delete|move"
    r"|ask|see\s+if|note\s+to|to\s+be|missing|pending|placeholder|tbc|tbd|todo"
)
_BEFORE_GAP = r"(?:the|an?|of|in|by|to|has|had|have|are|were|is|was|some|about|only|over|nearly|than|and)"
_TO_BE_DONE = r"to\s+be\s+(?:added|checked|completed|confirmed|inserted|supplied|updated|verified|written)"
_LEFT_OVER = late_pattern(
    "|".join(
        (
            r"\b(?:TODO|TBC|TBD|TBA|FIXME|XXX+)\b|\?\?\?+|\blorem ipsum\b|_{3,}|\.{6,}|\A[x?]{2,}\Z",
            # Digits still to be filled in; a Roman twenty follows a name, or precedes "chromosome".
            rf"\bx{{2,}}(?:[.,/-]x+)*\s*(?:%|(?:{_UNIT}|{_MONTH})(?!\w))",
            r"(?-i:(?<![A-Z][a-z]\s)(?<![a-z][a-z]\s(?=XX))\bXX(?=\s(?!chromosome)[a-z]+s\b))",
            rf"(?-i:\b{_BEFORE_GAP} XX(?=\s[a-z]))",
            r"\b(?:PKR|USD|EUR|Rs\.?)\s?x{2,}\b|\b(?:1[5-9]|20)xx\b|\b(?:199|20[0-3])x\b|\b(?:dd|xx)/(?:mm|xx)/\w{2,4}\b",
            rf"\[(?:[A-Z][\w. ]*[,:]\s*)?(?:please\s+)?(?:{_NOTE_VERBS})\b[^\]\n]{{0,80}}\]",
            rf"\[[A-Z][\w. ]{{0,30}}\sto\s(?:{_NOTE_VERBS})\b[^\]\n]{{0,60}}\]",
            r"\[(?:source|figure|number|date|name|page|year|amount|title|place|link|text|value)s?\??\]|\[[^\]\n]{1,60}\?\]",
            rf"\((?:please\s+)?(?:{_TO_BE_DONE}|check|verify|source\?|figure\?|date\?|citation needed)\)",
            r"\b(?:insert|add|type)\s+(?:your\s+)?(?:text|words|figure|table|name|date|number|quote|content)\s+here\b",
            r"\btext\s+to\s+(?:follow|come)\b|\bmore\s+to\s+(?:follow|come)\s+here\b",
        )
    ),
    re.IGNORECASE,
)
_SIGNS_OF_LEFT_OVER = (
    *("todo", "tbc", "tbd", "tba", "xme", "lorem", "here", "text"),
    *("x?", "?x", "xx", "9x", "0x", "1x", "2x", "3x", "dd/"),
    *("??", "__", "......", "[", "(p", "(t", "(c", "(v", "e?"),
)
"""Texts in small letters, one of which is in every match: to look for them takes a tenth of the time."""

_ARTICLE = late_pattern(r"([aA](?<![\w'’.(-].)(?:(?<=a)|(?<=\AA)|(?<=[.!?:]\sA))n?) +([\w'’-]+)")
"""An article with a capital is one only at the start of a sentence: elsewhere A is a name."""
_SILENT_H = late_pattern(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)
_EITHER_H = late_pattern(
    r"(?:histor|hotel|heroic|hypothe|habitual|hallucin|hysteric|horrific|hereditary)", re.IGNORECASE
)
_CONSONANT_SOUND = late_pattern(
    r"(?:eu|ewe|once\b|one\b|one-|ouija|uni(?!n|m[a-z]|d[ei])|us(?:e|a|u|i)|uten|utili|utopi|ub[io]|ukr|ugand|urugu|uzbek|uran"
    r"|urin|urolog|u-)",
    re.IGNORECASE,
)


def wrong_article(passage: Passage) -> Iterator[Finding]:
    """The article is "an" before the sound of a vowel, and "a" before any other.

    Bad: a old tunnel, an useful tunnel
    Good: an old tunnel, a useful tunnel
    """
    for match in _ARTICLE.finditer(passage.text) if "foreign" not in passage.within else ():
        article, word = match.groups()
        right = _right_article(word)
        if right and right != article.lower():
            right = right.capitalize() if article[0].isupper() else right
            hint = f"write '{right} {word}'"
            yield Finding(passage.place(match.start()), f"'{article} {word}'", hint)


def _right_article(word: str) -> str:
    """Return the article of a word; empty if there may be both, as before abbreviations."""
    if word[1:2] in ("-", ""):
        return ""
    if word[0].isdigit():
        return "an" if re.match(r"8|1[18](?:\D|\Z|,)", word) else "a"
    capitals = re.match(r"[A-Z]+(?![a-z])", word)
    if capitals and (len(capitals[0]) > 1 or len(word) == 1 or not word[1:2].isalpha()):
        # Some are spelled and some are spoken: only letters that sound alike both ways tell.
        return "a" if capitals[0][0] in "BCDGJKPQTUVWYZ" else "an" if capitals[0][0] in "AEIO" else ""
    if word[0] in "hH":
        return "an" if _SILENT_H.match(word) else "" if _EITHER_H.match(word) else "a"
    if _CONSONANT_SOUND.match(word):
        return "a"
    if not word[0].isascii() or not re.search(r"[aeiouy]", word, re.IGNORECASE):
        return ""
    return "an" if word[0] in "aeiouAEIOU" else "a"


def doubled_word(passage: Passage) -> Iterator[Finding]:
    """No word is repeated by mistake, within a line or from one line to the next.

    Bad: the mouth of the the tunnel
    Good: the mouth of the tunnel
    """
    for match in _DOUBLED.finditer(passage.text) if "foreign" not in passage.within else ():
        is_divided = passage.keys_between(match.end(1), match.start(2))  # by a citation
        if not is_divided and not _is_meant_twice(passage.text, match):
            hint = "delete one of the two"
            yield Finding(passage.place(match.start(2)), f"'{match[0]}': the word is repeated", hint)


def _is_meant_twice(text: str, match: re.Match[str]) -> bool:
    word = match[2].lower()
    if word in _MAY_BE_DOUBLED or (word == "is" and _SUBJECT_CLAUSE.search(text, 0, match.start())):
        return True
    # Baden Baden is a name, "The The" is none.
    return match[2][0].isupper() and match[1][0].isupper() and not _SMALL_WORD.fullmatch(word)


def left_over(passage: Passage) -> Iterator[Finding]:
    """No note to oneself, no placeholder and no dummy text is left.

    Bad: TODO ask for the figure, XX per cent, or [Ali, check]
    Good: the figure
    """
    small = passage.text.lower()
    for match in _LEFT_OVER.finditer(passage.text) if any(sign in small for sign in _SIGNS_OF_LEFT_OVER) else ():
        yield Finding(passage.place(match.start()), f"'{match[0]}' is left in the text", "write what is meant")
