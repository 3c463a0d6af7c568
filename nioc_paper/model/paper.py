"""The paper as read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nioc_paper.model.chapter import Chapter
from nioc_paper.model.contributors import Contributors, Organization, Person
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
from nioc_paper.model.settings import Settings
from nioc_paper.model.timeline import Timeline
from nioc_paper.model.word_template import WordTemplateFile

LIST_NAMES = (
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
class ContentHash:
    """Stands for all that a chapter printed: with the text as it was written, and as it was read."""

    source: str
    parsed: str


@dataclass(frozen=True)
class Paper:
    """Everything that was read. Chapters stand in the order of the paper; those in no part come last."""

    settings: Settings = field(default_factory=Settings)
    timeline: Timeline = field(default_factory=Timeline)
    contributors: Contributors = field(default_factory=Contributors)
    references_file: References = field(default_factory=References)
    decisions_file: Decisions = field(default_factory=Decisions)
    facts_file: Facts = field(default_factory=Facts)
    acronyms_file: Acronyms = field(default_factory=Acronyms)
    terms_file: Terms = field(default_factory=Terms)
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[tuple[int, int, str], ...] = ()
    """Chapters listed in paper.yaml that are not there: index of the part, index in it, path."""
    registers_hash: str = ""
    """Stands for the texts of the settings and registers: another text, another digest."""
    reviews: tuple[Reviews, ...] = ()
    """What was sent out in Word and what came back, a record a chapter."""

    template: WordTemplateFile | None = None
    """The Word file whose look the paper's own takes over."""

    approvals_file: Approvals = field(default_factory=Approvals)
    approved_hashes: Mapping[tuple[str, str], ContentHash | None] = field(default_factory=dict)
    """What chapters printed when they were signed off, by commit and chapter: None where the commit or the chapter is
    not there; what is not in it git could not tell."""

    inputs: frozenset[str] = frozenset()
    """Paths from the root that were read or looked for, also of files that do not exist. Not those of templates/."""

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
    def listed_paths(self) -> tuple[str, ...]:
        """Paths of the chapters that paper.yaml lists, in order."""
        return tuple(path for part in self.settings.parts for path in part.chapters)

    def organization(self, name: str) -> Organization | None:
        """The organization with this id, acronym or name."""
        return next((o for o in self.contributors.organizations if name in (o.id, o.name, o.acronym)), None)

    def comments(self, chapter: str) -> Iterator[Comment]:
        """What reviewers said on a chapter."""
        return (comment for reviews in self.reviews if reviews.chapter == chapter for comment in reviews.comments)

    def display_name(self, who: str) -> str:
        """The printed name of a person or organization by id; the id itself when it is unknown.

        In a copy for readers who are not to know a name, it is the person's post and organization.
        """
        if who in self.people:
            return self.people[who].name or self.display_post(who)
        return self.organizations[who].name if who in self.organizations else who

    def display_post(self, who: str) -> str:
        """What a person is, and where: "Director, NPA"."""
        person = self.people[who]
        org = self.organizations.get(person.org or "")
        return ", ".join(part for part in (person.post, org and (org.acronym or org.name)) if part)
