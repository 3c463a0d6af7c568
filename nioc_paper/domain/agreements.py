"""Agreement of bodies to the actions that the paper asks of them. Pure.

An agreement holds as long as the action has the words that the body answered about, or those that its own answer put
in.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum

from nioc_paper.model import Agreement, Consultation, ConsultationProgress, Item, Paper
from nioc_paper.model.consultations import Consultations
from nioc_paper.model.grouping import group_pairs


class AgreementState(StrEnum):
    """State of an action with one of its bodies, from settled to worst."""

    AGREED = "agreed"
    WAIVED = "waived"
    """The paper does without it."""
    UNASKED = "unasked"
    WAITING = "waiting"
    OUTDATED = "outdated"
    """The action has been changed since the body agreed."""
    CHANGE = "change"
    """The body agrees with a change that is not made yet."""
    DECLINED = "declined"


_SETTLED = {AgreementState.AGREED, AgreementState.WAIVED}
_NOT_OPEN = _SETTLED | {AgreementState.WAITING}
"""States that are not counted one by one: forms that wait are counted by body."""
OPEN_CLEARANCES = ("needed", "requested")
"""States of a clearance that a body is asked for."""


def hash_action(item: Item) -> str:
    """Return a hash of the words and fields of an action."""
    content = [item.text, *sorted((name, field.value) for name, field in item.fields.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def actions_by_body(paper: Paper, field: str = "owner") -> dict[str, list[Item]]:
    """Return the recommendations that each organization of the registers owns or supports, by its id."""
    named = ((item, paper.bodies(item, field)) for item in paper.items_of_kind("recommendation"))
    return group_pairs((body, item) for item, bodies in named for body in dict.fromkeys(o.id for _, o in bodies if o))


def open_clearances(paper: Paper, body: str) -> list[str]:
    """Return the ids of the chapters whose clearance by a body is needed or requested."""
    return [
        chapter.id
        for chapter in paper.chapters
        for clearance in chapter.front.clearances
        if clearance.state in OPEN_CLEARANCES and find_body(paper, clearance.body) == body
    ]


def find_body(paper: Paper, name: str) -> str:
    """Return the id of an organization by any of its names; the name itself if there is none."""
    organization = paper.organization(name)
    return organization.id if organization else name


def last_answers(paper: Paper) -> Mapping[tuple[str, str], Agreement]:
    """Return the answer that counts for each body and action: of the last round, and there the last one.

    Of one day, the one that is in no file counts: it was noted about the other.
    """
    answers = sorted(paper.consultations_file.answers, key=lambda each: (each.round, each.on, each.file is None))
    return {(answer.body, answer.action): answer for answer in answers}


def last_requests(paper: Paper) -> Mapping[str, Consultation]:
    """Return the last form of each body."""
    return {each.body: each for each in sorted(paper.consultations_file.consultations, key=lambda each: each.round)}


def asked_values(paper: Paper, body: str, action: str) -> dict[str, str]:
    """Return the round and the hash of words of an answer noted by hand: as last asked, or as the action is now."""
    request = last_requests(paper).get(body)
    words = {item.id: hash_action(item) for item in paper.items_of_kind("recommendation") if item.id}
    words |= {asked.id: asked.words for asked in request.actions} if request else {}
    values = {"round": str(request.round) if request else None, "words": words.get(action)}
    return {key: value for key, value in values.items() if value}


def actions_to_ask(paper: Paper, body: str) -> list[Item]:
    """Return the recommendations of a body that it has not answered about, or not as they are now."""
    answers = {item: answer.words for (who, item), answer in last_answers(paper).items() if who == body}
    items = [item for field in ("owner", "support") for item in actions_by_body(paper, field).get(body, ())]
    by_id = {item.id: item for item in items if item.id}
    return [item for name, item in by_id.items() if answers.get(name, "") not in (None, hash_action(item))]


def find_agreements(paper: Paper) -> dict[tuple[str, str], AgreementState]:
    """Return the state of each body with each action that it owns, in the order of the paper."""
    answers, register = last_answers(paper), paper.consultations_file
    asked = {(each.body, action.id) for each in register.consultations for action in each.actions}
    waived = {(waiver.body, waiver.action) for waiver in register.waivers}
    states = {}
    for body, items in actions_by_body(paper).items():
        for item in items:
            key, is_waived = (body, item.id), not {(body, item.id), (body, None)}.isdisjoint(waived)
            unanswered = AgreementState.WAITING if key in asked else AgreementState.UNASKED
            state = _state_of(answers[key], item) if key in answers else unanswered
            states[body, item.id] = AgreementState.WAIVED if is_waived and state != AgreementState.AGREED else state
    return states


def _state_of(answer: Agreement, item: Item) -> AgreementState:
    is_same = answer.words in (None, hash_action(item))
    agreed = AgreementState.AGREED if is_same else AgreementState.OUTDATED
    return {"agree": agreed, "change": AgreementState.CHANGE}.get(answer.state, AgreementState.DECLINED)


def measure_consultation(paper: Paper, count_workdays: Callable[[date], int | None]) -> ConsultationProgress | None:
    """Return the state of the consultation; None if nobody has been asked, and paper.yaml does not require it.

    `count_workdays` returns the working days since a day.
    """
    if not (has_consultation(paper) or paper.settings.consultation.required):
        return None
    states, order = find_agreements(paper), [*AgreementState]
    worst = {body: state for (body, _), state in sorted(states.items(), key=lambda pair: order.index(pair[1]))}
    counts = Counter(worst.values())
    waiting = [request.on for request in waiting_requests(paper)]
    open_actions = {action for (_, action), state in states.items() if state not in _SETTLED}
    return ConsultationProgress(
        bodies=len(worst),
        agreed_bodies=sum(counts[state] for state in _SETTLED),
        actions=len([*paper.items_of_kind("recommendation")]),
        agreed_actions=len({action for _, action in states} - open_actions),
        unsettled={state.value: counts[state] for state in reversed(order) if state in counts.keys() - _NOT_OPEN},
        waiting=len(waiting),
        oldest=count_workdays(min(waiting)) if waiting else None,
    )


def has_consultation(paper: Paper) -> bool:
    """Return whether a body has been asked, or has answered."""
    return bool(paper.consultations_file.consultations or paper.consultations_file.answers)


def waiting_requests(paper: Paper) -> Iterator[Consultation]:
    """Yield the last form of each body that has not answered all that is still open in it."""
    answers, ids = last_answers(paper), {item.id for item in paper.items_of_kind("recommendation")}
    waived = {(waiver.body, waiver.action) for waiver in paper.consultations_file.waivers}
    for each in last_requests(paper).values():
        asked = {action.id for action in each.actions} & ids
        asked |= {*each.clearances} & {*open_clearances(paper, each.body)}
        answered = {name for (body, name), last in answers.items() if body == each.body and last.round >= each.round}
        if any((each.body, name) not in waived for name in asked - answered) and (each.body, None) not in waived:
            yield each


def known_consultations(register: Consultations, day: date) -> Consultations:
    """Return the register without records of later days."""
    return register.replace(
        **{name: tuple(each for each in getattr(register, name) if each.on <= day) for name in Consultations.names}
    )
