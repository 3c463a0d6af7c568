"""Find where sentences begin: in English with abbreviations of laws, posts and money, and roughly in Urdu.

Our own, because no maintained library knows these: sentencex and nupunkt are fast, but end a sentence at "Rs. 5" and
none at "USD 927 m. Nobody"; pysbd (last released in 2021) ends one at "s. 11", and takes a second for 1,000 words.
"""

from __future__ import annotations

import re

from nioc_paper.model.late_pattern import late_pattern

_SENTENCE_END = late_pattern(r"(?P<mark>[.!?…۔؟][.!?…۔؟]*)[)\]”’\"']*\s+(?=[(\[“‘\"']*(?P<next>[^\W_a-zß-ÿ]\w*|…))")
_LAST_WORD = late_pattern(r"[^\s(\[“‘\"']+\Z")
_MID_SENTENCE_ABBREVIATION = late_pattern(
    r"Dr|Mr|Mrs|Ms|Mst|Prof|Engr|Adv|Amb|Hon|Rev|St|Sr|Gen|Lt|Col|Maj|Brig|Capt|Sgt|Insp|Supt|retd"
    r"|e\.g|i\.e|cf|viz|vs|v|approx|est|ca|incl|esp"
)
"""Abbreviations that end no sentence."""
_ABBREVIATION_BEFORE_NUMBER = late_pattern(
    r"nos?|ss?|arts?|secs?|sect|figs?|pp?|vols?|chs?|cl|paras?|reg|rr?|sch|annex|app|pt|rs|c"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun",
    re.IGNORECASE,
)
"""Abbreviations if a number follows; otherwise words."""
_NUMBER = late_pattern(r"\d\w*|…|[IVXLC]+")
_INITIALS = late_pattern(r"[A-Z]|(?:[A-Z]\.)+[A-Z]")
_SENTENCE_OPENER = late_pattern(
    r"The|This|That|These|Those|There|It|Its|He|She|They|We|You|I|An?|In|On|At|By|To|For|From|With|Of|As|And|But|Or|Nor"
    r"|If|When|While|Where|Since|After|Before|Because|Although|Then|Thus|Hence|So|Yet|Each|Every|All|Some|Many|Most|None"
    r"|No|Not|Nobody|Nothing|One|Two|Both|Other|Another|What|Who|Whether|How"
)
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
    if _MID_SENTENCE_ABBREVIATION.fullmatch(short) or (
        _ABBREVIATION_BEFORE_NUMBER.fullmatch(short) and _NUMBER.fullmatch(follows)
    ):
        return False
    if _INITIALS.fullmatch(short):
        behind = match.end("next")
        return _SENTENCE_OPENER.fullmatch(follows) is not None and text[behind : behind + 1] != "."
    return True
