"""What a text can name: each kind of name is a function from a paper to its names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.check import explanations
from nioc_paper.load import RULES
from nioc_paper.model import LISTS, TARGETS, Chapter, Node, Organization, Paper, Person, Place, Reference


@dataclass(frozen=True, slots=True)
class Name:
    """Something that can be named: what is typed for it, a line on it, all about it, where it is written."""

    id: str
    title: str
    about: str
    place: Place | None = None


_CAPTIONED = ("Div", "Figure", "Table")
Kind = Callable[[Paper], Iterator[Name]]


def _name(id: str, title: str, place: Place | None, *more: str) -> Name:
    return Name(id, " ".join(title.split()), "\n".join(line for line in (title, *more) if line), place)


# --- people and organizations -----------------------------------------------------------------------------------------


def people(paper: Paper) -> Iterator[Name]:
    """Everybody in contributors.yaml."""
    for index, person in enumerate(paper.contributors.people):
        place = paper.contributors.place("people", index, "id")
        title = " ".join(part for part in (person.title, person.name) if part)
        yield _name(person.id, title, place, _post(paper, person), _leave(person))


def _post(paper: Paper, person: Person) -> str:
    return ", ".join(part for part in (person.post, paper.name(person.org) if person.org else "") if part)


def _leave(person: Person) -> str:
    state = person.permission.state
    doubt = "spelling or post not confirmed" if person.verify else ""
    return "; ".join(part for part in ("" if state == "not-needed" else f"permission {state}", doubt) if part)


def organizations(paper: Paper) -> Iterator[Name]:
    """Every organization by its id."""
    for index, body in enumerate(paper.contributors.organizations):
        yield _body(paper, index, body, body.id)


def bodies(paper: Paper) -> Iterator[Name]:
    """Every organization by what recommendations call it: abbreviation or name."""
    for index, body in enumerate(paper.contributors.organizations):
        for name in dict.fromkeys((body.acronym or body.name, body.name)):
            yield _body(paper, index, body, name)


def _body(paper: Paper, index: int, body: Organization, name: str) -> Name:
    acronym = f" ({body.acronym})" if body.acronym else ""
    doubt = "name not confirmed" if body.verify else ""
    place = paper.contributors.place("organizations", index, "id")
    return _name(name, f"{body.name}{acronym}", place, body.kind.replace("-", " "), doubt)


def everybody(paper: Paper) -> Iterator[Name]:
    """People and organizations."""
    yield from people(paper)
    yield from organizations(paper)


# --- sources and facts ------------------------------------------------------------------------------------------------


def sources(paper: Paper) -> Iterator[Name]:
    """Every source by its key."""
    for index, source in enumerate(paper.references_file.references):
        place = paper.references_file.place("references", index, "id")
        doubt = "nobody has checked it" if source.verify else ""
        url = str(source.extra.get("URL", ""))
        yield _name(source.id, source.title, place, _origin(source), doubt, url)


def _origin(source: Reference) -> str:
    """Author, year and type, as far as they are known."""
    extra = source.extra
    authors = extra.get("author")
    names = [a.get("literal") or a.get("family") for a in authors if isinstance(a, dict)] if authors else []
    year = re.search(r"\d{4}", str(extra.get("issued", "")))
    return ", ".join([*(str(n) for n in names if n), *([year[0]] if year else []), source.type.replace("-", " ")])


def facts(paper: Paper) -> Iterator[Name]:
    """Every fact by what refers to it."""
    for index, fact in enumerate(paper.facts_file.facts):
        place = paper.facts_file.place("facts", index, "id")
        when = f" ({fact.as_of})" if fact.as_of else ""
        value = f"{fact.value} {fact.unit or ''}".strip()
        source = paper.references.get(fact.source)
        others = [f"elsewhere: {c.value}{f' [{c.source}]' if c.source else ''}" for c in fact.conflicts]
        doubt = "the figure itself has not been seen" if fact.verify else ""
        told = f"{source.title} [{fact.source}]" if source else f"[{fact.source}]"
        yield _name(f"fact-{fact.id}", f"{value}{when}", place, told, *others, doubt, fact.note or "")


# --- chapters and what is in them -------------------------------------------------------------------------------------


def chapters(paper: Paper) -> Iterator[Name]:
    """Every chapter by its id."""
    for chapter in paper.chapters:
        yield _name(chapter.id, chapter.front.title, _top(chapter), chapter.front.status, chapter.front.summary or "")


def paths(paper: Paper) -> Iterator[Name]:
    """Every chapter by its file."""
    for chapter in paper.chapters:
        yield _name(chapter.path, chapter.front.title, Place(chapter.path))


def _top(chapter: Chapter) -> Place:
    return chapter.front.place("id") if chapter.front.place("id").path else Place(chapter.path)


def anchors(paper: Paper) -> Iterator[Name]:
    """Everything in the chapters that has an id, and the chapters themselves."""
    for chapter in paper.chapters:
        items = {item.id: item for item in chapter.items}
        texts = _captions(chapter) | {h.id: h.title for h in chapter.headings} | {i.id: i.text for i in chapter.items}
        for anchor in chapter.anchors:
            fields = items[anchor.id].fields.items() if anchor.id in items else ()
            told = [f"{name.capitalize()}: {field.value}" for name, field in fields]
            yield _name(anchor.id, texts.get(anchor.id, ""), anchor.place, *told)
        yield _name(f"sec-{chapter.id}", chapter.front.title, _top(chapter), chapter.front.summary or "")


def _captions(chapter: Chapter) -> dict[str, str]:
    """What is below figures and tables, by their ids. The tree is opened for nothing else."""
    wanted = {a.id for a in chapter.anchors if a.kind in ("fig", "tbl")}
    nodes = [n for n in tree.walk(chapter.blocks) if n["t"] in _CAPTIONED] if wanted else []
    return {tree.identifier(n): tree.plain(_caption(n)) for n in nodes if tree.identifier(n) in wanted}


def _caption(node: Node) -> Any:
    return node["c"][1][-1:] if node["t"] == "Div" else node["c"][1]


def gaps(paper: Paper) -> Iterator[Name]:
    """Every gap."""
    return (name for name in anchors(paper) if name.id.startswith("gap-"))


def links(paper: Paper) -> Iterator[Name]:
    """What can take a decision up: a chapter or a recommendation."""
    yield from chapters(paper)
    yield from (name for name in anchors(paper) if name.id.startswith("rec-"))


def targets(paper: Paper) -> Iterator[Name]:
    """Whatever `@…` can lead to."""
    yield from sources(paper)
    yield from facts(paper)
    yield from (name for name in anchors(paper) if name.id.partition("-")[0] in TARGETS)


# --- words of the paper -----------------------------------------------------------------------------------------------


def statuses(paper: Paper) -> Iterator[Name]:
    """The stages of a chapter."""
    for index, status in enumerate(paper.settings.statuses):
        yield _name(status.id, status.title, paper.settings.place("statuses", index, "id"), f"owed by: {status.owes}")


def categories(paper: Paper) -> Iterator[Name]:
    """The paper's categories, and the other kinds of chapters."""
    settings = paper.settings
    for index, category in enumerate(settings.categories):
        yield _name(category.id, category.title, settings.place("categories", index, "id"))
    for kind in settings.kinds:
        if kind != "category":
            yield _name(kind, "a kind of chapter", settings.place("kinds", kind))


def lists(paper: Paper) -> Iterator[Name]:  # noqa: ARG001 - one shape
    """The lists that are made."""
    return (_name(name, "a list that is made from the paper", None) for name in LISTS)


def rules(paper: Paper) -> Iterator[Name]:  # noqa: ARG001 - one shape
    """What can be allowed."""
    for rule, text in {**RULES, **explanations()}.items():
        yield Name(rule, text.split("\n")[0], text)
