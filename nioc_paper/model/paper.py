"""The paper as read, and the document made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

from nioc_paper.model.chapter import Asset, Chapter, Chart, Node
from nioc_paper.model.contributors import Contributors, Organization, Person
from nioc_paper.model.diagnostic import Place
from nioc_paper.model.registers import (
    Acronym,
    Acronyms,
    Approval,
    Approvals,
    Decision,
    Decisions,
    Fact,
    Facts,
    Reference,
    References,
    Term,
    Terms,
)
from nioc_paper.model.reviews import Comment, Reviews
from nioc_paper.model.revision import Revision
from nioc_paper.model.settings import Settings
from nioc_paper.model.timeline import Timeline

LISTS = (
    "action-plan",
    "monitoring",
    "gaps",
    "linkages",
    "linkage-map",
    "findings",
    "recommendations",
    "contributors",
    "acronyms",
    "decisions",
    "timeline",
    "data",
    "history",
)
"""The lists that are made from the registers and the chapters."""


@dataclass(frozen=True, slots=True)
class Template:
    """A Word file, vetted, whose look the paper's own takes over."""

    asset: Asset
    place: Place
    """Where paper.yaml names it."""
    styles: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """By the name of one of our styles that of the template's which stands for it, and where paper.yaml says so."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Stands for all that a chapter printed: with the text as it was written, and as it was read."""

    source: str
    printed: str


@dataclass(frozen=True)
class Paper:
    """Everything that was read. Chapters stand in the order of the paper; those in no part come last."""

    settings: Settings = Settings()
    timeline: Timeline = Timeline()
    contributors: Contributors = Contributors()
    references_file: References = References()
    decisions_file: Decisions = Decisions()
    facts_file: Facts = Facts()
    acronyms_file: Acronyms = Acronyms()
    terms_file: Terms = Terms()
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[tuple[int, int, str], ...] = ()
    """Chapters listed in paper.yaml that are not there: index of the part, index in it, path."""
    digest: str = ""
    """Stands for the texts of the settings and registers: another text, another digest."""
    reviews: tuple[Reviews, ...] = ()
    """What was sent out in Word and what came back, a record a chapter."""

    template: Template | None = None
    """The Word file whose look the paper's own takes over."""

    approvals_file: Approvals = Approvals()
    signed: Mapping[tuple[str, str], Seal | None] = field(default_factory=dict)
    """What chapters printed when they were signed off, by commit and chapter: None where the commit or the chapter is
    not there; what is not in it git could not tell."""

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Sign-offs of chapters."""
        return self.approvals_file.approvals

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions, offers and requests of the meetings."""
        return self.decisions_file.decisions

    @property
    def acronyms(self) -> tuple[Acronym, ...]:
        """Abbreviations with their expansions."""
        return self.acronyms_file.acronyms

    @property
    def terms(self) -> tuple[Term, ...]:
        """Preferred words."""
        return self.terms_file.terms

    @cached_property
    def people(self) -> Mapping[str, Person]:
        """People by id; of two with the same id the first."""
        return {p.id: p for p in reversed(self.contributors.people)}

    @cached_property
    def organizations(self) -> Mapping[str, Organization]:
        """Organizations by id."""
        return {o.id: o for o in reversed(self.contributors.organizations)}

    @cached_property
    def references(self) -> Mapping[str, Reference]:
        """Sources by key."""
        return {r.id: r for r in reversed(self.references_file.references)}

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Facts by id."""
        return {f.id: f for f in reversed(self.facts_file.facts)}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Paths of the chapters that paper.yaml lists, in order."""
        return tuple(path for part in self.settings.parts for path in part.chapters)

    def organization(self, name: str) -> Organization | None:
        """The organization with this id, acronym or name."""
        return next((o for o in self.contributors.organizations if name in (o.id, o.name, o.acronym)), None)

    def comments(self, chapter: str) -> Iterator[Comment]:
        """What reviewers said on a chapter."""
        return (comment for reviews in self.reviews if reviews.chapter == chapter for comment in reviews.comments)

    def name(self, who: str) -> str:
        """The printed name of a person or organization by id; the id itself when it is unknown.

        In a copy for readers who are not to know a name, it is the person's post and organization.
        """
        if who in self.people:
            return self.people[who].name or self.post(who)
        return self.organizations[who].name if who in self.organizations else who

    def post(self, who: str) -> str:
        """What a person is, and where: "Director, NPA"."""
        person = self.people[who]
        org = self.organizations.get(person.org or "")
        return ", ".join(part for part in (person.post, org and (org.acronym or org.name)) if part)


