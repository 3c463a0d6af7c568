"""The records that people write in YAML. One declaration gives types, all errors at once, and exact places.

Every scalar arrives as text (no YAML 1.1 surprises) and is converted here. Dates are ISO 8601; numbers of days are
working days; words are words of running text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from nioc_paper.model.diagnostic import Place, Severity

Loc = tuple[str | int, ...]


def _iso(value: Any) -> Any:
    """Pydantic alone would take a number for a moment in time."""
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("is no date")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"is no date: {error}") from None
    return value


Day = Annotated[date, BeforeValidator(_iso)]
"""A day, written YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was written: the file, the place of each key and item in it, and the record's own position."""

    path: str
    marks: Mapping[Loc, tuple[int, int]]
    prefix: Loc = ()


class Record(BaseModel):
    """A frozen record that rejects unknown keys and remembers where each of its values stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)
    required: ClassVar[tuple[str, ...]] = ()
    _source: Source = PrivateAttr(default=Source("", {}))

    def place(self, *loc: str | int) -> Place:
        """The place of a value by its keys and indices, or of the nearest thing that holds it."""
        key = (*self._source.prefix, *loc)
        while key and key not in self._source.marks:
            key = key[:-1]
        return Place(self._source.path, *self._source.marks.get(key, (1, 1)))


# --- contributors.yaml ------------------------------------------------------------------------------------------------


class Organization(Record):
    """A body that employs contributors or owns recommendations."""

    id: str
    name: str
    acronym: str | None = None
    kind: Literal["government", "international", "civil-society", "forum", "academic", "private", "media"] = (
        "government"
    )
    aka: tuple[str, ...] = ()
    """Other spellings seen; never to be used in the paper."""
    verify: bool = False
    note: str | None = None


class Permission(Record):
    """Whether an official may write: the leave of the head of the department."""

    state: Literal["not-needed", "pending", "granted", "refused"] = "not-needed"
    asked_of: str | None = Field(default=None, alias="from")
    asked: Day | None = None
    granted: Day | None = None
    ref: str | None = None


class Person(Record):
    """Someone who takes part. The only place where the name is spelled."""

    id: str
    name: str
    title: str | None = None
    aka: tuple[str, ...] = ()
    """Other spellings seen; never to be used in the paper."""
    org: str | None = None
    post: str | None = None
    kind: Literal["official", "advisory-board", "researcher", "journalist", "civil-society", "un", "staff"]
    expertise: tuple[str, ...] = ()
    permission: Permission = Permission()
    attribution: Literal["named", "role", "none"] = "role"
    """How the paper may quote this person."""
    orcid: str | None = None
    verify: bool = False
    """The spelling or the post is not yet confirmed."""
    note: str | None = None


class Contributors(Record):
    """The whole of contributors.yaml."""

    organizations: tuple[Organization, ...] = ()
    people: tuple[Person, ...] = ()


# --- paper/paper.yaml -------------------------------------------------------------------------------------------------


class Words(Record):
    """Length of a chapter in words."""

    target: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


class Category(Record):
    """One of the subjects that the paper divides its field into; each has exactly one chapter."""

    id: str
    title: str
    letters: str = Field(pattern=r"^[A-Z]{1,4}$")
    """Prefix of the numbers of the chapter's recommendations and gaps: TF-1."""
    headings: tuple[str, ...] = ()
    """Headings that this chapter needs besides the sections of its kind."""


class Kind(Record):
    """What is asked of a kind of chapter."""

    words: Words = Words()
    sections: tuple[str, ...] = ()
    """Required headings of level 2, in this order."""
    guide: dict[str, str] = {}
    """What belongs under a heading, in a sentence: `nioc new chapter` writes it there."""


class Status(Record):
    """A stage in a chapter's life."""

    id: str
    title: str
    owes: Literal["lead", "reviewers", "clearances", "editor", "nobody"] = "lead"
    """Who holds the ball while a chapter has this status."""
    strictness: int | None = Field(default=None, ge=0, le=4)
    """How much the checker asks, from 0 for an outline to 4 for a final text; by default its share of the way."""


