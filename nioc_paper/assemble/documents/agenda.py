"""Agenda of a board: changes since its last meeting, and questions that only it can decide. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from nioc_paper import tree
from nioc_paper.assemble.documents.page_fitting import PageTable
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.cells import cell, column_heads
from nioc_paper.domain.changes import PaperDiff, StatusChange
from nioc_paper.model import OFFERS, Decision, Node, Progress
from nioc_paper.wording import Wording, format_date, localized_digits
from nioc_paper.wording.progress_text import progress_headline

DECISION_CHANGES = ("new", "done", "dropped")
"""Kinds of changes in the register of decisions."""
_MAX_NAMED = 3
"""Number of chapters that a line names; the rest are counted."""


def changes_since_meeting(context: ListContext, meeting_day: date, diff: PaperDiff | None) -> Node:
    """Return a paragraph on the changes since the last meeting; `diff` is None if git does not know them."""
    words = context.words
    name = tree.strong(tree.text_inlines(words["since_meeting"].format(format_date(meeting_day, words)) + ":"))
    summary = (
        words["since_unknown"] if diff is None else f"{words['semicolon']} ".join(_describe_changes(context, diff))
    )
    return tree.div([tree.para([name, {"t": "Space"}, *tree.text_inlines(summary or words["nothing_moved"])])], "since")


def _describe_changes(context: ListContext, diff: PaperDiff) -> Iterator[str]:
    words = context.words
    yield from abbreviate_names(
        [describe_status_change(context, moved) for moved in diff.status_changes], words, separator=words["semicolon"]
    )
    for how in ("new", "changed", "dropped"):
        if n := sum(r.kind == how for r in diff.recommendations):
            yield words[f"recommendations_{how}"].format(localized_digits(str(n), words))
    for how in DECISION_CHANGES:
        if ids := [d.decision.id for d in diff.decisions if d.kind == how]:
            yield words[f"decisions_{how}"].format(f"{words['comma']} ".join(ids))
    if n := sum(diff.answered_comments.values()):
        yield words["comments_answered"].format(localized_digits(str(n), words))
    if diff.added_words:
        number = localized_digits(f"{abs(diff.added_words):,}", words)
        yield words["words_more" if diff.added_words > 0 else "words_fewer"].format(number)


def describe_status_change(context: ListContext, status_change: StatusChange) -> str:
    """Return a chapter with its new and old status: "Tunnels: Review, before that Drafting"."""
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    kind = "new" if status_change.before is None else "gone" if status_change.after is None else "moved"
    was, now = (titles.get(name or "", name or "") for name in (status_change.before, status_change.after))
    return context.words[f"status_{kind}"].format(title=status_change.chapter.front.title, was=was, now=now)


def abbreviate_names(names: Sequence[str], words: Wording, separator: str) -> list[str]:
    """Return the first names in one text, with the number of the others; empty without names."""
    more = len(names) - _MAX_NAMED
    listed_names = f"{separator} ".join(names[:_MAX_NAMED])
    return (
        [listed_names + (f" {words['and_more'].format(localized_digits(str(more), words))}" if more > 0 else "")]
        if names
        else []
    )


# --- decisions needed -------------------------------------------------------------------------------------------------


def build_decision_table(context: ListContext, progress: Progress) -> PageTable:
    """Return the table of what waits for a decision: date, leads, owners, scope, refusals, blocked chapters."""
    heads = column_heads(context, ("question", 0.31), ("concerns", 0.69))
    rows = [
        [cell(tree.text_inlines(context.words[key])), cell(tree.text_inlines(text))]
        for key, collect in _QUESTIONS
        for text in collect(context, progress)
    ]
    return PageTable("decide", context.words["to_decide"], heads, rows)


def _late_date(context: ListContext, progress: Progress) -> Iterator[str]:
    if progress.is_over:
        yield progress_headline(progress, context.words)
    elif progress.late and progress.finish:
        late = localized_digits(str(len(progress.late)), context.words)
        yield context.words["chapters_late"].format(late, format_date(progress.finish, context.words))


def _chapters_without_lead(context: ListContext, progress: Progress) -> Iterator[str]:
    titles = [chapter.title for chapter in progress.chapters if not chapter.has_lead]
    yield from abbreviate_names(titles, context.words, separator=context.words["semicolon"])


def _refused_permissions(context: ListContext, _progress: Progress) -> Iterator[str]:
    """Yield the permissions that were refused: to write, or to print."""
    for person in context.paper.people.values():
        if person.permission.state == "refused":
            yield context.words["permission_of"].format(person.name)
    for chapter in context.chapters:
        for clearance in chapter.front.clearances:
            if clearance.state == "refused":
                body = context.paper.display_name(clearance.body)
                yield context.words["clearance_by"].format(body, chapter.front.title)


def _blocked_chapters(context: ListContext, _progress: Progress) -> Iterator[str]:
    for chapter in context.chapters:
        if chapter.front.blocked:
            yield f"{chapter.front.title}: {chapter.front.blocked}"


def _open_scope(context: ListContext, _progress: Progress) -> Iterator[str]:
    for decision in _open_decisions(context):
        if decision.kind == "scope":
            yield f"{decision.id}: {decision.text}"


def _decisions_without_owner(context: ListContext, _progress: Progress) -> Iterator[str]:
    if ids := [decision.id for decision in _open_decisions(context) if not has_owner(decision)]:
        yield f"{context.words['comma']} ".join(ids)


def _open_decisions(context: ListContext) -> Iterator[Decision]:
    return (decision for decision in context.paper.decisions if decision.state == "open")


_QUESTIONS: tuple[tuple[str, Callable[[ListContext, Progress], Iterator[str]]], ...] = (
    ("decide_date", _late_date),
    ("decide_lead", _chapters_without_lead),
    ("decide_refused", _refused_permissions),
    ("decide_blocked", _blocked_chapters),
    ("decide_scope", _open_scope),
    ("decide_owner", _decisions_without_owner),
)
"""Kinds of questions in the order of the page: the key of the wording, and a function that yields the texts."""


def has_owner(decision: Decision) -> bool:
    """Return whether a decision has an owner: an offer belongs to its maker, a request or proposal to nobody yet."""
    is_makers = decision.kind in OFFERS and bool(decision.who)
    return bool(decision.owner) or decision.kind in ("scope", "proposal") or is_makers
