"""Numbers of a chapter and of facts, with the words that name the thing counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import citation_keys
from nioc_paper.check.text.quantities import MONTHS, find_quantities
from nioc_paper.domain.facts import CURRENCY, SCALES, plain_number
from nioc_paper.model import DataTable, Fact, Node, Place
from nioc_paper.model.characters import comparable
from nioc_paper.model.late_pattern import late_pattern

_YEAR = late_pattern(r"(?<!\d)(?<!\d[.,])(?:19|20)\d\d(?!\d|[.,]\d)")
_FINANCIAL_YEAR = late_pattern(r"\b((?:19|20)\d\d)[–/-](\d\d)\b(?!-)")
MONTH = late_pattern(rf"\b(?:{'|'.join(MONTHS)})(?=\W|$)")
_PLACE = late_pattern(r"\b(?:[Ii]n|[Aa]cross|[Ww]ithin|[Aa]t|[Ff]rom)\s+(?:the\s+)?((?:[A-Z]\w+[\s-]?)+)")
_NAME = late_pattern(r"\b[A-Z]\w{2,}")
_WORD = late_pattern(r"[A-Za-z]{3,}")
_QUALIFIER = late_pattern(
    r"\W+(?:of|for|on|from|to|by|against|among|with|about|per|under|over)\s+(?:the\s+|those\s+)?([a-z]{3,})"
)
_VERB = late_pattern(
    r"\s*(?:(?:were|was|are|is|had\s+been|have\s+been|been)\s+)?([a-z]{3,}ed|[a-z]{3,}ing|sold|spent|lost|won)\b"
)
_SUBJECT_END = late_pattern(
    r"\b(?:amount\w*|climb\w*|came|drop\w*|fall\w*|fell|grew|grow\w*|increas\w*|decreas\w*|numbered|reach\w*|rise\w*|rose|stood"
    rf"|total\w*|{MONTH.pattern})"
)
"""Words between a subject and its number that name nothing."""
_PART = late_pattern(
    r"\b(?:first|second|third|fourth|last|former|latter|north\w*|south\w*|east\w*|west\w*|before|after|since|until"
    r"|urban|rural|male|female|targets?|planned|expected|under\s\w+|aged\s\w+|Q[1-4]"
    rf"|\d{{1,2}}\s+{MONTH.pattern})\b"
)
NUMBER = late_pattern(r"\d[\d,]*(?:\.\d+)?")
_CURRENCY_NAMES: Mapping[str, str] = {"US$": "USD", "$": "USD", "Rs": "PKR", "Rs.": "PKR", "₨": "PKR"}
"""Codes of currencies by their other names: sources that are compared are of one country."""
_PER_CENT = late_pattern(r"%|\bper\s?cent\b|\bpercent\b")
_MEASURES: Mapping[str, str] = {
    "km": "km",
    "kilometres": "km",
    "kg": "kg",
    "kilograms": "kg",
    "ha": "ha",
    "hectares": "ha",
}
_MEASURE = late_pattern(rf"(?<![A-Za-z])(?:{'|'.join(_MEASURES)})\b", re.IGNORECASE)
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "about after all also and any are been became before but could did few for from had has have into its more most"
        " not only over per than some that the their them then there these they this those under was were which while"
        " who will with would year years number",
    )
)
"""Words that name nothing."""
_NOUN_WINDOW = 3
"""Words after a number among which its noun is looked for."""


class StatedNumber(NamedTuple):
    """Number of a text, with everything that decides whether another counts the same thing; can be cached as JSON."""

    path: str
    line: int
    column: int
    kind: str
    """`text`, `cell` or `fact`."""
    text: str
    value: str
    unit: str
    """Currency, `per cent` or measure; empty for a count."""
    sources: Sequence[str]
    noun: str
    """The next word; empty if that names nothing."""
    subject: Sequence[str]
    """Words before a number that has no noun after it: "the number of cases was"."""
    words: Sequence[str]
    """Words that may name the thing: those after the number, or those of a head and of a row."""
    label: Sequence[str]
    """Words of a row, or of a fact's id; the other number must have all of them."""
    qualifier: str
    """The word after "of" or another preposition."""
    verb: str
    """The participle after the noun: "registered"."""
    parts: Sequence[str]
    """Words for a part of a year, of a place or of people; days; plans."""
    years: Sequence[str]
    months: Sequence[str]
    places: Sequence[str]
    names: Sequence[str]
    context: str
    """The sentence; of a cell its row, of a fact its unit, id and note."""

    @property
    def place(self) -> Place:
        """Place of the number."""
        return Place(self.path, self.line, self.column)

    @property
    def significant(self) -> str:
        """Digits without zeros at either end."""
        return self.value.replace(".", "").strip("0")


