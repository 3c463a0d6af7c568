"""Numbers of a chapter and of facts, with the words that name the thing counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import RAISED_DIGITS, citation_keys
from nioc_paper.check.text.quantities import MEASURE, MONTHS, Quantity, find_quantities, read_value
from nioc_paper.domain.english_grammar import WORDS_OF_GRAMMAR
from nioc_paper.domain.fact_values import CURRENCY
from nioc_paper.model import TARGET_KINDS, DataTable, Fact, Node, Place
from nioc_paper.model.characters import comparable
from nioc_paper.model.lazy_regex import late_pattern

_YEAR = late_pattern(r"(?<!\d)(?<!\d[.,])(?:19|20)\d\d(?!\d|[.,]\d)")
_FINANCIAL_YEAR = late_pattern(r"\b((?:19|20)\d\d)[–/-](\d\d)\b(?!-)")
_DAY = late_pattern(rf"(?:\b\d{{1,2}}\s+)?\b(?:{'|'.join(MONTHS)})\b")
_NAME = late_pattern(r"\b[A-Z]\w{2,}")
_WORD = late_pattern(r"[A-Za-z]{3,}")
_VERB = late_pattern(r"\w+(?:ed|ing)|sold|spent|lost|won|fell|rose|grew|came|stood")
"""Words that say what is done with the thing counted, or that its number changed."""
_LAST_VERB = late_pattern(rf"\b(?:{_VERB.pattern})\b\W+(?:\w+\W+){{0,3}}\Z")
_RUN = late_pattern(r"(?:[^.;:,()\d]|(?<=\s)(?:19|20)\d\d(?:[–/-]\d\d)?\b)*")
"""Words after a number, with years, up to the next sign."""
STOP_WORDS = WORDS_OF_GRAMMAR | {"amount", "any", "became", "number", "total", "year", "years"}
"""Words that name nothing."""
_SCOPE_WINDOW = 4
"""Words after the noun that may name a part of it."""
MIN_SURE_DIGITS = 5
"""Digits of two numbers that look alike by no chance."""
_MIN_DIGITS = 2
"""Digits of a number with a source: a single one is alike by chance."""


class StatedNumber(NamedTuple):
    """Number of a text, with everything that decides whether another counts the same thing; can be cached as JSON."""

    place: Place
    text: str
    value: str
    unit: str
    """Currency, `per cent` or measure; empty for a count."""
    sources: Sequence[str]
    years: Sequence[str]
    noun: Sequence[str]
    """What is counted: the word after it, or before it as in "the number of cases was"; of a cell, head and row."""
    context: str
    """The sentence; of a cell its row, of a fact its unit, id and note."""
    scope: Sequence[str] = ()
    """Part of it: words behind the noun, days, "target" of "a target of"."""
    verbs: Sequence[str] = ()
    names: Sequence[str] = ()
    label: Sequence[str] = ()
    """Words of a row, or of a fact's id; the other number must have all of them."""
    kind: str = "text"
    """`text`, `cell` or `fact`."""

    @property
    def number(self) -> Decimal:
        """The value for arithmetic."""
        return Decimal(self.value)

    @property
    def significant(self) -> str:
        """Digits without zeros at either end."""
        return self.value.replace(".", "").strip("0")


def stems(text: str) -> list[str]:
    """Return the beginnings of the words of a text that may name a thing, the same for most of a word's forms."""
    words = map(str.lower, _WORD.findall(text.replace("_", " ")))
    return [word[:7].rstrip("s") for word in words if word not in STOP_WORDS]


def find_years(text: str) -> list[str]:
    """Return the years of a text; of a year like 2018–19 the second."""

    def end_year(match: re.Match[str]) -> str:
        following = str(int(match[1]) + 1)
        return following if following.endswith(match[2]) else match[0]

    return sorted({*_YEAR.findall(_FINANCIAL_YEAR.sub(end_year, text))})


