"""Findings that block a chapter's next status, a copy for an audience, or a final paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from msgspec.structs import replace

from nioc_paper.check import check, weigh, with_status_findings
from nioc_paper.check.finding import Finding, Rule
from nioc_paper.check.findings_cache import FindingsCache, NamedFinding
from nioc_paper.check.rule_tables import PAPER_RULES, rule_name
from nioc_paper.check.rules import body_agreements, people_and_plan, unused_and_incomplete
from nioc_paper.check.rules.privacy import PUBLIC_RULES, find_audience_leaks
from nioc_paper.check.shared_causes import merge_causes
from nioc_paper.domain.approvals import ApprovalState, approval_statuses
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, Paper, Place, Severity, Status
from nioc_paper.program_name import command_line
from nioc_paper.wording import wording_for


def not_final(paper: Paper) -> Iterator[Finding]:
    """Chapters that are not in the last status."""
    last = paper.settings.statuses[-1].id if paper.settings.statuses else ""
    for chapter in paper.chapters:
        if chapter.front.status != last:
            message = f"the chapter is in '{chapter.front.status}', not in '{last}'"
            following = dict(pairwise(status.id for status in paper.settings.statuses))
            request = f"move {chapter.id} {following.get(chapter.front.status, 'STATUS')}"
            yield Finding(chapter.front.place("status"), message, f"when it is ready: {command_line(request)}")


def not_approved(paper: Paper) -> Iterator[Finding]:
    """Chapters that nobody has signed off as they are."""
    for chapter in paper.chapters:
        sign_offs = list(approval_statuses(paper, chapter.id))
        if not any(s.state is ApprovalState.HOLDS for s in sign_offs):
            why = "; ".join(f"the sign-off by {s.approval.who} is {s.state}: {s.reason}" for s in sign_offs)
            hint = f"have it read and signed: {command_line(f'approve {chapter.id} --by PERSON')}"
            yield Finding(chapter.front.place("id"), why or "the chapter has no sign-off", hint)


def draft_edition(paper: Paper) -> Iterator[Finding]:
    """An edition that is called a draft."""
    edition, words = paper.settings.edition or "", wording_for(paper.settings.language, paper.settings.own_words)
    if words["draft"].casefold() in edition.casefold():
        yield Finding(paper.settings.place("edition"), f"the cover says '{edition}'", "say which edition it is")


FINAL_REQUIREMENTS: tuple[tuple[str, Rule], ...] = (
    # No setting and no allowance silences these. A further requirement is one more line.
    ("unfinished/status", not_final),
    ("unfinished/approval", not_approved),
    ("open-clearance", lambda paper: (f for c in paper.chapters for f in people_and_plan.open_clearances(paper, c))),
    ("open-review", lambda paper: (f for f in people_and_plan.open_review(paper) if f.kind == "comment")),
    (
        "open-consultation",
        lambda paper: body_agreements.missing_agreements(paper) if paper.settings.consultation.required else iter(()),
    ),
    ("permission-pending", people_and_plan.permission_pending),
    ("permission-refused", people_and_plan.permission_refused),
    ("unverified", lambda paper: (f for f in unused_and_incomplete.unverified_entry(paper) if f.kind != "holiday")),
    ("unfinished/edition", draft_edition),
)


def with_status(paper: Paper, chapters: Iterable[Chapter], status: str) -> Paper:
    """Return the paper with another status of some chapters."""
    chapters_by_path = {c.path: replace(c, front=c.front.replace(status=status)) for c in chapters}
    return replace(paper, chapters=tuple(chapters_by_path.get(c.path, c) for c in paper.chapters))


def with_least_status(paper: Paper, status: str) -> Paper:
    """Return the paper with each chapter in this status, or in its own if that is further."""
    rank = paper.settings.rank(status)
    return with_status(paper, [c for c in paper.chapters if paper.settings.rank(c.front.status) < rank], status)


def errors_by_status(
    paper: Paper, findings: Sequence[NamedFinding], today: date, load_diagnostics: Iterable[Diagnostic]
) -> list[tuple[Status, int]]:
    """Return each status from the least advanced on, with the errors if every chapter had reached it.

    `findings` are those of all rules in the paper as it is.
    """
    ranks = [paper.settings.rank(chapter.front.status) for chapter in paper.chapters]
    load_diagnostics, errors = tuple(load_diagnostics), list[tuple[Status, int]]()
    for status in paper.settings.statuses[min(ranks, default=0) :]:
        advanced = with_least_status(paper, status.id)
        diagnostics = weigh(advanced, with_status_findings(advanced, findings), today, load_diagnostics)
        errors.append((status, sum(d.severity == Severity.ERROR for d in diagnostics)))
    return errors


def blocking_findings(
    paper: Paper, chapter: Chapter, status: str, today: date, load_diagnostics: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """Return the errors that a chapter would have with a status, and the comments that hold it."""
    diagnostics = check(with_status(paper, [chapter], status), today, load_diagnostics, merged=False)
    own_paths = {chapter.path, *(path for r in paper.reviews if r.chapter == chapter.id for path in r.paths)}
    return [
        replace(d, severity=Severity.ERROR)
        for d in diagnostics
        if d.place.path in own_paths and (d.severity == Severity.ERROR or d.rule == "open-review/comment")
    ]


def audience_blocking_findings(paper: Paper, audience: str, today: date) -> list[Diagnostic]:
    """Return everything in a paper that blocks a copy for an audience, whatever chapters are in the copy."""
    blocking = find_audience_leaks(paper, audience)
    if audience == AUDIENCES[0]:
        rules = {rule_name(rule): rule for rule, _ in PAPER_RULES}
        if findings := [(name, finding) for name in PUBLIC_RULES for finding in rules[name](paper)]:
            unallowed = (d for d in weigh(paper, findings, today, ()) if d.rule in PUBLIC_RULES)
            blocking += [replace(d, severity=Severity.ERROR) for d in unallowed if d.severity >= Severity.WARNING]
    return sorted(blocking)


def final_blocking_findings(
    paper: Paper,
    uncommitted: Sequence[str] | None,
    today: date,
    load_diagnostics: Iterable[Diagnostic],
    cache: FindingsCache,
    rules_hash: str,
) -> list[Diagnostic]:
    """Return everything that blocks a final paper: missing requirements, and errors and warnings of a final text.

    `uncommitted` are the files that differ from the last commit; None if git cannot say.
    """
    last_status = paper.settings.statuses[-1].id if paper.settings.statuses else ""
    diagnostics = check(with_status(paper, paper.chapters, last_status), today, load_diagnostics, cache, rules_hash)
    missing = [
        Diagnostic(f.place, f"{rule}/{f.kind}" if f.kind else rule, f.message, Severity.ERROR, f.hint, cause=f.cause)
        for rule, need in FINAL_REQUIREMENTS
        for f in need(paper)
    ]
    return sorted(
        {
            *merge_causes(missing),
            *_uncommitted_diagnostics(uncommitted),
            *(d for d in diagnostics if d.severity >= Severity.WARNING),
        }
    )


def _uncommitted_diagnostics(uncommitted: Sequence[str] | None) -> list[Diagnostic]:
    rule, hint = "unfinished/commit", "commit it: a final paper can be made again from its commit"
    if uncommitted is None:
        message = "git has no commit of this paper, or cannot list the changes since"
        return [Diagnostic(Place("paper/paper.yaml"), rule, message, hint=hint)]
    return [Diagnostic(Place(path), rule, "the file is in no commit as it is", hint=hint) for path in uncommitted]
