"""Passages outside of running text: front matter, registers, and the texts of charts and pictures."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.text.passages import Passage, is_english
from nioc_paper.model import Chapter, Paper, Place, Record
from nioc_paper.model.characters import comparable

_Text = tuple[str | None, Place]


def as_passage(text: str, place: Place, *within: str) -> Passage:
    """Return a text that begins at a place as a passage."""
    return Passage(place.path, comparable(text), within=within, offsets=(0,), positions=((place.line, place.column),))


def chapter_record_passages(chapter: Chapter) -> Iterator[Passage]:
    """Yield the texts of a chapter's front matter, charts and pictures."""
    front, within = chapter.front, () if is_english(chapter.language) else ("foreign",)
    yield from _passages([(front.title, front.place("title"))], "title", *within)
    links = ((link.how, front.place("links", index, "how")) for index, link in enumerate(front.links))
    yield from _passages([(front.summary, front.place("summary")), *links], "record", *within)
    yield from _passages((text for chart in chapter.charts for text in chart.wording), "caption", *within)
    yield from _passages(((image.alt, image.place) for image in chapter.images), "alt", *within)


def register_passages(paper: Paper) -> Iterator[Passage]:
    """Yield the printed texts of settings and registers."""
    within = () if is_english(paper.settings.language) else ("foreign",)
    yield from _passages(_settings_texts(paper), "record", *within)
    yield from _translated_titles(paper)
    yield from _passages(_timeline_texts(paper), "record", *within)
    yield from _passages(_register_texts(paper), "record", *within)


def _translated_titles(paper: Paper) -> Iterator[Passage]:
    """Yield the titles in other languages than the paper's, each in its own."""
    for index, title in enumerate(paper.settings.titles):
        within = () if is_english(title.language) else ("foreign",)
        yield as_passage(title.title, paper.settings.place("titles", index, "title"), "record", *within)


def _passages(texts: Iterator[_Text] | list[_Text], *within: str) -> Iterator[Passage]:
    return (as_passage(text, place, *within) for text, place in texts if text)


def _settings_texts(paper: Paper) -> Iterator[_Text]:
    settings = paper.settings
    yield from _fields(settings, ("title", "subtitle", "edition", "version", "rights"))
    yield settings.site.summary, settings.place("site", "summary")
    yield from _entries(settings, "categories", settings.categories, ("title",))
    yield from _entries(settings, "statuses", settings.statuses, ("title",))
    yield from _entries(settings, "parts", settings.parts, ("title",))
    yield from _entries(settings, "annexes", settings.annexes, ("title",))


def _timeline_texts(paper: Paper) -> Iterator[_Text]:
    timeline = paper.timeline
    yield from _entries(timeline, "holidays", timeline.holidays, ("name",))
    yield from _entries(timeline, "gates", timeline.gates, ("title", "needs"))
    yield from _entries(timeline, "events", timeline.events, ("title",))


def _register_texts(paper: Paper) -> Iterator[_Text]:
    contributors = paper.contributors
    yield from _entries(contributors, "organizations", contributors.organizations, ("name",))
    yield from _entries(contributors, "people", contributors.people, ("name", "post"))
    yield from _entries(paper.decisions_file, "decisions", paper.decisions, ("meeting", "text"))
    yield from _entries(paper.facts_file, "facts", paper.facts_file.facts, ("value", "unit", "as_of"))
    yield from _entries(paper.acronyms_file, "acronyms", paper.acronyms, ("long",))
    yield from _entries(paper.terms_file, "terms", paper.terms, ("use",))


def _fields(record: Record, names: tuple[str, ...]) -> Iterator[_Text]:
    return ((getattr(record, name), record.place(name)) for name in names)


def _entries(record: Record, key: str, entries: tuple[Record, ...], names: tuple[str, ...]) -> Iterator[_Text]:
    for index, entry in enumerate(entries):
        yield from ((getattr(entry, name), record.place(key, index, name)) for name in names)
