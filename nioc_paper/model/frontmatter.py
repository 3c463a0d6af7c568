"""Front matter of a chapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from nioc_paper.model.record import EMPTY_MAPPING, Day, Limits, Record
from nioc_paper.model.settings import LANGUAGE_FORM, LANGUAGE_PATTERN, Words


class Contribution(Record):
    """What a person does in a chapter."""

    id: str
    """Id of a person in contributors.yaml."""
    role: Literal["lead", "author", "reviewer", "researcher", "editor", "champion"]
    """What the person does. Each chapter has one lead."""
    proposed: bool = False
    """Asked or named, but not yet agreed: printed as proposed, and neither lead nor credited."""


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
    evidence: Literal["strong", "weak", "claimed"] | None = None
    """How well the sources carry it: counted figures or cases, a single case or assessment, or a claim alone."""


class Allowance(Record):
    """A rule silenced for a chapter, with a reason and an end."""

    rule: str
    """The rule that is silenced."""
    reason: str
    """Why."""
    until: Day
    """The last day on which it is silenced."""


class KeyFigure(Record):
    """The figure by which readers know a chapter."""

    fact: str
    """Id of a fact, such as bridges; one with `verify` is not shown."""
    text: Annotated[str, Limits(longest=160)] | None = None
    """What the figure counts, in a line. By default the first finding with the fact says it."""


class FrontMatter(Record):
    """Front matter of a chapter. Version, date, author names and numbers are never typed here."""

    required_keys: ClassVar[tuple[str, ...]] = ("id", "title", "category", "status")
    id: str = ""
    """The chapter's name for the toolchain: lower-case words joined by dashes. It never changes."""
    title: str = ""
    """The title as printed."""
    category: str = ""
    """A category of paper.yaml, or `cross-cutting`, `front`, `back`."""
    status: str = ""
    """How far the chapter is."""
    language: Annotated[str, Limits(pattern=LANGUAGE_PATTERN, form=LANGUAGE_FORM)] | None = None
    """The language of the text as a tag, where it is not the paper's: ur."""
    contributors: tuple[Contribution, ...] = ()
    """Who takes part, and as what."""
    summary: Annotated[str, Limits(longest=300)] | None = None
    """What the chapter says, in one sentence of at most 300 characters. It is printed under the title."""
    key_figure: KeyFigure | None = None
    """The chapter's number in the summary for decision makers and in its brief. By default the first fact of its
    findings."""
    words: Words = Words()
    """The chapter's own length, where it differs from that of its kind."""
    due: Mapping[str, Day] = EMPTY_MAPPING
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
