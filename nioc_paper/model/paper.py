"""A paper as read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field

from nioc_paper.model.chapter import Chapter, Item
from nioc_paper.model.characters import comparable
from nioc_paper.model.consultations import Consultations
from nioc_paper.model.contributors import Contributors, Organization, Person
from nioc_paper.model.diagnostic import Diagnostic
from nioc_paper.model.record import Record
from nioc_paper.model.references import Reference, References, SourceCopy
from nioc_paper.model.registers import (
    Acronym,
    Acronyms,
    Approval,
    Approvals,
    Decision,
    Decisions,
    Fact,
    Facts,
    Term,
    Terms,
)
from nioc_paper.model.related_values import DeclaredValue, walk_declared
from nioc_paper.model.reviews import Comment, Reviews
from nioc_paper.model.settings import CitationStyle, Settings, Words
from nioc_paper.model.templates import WordTemplateFile
from nioc_paper.model.timeline import Timeline

LIST_NAMES = (
    "action-plan",
    "monitoring",
    "owners",
    "bodies",
    "gaps",
    "linkages",
    "linkage-map",
    "objectives",
    "risks",
    "findings",
    "recommendations",
    "contributors",
    "acronyms",
    "glossary",
    "decisions",
    "timeline",
    "data",
    "history",
)
"""Lists made from the registers and the chapters."""


class ContentHash(Struct, frozen=True):
    """Hashes of a chapter's source and of its parsed content."""

    source: str
    parsed: str


class Paper(Struct, frozen=True, dict=True):
    """Everything that was read. Chapters are in the order of the paper; those in no part come last."""

    settings: Settings = field(default_factory=Settings)
    timeline: Timeline = field(default_factory=Timeline)
    contributors: Contributors = field(default_factory=Contributors)
    references_file: References = field(default_factory=References)
    decisions_file: Decisions = field(default_factory=Decisions)
    facts_file: Facts = field(default_factory=Facts)
    acronyms_file: Acronyms = field(default_factory=Acronyms)
    terms_file: Terms = field(default_factory=Terms)
    chapters: tuple[Chapter, ...] = ()
    source_faults: tuple[Diagnostic, ...] = ()
    """Faults of entries in the bibliography files, each with the key of its source as `lost`."""
    source_copies: Mapping[str, SourceCopy] = field(default_factory=dict)
    """Kept copies of sources by path."""
    missing: tuple[tuple[int, int, str], ...] = ()
    """Chapters listed in paper.yaml that do not exist: index of the part, index in it, path."""
    registers_hash: str = ""
    """Hash of the settings and registers."""
    reviews: tuple[Reviews, ...] = ()
    """Review ledgers, a record per chapter."""

    template: WordTemplateFile | None = None
    """Word file whose design replaces ours."""
    style: CitationStyle = CitationStyle()
    """Style of citations."""

    consultations_file: Consultations = field(default_factory=Consultations)
    reachable: frozenset[str] | None = None
    """Ids of people and organizations with an address; None without contacts.yaml, of which nothing else is kept."""
    approvals_file: Approvals = field(default_factory=Approvals)
    approved_hashes: Mapping[tuple[str, str], ContentHash | None] = field(default_factory=dict)
    """Hashes of approved chapters by commit and chapter: None if the commit or the chapter does not exist. Missing if
    git could not tell."""

    inputs: frozenset[str] = frozenset()
    """Paths from the root that were read or looked for, also of files that do not exist. Not those of templates/."""

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Approvals of chapters."""
        return self.approvals_file.approvals

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions, offers and requests of the meetings."""
        return self.decisions_file.decisions

    @property
    def acronyms(self) -> tuple[Acronym, ...]:
        """Acronyms with their expansions."""
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

    @property
    def registers(self) -> tuple[Record, ...]:
        """Settings, timeline and registers."""
        values = (getattr(self, name) for name in self.__struct_fields__)
        return tuple(value for value in values if isinstance(value, Record))

    @cached_property
    def declared_values(self) -> tuple[DeclaredValue, ...]:
        """Values of all records whose declarations relate them to others."""
        records = (*self.registers, *self.reviews, *(chapter.front for chapter in self.chapters))
        return tuple(value for record in records for value in walk_declared(record))

    def organization(self, name: str) -> Organization | None:
        """Return the organization with this id, acronym or name; otherwise with this other spelling."""
        return self._organizations_by_name.get(comparable(name))

    @cached_property
    def _organizations_by_name(self) -> Mapping[str, Organization]:
        """Organizations by their names in comparable characters; of two with one name the first."""
        organizations = self.contributors.organizations[::-1]
        other_spellings = {comparable(name): o for o in organizations for name in reversed(o.aka)}
        names = ((name, o) for o in organizations for name in (o.id, o.name, o.acronym) if name)
        return other_spellings | {comparable(name): o for name, o in names}

    def bodies(self, item: Item, name: str) -> list[tuple[str, Organization | None]]:
        """Return the names in a field of an item, with their organizations; a name may hold commas."""
        text = item.field_text(name)
        names = (text,) if self.organization(text) else item.field_parts(name)
        return [(part, self.organization(part)) for part in names]

    def items_of_kind(self, kind: str) -> Iterator[Item]:
        """Yield the items of a kind of all chapters."""
        for chapter in self.chapters:
            yield from chapter.items_of_kind(kind)

    def required_words(self, chapter: Chapter) -> Words:
        """Return the length asked of a chapter: its own, or that of its kind."""
        own_words, kind = chapter.front.words, self.settings.chapter_kind(chapter.front.category).words
        return Words(
            target=kind.target if own_words.target is None else own_words.target,
            max=kind.max if own_words.max is None else own_words.max,
        )

    def named_reviewer(self, who: str, *, is_internal: bool) -> str:
        """Return the name of a reviewer; only colleagues get one that is in no register, others an empty text."""
        is_known = is_internal or who in self.people or who in self.organizations
        return self.display_name(who) if is_known else ""

    def comments(self, chapter: str) -> Iterator[Comment]:
        """Return the reviewers' comments on a chapter."""
        return (comment for reviews in self.reviews if reviews.chapter == chapter for comment in reviews.comments)

    def display_name(self, who: str) -> str:
        """Return the printed name of a person or organization by id; the id itself if it is unknown.

        In an output whose readers may not know the name, it is the person's post and organization.
        """
        if who in self.people:
            return self.people[who].name or self.display_post(who)
        return self.organizations[who].name if who in self.organizations else who

    def display_post(self, who: str) -> str:
        """Return a person's post and organization: "Director, NPA"."""
        person = self.people[who]
        org = self.organizations.get(person.org or "")
        return ", ".join(part for part in (person.post, org and org.short_name) if part)
