"""Registers of a paper: paper/registers/*.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec.structs import replace

from nioc_paper.model.record import Day, Limits, Printed, Record

_ENTRY = Limits(unique_in="list", duplicate_kind="register")
_SOURCE = Limits(refers_to="source")
_PARTY = Limits(refers_to="party")
_YEAR = Limits(
    pattern=r"(1[5-9]|20)\d\d(\D.*)?", form="a year or a day", not_after="paper", order_kind="later", printed=True
)
_HASH = Limits(pattern=r"^[0-9a-f]{64}$")


class Decision(Record):
    """Something a meeting decided, or a participant offered, announced, proposed or asked to have in scope."""

    id: Annotated[str, _ENTRY]
    """The entry's name."""
    meeting: Printed
    """Meeting or document in which it was said."""
    on: Day
    """The day on which it was said."""
    kind: Literal["decision", "offer", "announcement", "scope", "proposal"]
    """Decided, offered, announced, asked to have in scope, or proposed as policy."""
    text: Annotated[str, Limits(printed=True, unique_in="list", duplicate_kind="value")]
    """Words of the decision or offer."""
    who: tuple[Annotated[str, replace(_PARTY, unique_in="list", duplicate_kind="value")], ...] = ()
    """Ids of people or organizations."""
    owner: Annotated[str, _PARTY] | None = None
    """Id of the person or organization that owes it."""
    due: Annotated[Day, Limits(not_before="on")] | None = None
    """The day by which it is owed."""
    state: Literal["open", "done", "dropped"] = "open"
    """Whether it is still owed."""
    link: Annotated[str, Limits(refers_to="link")] | None = None
    """Id of the chapter, recommendation or other decision that takes it up."""
    sensitivity: Literal["public", "limited", "restricted"] = "public"
    """Audience that may read of it."""
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
    source: Annotated[str, replace(_SOURCE, dead_kind="fact-source")] | None = None
    """Key of a reference."""
    note: str | None = None
    """Author of the value, or the reason for it."""


class Fact(Record):
    """A number that the paper quotes, written once."""

    id: Annotated[
        str, replace(_ENTRY, used_as="fact", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", form="letters, digits and dashes")
    ]
    """The name that chapters use for it, after `@fact-`."""
    value: Printed
    """The number as printed."""
    unit: Printed | None = None
    """Unit or counted thing, as printed after the value."""
    as_of: Annotated[str, _YEAR] | None = None
    """The year or day for which the value holds."""
    source: Annotated[str, replace(_SOURCE, dead_kind="fact-source")]
    """Key of a reference."""
    passage: str | None = None
    """Words of the source that state it: a few lines, with page or section. Never printed."""
    note: str | None = None
    """For colleagues; never printed."""
    conflicts: tuple[Conflict, ...] = ()
    """Other values that sources give for the same fact."""
    verify: bool = False
    """Nobody has seen the value in its source yet."""


class Acronym(Record):
    """An abbreviation with its one expansion."""

    short: Annotated[str, replace(_ENTRY, used_as="acronym")]
    """The abbreviation."""
    long: Annotated[str, Limits(printed=True, unique_in="list", duplicate_kind="value")]
    """Words that it abbreviates."""
    plural: Printed | None = None
    """The abbreviation in the plural, where it is not made with s."""
    exempt: bool = False
    """So well known that it needs no expansion."""


class Approval(Record):
    """A chapter signed off: somebody is responsible for its content."""

    chapter: Annotated[str, Limits(refers_to="chapter")]
    """Id of the chapter."""
    who: Annotated[str, Limits(refers_to="person")]
    """Id of the person who signed."""
    commit: Annotated[str, Limits(pattern=r"^[0-9a-f]{7,64}$")]
    """The commit in which the chapter was read. The sign-off holds until the printed content changes."""
    on: Annotated[Day, Limits(not_before="list")]
    """The day on which it was signed."""
    source: Annotated[str, _HASH] | None = None
    """Hash of the text that was signed, which `approve` writes: a squash or a rebase gives its commit another name."""
    content: Annotated[str, _HASH] | None = None
    """Hash of what that text prints: comments and line breaks do not count."""
    note: str | None = None
    """For colleagues; never printed."""


class Term(Record):
    """A preferred word, its meaning, and the words to avoid for it."""

    use: Annotated[str, Limits(printed=True, unique_in="list", equal_as="term", duplicate_kind="term", used_as="term")]
    """The word to write."""
    avoid: tuple[Annotated[str, Limits(unique_in="list", duplicate_kind="value")], ...] = ()
    """Words that are not written for it."""
    definition: Printed | None = None
    """Meaning, as the glossary prints it."""
    source: Annotated[str, _SOURCE] | None = None
    """Key of the reference that the definition is from."""
    note: str | None = None
    """Reason."""
    scope: str | None = None
    """Texts in which the rule holds."""


class Decisions(Record):
    """paper/registers/decisions.yaml."""

    decisions: tuple[Decision, ...] = ()
    """In the order in which they were made."""


class Facts(Record):
    """paper/registers/facts.yaml."""

    facts: tuple[Fact, ...] = ()
    """Every number that chapters quote."""


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
    weak: tuple[str, ...] = ()
    """Words and phrases that say little, in each form that is to be found; none by default."""
