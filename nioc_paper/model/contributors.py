"""contributors.yaml: people and organizations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec.structs import replace

from nioc_paper.model.record import Day, Limits, Printed, Record

_ID = Limits(unique_in="contributors", duplicate_kind="person")
_ALIAS = Limits(unique_in="names", equal_as="name", duplicate_kind="alias")


class Organization(Record):
    """A body that employs contributors or owns recommendations."""

    id: Annotated[str, _ID]
    """The name that chapters and registers use for it: lower-case words joined by dashes."""
    name: Annotated[str, Limits(printed=True, unique_in="body-names", equal_as="body-name", duplicate_kind="person")]
    """The full name, as printed."""
    acronym: Annotated[str, Limits(unique_in="list")] | None = None
    """The abbreviation by which recommendations may name it."""
    kind: Literal["government", "international", "civil-society", "forum", "academic", "private", "media"] = (
        "government"
    )
    """Kind of body."""
    aka: tuple[Annotated[str, replace(_ALIAS, unique_in="body-names")], ...] = ()
    """Other spellings seen; never to be used in the paper."""
    verify: bool = False
    """The name is not yet confirmed by the body itself."""
    note: str | None = None
    """For colleagues; never printed."""

    @property
    def short_name(self) -> str:
        """Return the abbreviation, or the name of a body without one."""
        return self.acronym or self.name


class Permission(Record):
    """Permission for an official to write, from the head of the department."""

    state: Literal["not-needed", "pending", "granted", "refused"] = "not-needed"
    """State of the permission."""
    from_: str | None = None
    """Office or person that may grant it."""
    asked: Day | None = None
    """The day on which it was asked for."""
    granted: Annotated[Day, Limits(not_before="asked")] | None = None
    """The day on which it was granted."""
    ref: str | None = None
    """Number or date of the letter."""


class Person(Record):
    """Someone who takes part. The only place where the name is spelled."""

    id: Annotated[str, _ID]
    """The name that chapters and registers use for this person: lower-case words joined by dashes."""
    name: Annotated[str, Limits(printed=True, unique_in="names", equal_as="name", duplicate_kind="person")]
    """The name as printed, without a title."""
    title: str | None = None
    """Title printed before the name: Dr."""
    aka: tuple[Annotated[str, _ALIAS], ...] = ()
    """Other spellings seen; never to be used in the paper."""
    org: Annotated[str, Limits(refers_to="organization")] | None = None
    """Id of an organization."""
    post: Printed | None = None
    """Post that the person holds there."""
    kind: Literal[
        "official", "former-official", "advisory-board", "researcher", "journalist", "civil-society", "un", "staff"
    ]
    """Capacity in which the person takes part."""
    expertise: tuple[Annotated[str, Limits(unique_in="list", duplicate_kind="value")], ...] = ()
    """Subjects that the person knows."""
    permission: Permission = Permission()
    """Whether an official may write."""
    attribution: Literal["named", "role", "none"] = "role"
    """How the paper may quote this person."""
    handle: Annotated[str, Limits(pattern=r"^@[\w./-]+$", form="a name as code hosts have it: @ada")] | None = None
    """Name on the code host, for `CODEOWNERS`: @ada."""
    orcid: Annotated[str, Limits(notation="orcid", unique_in="list")] | None = None
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