def _find_stated(
    quantities: Sequence[Quantity], text: str, place: Place, sources: Sequence[str], caption: str = ""
) -> Iterator[StatedNumber]:
    """Yield the numbers of a text that begins at a place; `caption` has the years of a text without any."""
    numbers = [quantity for quantity in quantities if quantity.value]
    least = _MIN_DIGITS if sources else MIN_SURE_DIGITS
    long = ((index, q) for index, q in enumerate(numbers) if len(q.value.replace(".", "")) >= least)
    for index, quantity in long:
        start = numbers[index - 1].end if index else 0
        end = numbers[index + 1].start if index + 1 < len(numbers) else len(text)
        before, behind = text[start : quantity.start], text[quantity.end : end]
        near = next((part for part in (behind, before, text) if _YEAR.search(part)), caption)
        run = _RUN.match(behind)
        noun, scope, verbs = _named_thing(before, run[0] if run else "")
        yield StatedNumber(
            replace(place, column=place.column + quantity.start),
            quantity.text.strip(),
            quantity.value,
            quantity.unit,
            sources,
            find_years(near),
            noun,
            text,
            scope=sorted({*scope, *_DAY.findall(near)}),
            verbs=verbs,
            names=sorted(_names(text)),
        )


def _named_thing(before: str, behind: str) -> tuple[list[str], list[str], list[str]]:
    """Return the stems of what a number counts, of the words for a part of it, and of the verbs behind that."""
    words = re.findall(r"[A-Za-z-]+", MEASURE.sub(" ", behind, count=1))
    noun = stems(words[0]) if words else []
    following = words[len(noun) :][:_SCOPE_WINDOW]
    verbs = [word for word in following if _VERB.fullmatch(word)]
    scope = [word for word in following if word not in verbs and word[0].islower()]
    scope += re.findall(r"(\w+)\s+of\s+$", before)
    subject = [word for word in _WORD.findall(_LAST_VERB.sub("", before)) if word not in MONTHS]
    return noun or sorted({*stems(" ".join(subject))}), stems(" ".join(scope)), stems(" ".join(verbs[:1]))


def _names(text: str) -> set[str]:
    """Return the words with a capital that are not a month, a currency or a word of grammar."""
    names = {*_NAME.findall(text)} - {*MONTHS}
    return {name for name in names if name.lower() not in STOP_WORDS and not re.fullmatch(CURRENCY, name)}


def stated_fact(fact: Fact, place: Place) -> StatedNumber | None:
    """Return a fact as a number; None if its value has no number or more than one."""
    numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", fact.value)
    if len(numbers) != 1 or _YEAR.fullmatch(numbers[0]):
        return None
    value, unit = read_value(fact.value, fact.unit or "")
    return StatedNumber(
        place,
        fact.value,
        value,
        unit,
        sources=(fact.source,),
        years=_YEAR.findall((fact.as_of or "")[:4]),
        noun=stems(MEASURE.sub("", fact.unit or "")),
        context=f"{fact.unit or ''} {fact.id.replace('-', ' ')} {fact.note or ''}",
        label=stems(fact.id.replace("-", " ")),
        kind="fact",
    )


_MAX_ROWS = 100
"""Rows of the largest data file that is compared: sentences quote no single values of a larger one."""


def find_chapter_numbers(text: ChapterText, facts: Mapping[str, Fact]) -> Iterator[StatedNumber]:
    """Yield the numbers of a chapter that are long enough to be compared."""
    return chain(_numbers_in_sentences(text, facts), _numbers_in_tables(text), _numbers_in_pictures(text))


def _numbers_in_sentences(text: ChapterText, facts: Mapping[str, Fact]) -> Iterator[StatedNumber]:
    for passage, sentence, quantities in text.quantities:
        if passage.is_heading or "cell" in passage.within or not quantities:
            continue
        keys = sentence.keys or passage.run_keys(sentence)
        quoted = [facts[key[5:]].value for key in keys if key[5:] in facts and key.startswith("fact-")]
        for stated in _find_stated(quantities, sentence.text, Place("", column=0), _sources(keys)):
            place = passage.place(sentence.start + stated.place.column)
            yield stated._replace(place=place, context=" ".join((sentence.text, *quoted)))


def _sources(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if key.partition("-")[0] not in TARGET_KINDS]


# --- tables -----------------------------------------------------------------------------------------------------------


def _numbers_in_tables(text: ChapterText) -> Iterator[StatedNumber]:
    """Yield the numbers in the cells of tables; a row without a source has that of the caption."""
    for table in text.nodes("Table"):
        caption_keys, caption = citation_keys(tree.caption(table)), tree.plain_text(tree.caption(table))
        heads = [_cell_text(cell) for cells in tree.head_rows(table) for cell in cells]
        for cells in tree.body_rows(table):
            keys = citation_keys(cells) or caption_keys
            nodes = [next((node for node in tree.walk(cell) if "pos" in node), table) for cell in cells]
            places = [*map(text.chapter.place, nodes)]
            yield from _row_numbers(heads, [*map(_cell_text, cells)], places, keys, caption)