def stem(word: str) -> str:
    """Return the beginning of a word, the same for most of its forms."""
    return word.lower()[:7].rstrip("s")


def stems(text: str) -> list[str]:
    """Return the beginnings of the words of a text that may name a thing."""
    return [stem(word) for word in _WORD.findall(text.replace("_", " ")) if word.lower() not in STOP_WORDS]


def find_stated_numbers(text: str, sources: Iterable[str], context: str = "") -> Iterator[tuple[int, StatedNumber]]:
    """Yield the numbers of a sentence with their offsets; `context` has the years of a sentence without any."""
    sources = [key for key in sources if not key.startswith(("fact-", "sec-", "rec-", "gap-", "fig-", "tbl-", "fnd-"))]
    matches = find_quantities(text, with_own_parts=True) if sources else ()
    quantities = [match for match in matches if NUMBER.search(match[0])]
    for index, match in enumerate(quantities):
        if re.search(r"[–-]", match[0]):
            continue
        start = quantities[index - 1].end() if index else 0
        end = quantities[index + 1].start() if index + 1 < len(quantities) else len(text)
        behind, before = text[match.end() : end], text[start : match.start()]
        yield match.start(), _read_number(match[0], before, behind, text, sources, context)


def _read_number(
    quantity: str, before: str, behind: str, text: str, sources: Sequence[str], context: str
) -> StatedNumber:
    """Return a number of a sentence, given the words before and behind it, up to the next numbers."""
    near = next((part for part in (behind, before, text) if _YEAR.search(part)), context)
    measure = re.match(rf"\s*(?:{_MEASURE.pattern})", behind, re.IGNORECASE)
    following = _WORD.findall(behind)[:_NOUN_WINDOW]
    noun = re.match(r"\s+([A-Za-z]{3,})", behind[measure.end() if measure else 0 :])
    is_share = _PER_CENT.search(quantity)
    qualifier = _QUALIFIER.match(behind) or (None if is_share else _QUALIFIER.match(_behind_noun(behind)))
    verb = _VERB.match(_behind_noun(behind))
    return StatedNumber(
        *("", 0, 0, "text", quantity.strip()),
        *read_value(quantity, measure[0] if measure else ""),
        sources,
        next(iter(stems(noun[1])), "") if noun else "",
        sorted({*stems(_SUBJECT_END.sub("", before))}),
        stems(" ".join(following)),
        (),
        stem(qualifier[1]) if qualifier else "",
        stem(verb[1]) if verb else "",
        sorted({part[0] for part in _PART.finditer(text)}),
        find_years(near),
        sorted({*(MONTH.findall(behind) or MONTH.findall(before) or MONTH.findall(near))}),
        sorted(m[1].strip() for m in _PLACE.finditer(text) if not (MONTH.match(m[1]) or re.match(CURRENCY, m[1]))),
        sorted(_names(text)),
        text,
    )


def find_years(text: str) -> list[str]:
    """Return the years of a text; of a year like 2018–19 the second."""

    def end_year(match: re.Match[str]) -> str:
        following = str(int(match[1]) + 1)
        return following if following.endswith(match[2]) else match[0]

    return sorted({*_YEAR.findall(_FINANCIAL_YEAR.sub(end_year, text))})


def _names(text: str) -> set[str]:
    """Return the words with a capital that are not a month, a currency or a word of grammar."""
    names = {*_NAME.findall(text)} - {*MONTH.findall(text)}
    return {name for name in names if name.lower() not in STOP_WORDS and not re.fullmatch(CURRENCY, name)}


def _behind_noun(text: str) -> str:
    """Return the text after the first word."""
    word = re.match(r"\s+[A-Za-z]+", text)
    return text[word.end() :] if word else text


