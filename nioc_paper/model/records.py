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
    """The name that chapters and registers use for it: lower-case words joined by dashes."""
    name: str
    """The full name, as printed."""
    acronym: str | None = None
    """The abbreviation by which recommendations may name it."""
    kind: Literal["government", "international", "civil-society", "forum", "academic", "private", "media"] = (
        "government"
    )
    aka: tuple[str, ...] = ()
    """Other spellings seen; never to be used in the paper."""
    verify: bool = False
    """The name is not yet confirmed by the body itself."""
    note: str | None = None
    """For colleagues; never printed."""


class Permission(Record):
    """Whether an official may write: the leave of the head of the department."""

    state: Literal["not-needed", "pending", "granted", "refused"] = "not-needed"
    asked_of: str | None = Field(default=None, alias="from")
    """Who may grant it."""
    asked: Day | None = None
    """The day on which it was asked for."""
    granted: Day | None = None
    """The day on which it was granted."""
    ref: str | None = None
    """Number or date of the letter."""


class Person(Record):
    """Someone who takes part. The only place where the name is spelled."""

    id: str
    """The name that chapters and registers use for this person: lower-case words joined by dashes."""
    name: str
    """The name as printed, without a title."""
    title: str | None = None
    """What is printed before the name: Dr."""
    aka: tuple[str, ...] = ()
    """Other spellings seen; never to be used in the paper."""
    org: str | None = None
    """Id of an organization."""
    post: str | None = None
    """What the person is there."""
    kind: Literal["official", "advisory-board", "researcher", "journalist", "civil-society", "un", "staff"]
    """In what capacity the person takes part."""
    expertise: tuple[str, ...] = ()
    """Subjects that the person knows."""
    permission: Permission = Permission()
    """Whether an official may write."""
    attribution: Literal["named", "role", "none"] = "role"
    """How the paper may quote this person."""
    orcid: str | None = None
    """The person's ORCID iD: 0000-0002-1825-0097."""
    verify: bool = False
    """The spelling or the post is not yet confirmed."""
    note: str | None = None
    """For colleagues; never printed."""


class Contributors(Record):
    """The whole of contributors.yaml."""

    organizations: tuple[Organization, ...] = ()
    """Bodies that employ contributors or own recommendations."""
    people: tuple[Person, ...] = ()
    """Everybody who takes part."""


# --- paper/paper.yaml -------------------------------------------------------------------------------------------------


class Words(Record):
    """Length of a chapter in words."""

    target: int | None = Field(default=None, ge=0)
    """Words to aim at."""
    max: int | None = Field(default=None, ge=0)
    """Words that the chapter may have at most."""


class Category(Record):
    """One of the subjects that the paper divides its field into; each has exactly one chapter."""

    id: str
    """The name that chapters use for it."""
    title: str
    """The name as printed."""
    letters: str = Field(pattern=r"^[A-Z]{1,4}$")
    """Prefix of the numbers of the chapter's recommendations and gaps: TF-1."""
    headings: tuple[str, ...] = ()
    """Headings that this chapter needs besides the sections of its kind."""


class Kind(Record):
    """What is asked of a kind of chapter."""

    words: Words = Words()
    """How long such a chapter is, unless it says so itself."""
    sections: tuple[str, ...] = ()
    """Required headings of level 2, in this order."""
    guide: dict[str, str] = {}
    """What belongs under a heading, in a sentence: `nioc new chapter` writes it there."""


class Status(Record):
    """A stage in a chapter's life."""

    id: str
    """The name that chapters use for it."""
    title: str
    """The name as printed."""
    owes: Literal["lead", "reviewers", "clearances", "editor", "nobody"] = "lead"
    """Who holds the ball while a chapter has this status."""
    strictness: int | None = Field(default=None, ge=0, le=4)
    """How much the checker asks, from 0 for an outline to 4 for a final text; by default its share of the way."""


class Part(Record):
    """A run of chapters under one heading."""

    title: str | None = None
    """The heading; without one the part has no page of its own."""
    matter: Literal["front", "main", "back"] = "main"
    """Whether chapters are numbered: those of main matter are."""
    chapters: tuple[str, ...] = ()
    """Paths from the paper's root."""


class Annex(Record):
    """An annex made from the registers."""

    title: str
    """The heading of the annex."""
    list: str
    """Which list it holds."""


