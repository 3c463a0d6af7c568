"""Numbers that a chapter takes from sources: in sentences, tables, charts, data files and alternative texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from nioc_paper import tree
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import citation_keys
from nioc_paper.check.text.stated_numbers import (
    MONTH,
    NUMBER,
    STOP_WORDS,
    StatedNumber,
    find_stated_numbers,
    find_years,
    read_value,
    stem,
    stems,
)
from nioc_paper.domain.facts import SCALES
from nioc_paper.model import DataTable, Fact, Node, Place
from nioc_paper.model.characters import comparable
from nioc_paper.model.late_pattern import late_pattern

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