def _cell_text(cell: Sequence[object]) -> str:
    def as_words(node: Node) -> Node:
        if node["t"] in ("Superscript", "Subscript"):
            return {"t": "Str", "c": tree.plain_text(node).translate(RAISED_DIGITS)}
        return {"t": "Str", "c": "…"} if node["t"] == "Cite" else node

    return comparable(tree.plain_text(tree.rewrite(as_words, cell)))


def _row_numbers(
    heads: Sequence[str], texts: Sequence[str], places: Sequence[Place], keys: Sequence[str], caption: str
) -> Iterator[StatedNumber]:
    """Yield the numbers of a row: its words are those of the head of the column and of the row's other cells."""
    sources = _sources(keys)
    for index, (own, place) in enumerate(zip(texts, places, strict=True) if sources else ()):
        head = heads[index] if index < len(heads) else ""
        others = " ".join(text for i, text in enumerate(texts) if i != index and re.search(r"[^\d,.]", text))
        years = find_years(" ".join((own, head, *(t for i, t in enumerate(texts) if i != index))))
        for stated in _find_stated([*find_quantities(own)], own, place, sources):
            yield stated._replace(
                place=place,
                kind="cell",
                unit=stated.unit or read_value("", head)[1],
                noun=[*stated.noun, *stems(head), *stems(others)],
                label=stems(others),
                scope=_DAY.findall(others),
                years=years or find_years(caption),
                names=(),
                context=f"{head} {others} {own}",
            )


# --- charts, data and pictures ----------------------------------------------------------------------------------------


def _numbers_in_pictures(text: ChapterText) -> Iterator[StatedNumber]:
    """Yield the numbers in the data and words of charts, tables of data and pictures, with the sources around them."""
    chapter = text.chapter
    has_parts = chapter.charts or chapter.tables or chapter.images
    for node in text.nodes("Div", "Figure", "Para") if has_parts else ():
        content = tree.caption(node) if node["t"] == "Figure" else tree.content(node)
        kinds = [part["t"] if isinstance(part, dict) else "" for part in content]
        codes = [chapter.place(part) for part, kind in zip(content, kinds, strict=True) if kind == "CodeBlock"]
        charts = [chart for chart in chapter.charts if chart.place in codes]
        tables = [*(chart.data for chart in charts), *(table for table in chapter.tables if table.place in codes)]
        # Words are 90 % of a paragraph.
        parts = [part for part in node["c"] if not (isinstance(part, dict) and part["t"] in tree.WORD_TYPES)]
        images = [] if node["t"] == "Div" else [inner for inner in tree.walk(parts) if inner["t"] == "Image"]
        if not (tables or images):
            continue
        keys = citation_keys(node)
        caption = tree.plain_text([part for part, kind in zip(content, kinds, strict=True) if kind != "CodeBlock"])
        # Without an own text, the words of a figure's picture are its caption.
        alternatives = ((tree.alternative_text(image), chapter.place(image)) for image in images)
        words = [*chain.from_iterable(c.wording for c in charts), *(w for w in alternatives if w[0] not in caption)]
        for written, place in words:
            small = comparable(written)
            for stated in _find_stated([*find_quantities(small)], small, place, _sources(keys), caption):
                # The caption is part of what is said of the chart.
                context = f"{small} {caption}"
                yield stated._replace(place=place if images else stated.place, context=context, names=())
        for table in tables:
            yield from _numbers_in_data(table, keys, " ".join((caption, *(chart.alt for chart in charts))))


def _numbers_in_data(table: DataTable, keys: Sequence[str], caption: str) -> Iterator[StatedNumber]:
    from_facts = {reference.place for reference in table.references}
    rows = table.rows[: len(table.rows) - table.total]
    for number, row in enumerate(rows if len(rows) <= _MAX_ROWS else (), 1):
        places = [replace(table.places[number], column=column) for column in table.starts[number]]
        numbers = _row_numbers(table.heads, [*map(comparable, row)], places, keys, caption)
        yield from (stated for stated in numbers if stated.place not in from_facts)
