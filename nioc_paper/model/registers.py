"""Registers of a paper: paper/registers/*.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from nioc_paper.model.record import Day, Limits, Record


class Decision(Record):
    """Something a meeting decided, or a participant offered, announced, proposed or asked to have in scope."""

    id: str
    """The entry's name."""
    meeting: str
    """Where it was said."""
    on: Day
    """The day on which it was said."""
    kind: Literal["decision", "offer", "announcement", "scope", "proposal"]
    """Decided, offered, announced, asked to have in scope, or proposed as policy."""
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
    """Id of the chapter, recommendation or other decision that takes it up."""
    sensitivity: Literal["public", "limited", "restricted"] = "public"
    """Who may read of it."""
    note: str | None = None
    """For colleagues; never printed."""
    verify: bool = False
    """The wording is not yet confirmed."""


OFFERS = ("offer", "announcement")
"""Kinds of entries that those who made them owe."""


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
    """Words that it abbreviates."""
    plural: str | None = None
    """The abbreviation in the plural, where it is not made with s."""
    exempt: bool = False
    """So well known that it needs no expansion."""


class Approval(Record):
    """A chapter signed off: somebody answers for what it says."""

    chapter: str
    """Id of the chapter."""
    who: str
    """Id of the person who signed."""
    commit: Annotated[str, Limits(pattern=r"^[0-9a-f]{7,64}$")]
    """The commit in which the chapter was read. The sign-off holds until what the chapter prints changes."""
    on: Day
    """The day on which it was signed."""
    note: str | None = None
    """For colleagues; never printed."""


class Term(Record):
    """A word to prefer, what it means, and the words to avoid for it."""

    use: str
    """The word to write."""
    avoid: tuple[str, ...] = ()
    """Words that are not written for it."""
    definition: str | None = None
    """Meaning, as the glossary prints it."""
    source: str | None = None
    """Key of the reference that the definition is from."""
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


class Approvals(Record):
    """paper/registers/approvals.yaml."""

    approvals: tuple[Approval, ...] = ()
    """In the order in which they were given; of two by one person for one chapter the last counts."""


class Terms(Record):
    """paper/registers/terms.yaml."""

    terms: tuple[Term, ...] = ()
    """Words to prefer."""
