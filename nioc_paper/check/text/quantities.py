"""Find quantities in English sentences: numbers that somebody counted or measured, and can be cited for.

Dates, years, ages, the numbers of laws, sections and tables, and counts of the paper's own parts are none. Nor is a
count in words ("three laws"): most of these are the author's own. A share in words ("two thirds of") is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nioc_paper.domain.facts import CURRENCY
from nioc_paper.model.late_pattern import late_pattern

_N = r"(?!0\d)(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d+)?"
_YEAR = r"(?:1[5-9]|20)\d\d"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_SMALL_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten)"
_LARGE_WORD = (
    r"(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_NUMBER_WORD = rf"(?:{_LARGE_WORD}|{_SMALL_WORD})"
_UNIT = r"(?:per\s+cent\b|percent\b|%|(?:million|billion|trillion|crore|lakh|hundred|thousand)\b)"
_AMOUNT = rf"{CURRENCY}\s*{_N}(?:\s+{_UNIT})?"
_LABEL = (
    r"(?i:sections?|ss?\.|articles?|arts?\.|clauses?|rules?|regulations?|schedules?|chapters?|parts?|paragraphs?|paras?\.?"
    r"|annex(?:es)?|appendix|tables?|figures?|figs?\.|box(?:es)?|steps?|phases?|stages?|tiers?|levels?|targets?|goals?"
    r"|items?|points?|nos?\.|numbers?|pages?|pp?\.|vol(?:umes?|s?\.)|issues?|resolutions?|recommendations?|conventions?"
    r"|protocols?|acts?|ordinances?|orders?|bills?|lines?|rows?|columns?|versions?|editions?|notes?|footnotes?"
    r"|questions?|options?|pillars?|objectives?|priorit(?:y|ies)|gaps?|findings?|actions?|indicators?|categor(?:y|ies)"
    r"|class(?:es)?|codes?|errors?|headings?|rev\.|revisions?|grades?|types?|forms?|zones?|sectors?|days?|weeks?)"
)
_OWN_PARTS = r"(?:(?:recommendation|gap|chapter|finding|section|pillar|objective|page|word|table|figure)s?|annexes)"
_NUMBERED = (
    r"bus|tram|rooms?|flights?|routes?|highways?|motorways?|wards?|plots?|platforms?|terminals?|battalions?|windows|android|channels?"
    r"|formula|apollo|agenda|vision|gates?|ports?|counters?|houses?|streets?|p\.?o\.?\sbox"
)
_TELEPHONE = (
    r"(?:hotlines?|helplines?|call(?:s|ed)?|dial(?:s|led)?|ring|press|phone|short\s?codes?"
    r"|(?:can|may)\sbe\sreached|(?:emergency|toll-free|telephone|helpline)\s(?:numbers?|lines?))(?:\s(?:is|on|at|(?:the\s)?number))?"
)
_ADDRESS = r"(?:Road|Street|Avenue|Lane|Square|Park|Close|Drive|Way|Club)"
_TIMES = r"(?:seconds|minutes|hours|days|weeks|months|quarters|years|decades)"
_PERSONS = (
    "persons?|people|those|anyone|adults?|children|child|men|women"
    "|passengers|citizens|residents|workers|pupils|applicants"
)
_NOT_QUANTITIES = "|".join(
    (
        rf"\d{{1,2}}(?:\s*(?:[–-]|,|to|and|or)\s*\d{{1,2}}){{0,8}}\s+{_MONTH}(?:,?\s+\d{{4}}\b)?",
        rf"{_MONTH}\s+\d{{1,2}}\b(?![,.]?\d)(?:\s*[–-]\s*\d{{1,2}})?(?:,\s+\d{{4}}\b)?",
        r"\d{4}-\d{2}-\d{2}",
        rf"{_YEAR}(?:\s?[–/-]\s?(?:\d{{4}}|\d\d))?(?![\w%]|[.,]\d|\s+{_UNIT})",
        rf"\b{_LABEL}\s+\(?\d[\w.()]*(?:\s*(?:,|[–-]|,?\s(?:and|or|to)\s)\s*\(?\d[\w.()]*)*",
        # A number after a name is part of it: Resolution 1373.
        rf"(?:(?<=[a-z,;:)]\s)[A-Z][a-z]+|\b(?:UNSCR|SDG|SRO|FIR|BPS))\s\d{{1,4}}(?:\.\d{{1,2}})?(?![\w%]|[.,]\d|\s+{_UNIT})",
        # Standards, and things with a number in place of a name.
        r"\b(?:ISO|IEC|IEEE|ANSI|ASTM|NIST|ITU|RFC|DIN|PCI|EN|BS)(?:/[A-Z]+)*[\s-](?:[A-Z]{1,3}\s)?\d[\d:.-]*",
        rf"\b(?i:{_NUMBERED})\s(?:[A-Z]{{1,2}}\s)?\d[\d.]*(?:(?:,\s?|\s?[–-]\s?|,?\s(?:and|or|to)\s)\d+)*",
        rf"(?i:\b{_TELEPHONE}\s\(?\d{{1,5}}(?:\sfor\s[^.;\d]{{1,40}}\s\d{{1,5}}(?=\sfor\b))+)",
        (
            rf"(?i:\b{_TELEPHONE}\s\(?\d{{2,5}}(?:[ -]\d{{2,8}}|(?:,\s?|,?\s(?:and|or)\s)\d{{2,5}})*)\b"
            r"(?!\s(?!is\b|was\b|has\b|works\b)[a-z]+s\b)"
        ),
        rf"\b(?i:last|past|next|previous|preceding|coming|following|first|final|every)\s{_N}\s+(?:[a-z]+\s)?{_TIMES}\b",
        rf"{_N}\s{_TIMES}\s(?:prior|before|ending|ended|leading)\b",
        (
            rf"\b(?:as\s(?:young|old)\sas|(?:man|woman|boy|girl|child)\sof|(?:{_PERSONS})\s(?:over|under|above|below))\s\d{{1,2}}\b"
            rf"(?![.,]?\d|\s?%|\s+{_UNIT})"
        ),
        r"(?<=[a-z],\s)\d{2}(?=,\s)",
        # Law reports, and dates in digits.
        r"\b(?:[A-Z]{2,}|[A-Z][A-Za-z]*L[A-Z]?)\s(?:19|20)\d\d\s[A-Z][\w. ]*?\s\d+",
        r"\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d",
        r"\d+(?=\s(?:Committee|Agenda|Act|Plan|Policy|Convention|Protocol|Strategy|Framework|Amendment|Brigade|Corps)\b)",
        r"§+\s?\d+[\w.-]*",
        r"\d{1,2}\)\s",
        rf"\b(?:aged|ages?|age\sof|per)\s+{_N}(?:\s*(?:[–-]|to|and)\s*{_N})?",
        rf"{_N}(?:\s*(?:[–-]|to|and)\s*{_N})?\s+years?\s(?:old|of\sage)\b",
        r"\bunder\s+(?:1[0-9]|2[0-5])(?=[,.;:)]|\s(?!per))",
        r"0\d{1,4}(?:[ -]\d{2,4}){2,}\b|0\d{2,4}[ -]\d{4,8}\b|\+\d{1,3}(?:[ -]\d{2,9})+\b",
        rf"\d{{1,4}}[A-Z]?(?=,?\s(?:[A-Z][a-z]+\s){{1,3}}{_ADDRESS}\b)",
        # Versions: TLS 1.3. A name at the start of a sentence has a verb in the singular: Python 3 is required.
        rf"\b[A-Z]{{2,}}\s\d{{1,2}}\.\d{{1,2}}(?![\w%]|[.,]\d|\s+{_UNIT})",
        (
            r"\b(?!(?:Only|Some|Over|Under|Nearly|About|Almost|Around|Roughly|Another)\b)[A-Z][a-z]+\s\d{1,4}(?:\.\d{1,2})?"
            rf"(?=\s(?:is|was|has)\b|\s(?!{_UNIT})[a-z]+[a-rt-z]\s(?:is|was|has)\b)"
        ),
        # Hours of opening, and idioms.
        r"\b(?i:open|closed|shut)\s(?:from\s)?\d{1,2}\s?(?:to|until|till|[–-])\s?\d{1,2}\b",
        rf"(?<=\bat\s)\d{{1,2}}\.[0-5]\d(?:\s(?:and|or|to)\s\d{{1,2}}\.[0-5]\d)?(?![\w%]|[.,]\d|\s(?:{_UNIT}|[a-z]+s\b))",
        r"\bGroup\sof\s\d+",
        r"\b[Qq]uarter\s[1-4]\b(?![.,]?\d)",
        r"\bretires?\sat\s\d{2}\b|\bwho\s(?:is|was|turns)\s\d{1,2}\b(?=[,.;]\s|\s(?!per|million|years|times)[a-rt-z]+\s)",
        r"\bage\sof\s(?:majority|consent|retirement|marriage|(?:criminal\s)?responsibility)\sis\s\d{1,2}\b",
        r"50\s?[-–/:]\s?50\b",
        r"(?<=amended\s)\d+\stimes\b",
        rf"{_N}\s(?:km|metres?|miles?|feet|m)\s(?:long|wide|high|deep|tall|thick)\b",
        # A document is the source of the number of its parts.
        r"\d{1,3}\s(?:items|questions|articles|clauses|paragraphs|appendices|schedules|controls|principles|criteria)\b",
        r"\b24\s+hours|\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b",
        r"\(\d{1,2}\)",
    )
)
_PART = r"(?:third|quarter|fifth|sixth|eighth|tenth)s?"
_ABOUT = (
    r"(?:(?:about|almost|around|nearly|over|some|up\sto|at\sleast|barely|hardly|only|roughly"
    r"|(?:more|fewer|less)\sthan)\s)"
)
_PERIODS_AND_PARTS = (
    r"(?:minutes|hours|days|weeks|months|years|decades|parts|ways|places|provinces|districts|cities|countries|chapters"
    r"|sections|stages|phases|steps|languages|volumes|rounds|regions|towns|villages|cases|sectors|areas|groups|courts)"
)
_MANY_A = r"(?:thanks|times|apologies|excuses|pities|regrets|ways|reasons|little|small|other|different)"
_WHOLE = r"(?:story|truth|battle|answer|problem|point|job|task|picture|equation|bargain|trouble|fun)"
"""Things with a half in idioms only: half the battle."""


class _Share(NamedTuple):
    """A form of shares in words: texts in small letters, one of which is in each of them, and its pattern."""

    signs: Sequence[str]
    """Searched for first: many times as fast."""
    pattern: re.Pattern[str]
    has_number_word: bool
    """Whether it is of number words only."""


def _share(signs: Sequence[str], pattern: str, *, has_number_word: bool = False) -> _Share:
    return _Share(signs, late_pattern(rf"\b(?:{pattern})", re.IGNORECASE), has_number_word)


_NUMBER_WORD_SIGNS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirt", "fift", "twent", "fort"),
)
"""Texts, one of which is in each number word."""
_SHARES: tuple[_Share, ...] = (
    _share(
        ("cent", "illion", "crore", "lakh", "hundred", "thousand", "%"),
        rf"(?:{_NUMBER_WORD}|half\sa|a)\s{_UNIT}"
        r"(?<!\ba\shundred)(?<!\ba\sthousand)(?<!\ba\smillion)"
        rf"|a\s(?:hundred|thousand|million)\b(?!\s(?:and\sone|{_MANY_A})\b)",
    ),
    # Neither the first half of a year nor half of one.
    _share(
        ("half",),
        rf"(?<!first\s|other\s)(?<!second\s|latter\s|better\s)"
        rf"half\s(?:of\s(?!the\s(?:year|month|{_WHOLE})\b|{_YEAR})|(?:the|its|their)\s(?!{_WHOLE}\b))"
        rf"|(?<=\bby\s){_ABOUT}?half\b",
    ),
    _share(
        ("third", "quarter", "fifth", "sixth", "eighth", "tenth"),
        rf"(?:an?|one|two|three|four|five|seven|nine)[\s-]{_PART}\s(?:of|more|fewer|less)\b"
        rf"|(?<=\bby\s){_ABOUT}?(?:an?|one|two|three|four)[\s-]{_PART}\b"
        r"|(?<!majority\sof\s)(?<!quorum\sof\s)(?<!vote\sof\s)(?:two[\s-]thirds|three[\s-]quarters|four[\s-]fifths)\b"
        r"(?!\s(?:majority|quorum|rule|vote|later|earlier|ago|running|in\sa\srow|is\sa\s(?:long|short))\b)",
    ),
    _share(
        (" in ", " out of ", " every ", " each "),
        rf"{_NUMBER_WORD}\s(?:(?!times\b)[a-z]+\s)?(?:in|out\sof)\s(?:(?:every\s|each\s)?{_NUMBER_WORD}|(?:a|every|each)\s(?:hundred|thousand))\b"
        rf"(?!(?<!of\s(?:four|five|nine))(?<!of\s(?:two|six|ten))(?<!of\s(?:three|seven|eight))\s{_PERIODS_AND_PARTS}\b|-)"
        rf"|{_NUMBER_WORD}\sof\s(?:every|each)\s{_NUMBER_WORD}\b",
        has_number_word=True,
    ),
    _share(
        (" of ",),
        rf"{_NUMBER_WORD}\sof\s(?:the|its|their|these|those|all)\s{_NUMBER_WORD}\b(?!\s{_OWN_PARTS}\b)(?=\s[a-z])",
        has_number_word=True,
    ),
    _share(
        (" than ",),
        rf"(?:fewer|less|more)\sthan\s(?!one\b|two\b){_NUMBER_WORD}\b"
        rf"(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{_TIMES}|{_UNIT})\b)(?=\s[a-z])",
        has_number_word=True,
    ),
    _share(
        ("every ", "each "),
        r"of\s(?:every|each)\s(?:ten|twenty|hundred|thousand|lakh|million)\b"
        r"|every\s(?:second|third|fourth|fifth|sixth|tenth)\s(?!counts|day|week|month|year|time|hour|meeting|of\b)(?-i:[a-z])"
        r"[a-z]+",
    ),
    _share(
        ("doubled", "trebled", "tripled", "quadrupled", "halved", "twice", " times ", "fold"),
        r"(?:doubled|trebled|tripled|quadrupled|halved)\b(?!\sdown)"
        rf"|(?:twice|(?:{_NUMBER_WORD}|{_N})\stimes)\s(?:as|more|higher)\b|{_NUMBER_WORD}fold\b",
    ),
    # Durations that somebody measured.
    _share(
        ("average", "took", "longer", "shorter"),
        rf"{_NUMBER_WORD}(?:\sand\sa\s(?:half|quarter))?\s{_TIMES}\s(?:on\saverage|longer|shorter)\b"
        rf"|(?:on\saverage|average\sof)\s{_NUMBER_WORD}\b"
        rf"|average\s(?:\w+\s){{1,3}}(?:is|was)\s{_N}\s+years?\s(?:old|of\sage)\b"
        rf"|(?<=\btook\s){_LARGE_WORD}\s{_TIMES}\b",
    ),
    _share(
        (" per ",), rf"{_NUMBER_WORD}\sper\s(?:{_N}|hundred|thousand|lakh|million)\b(?!\scent)", has_number_word=True
    ),
    _share(
        ("dozen", "hundreds", "thousands", "millions", "billions", "lakhs", "crores", "scores"),
        rf"{_ABOUT}(?:half\s)?(?:a|one|two|three|four|five|several)\sdozen\b|(?:several|many)\sdozen\b"
        r"|(?:dozens|scores|hundreds|thousands|millions|billions|lakhs|crores)\sof\s(?!years\b)(?:\w+\sof\s)?\w+",
    ),
)
"""Shares, measures and vague counts in words."""
_FIRST_WORD = late_pattern(
    rf"[\s\W]*{_LARGE_WORD}\b(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{_TIMES})\b|\sof\sthem\b)(?=\s[a-z])", re.IGNORECASE
)
"""A count at the start of a sentence, which would be in digits elsewhere."""
_NUMBERS = late_pattern(
    rf"(?P<money>{_AMOUNT})|(?<![\w.,/:@#–-])(?:(?P<none>{_NOT_QUANTITIES})"
    rf"|(?P<own>{_N}(?=\s+(?:[a-z]+\s)?(?i:{_OWN_PARTS})\b))"
    rf"|(?P<number>{_N}(?:\s?[–-]\s?{_N})?(?:%|‰|(?:\s+{_UNIT})|(?:m|bn|km|kg|ha)\b)?(?![\w/%:(-]|[.,]\d)))"
)


def find_quantities(text: str, *, with_own_parts: bool = False) -> Iterator[re.Match[str]]:
    """Yield the quantities of a text: numbers first, then shares in words, each in order.

    Numbers of pages, words and the like are counts of the paper's own parts; they are yielded on request.
    """
    if re.search(r"\d", text):
        none = ("none",) if with_own_parts else ("none", "own")
        yield from (match for match in _NUMBERS.finditer(text) if match.lastgroup not in none)
    lowered = text.lower()
    has_number_word = any(sign in lowered for sign in _NUMBER_WORD_SIGNS)
    shares = [
        match
        for share in _SHARES
        if (has_number_word or not share.has_number_word) and any(sign in lowered for sign in share.signs)
        for match in share.pattern.finditer(text)
    ]
    # Counts up to ten are in words everywhere, and most of them are the author's own.
    first = _FIRST_WORD.match(text)
    yield from sorted([*shares, *([first] if first else [])], key=re.Match.start)