class Part(Record):
    """A run of chapters under one heading."""

    title: str | None = None
    matter: Literal["front", "main", "back"] = "main"
    chapters: tuple[str, ...] = ()
    """Paths from the paper's root."""


class Annex(Record):
    """An annex made from the registers."""

    title: str
    list: str


class Settings(Record):
    """The whole of paper/paper.yaml: what this paper is."""

    required: ClassVar[tuple[str, ...]] = ("id", "title", "statuses", "parts")
    id: str = "paper"
    """Names the files in dist/."""
    title: str = ""
    subtitle: str | None = None
    edition: str | None = None
    publisher: str | None = None
    """Id of an organization."""
    editor: str | None = None
    """Id of the person who edits the paper."""
    language: str = "en-GB"
    timezone: str = "UTC"
    as_of: Day | None = None
    """The day up to which the paper's facts hold."""
    rights: str | None = None
    category_key: str = "category"
    """The key by which chapters name their category."""
    categories: tuple[Category, ...] = ()
    kinds: dict[str, Kind] = {}
    """By the value of the category key; `category` holds for every category."""
    statuses: tuple[Status, ...] = ()
    parts: tuple[Part, ...] = ()
    annexes: tuple[Annex, ...] = ()
    rules: dict[str, Literal["off", "info", "warning", "error"]] = {}
    """Severity of a rule for the whole paper, whatever the status."""

    def kind(self, category: str) -> Kind:
        """What is asked of a chapter with this category."""
        name = "category" if category in {c.id for c in self.categories} else category
        return self.kinds.get(name, Kind())

    def strictness(self, status: str) -> int:
        """How much the checker asks of a chapter with this status, 0 to 4."""
        rank, last = self.rank(status), max(len(self.statuses) - 1, 1)
        given = self.statuses[rank].strictness if self.statuses else None
        return 4 * rank // last if given is None else given

    def rank(self, status: str) -> int:
        """Position of a status in the life of a chapter, from 0; 0 for one that is not in the list."""
        return next((i for i, s in enumerate(self.statuses) if s.id == status), 0)


# --- paper/timeline.yaml ----------------------------------------------------------------------------------------------


Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class Period(Record):
    """A length in calendar months."""

    months: int = Field(ge=1)


class Holiday(Record):
    """A day on which nobody works."""

    on: Day
    name: str
    verify: bool = False


class Gate(Record):
    """A date by which every chapter must have left a status."""

    id: str
    title: str
    due: Day
    days: int = Field(default=0, ge=0)
    """Planned working days from this gate to the next."""
    leaves: str | None = None
    """The status that chapters must have left."""
    needs: str | None = None


class Event(Record):
    """Something that recurs: a newsletter, a meeting."""

    id: str
    title: str
    every: Literal["month"] | None = None
    on: Literal["last-working-day", "first-working-day"] = "last-working-day"
    since: Day | None = None
    until: Day | None = None
    dates: tuple[Day, ...] = ()
    verify: bool = False
    note: str | None = None


class Timeline(Record):
    """The whole of paper/timeline.yaml."""

    required: ClassVar[tuple[str, ...]] = ("start", "deadline")
    start: Day | None = None
    period: Period | None = None
    deadline: Day | None = None
    work_week: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri")
    holidays: tuple[Holiday, ...] = ()
    gates: tuple[Gate, ...] = ()
    events: tuple[Event, ...] = ()


# --- paper/registers/*.yaml, paper/references.yaml --------------------------------------------------------------------


class Decision(Record):
    """Something a meeting decided, somebody offered, or somebody asked to have in scope."""

    id: str
    meeting: str
    on: Day
    kind: Literal["decision", "offer", "scope"]
    text: str
    who: tuple[str, ...] = ()
    """Ids of people or organizations."""
    owner: str | None = None
    due: Day | None = None
    state: Literal["open", "done", "dropped"] = "open"
    link: str | None = None
    """Id of the chapter or recommendation that takes it up."""
    note: str | None = None
    verify: bool = False


