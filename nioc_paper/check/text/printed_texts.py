"""The list of all printed texts outside of running text: front matter, pictures, charts, data, registers, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.check.text.passages import Passage, is_english
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import Chapter, DataTable, Decision, Holiday, Paper, Place, Record, TranslatedTitle
from nioc_paper.model.characters import comparable

PRINTED_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Settings": ("title", "subtitle", "edition", "version", "rights", "asks", "next"),
    "Site": ("summary",),
    "Category": ("title",),
    "Status": ("title",),
    "Priority": ("title",),
    "Label": ("one", "many"),
    "Part": ("title",),
    "Annex": ("title",),
    "TranslatedTitle": ("title",),
    "FrontMatter": ("title", "summary", "blocked"),
    "KeyFigure": ("text",),
    "Linkage": ("how",),
    "Holiday": ("name",),
    "Gate": ("title", "needs"),
    "Event": ("title",),
    "Organization": ("name",),
    "Person": ("name", "post"),
    "Decision": ("meeting", "text"),
    "Fact": ("value", "unit", "as_of"),
    "Acronym": ("long", "plural"),
    "Term": ("use", "definition"),
    "Reference": ("title",),
}
"""Fields whose words are printed, by the record's class."""


def front_matter_passages(chapter: Chapter) -> Iterator[Passage]:
    """Yield the printed texts of a chapter's front matter: title and summary first."""
    return _record_passages(chapter.front, "record", *_foreign(chapter.language))


def picture_passages(chapter: Chapter) -> Iterator[Passage]:
    """Yield the texts of charts, data tables and pictures: titles, axes, descriptions, heads, cells, alternatives."""
    foreign = _foreign(chapter.language)
    for chart in chapter.charts:
        yield from (_passage(text, place, "chart", *foreign) for text, place in chart.wording)
    for table in (*(chart.data for chart in chapter.charts), *chapter.tables):
        block = chapter.text.split("\n")[table.place.line - 1 :]
        cells = (
            cell for cell in _cells(table) if not any(text == cell[0] for c in chapter.charts for text, _ in c.wording)
        )
        yield from (
            _passage(text, _place_in_block(text, block, table.place) or place, "data", *foreign)
            for text, place in cells
        )
    yield from (_passage(image.alt, image.place, "alt", *foreign) for image in chapter.images)


def register_passages(paper: Paper) -> Iterator[Passage]:
    """Yield the printed texts of settings, timeline and registers, and the titles of sources."""
    foreign = _foreign(paper.settings.language)
    registers = (
        *(paper.settings, paper.timeline, paper.contributors, paper.decisions_file),
        *(paper.facts_file, paper.acronyms_file, paper.terms_file),
    )
    for register in registers:
        yield from _record_passages(register, "record", *foreign)
    for source in watched_references(paper).references:
        yield from _record_passages(source, "source", *_foreign(str(source.extra.get("language") or "en")))


def _record_passages(record: Record, *within: str) -> Iterator[Passage]:
    """Yield the printed fields of a record and of the records in it."""
    if isinstance(record, TranslatedTitle):
        within = (within[0], *_foreign(record.language))
    elif isinstance(record, Decision):  # the words of a meeting
        within = (*within, "quotation")
    printed, is_occasion = PRINTED_FIELDS.get(type(record).__name__, ()), isinstance(record, Holiday)
    for key, name in zip(record.field_keys, record.names, strict=True):
        value: object = getattr(record, name)
        if name in printed:
            texts = enumerate(value) if isinstance(value, tuple) else [(None, value)]
            for index, text in texts:
                place = record.place(key) if index is None else record.place(key, index)
                kind = (*within, "name") if name in ("name", "long", "plural") and not is_occasion else within
                yield _passage(str(text or ""), place, *kind, level=int(key == "title" and "source" not in within))
        else:
            for inner in _records_in(value):
                yield from _record_passages(inner, *within)


def _records_in(value: object) -> Iterator[Record]:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else (value,)
    return (item for item in items if isinstance(item, Record))


def _cells(table: DataTable) -> Iterator[tuple[str, Place]]:
    """Yield the heads and cells with letters, each text once: a column may name the same thing in every row."""
    seen = set[str]()
    lines = zip((table.heads, *table.rows), table.places, table.starts, strict=False)
    for texts, place, starts in lines:
        for text, column in zip(texts, starts, strict=False):
            if text not in seen and any(map(str.isalpha, text)):
                seen.add(text)
                yield text, Place(place.path, place.line, column)


def _place_in_block(text: str, block: Sequence[str], start: Place) -> Place | None:
    """Return the place of a head or title that the block of a table or chart writes itself."""
    end = next((n for n, line in enumerate(block[1:], 1) if line.lstrip().startswith("```")), len(block))
    return next(
        (Place(start.path, start.line + n, line.index(text) + 1) for n, line in enumerate(block[:end]) if text in line),
        None,
    )


def _passage(text: str, place: Place, *within: str, level: int = 0) -> Passage:
    """Return a text that begins at a place as a passage."""
    return Passage(place.path, comparable(text), level, within, offsets=(0,), positions=((place.line, place.column),))


def _foreign(language: str) -> tuple[str, ...]:
    return () if is_english(language) else ("foreign",)
