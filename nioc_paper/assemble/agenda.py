"""What a board has to know before it speaks: what moved since it met last, and what nobody but it can decide. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from nioc_paper import tree
from nioc_paper.assemble.fit import Rows
from nioc_paper.assemble.lists import Context
from nioc_paper.assemble.lists.cells import cell, columns
from nioc_paper.changes import Changes, Moved
from nioc_paper.model import Decision, Node, Progress
from nioc_paper.wording import Words, day, digits

STATES = ("new", "done", "dropped")
"""What may become of an entry of the register of decisions."""
_NAMED = 3
"""Chapters that a line names; the rest are counted."""


def since(context: Context, met: date, changed: Changes | None) -> Node:
    """What moved since the last meeting, in a paragraph; None where git does not know."""
    words = context.words
    name = tree.strong(tree.text(words["since_meeting"].format(day(met, words)) + ":"))
    said = words["since_unknown"] if changed is None else f"{words['semicolon']} ".join(_moved(context, changed))
    return tree.div([tree.para([name, {"t": "Space"}, *tree.text(said or words["nothing_moved"])])], "since")


def _moved(context: Context, changed: Changes) -> Iterator[str]:
    words = context.words
    yield from some([status(context, moved) for moved in changed.chapters], words, by=words["semicolon"])
    for how in ("new", "changed", "dropped"):
        if n := sum(r.how == how for r in changed.recommendations):
            yield words[f"recommendations_{how}"].format(digits(str(n), words))
    for how in STATES:
        if ids := [d.decision.id for d in changed.decisions if d.how == how]:
            yield words[f"decisions_{how}"].format(f"{words['comma']} ".join(ids))
    if n := sum(changed.answered.values()):
        yield words["comments_answered"].format(digits(str(n), words))
    if changed.words:
        number = digits(f"{abs(changed.words):,}", words)
        yield words["words_more" if changed.words > 0 else "words_fewer"].format(number)


def status(context: Context, moved: Moved) -> str:
    """A chapter and where it went: "Tunnels: Review, before that Drafting"."""
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    key = "status_new" if moved.was is None else "status_gone" if moved.now is None else "status_moved"
    was, now = (titles.get(name or "", name or "") for name in (moved.was, moved.now))
    return context.words[key].format(title=moved.chapter.front.title, was=was, now=now)


def some(names: Sequence[str], words: Words, by: str) -> list[str]:
    """Some of many names in one text, and how many more there are; nothing where there is none."""
    more = len(names) - _NAMED
    said = f"{by} ".join(names[:_NAMED])
    return [said + (f" {words['and_more'].format(digits(str(more), words))}" if more > 0 else "")] if names else []


# --- what needs a decision --------------------------------------------------------------------------------------------


def to_decide(context: Context, progress: Progress) -> Rows:
    """What stands still until somebody decides: the date, leads, owners, scope, refusals, what is blocked."""
    heads = columns(context, ("question", 0.31), ("concerns", 0.69))
    rows = [[cell(tree.text(context.words[key])), cell(tree.text(text))] for key, text in _questions(context, progress)]
    return Rows("decide", context.words["to_decide"], heads, rows)


def _questions(context: Context, progress: Progress) -> Iterator[tuple[str, str]]:
    words, open_ = context.words, [d for d in context.paper.decisions if d.state == "open"]
    if progress.late and progress.finish:
        late = digits(str(len(progress.late)), words)
        yield "decide_date", words["chapters_late"].format(late, day(progress.finish, words))
    for text in some([c.title for c in progress.chapters if not c.led], words, by=words["semicolon"]):
        yield "decide_lead", text
    for text in _refused(context):
        yield "decide_refused", text
    for chapter in context.chapters:
        if chapter.front.blocked:
            yield "decide_blocked", f"{chapter.front.title}: {chapter.front.blocked}"
    for decision in open_:
        if decision.kind == "scope":
            yield "decide_scope", f"{decision.id}: {decision.text}"
    if ids := [d.id for d in open_ if not owned(d)]:
        yield "decide_owner", f"{words['comma']} ".join(ids)


def _refused(context: Context) -> Iterator[str]:
    """Leave that was refused: to write, or to print."""
    for person in context.paper.people.values():
        if person.permission.state == "refused":
            yield context.words["permission_of"].format(person.name)
    for chapter in context.chapters:
        for clearance in chapter.front.clearances:
            if clearance.state == "refused":
                body = context.paper.name(clearance.body)
                yield context.words["clearance_by"].format(body, chapter.front.title)


def owned(decision: Decision) -> bool:
    """Whether somebody owes it; an offer is owed by who made it, and what is asked for by nobody yet."""
    return bool(decision.owner) or decision.kind == "scope" or (decision.kind == "offer" and bool(decision.who))