class Settings(Record):
    """The whole of paper/paper.yaml: what this paper is."""

    required: ClassVar[tuple[str, ...]] = ("id", "title", "statuses", "parts")
    id: str = "paper"
    """Names the files in dist/."""
    title: str = ""
    """The title on the cover."""
    subtitle: str | None = None
    """The line under the title."""
    edition: str | None = None
    """Which edition this is, in words: Working draft."""
    publisher: str | None = None
    """Id of an organization."""
    editor: str | None = None
    """Id of the person who edits the paper."""
    language: str = "en-GB"
    """The language of the paper as a tag: en-GB-oxendict."""
    timezone: str = "UTC"
    """Where the paper is due: Asia/Karachi. A day begins there."""
    as_of: Day | None = None
    """The day up to which the paper's facts hold."""
    rights: str | None = None
    """Who holds the rights in the text, in a sentence."""
    category_key: str = "category"
    """The key by which chapters name their category."""
    categories: tuple[Category, ...] = ()
    """The subjects that the paper divides its field into."""
    kinds: dict[str, Kind] = {}
    """By the value of the category key; `category` holds for every category."""
    statuses: tuple[Status, ...] = ()
    """The stages in a chapter's life, in order."""
    parts: tuple[Part, ...] = ()
    """The chapters in the order of the paper."""
    annexes: tuple[Annex, ...] = ()
    """Lists that stand at the end."""
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
    """Calendar months."""


class Holiday(Record):
    """A day on which nobody works."""

    on: Day
    """The day."""
    name: str
    """What is celebrated."""
    verify: bool = False
    """The day is not yet confirmed."""


class Gate(Record):
    """A date by which every chapter must have left a status."""

    id: str
    """The gate's name."""
    title: str
    """What has happened by then, in words."""
    due: Day
    """The day."""
    days: int = Field(default=0, ge=0)
    """Planned working days from this gate to the next."""
    leaves: str | None = None
    """The status that chapters must have left."""
    needs: str | None = None
    """What else must be there, in words."""


class Event(Record):
    """Something that recurs: a newsletter, a meeting."""

    id: str
    """The event's name."""
    title: str
    """What it is, in words."""
    every: Literal["month"] | None = None
    """How often it recurs."""
    on: Literal["last-working-day", "first-working-day"] = "last-working-day"
    """Which day of the month."""
    since: Day | None = None
    """The first day on which it can be."""
    until: Day | None = None
    """The last day on which it can be."""
    dates: tuple[Day, ...] = ()
    """Single days, where it does not recur evenly."""
    verify: bool = False
    """The days are not yet confirmed."""
    note: str | None = None
    """For colleagues; never printed."""


class Timeline(Record):
    """The whole of paper/timeline.yaml."""

    required: ClassVar[tuple[str, ...]] = ("start", "deadline")
    start: Day | None = None
    """The day on which work began."""
    period: Period | None = None
    """How long the work was to take, to check the deadline by."""
    deadline: Day | None = None
    """The day on which the paper is due."""
    work_week: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri")
    """The days of the week on which people work."""
    holidays: tuple[Holiday, ...] = ()
    """Days on which nobody works."""
    gates: tuple[Gate, ...] = ()
    """Dates by which chapters must have come so far, in order."""
    events: tuple[Event, ...] = ()
    """Newsletters and meetings."""


# --- paper/registers/*.yaml, paper/references.yaml --------------------------------------------------------------------


class Decision(Record):
    """Something a meeting decided, somebody offered, or somebody asked to have in scope."""

    id: str
    """The entry's name."""
    meeting: str
    """Where it was said."""
    on: Day
    """The day on which it was said."""
    kind: Literal["decision", "offer", "scope"]
    """Decided, offered, or asked to have in scope."""
    text: str
    """What was said."""
    who: tuple[str, ...] = ()
    """Ids of people or organizations."""
    owner: str | None = None
    """Id of the person or organization that owes it."""
    due: Day | None = None
    """The day by which it is owed."""
    state: Literal["open", "done", "dropped"] = "open"
    """Whether it is still owed."""
    link: str | None = None
    """Id of the chapter or recommendation that takes it up."""
    note: str | None = None
    """For colleagues; never printed."""
    verify: bool = False
    """The wording is not yet confirmed."""


class Conflict(Record):
    """Another value that a source gives for the same fact."""

    value: str
    """The other value."""
    source: str | None = None
    """Key of a reference."""
    note: str | None = None
    """Who says so, or why."""


class Fact(Record):
    """A figure that the paper quotes, spelled once."""

    id: str
    """The name that chapters use for it, behind `@fact-`."""
    value: str
    """The figure as printed."""
    unit: str | None = None
    """What is counted or measured, as printed behind the value."""
    as_of: str | None = None
    """The year or day for which the figure holds."""
    source: str
    """Key of a reference."""
    note: str | None = None
    """For colleagues; never printed."""
    conflicts: tuple[Conflict, ...] = ()
    """Other values that sources give for the same fact."""
    verify: bool = False
    """The figure itself has not been seen."""


