"""Front matter of a chapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from nioc_paper.model.record import EMPTY_MAPPING, Day, Limits, Printed, Record
from nioc_paper.model.settings import LANGUAGE_LIMITS, Words

_StatusName = Annotated[str, Limits(refers_to="status")]
_SUMMARY = Limits(longest=300, unique_in="summaries", duplicate_kind="value", printed=True)
_IN_ORDER = Limits(not_before="statuses", order_kind="due", planned_as="date for")


class Contribution(Record):
    """Part of a person in a chapter."""

    id: Annotated[str, Limits(refers_to="person", unique_in="list", equal_as="role", duplicate_kind="role")]
    """Id of a person in contributors.yaml."""
    role: Literal["lead", "author", "reviewer", "researcher", "editor", "champion"]
    """Role of the person. Each chapter has one lead."""
    proposed: bool = False
    """Asked or named, but not yet agreed: printed as proposed, and neither lead nor credited."""


class Clearance(Record):
    """Agreement of a department to the printing of a chapter."""

    body: Annotated[str, Limits(refers_to="body", dead_kind="organization", unique_in="list", equal_as="body")]
    """The organization that must agree: id, abbreviation or name."""
    contact: Annotated[str, Limits(refers_to="person")] | None = None
    """Id of the person to ask there."""
    state: Literal["needed", "requested", "granted", "conditions", "refused"] = "needed"
    """State of the clearance."""
    on: Day | None = None
    """The day on which it reached this state."""


class Linkage(Record):
    """Connection of this chapter's subject with another's."""

    to: Annotated[str, Limits(refers_to="chapter", unique_in="list", duplicate_kind="value")]
    """Id of the other chapter."""
    how: Printed | None = None
    """Kind of connection, in a few words."""
    evidence: Literal["strong", "weak", "claimed"] | None = None
    """Strength of the evidence: counted cases or amounts, a single case or assessment, or a claim alone."""


class Allowance(Record):
    """A rule silenced for a chapter, with a reason and an end."""

    rule: Annotated[str, Limits(unique_in="list", duplicate_kind="value")]
    """The rule that is silenced."""
    reason: str
    """Reason."""
    until: Day
    """The last day on which it is silenced."""


class KeyFigure(Record):
    """Number that sums a chapter up for its readers."""

    fact: Annotated[str, Limits(refers_to="fact")]
    """Id of a fact, such as bridges; one with `verify` is not shown."""
    text: Annotated[str, Limits(printed=True, longest=160)] | None = None
    """Words after the number, in a line: what it counts. By default those of the first finding with the fact."""


class FrontMatter(Record):
    """Front matter of a chapter. Version, date, author names and numbers are never typed here."""

    required_keys: ClassVar[tuple[str, ...]] = ("id", "title", "category", "status")
    id: Annotated[str, Limits(unique_in="chapters", duplicate_kind="chapter")] = ""
    """The chapter's name for the toolchain: lower-case words joined by dashes. It never changes."""
    title: Annotated[str, Limits(printed=True, unique_in="chapter-titles", duplicate_kind="value")] = ""
    """The title as printed."""
    category: Annotated[
        str, Limits(refers_to="category", unique_in="categories", equal_as="category", duplicate_kind="category")
    ] = ""
    """A category of paper.yaml, or `cross-cutting`, `front`, `back`."""
    status: _StatusName = ""
    """Status of the chapter, one of paper.yaml."""
    language: Annotated[str, LANGUAGE_LIMITS] | None = None
    """The language of the text as a tag, where it is not the paper's: ur."""
    translation_of: Annotated[str, Limits(refers_to="chapter")] | None = None
    """Id of the chapter of which this one is a translation. Until it has left its first status, it has no gates."""
    part: Annotated[str, Limits(refers_to="part")] | None = None
    """Part of the paper, by title or number, unless paper.yaml lists the chapter; it comes after the listed ones."""
    contributors: tuple[Contribution, ...] = ()
    """People who take part, each with a role."""
    summary: Annotated[str, _SUMMARY] | None = None
    """Summary of the chapter in one sentence of at most 300 characters, printed under the title."""
    key_figure: KeyFigure | None = None
    """The chapter's number in the summary for decision makers and in its brief. By default the first of `key_figures`,
    or the first fact of its findings."""
    key_figures: tuple[KeyFigure, ...] = ()
    """Numbers in large type where the chapter begins, two as a rule."""
    words: Words = Words()
    """The chapter's own length, where it differs from that of its kind."""
    due: Mapping[_StatusName, Annotated[Day, _IN_ORDER]] = EMPTY_MAPPING
    """Own dates by status, instead of the gates'."""
    clearances: tuple[Clearance, ...] = ()
    """Departments that must agree before the chapter is printed."""
    sensitivity: Literal["public", "limited", "restricted"] = "public"
    """Who may read the chapter."""
    links: tuple[Linkage, ...] = ()
    """Chapters whose subjects are connected with this one."""
    blocked: Printed | None = None
    """Reason why the chapter cannot go on."""
    allow: tuple[Allowance, ...] = ()
    """Rules that are silenced for this chapter for a while."""

    @property
    def figures(self) -> tuple[KeyFigure, ...]:
        """All key figures, that of the summary first."""
        return (*filter(None, [self.key_figure]), *self.key_figures)