def read_value(text: str, unit_text: str = "") -> tuple[str, str]:
    """Return the value of a number with its scale, and its currency or measure."""
    words = f"{text} {unit_text}"
    digits = NUMBER.search(text)
    scale = next((size for word, size in SCALES.items() if re.search(rf"\b{word}\b", words, re.IGNORECASE)), 1)
    number = Decimal(digits[0].replace(",", "").rstrip(".")) * scale if digits else Decimal(0)
    currency, measure = re.search(CURRENCY, words), _MEASURE.search(words)
    unit = (
        _CURRENCY_NAMES.get(currency[0], currency[0])
        if currency
        else "per cent"
        if _PER_CENT.search(words)
        else _MEASURES[measure[0].lower()]
        if measure
        else ""
    )
    return plain_number(number), unit


def stated_fact_number(fact: Fact, place: Place) -> StatedNumber | None:
    """Return a fact as a number; None if its value has no number or more than one."""
    numbers = NUMBER.findall(fact.value)
    if len(numbers) != 1 or _YEAR.fullmatch(numbers[0]):
        return None
    value, unit = read_value(fact.value, fact.unit or "")
    context = f"{fact.unit or ''} {fact.id.replace('-', ' ')} {fact.note or ''}"
    years = _YEAR.findall((fact.as_of or "")[:4])
    return StatedNumber(
        *(place.path, place.line, place.column, "fact", fact.value, value, unit, (fact.source,), "", ()),
        words=stems(fact.unit or ""),
        label=stems(fact.id.replace("-", " ")),
        qualifier="",
        verb="",
        parts=(),
        years=years,
        months=(),
        places=(),
        names=(),
        context=context,
    )


_LONG_NUMBER = late_pattern(rf"\d(?:[\d.,]*\d){{2}}|\d.*(?:{'|'.join(SCALES)})")
_MIN_DIGITS = 3
"""Digits of a number that is compared; shorter ones are the same by chance."""
_MAX_ROWS = 100
"""Rows of the largest data file that is compared: sentences quote no single values of a larger one."""


def find_chapter_numbers(text: ChapterText, facts: Mapping[str, Fact]) -> Iterator[StatedNumber]:
    """Yield the numbers of a chapter that are long enough to be compared."""
    numbers = chain(_numbers_in_sentences(text, facts), _numbers_in_tables(text), _numbers_in_pictures(text))
    return (stated for stated in numbers if len(stated.value.replace(".", "")) >= _MIN_DIGITS)


def _numbers_in_sentences(text: ChapterText, facts: Mapping[str, Fact]) -> Iterator[StatedNumber]:
    for passage in text.passages:
        if passage.is_heading or "cell" in passage.within:
            continue
        for sentence in passage.sentences:
            if not sentence.keys or not _LONG_NUMBER.search(sentence.text):
                continue
            for offset, stated in find_stated_numbers(sentence.text, sentence.keys):
                quoted = [facts[key[5:]].value for key in sentence.keys if key[5:] in facts and key.startswith("fact-")]
                located = _at(stated, passage.place(sentence.start + offset))
                yield located._replace(context=" ".join((sentence.text, *quoted)))


def _at(stated: StatedNumber, place: Place) -> StatedNumber:
    return stated._replace(path=place.path, line=place.line, column=place.column)


def _numbers_in_tables(text: ChapterText) -> Iterator[StatedNumber]:
    """Yield the numbers in the cells of tables; a row without a source has that of the caption."""
    for table in text.nodes("Table"):
        caption_keys, caption = citation_keys({"t": "Div", "c": table["c"][1]}), tree.plain_text(table["c"][1])
        head, bodies = table["c"][3], table["c"][4]
        heads = [_cell_text(cell) for _, cells in head[1] for cell in cells]
        for _, cells in (row for body in bodies for row in body[3]):
            keys = [key for cell in cells for node in cell[4] for key in citation_keys(node)] or caption_keys
            texts = [_cell_text(cell) for cell in cells]
            places = [_first_place(text, cell[4]) for cell in cells]
            yield from _row_numbers(heads, texts, places, keys, caption)


def _cell_text(cell: Sequence[object]) -> str:
    without = tree.rewrite(lambda node: {"t": "Str", "c": "…"} if node["t"] == "Cite" else node, cell[4])
    return comparable(tree.plain_text(without))


def _first_place(text: ChapterText, blocks: Sequence[Node]) -> Place:
    return next((text.chapter.place(node) for node in tree.walk(blocks) if "pos" in node), Place(text.chapter.path))


