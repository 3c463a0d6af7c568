"""Rules about the agreement of bodies."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.domain.agreements import (
    OPEN_CLEARANCES,
    AgreementState,
    find_agreements,
    last_answers,
    waiting_requests,
)
from nioc_paper.model import Agreement, Item, Paper, Place
from nioc_paper.program_name import command_line

_STATES = {
    AgreementState.CHANGE: "agrees with a change only",
    AgreementState.OUTDATED: "has agreed to an earlier text",
    AgreementState.DECLINED: "has declined",
    AgreementState.WAITING: "has not answered",
    AgreementState.UNASKED: "has not been asked",
}


def open_consultation(paper: Paper) -> Iterator[Finding]:
    """Every answer of a body agrees with the paper, and with its other answers."""
    register, items = paper.consultations_file, {item.id: item for item in paper.items_of_kind("recommendation")}
    places = {answer.id: register.place("answers", n, "state") for n, answer in enumerate(register.answers)}
    counting = [*last_answers(paper).values()]
    for answer in counting:
        if answer.action in items:
            yield from _contradictions(paper, items[answer.action], answer, places[answer.id])
        if answer.cost and answer.cost.replace(" ", "").strip("0123456789.,-") == "":
            yield Finding(places[answer.id], f"the cost '{answer.cost}' has no currency", "add it", kind="currency")
    earlier: dict[tuple[str, str, int], Agreement] = {}
    for answer in (answer for answer in register.answers if answer.file):
        one = earlier.setdefault((answer.body, answer.action, answer.round), answer)
        if one.state != answer.state:
            name = paper.display_name(answer.body)
            message = f"{name} answers '{one.state}' at {places[one.id]}, and '{answer.state}' here"
            yield Finding(places[answer.id], message, "the later one counts; ask the body", kind="twice")
    if paper.settings.consultation.required:
        yield from missing_agreements(paper)
    if paper.reachable is not None:
        yield from _unreachable(paper, paper.reachable)


def _contradictions(paper: Paper, item: Item, answer: Agreement, place: Place) -> Iterator[Finding]:
    by = item.due_on
    if answer.by and answer.state in ("agree", "change") and by and answer.by > by:
        name, where = paper.display_name(answer.body), item.fields["by"].place
        message = f"{name} can keep {answer.by}; '{item.id}' is due on {by}: {where}"
        yield Finding(place, message, f"to take it up: {command_line(f'consult apply {answer.id}')}", kind="date")


def missing_agreements(paper: Paper) -> Iterator[Finding]:
    """Yield a finding for each owner of an action that has not agreed to it as it is."""
    items = {item.id: item for item in paper.items_of_kind("recommendation")}
    for (body, action), state in find_agreements(paper).items():
        if state in _STATES:
            waive = command_line(f"add waiver body={body} action={action} reason=REASON on=DAY")
            message = f"{paper.display_name(body)} {_STATES[state]}: '{action}'"
            yield Finding(items[action].fields["owner"].place, message, f"or record why not: {waive}", kind="agreement")


def _unreachable(paper: Paper, reachable: Collection[str]) -> Iterator[Finding]:
    """Yield those who are to get a file, and have no address."""
    register, waiting = paper.consultations_file, {each.id for each in waiting_requests(paper)}
    names = {
        body.id: clearance.place("body")
        for chapter in paper.chapters
        for clearance in chapter.front.clearances
        if clearance.state in OPEN_CLEARANCES and (body := paper.organization(clearance.body))
    }
    asked = enumerate(register.consultations)
    names |= {each.body: register.place("consultations", n, "body") for n, each in asked if each.id in waiting}
    names |= {sending.to: reviews.place("sendings") for reviews in paper.reviews for sending in reviews.outstanding}
    for name, place in names.items():
        if name not in reachable:
            message = f"{paper.display_name(name)} has something to get, and no address"
            yield Finding(place, message, "add it to contacts.yaml", kind="address")