class Acronym(Record):
    """An abbreviation with its one expansion."""

    short: str
    """The abbreviation."""
    long: str
    """What it stands for."""
    plural: str | None = None
    """The abbreviation in the plural, where it is not made with s."""
    exempt: bool = False
    """So well known that it needs no expansion."""


class Term(Record):
    """A word to prefer and the words to avoid for it."""

    use: str
    """The word to write."""
    avoid: tuple[str, ...] = ()
    """Words that are not written for it."""
    note: str | None = None
    """Why."""
    scope: str | None = None
    """Where the rule holds."""


class Decisions(Record):
    """paper/registers/decisions.yaml."""

    decisions: tuple[Decision, ...] = ()
    """In the order in which they were made."""


class Facts(Record):
    """paper/registers/facts.yaml."""

    facts: tuple[Fact, ...] = ()
    """Every figure that chapters quote."""


class Acronyms(Record):
    """paper/registers/acronyms.yaml."""

    acronyms: tuple[Acronym, ...] = ()
    """Abbreviations of the paper."""


class Terms(Record):
    """paper/registers/terms.yaml."""

    terms: tuple[Term, ...] = ()
    """Words to prefer."""


class Reference(Record):
    """A source, in the terms of CSL (docs.citationstyles.org, 1.0.2), with what an editor knows of it.

    CSL's own variables that are not declared here are kept as they are in `model_extra`.
    """

    model_config = ConfigDict(extra="allow")
    ours: ClassVar[frozenset[str]] = frozenset({"verify", "primary", "post", "press"})
    id: str
    """The key by which chapters cite it, behind `@`."""
    type: str
    """A type of CSL: report, webpage, book, article-journal, article-newspaper, legislation, document."""
    title: str
    """The title as printed."""
    verify: bool = False
    """Nobody has checked this source yet."""
    primary: str | None = None
    """Key of the primary source that this one reports."""
    press: bool = False
    """A press report."""
    post: bool = False
    """Later than the paper's `as_of` on purpose."""

    def csl(self) -> dict[str, Any]:
        """The reference as CSL knows it, without our own marks."""
        return {k: v for k, v in self.model_dump(exclude_none=True).items() if k not in self.ours}


class References(Record):
    """paper/references.yaml."""

    references: tuple[Reference, ...] = ()
    """Every source that the paper cites."""


# --- front matter -----------------------------------------------------------------------------------------------------


class Contribution(Record):
    """What a person does in a chapter."""

    id: str
    """Id of a person in contributors.yaml."""
    role: Literal["lead", "author", "reviewer", "researcher", "editor", "champion"]
    """What the person does. Each chapter has one lead."""


class Clearance(Record):
    """The leave of a department to print a chapter."""

    body: str
    """The organization that must agree: id, abbreviation or name."""
    contact: str | None = None
    """Id of the person to ask there."""
    state: Literal["needed", "requested", "granted", "refused"] = "needed"
    """How far the clearance is."""
    on: Day | None = None
    """The day on which it got there."""


class Linkage(Record):
    """How this chapter's subject touches another's."""

    to: str
    """Id of the other chapter."""
    how: str | None = None
    """In what way, in a few words."""


class Allowance(Record):
    """A rule silenced for a chapter, with a reason and an end."""

    rule: str
    """The rule that is silenced."""
    reason: str
    """Why."""
    until: Day
    """The last day on which it is silenced."""


class FrontMatter(Record):
    """What stands above a chapter's text. Version, date, author names and numbers are never typed here."""

    required: ClassVar[tuple[str, ...]] = ("id", "title", "category", "status")
    id: str = ""
    """The chapter's name for the toolchain: lower-case words joined by dashes. It never changes."""
    title: str = ""
    """The title as printed."""
    category: str = ""
    """A category of paper.yaml, or `cross-cutting`, `front`, `back`."""
    status: str = ""
    """How far the chapter is."""
    contributors: tuple[Contribution, ...] = ()
    """Who takes part, and as what."""
    summary: str | None = Field(default=None, max_length=300)
    """What the chapter says, in one sentence of at most 300 characters. It is printed under the title."""
    words: Words = Words()
    """The chapter's own length, where it differs from that of its kind."""
    due: dict[str, Day] = {}
    """Own dates by status, instead of the gates'."""
    clearances: tuple[Clearance, ...] = ()
    """Departments that must agree before the chapter is printed."""
    sensitivity: Literal["public", "limited", "restricted"] = "public"
    """Who may read the chapter."""
    links: tuple[Linkage, ...] = ()
    """Chapters whose subject touches this one."""
    blocked: str | None = None
    """What the chapter waits for."""
    allow: tuple[Allowance, ...] = ()
    """Rules that do not hold for this chapter for a while."""


SEVERITIES: Mapping[str, Severity | None] = {
    "off": None,
    "info": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}
