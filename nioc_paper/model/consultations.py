"""Consultation of bodies: what each was asked to agree to, what it answered, and the contacts that messages go to."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec.structs import replace

from nioc_paper.model.record import Day, Limits, Record
from nioc_paper.model.reviews import REVIEW_ID, Sensitivity
from nioc_paper.model.settings import LANGUAGE_LIMITS, MAIL_LIMITS

AnswerState = Literal["agree", "change", "decline", "granted", "conditions", "refused"]
CLEARANCE_STATES: tuple[AnswerState, ...] = ("granted", "conditions", "refused")
"""Answers about a clearance; the others are about an action."""
FREE_TEXTS = ("signatory", "reason", "cost", "funding", "contact", "remark")
"""Values of an answer that a body writes in its own words."""
_BODY = Limits(refers_to="organization")
_WORDS = Limits(pattern=r"[0-9a-f]{16}", form="a hash of 16 digits")
_ROUND = Limits(least=1)
_ID = replace(REVIEW_ID, unique_in="list")


class AskedAction(Record):
    """Action in the form of a body."""

    id: str
    """Id of the recommendation."""
    number: str
    """Its number in the form."""
    words: Annotated[str, _WORDS]
    """Hash of its words and fields, as they were asked for."""


class Consultation(Record):
    """Form that a body was sent."""

    id: Annotated[str, _ID]
    """Id, which the form prints."""
    body: Annotated[str, _BODY]
    """Id of the organization."""
    round: Annotated[int, _ROUND] = 1
    """Number of the round with this body."""
    on: Day
    """The day on which it was made."""
    due: Annotated[Day, Limits(not_before="on")] | None = None
    """The day by which the body is to answer."""
    commit: Annotated[str, Limits(pattern=r"^[0-9a-f]{40}$")]
    """The commit of the paper as it was sent."""
    audience: Sensitivity = "public"
    """Readers for whom it was made."""
    language: Annotated[str, LANGUAGE_LIMITS] | None = None
    """Language of the form as a tag, where it is not the paper's."""
    actions: tuple[AskedAction, ...] = ()
    """Recommendations that it asks about."""
    clearances: tuple[str, ...] = ()
    """Ids of the chapters that it asks the body to clear."""


class Agreement(Record):
    """Answer of a body about one action, or about the clearance of a chapter."""

    id: Annotated[str, _ID]
    """Id, made from the answer: the same in each copy that receives the file."""
    body: Annotated[str, _BODY]
    """Id of the organization."""
    action: str
    """Id of the recommendation, or of the chapter to be cleared."""
    round: Annotated[int, _ROUND] = 1
    """Number of the round."""
    on: Day
    """The day of the answer."""
    file: str | None = None
    """Hash of the received file; none if the answer came in another way."""
    signatory: str | None = None
    """The person who signed."""
    state: AnswerState
    """Answer."""
    words: Annotated[str, _WORDS] | None = None
    """Hash of the words that the body answered about: if the action changes, the agreement is out of date."""
    reason: str | None = None
    """Change that it wants, reason for declining, or conditions of a clearance."""
    cost: str | None = None
    """Cost that the body gives, with its currency: Rs 1,200,000."""
    funding: str | None = None
    """Source of funds."""
    by: Day | None = None
    """The day that it can keep."""
    contact: str | None = None
    """The person to ask, without an address."""
    remark: str | None = None
    """Remark."""


class Waiver(Record):
    """Reason of the editor why the paper does without the agreement of a body."""

    body: Annotated[str, _BODY]
    """Id of the organization."""
    action: str | None = None
    """Id of one recommendation; all of the body without one."""
    reason: str
    """Reason."""
    who: Annotated[str, Limits(refers_to="person")] | None = None
    """Id of the person who decided."""
    on: Day
    """The day."""


class Consultations(Record):
    """paper/registers/consultations.yaml."""

    consultations: tuple[Consultation, ...] = ()
    """Forms that were made, in order."""
    answers: tuple[Agreement, ...] = ()
    """Answers, in order; of several in one round the last counts."""
    waivers: tuple[Waiver, ...] = ()
    """Agreements that the paper does without."""


class Contact(Record):
    """Address of a person or a body, for messages alone."""

    id: Annotated[str, Limits(refers_to="party", unique_in="list")]
    """Id of the person or organization."""
    name: str | None = None
    """The person at the body, who signs for it."""
    address: Annotated[str, MAIL_LIMITS]
    """E-mail address."""
    salutation: str | None = None
    """First line of a message: Dear Secretary."""
    language: Annotated[str, LANGUAGE_LIMITS] | None = None
    """Language of messages and forms as a tag, where it is not the paper's: ur."""
    newsletter: bool = False
    """Whether the newsletter goes there."""


class Contacts(Record):
    """contacts.yaml: never in git, and in messages alone."""

    contacts: tuple[Contact, ...] = ()
    """Addresses."""