_EPOCH = 315532800
"""1980-01-01, the first day that a zip file knows: the date of outputs of a paper that is not in git."""


@dataclass(frozen=True, slots=True)
class Version:
    """A tagged state of the paper."""

    tag: str
    on: date
    subject: str


@dataclass(frozen=True)
class History:
    """What git knows. Without git, or in a shallow clone, dates are None: unknown, never guessed."""

    commit: str | None = None
    on: date | None = None
    timestamp: int | None = None
    """Seconds since the epoch of the commit: the date of every output."""
    dirty: bool = False
    versions: tuple[Version, ...] = ()
    changed: Mapping[str, date] = field(default_factory=dict)
    """Path to the day of its last commit."""

    def moment(self, given: int | None = None) -> int:
        """The date of every output, in seconds since the epoch: the one given, or the commit's."""
        return next((t for t in (given, self.timestamp) if t is not None), _EPOCH)


AUDIENCES = ("public", "limited", "restricted")
"""Who a copy is for, each with all that those before it may read: the sensitivities of chapters and passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """For whom a copy of the paper is made, and for what use."""

    audience: str = AUDIENCES[-1]
    """What is above it is taken out."""
    review: bool = False
    """To be commented on: a draft with numbers on its paragraphs."""
    final: bool = False
    """Nothing that a final paper needs was found missing. Every other copy is a draft."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in a list of contents, figures, tables or recommendations; `level` 0 is a part, 1 a chapter."""

    level: int
    number: str
    title: str
    id: str
    label: str = ""
    """How the text calls it: "Figure 3.2"."""
    language: str = ""
    """Of its title, as a tag; empty for the paper's."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody does in a chapter, as it is printed."""

    role: str
    name: str
    post: str
    """What the person is, and where."""


@dataclass(frozen=True)
class Document:
    """One tree with every number given and every reference filled; what a writer needs and nothing else."""

    id: str
    title: str
    subtitle: str
    edition: str
    publisher: str
    rights: str
    language: str
    date: date | None
    timestamp: int
    """Seconds since the epoch, for file dates: the same commit gives the same bytes."""
    version: str
    authors: tuple[str, ...]
    draft: bool
    blocks: tuple[Node, ...]
    contents: tuple[Entry, ...] = ()
    figures: tuple[Entry, ...] = ()
    tables: tuple[Entry, ...] = ()
    recommendations: tuple[Entry, ...] = ()
    credits: tuple[tuple[Entry, tuple[Credit, ...]], ...] = ()
    """Who works on which chapter; those on which nobody works are left out."""
    standing: Mapping[str, int] = field(default_factory=dict)
    """How many chapters have which status, by its printed name."""
    versions: tuple[Version, ...] = ()
    """The tagged states that led to this one, newest first."""
    references: tuple[Mapping[str, Any], ...] = ()
    """CSL items."""
    charts: Mapping[str, Chart] = field(default_factory=dict)
    """By the target of the image in the tree that stands for them."""
    assets: Mapping[str, Asset] = field(default_factory=dict)
    """By the target of the image in the tree."""
    fonts: Mapping[str, str] = field(default_factory=dict)
    """The hand in which a language is set that has several, by its tag."""
    form: Literal["paper", "brief", "list", "sheet", "letter"] = "paper"
    """A paper has cover, imprint and lists; a brief a title block; a sheet, one page, a title alone; a letter goes by
    mail."""
    copy: Copy = Copy()
    """For whom and for what use this copy is."""
    part_of: str = ""
    """The title of the paper that this was drawn from; empty for the paper itself."""
    keywords: tuple[str, ...] = ()
    """What it is about, for those who look for it."""
    template: Template | None = None
    """The Word file whose look ours takes over."""
    revision: Revision | None = None
    """Whose changes the tree shows; nothing when it shows none."""
    withheld: int = 0
    """Passages, chapters and decisions that were taken out, because the audience is not to read them."""

    @property
    def stem(self) -> str:
        """What its files are called, without what tells their format: copies do not overwrite each other."""
        audience = self.copy.audience if self.copy.audience != AUDIENCES[-1] else ""
        return "-".join(filter(None, (self.id, audience, "review" if self.copy.review else "")))

    @property
    def name(self) -> str:
        """The title by which a list of files knows it: with that of the paper that it was drawn from."""
        return " – ".join(filter(None, (self.title, self.part_of)))

    @property
    def series(self) -> str:
        """What stands over every page: the title of the paper."""
        return self.part_of or self.title
