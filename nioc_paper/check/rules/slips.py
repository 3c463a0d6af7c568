"""Rules about slips of the pen, punctuation and dates, in every text that is printed."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.quantities import MONTH, MONTHS, YEAR
from nioc_paper.check.text.word_index import is_in_address
from nioc_paper.domain.english_grammar import OPENERS, WORDS_OF_GRAMMAR
from nioc_paper.model.lazy_regex import late_pattern

_DOUBLED = late_pattern(r"(?<![\w'’.-])([^\W\d_]{2,}|[aAiI]) +(\1)(?: +\1)*(?![\w'’-])", re.IGNORECASE)
_MAY_BE_DOUBLED = frozenset(("that", "had"))
_SUBJECT_CLAUSE = late_pattern(r"\b(?:it|that|this|there|what|he|she)\s\Z", re.IGNORECASE)
_UNIT = (
    r"(?:per\s+cent|percent|%|million|billion|trillion|thousand|hundred|crore|lakh|years?|months?|days?|people|km|ha)"
)
_NOTE_VERBS = (
    r"check|verify|confirm|cite|citation|ref(?:s|erence)?|insert|add|update|fix|reword|rephrase|rewrite|expand|delete|move"
    r"|ask|see\s+if|note\s+to|to\s+be|missing|pending|placeholder|tbc|tbd|todo"
)
_BEFORE_GAP = r"(?:the|an?|of|in|by|to|has|had|have|are|were|is|was|some|about|only|over|nearly|than|and)"
_TO_BE_DONE = r"to\s+be\s+(?:added|checked|completed|confirmed|inserted|supplied|updated|verified|written)"
_LEFT_OVER = late_pattern(
    "|".join(
        (
            # The tasks of a report's own checklist begin with a capital.
            rf"\A☐\s(?:(?-i:{_NOTE_VERBS})|cite|insert|reword|rephrase|rewrite|todo)\b|\A☒\s\w+|\A\[[ xX]?\]\s\w+",
            r"\b(?:TODO|TBC|TBD|TBA|FIXME|XXX+)\b|\?\?\?+|\blorem ipsum\b|_{3,}|\.{6,}|\A[x?]{2,}\Z",
            # Digits still to be filled in; a Roman twenty follows a name, or precedes "chromosome".
            rf"\bx{{2,}}(?:[.,/-]x+)*\s*(?:%|(?:{_UNIT}|{MONTH})(?!\w))",
            r"(?-i:(?<![A-Z][a-z]\s)(?<![a-z][a-z]\s(?=XX))\bXX(?=\s(?!chromosome)[a-z]+s\b))",
            rf"(?-i:\b(?:{_BEFORE_GAP}|Some|About|Only|Over|Nearly) XX(?=\s[a-z]))",
            r"\b(?:PKR|USD|EUR|Rs\.?)\s?x{2,}\b|\b(?:1[5-9]|20)xx\b|\b(?:199|20[0-3])x\b|\b(?:dd|xx)/(?:mm|xx)/\w{2,4}\b",
            rf"\[(?:[A-Z][\w. ]*[,:]\s*)?(?:please\s+)?(?:{_NOTE_VERBS})\b[^\]\n]{{0,80}}\]",
            rf"\[[A-Z][\w. ]{{0,30}}\sto\s(?:{_NOTE_VERBS})\b[^\]\n]{{0,60}}\]",
            r"\[(?:source|figure|number|date|name|page|year|amount|title|place|link|text|value)s?\??\]|\[[^\]\n]{1,60}\?\]",
            rf"\((?:please\s+)?(?:{_TO_BE_DONE}|check|verify|source\?|figure\?|date\?|citation needed)\)",
            r"\b(?:insert|add|type)\s+(?:your\s+)?(?:text|words|figure|table|name|date|number|quote|content)\s+here\b",
            r"\((?:ca?\.\s?|about\s|max\.\s)?\d[\d–-]*\s(?:paras?|paragraphs?|words|sentences?)\)",
            r"Error!\s(?:Reference\ssource|Bookmark)\snot\s\w+|\btext\s+to\s+(?:follow|come)\b|\bmore\s+to\s+(?:follow|come)\s+here\b",
        )
    ),
    re.IGNORECASE,
)
_SIGNS_OF_LEFT_OVER = (
    *("todo", "tbc", "tbd", "tba", "xme", "lorem", "here", "text", "error!"),
    *("x?", "?x", "xx", "9x", "0x", "1x", "2x", "3x", "dd/"),
    *("☐", "☒", "??", "__", "......", "[", "(p", "(t", "(c", "(v", "e?", " para", "rd)", "ds)", "ce)", "ces)"),
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
    """The article is "an" before the sound of a vowel, and "a" before any other."""
    for match in _ARTICLE.finditer(passage.text) if "foreign" not in passage.within else ():
        article, word = match.groups()
        is_name = article == "A" and word in OPENERS  # of A and B
        right = "" if is_name else _right_article(word)
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
    """No word is repeated by mistake, within a line or from one line to the next."""
    for match in _DOUBLED.finditer(passage.text) if "foreign" not in passage.within else ():
        is_divided = passage.keys_between(match.end(1), match.start(2))  # by a citation
        if not is_divided and not _is_meant_twice(passage.text, match):
            words = f"{match[1]} {match[2]}"
            yield Finding(passage.place(match.start(2)), f"'{words}': the word is repeated", "delete one of the two")


def _is_meant_twice(text: str, match: re.Match[str]) -> bool:
    word = match[2].lower()
    if word in _MAY_BE_DOUBLED or (word == "is" and _SUBJECT_CLAUSE.search(text, 0, match.start())):
        return True
    # Baden Baden is a name, "The The" is none.
    return match[2][0].isupper() and match[1][0].isupper() and word not in WORDS_OF_GRAMMAR


def left_over(passage: Passage) -> Iterator[Finding]:
    """No note to oneself, no placeholder and no dummy text is left."""
    small = passage.text.lower()
    for match in _LEFT_OVER.finditer(passage.text) if any(sign in small for sign in _SIGNS_OF_LEFT_OVER) else ():
        is_task = match[0][0] in "☐☒"  # pandoc's sign for brackets, which has no place of its own
        left, start = (f"the task '{match[0][2:]}'", match.start() + 2) if is_task else (f"'{match[0]}'", match.start())
        hint = "a task is no text of the paper: take it out" if is_task else "write what is meant"
        yield Finding(passage.place(start), f"{left} is left in the text", hint)


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
        (r"\*\*(?=[^\W\d])|\*\*(?<=[^\W\d]..)", "the mark has no other half", "close it, or delete it"),
    )
)
_SPACED_ELSEWHERE = frozenset(":;?!")
"""Marks with a space before them in some languages, such as French."""
_PAIRS = {")": "(", "]": "[", "”": "“"}
_ENUMERATOR = late_pattern(r"(?:^|[\s,;:(–-])(?:\d{1,3}|[A-Za-z]{1,2}|[ivx]{1,4})\Z")


def stray_punctuation(passage: Passage) -> Iterator[Finding]:
    """Punctuation marks are single, with no space before and one after."""
    for pattern, problem, hint in _SLIPS:
        for match in pattern.finditer(passage.text):
            # A citation or a picture may have been before the mark, and is not in the text.
            is_cited = passage.keys_between(match.start(), match.end() + 1)
            is_spaced = "foreign" in passage.within and match[0].strip() in _SPACED_ELSEWHERE
            if not (is_cited or is_spaced) and not is_in_address(passage.text, match.start(), match.end()):
                shown = passage.text[max(0, match.start() - 8) : match.end() + 4].strip()
                yield Finding(passage.place(match.start()), f"'{shown}': {problem}", hint)


def unbalanced_mark(passage: Passage) -> Iterator[Finding]:
    """Every bracket and every quotation mark is closed in the same paragraph."""
    text, open_marks = passage.text, list[int]()
    # In German “ closes a quotation, in Swedish ” opens one, too.
    for match in re.finditer(r"[()\[\]]" if "foreign" in passage.within else r"[()\[\]“”]", text):
        mark, pos = match[0], match.start()
        if mark in _PAIRS.values():
            open_marks.append(pos)
        elif open_marks and text[open_marks[-1]] == _PAIRS[mark]:
            open_marks.pop()
        elif not _stands_alone(text, pos):
            yield Finding(passage.place(pos), f"'{mark}' closes what nothing opens", "open it, or delete the mark")
    for pos in open_marks:
        # Links that are not read and letters in a wrong encoding are other faults; a citation may close the mark.
        is_of_other_fault = text[max(pos - 1, 0) : pos + 1] in ("](", "€“") or passage.keys_between(pos + 1, pos + 2)
        # A quotation of several paragraphs opens in each, and closes in the last.
        if not is_of_other_fault and (text[pos] != "“" or text[:pos].strip()):
            yield Finding(passage.place(pos), f"'{text[pos]}' is never closed", "close it, or delete the mark")


def _stands_alone(text: str, pos: int) -> bool:
    """Whether a closing mark needs no other half: a) and 1) count, 6” measures."""
    before = text[max(0, pos - 8) : pos]
    return bool(_ENUMERATOR.search(before)) if text[pos] == ")" else text[pos] == "”" and before[-1:].isdigit()


_WEEKDAY = r"(?:(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day),?\s+(?:the\s+)?)?"
_NAME_OF_MONTH = late_pattern("|".join(month[:3] for month in MONTHS))
_DATES = (
    (
        _NAME_OF_MONTH,
        late_pattern(
            rf"{_WEEKDAY}(?<![\d.,/–-])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTH})(?:,?\s+(?P<year>\d{{4}})\b)?"
        ),
    ),
    (
        _NAME_OF_MONTH,
        late_pattern(
            rf"{_WEEKDAY}\b(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]?\d|\s*[–-])(?:,?\s+(?P<year>\d{{4}})\b)?"
        ),
    ),
    (
        late_pattern(r"\d-\d\d-"),
        late_pattern(rf"(?<![\w/-])(?P<year>{YEAR})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w/-])"),
    ),
)
"""Signs and dates: a sign is a part of every date with its pattern, and is searched for ten times as fast."""
_PLAIN = r"\d(?:[\d,]*\d)?(?:\.\d+)?"
_RANGES = tuple(
    late_pattern(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.,/#–-])(?P<first>{YEAR})\s?[–—]\s?(?P<last>{YEAR})(?![\w.,/–-]*\d)",
        rf"\b(?:from|between)\s(?P<first>{YEAR})\s(?:to|and|until)\s(?P<last>{YEAR})\b(?!,\d)",
        rf"\b(?:in|years?|period|for|of)\s(?P<first>{YEAR})-(?P<last>{YEAR})\b",
        rf"\bbetween\s(?P<first>{_PLAIN})\sand\s(?P<last>{_PLAIN})(?:%|\s(?:per\s?cent|(?!hours)[a-z]+s)\b)",
    )
)
_NUMERIC_DATE = late_pattern(r"(?<![\w./-])\d{1,2}([/.])\d{1,2}\1(?:19|20)\d\d(?![\w/-])")
_SIGN_OF_RANGE = late_pattern(r"\d\s?(?:[–—-]|to|and|until)\s?\d", re.IGNORECASE)
"""Part of every range."""
_MEASURE = (
    r"(?:%|per\s+cent|percent|million|billion|trillion|crore|lakh|km|kg|m|ha|metres?|meters?|kilomet\w+|hectares?|tonnes?"
    r"|tons?|degrees?|times|points?|hours?|years?|lit(?:re|er)s?)"
)
_DECIMAL_COMMA = rf"\d(?<![\w.,]\d)\d{{0,2}},\d{{1,2}}(?![\d,])\s?{_MEASURE}(?!\w)"


def impossible_date(passage: Passage) -> Iterator[Finding]:
    """Dates exist, have the right day of the week, and ranges run forward."""
    text = passage.text
    if not re.search(r"\d", text) or passage.label == "by":  # that date has a rule of its own
        return
    for sign, pattern in _DATES:
        for match in pattern.finditer(text) if sign.search(text) else ():
            if problem := _date_problem(match):
                message, hint = problem
                yield Finding(passage.place(match.start()), f"'{match[0]}': {message}", hint)
    is_numeric = "foreign" not in passage.within and ("/" in text or "." in text)
    for match in _NUMERIC_DATE.finditer(text) if is_numeric else ():
        message = f"'{match[0]}' is a date in digits: day and month have two orders"
        yield Finding(passage.place(match.start()), message, "write the month as a word: 22 November 2019")
    for pattern in _RANGES if _SIGN_OF_RANGE.search(text) else ():
        for match in pattern.finditer(text):
            first, last = (float(match[name].replace(",", "")) for name in ("first", "last"))
            if last < first:
                hint = f"write {match['last']}–{match['first']}, or correct one of the two"
                yield Finding(passage.place(match.start("first")), f"'{match[0]}' runs backward", hint)


def _date_problem(match: re.Match[str]) -> tuple[str, str] | None:
    """Return a message and a hint for a date that does not exist or has another day of the week."""
    groups = match.groupdict()
    name = groups["month"]
    month = int(name) if name.isdigit() else [m[:3] for m in MONTHS].index(name[:3]) + 1
    year, day = int(groups["year"] or 0) or 2000, int(groups["day"])
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return "there is no such day", "look the date up"
    weekday, right = groups.get("weekday"), date(year, month, day).strftime("%A")
    if weekday and groups["year"] and weekday != right:
        return f"that day was a {right}", "correct the day of the week, or the date"
    return None


def decimal_comma(passage: Passage) -> Iterator[Finding]:
    """Decimals follow a point in English text."""
    if "foreign" not in passage.within and "," in passage.text:
        for match in re.finditer(_DECIMAL_COMMA, passage.text):
            hint = f"write '{match[0].replace(',', '.')}'"
            yield Finding(passage.place(match.start()), f"'{match[0]}' has a comma in place of a point", hint)