def _row_numbers(
    heads: Sequence[str], texts: Sequence[str], places: Sequence[Place], keys: Iterable[str], caption: str
) -> Iterator[StatedNumber]:
    """Yield the numbers of a row: its words are those of the head of the column and of the row's other cells."""
    keys = list(keys)
    for index, (own, place) in enumerate(zip(texts, places, strict=True)):
        if not NUMBER.search(own):
            continue
        head = heads[index] if index < len(heads) else ""
        others = " ".join(text for i, text in enumerate(texts) if i != index and not NUMBER.fullmatch(text))
        years = find_years(" ".join((own, head, *(t for i, t in enumerate(texts) if i != index))))
        for _, stated in find_stated_numbers(own, keys):
            value, unit = read_value(stated.text, head)
            yield _at(stated, place)._replace(
                kind="cell",
                value=value,
                unit=unit or stated.unit,
                words=[*stated.words, *stems(head), *stems(others)],
                label=[stem(word) for word in re.findall(r"[A-Za-z]{4,}", others) if word.lower() not in STOP_WORDS],
                qualifier="",
                verb="",
                parts=(),
                years=years or find_years(caption),
                months=sorted({*MONTH.findall(others)}),
                places=(),
                names=(),
                context=f"{head} {others} {own}",
            )


def _numbers_in_pictures(text: ChapterText) -> Iterator[StatedNumber]:
    """Yield the numbers in the data and words of charts, tables of data and pictures, with the sources around them."""
    chapter = text.chapter
    if not (chapter.charts or chapter.tables or chapter.images):
        return
    for node in text.nodes("Div", "Figure", "Para") if chapter.images else text.nodes("Div"):
        content = node["c"] if node["t"] == "Para" else node["c"][1]
        codes = [chapter.place(block) for block in content if isinstance(block, dict) and block["t"] == "CodeBlock"]
        charts = [chart for chart in chapter.charts if chart.place in codes]
        data = [*(chart.data for chart in charts), *(table for table in chapter.tables if table.place in codes)]
        has_picture = node["t"] != "Div" and _contains_picture(node)
        if not data and not has_picture:
            continue
        keys, caption = citation_keys(node), tree.plain_text(_without_code(content))
        for chart in charts:
            for words in (chart.alt, chart.title, chart.subtitle):
                yield from _numbers_in_words(text, words, chart.place, keys, caption)
        for table in data:
            yield from _numbers_in_data(table, keys, " ".join((caption, *(chart.alt for chart in charts))))
        for image in tree.walk(node["c"]) if has_picture else ():
            # Without an own text, the words of a figure's picture are its caption.
            if image["t"] == "Image" and (alt := tree.alternative_text(image)) not in caption:
                yield from _numbers_in_words(text, alt, chapter.place(image), keys, caption)


def _contains_picture(node: Node) -> bool:
    """Return whether a paragraph or figure contains a picture. Skips words: they are 90 % of a paragraph."""
    parts = [part for part in node["c"] if not (isinstance(part, dict) and part["t"] in tree.WORD_TYPES)]
    return any(inner["t"] == "Image" for inner in tree.walk(parts))


def _without_code(blocks: Sequence[Node]) -> Sequence[object]:
    return [block for block in blocks if not (isinstance(block, dict) and block["t"] == "CodeBlock")]


def _numbers_in_words(
    text: ChapterText, words: str, place: Place, keys: Sequence[str], caption: str
) -> Iterator[StatedNumber]:
    """Yield the numbers in the words of a chart or picture that begins at a place."""
    lines = text.chapter.text.split("\n")
    for _, stated in find_stated_numbers(comparable(words), keys, caption):
        line = next((n for n in range(place.line, len(lines) + 1) if stated.text in lines[n - 1]), 0)
        number_place = Place(place.path, line, lines[line - 1].index(stated.text) + 1) if line else place
        # The caption is part of what is said of the chart.
        yield _at(stated, number_place)._replace(context=f"{words} {caption}", names=())


def _numbers_in_data(table: DataTable, keys: Sequence[str], caption: str) -> Iterator[StatedNumber]:
    from_facts = {reference.place for reference in table.references}
    rows = table.rows[: len(table.rows) - table.total]
    for number, row in enumerate(rows if len(rows) <= _MAX_ROWS else (), 1):
        row_place = table.places[number]
        places = [Place(row_place.path, row_place.line, column) for column in table.starts[number]]
        for stated in _row_numbers(table.heads, [*map(comparable, row)], places, keys, caption):
            if stated.place not in from_facts:
                yield stated
