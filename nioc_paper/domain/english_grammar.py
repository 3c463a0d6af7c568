"""English words of grammar, the closed classes, and the places where sentences begin."""

from __future__ import annotations

import re

from nioc_paper.domain.fact_values import CURRENCY
from nioc_paper.model.lazy_regex import late_pattern

_ARTICLES_AND_PREPOSITIONS = """
a about above across after against an around at before below between by despite during for from in into like of on out
over per since than the through throughout to under unlike until up with within without
"""
_PRONOUNS_AND_CONJUNCTIONS = """
all although and another as because but both each every few fewer he her his how i if it its least less many more most
nobody none nor not nothing one or other our she so some that their them then there these they this those though thus
two we what when where whether which while who yet you
"""
_VERBS_AND_ADVERBS = """
almost also are be been can could did do does even given had has have is just may nearly only shall should was were
will would
"""
ARTICLES_AND_PREPOSITIONS = frozenset(_ARTICLES_AND_PREPOSITIONS.split())
OPENERS = ARTICLES_AND_PREPOSITIONS.union(_PRONOUNS_AND_CONJUNCTIONS.split())
"""Words that can begin a sentence and no name."""
VERBS = frozenset(_VERBS_AND_ADVERBS.split())
"""Verbs of grammar and adverbs beside them: a statement has one, a title has none."""
WORDS_OF_GRAMMAR = OPENERS | VERBS
_INFLECTED = late_pattern(r"[a-z]\w*(?:ed|ing|[^p]ly|s)|[A-Z]\w*[^p]ly")
"""Participle, adverb or plural."""


def is_inflected_or_grammar(word: str) -> bool:
    """Whether a word is one of grammar, a participle, an adverb or a plural: no label of the number behind it."""
    return word.lower() in WORDS_OF_GRAMMAR or _INFLECTED.fullmatch(word) is not None


# --- sentences ------------------------------------------------------------------------------------------------------


_SENTENCE_END = late_pattern(r"(?P<mark>[.!?…۔؟][.!?…۔؟]*)[)\]”’\"']*\s+(?=[(\[“‘\"']*(?P<next>[^\W_a-zß-ÿ]\w*|…))")
_LAST_WORD = late_pattern(r"[^\s(\[“‘\"']+\Z")
_MID_SENTENCE_ABBREVIATION = late_pattern(
    r"Dr|Mr|Mrs|Ms|Mst|Prof|Engr|Adv|Amb|Hon|Rev|St|Sr|Gen|Lt|Col|Maj|Brig|Capt|Sgt|Insp|Supt|retd"
    r"|e\.g|i\.e|cf|viz|vs|v|approx|est|ca|incl|esp"
)
"""Abbreviations that end no sentence."""
_ABBREVIATION_BEFORE_NUMBER = late_pattern(
    r"nos?|ss?|arts?|secs?|sect|figs?|pp?|vols?|chs?|cl|paras?|reg|rr?|sch|annex|app|pt|rs|c|rev|ed"
    rf"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|(?-i:{CURRENCY})",
    re.IGNORECASE,
)
"""Abbreviations if a number follows, and codes of currencies; otherwise words."""
_NUMBER = late_pattern(r"\d\w*|…|[IVXLC]+")
_INITIALS = late_pattern(r"[A-Z]|(?:[A-Z]\.)+[A-Z]")
_SENTENCE_OPENERS = frozenset(map(str.capitalize, OPENERS | {"hence", "no"}))
"""Words that begin a sentence, not a name: after "U.S." or an initial they show that one has ended."""


def sentence_starts(text: str) -> list[int]:
    """Return the offsets where sentences begin; the first is 0."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text) if _is_sentence_end(text, match))]


def _is_sentence_end(text: str, match: re.Match[str]) -> bool:
    pos = match.start("mark")
    if match["mark"] == "…":
        # With a space before it, it marks omitted words.
        return pos > 0 and text[pos - 1].isalnum()
    word = _LAST_WORD.search(text, max(0, pos - 24), pos)
    if match["mark"] != "." or word is None:
        return True
    short, follows = word[0], match["next"]
    is_before_number = _ABBREVIATION_BEFORE_NUMBER.fullmatch(short) and _NUMBER.fullmatch(follows)
    if _MID_SENTENCE_ABBREVIATION.fullmatch(short) or is_before_number:
        return False
    if _INITIALS.fullmatch(short):
        return follows in _SENTENCE_OPENERS and not text.startswith(".", match.end("next"))
    return True