class Conflict(Record):
    """Another value that a source gives for the same fact."""

    value: str
    source: str | None = None
    note: str | None = None


class Fact(Record):
    """A figure that the paper quotes, spelled once."""

    id: str
    value: str
    unit: str | None = None
    as_of: str | None = None
    source: str
    """Key of a reference."""
    note: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    verify: bool = False


class Acronym(Record):
    """An abbreviation with its one expansion."""

    short: str
    long: str
    plural: str | None = None
    exempt: bool = False
    """So well known that it needs no expansion."""


class Term(Record):
    """A word to prefer and the words to avoid for it."""

    use: str
    avoid: tuple[str, ...] = ()
    note: str | None = None
    scope: str | None = None


class Decisions(Record):
    """paper/registers/decisions.yaml."""

    decisions: tuple[Decision, ...] = ()


class Facts(Record):
    """paper/registers/facts.yaml."""

    facts: tuple[Fact, ...] = ()


class Acronyms(Record):
    """paper/registers/acronyms.yaml."""

    acronyms: tuple[Acronym, ...] = ()


class Terms(Record):
    """paper/registers/terms.yaml."""

    terms: tuple[Term, ...] = ()


class Reference(Record):
    """A source, in the terms of CSL (docs.citationstyles.org, 1.0.2), with what an editor knows of it.

    CSL's own variables that are not declared here are kept as they are in `model_extra`.
    """

    model_config = ConfigDict(extra="allow")
    ours: ClassVar[frozenset[str]] = frozenset({"verify", "primary", "post", "press"})
    id: str
    type: str
    title: str
    verify: bool = False
    """Nobody has checked this source yet."""
    primary: str | None = None
    """Key of the primary source that this one reports."""
    press: bool = False
    post: bool = False
    """Later than the paper's `as_of` on purpose."""

    def csl(self) -> dict[str, Any]:
        """The reference as CSL knows it, without our own marks."""
        return {k: v for k, v in self.model_dump(exclude_none=True).items() if k not in self.ours}


class References(Record):
    """paper/references.yaml."""

    references: tuple[Reference, ...] = ()


# --- front matter -----------------------------------------------------------------------------------------------------


class Contribution(Record):
    """What a person does in a chapter."""

    id: str
    role: Literal["lead", "author", "reviewer", "researcher", "editor", "champion"]


class Clearance(Record):
    """The leave of a department to print a chapter."""

    body: str
    contact: str | None = None
    state: Literal["needed", "requested", "granted", "refused"] = "needed"
    on: Day | None = None


class Linkage(Record):
    """How this chapter's subject touches another's."""

    to: str
    how: str | None = None


class Allowance(Record):
    """A rule silenced for a chapter, with a reason and an end."""

    rule: str
    reason: str
    until: Day


class FrontMatter(Record):
    """What stands above a chapter's text. Version, date, author names and numbers are never typed here."""

    required: ClassVar[tuple[str, ...]] = ("id", "title", "category", "status")
    id: str = ""
    title: str = ""
    category: str = ""
    """A category of paper.yaml, or `cross-cutting`, `front`, `back`."""
    status: str = ""
    contributors: tuple[Contribution, ...] = ()
    summary: str | None = Field(default=None, max_length=300)
    words: Words = Words()
    due: dict[str, Day] = {}
    """Own dates by status, instead of the gates'."""
    clearances: tuple[Clearance, ...] = ()
    sensitivity: Literal["public", "limited", "restricted"] = "public"
    links: tuple[Linkage, ...] = ()
    blocked: str | None = None
    """What the chapter waits for."""
    allow: tuple[Allowance, ...] = ()


SEVERITIES: Mapping[str, Severity | None] = {
    "off": None,
    "info": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}
