"""Requirements of a final paper besides a clean check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import Finding, Rule
from nioc_paper.check.rules import clearances, front_matter, people, references, reviews
from nioc_paper.domain.approvals import ApprovalState, approval_statuses
from nioc_paper.model import Fact, Paper
from nioc_paper.program import command_line
from nioc_paper.wording import wording_for

FINAL_EXPLANATIONS: Mapping[str, str] = {
    "unfinished/status": "Every chapter of a final paper is in the last status.",
    "unfinished/approval": "Every chapter of a final paper is signed off as it is.",
    "unverified/fact": "Every fact that a final paper quotes has been seen in its source.",
    "unfinished/edition": "A final paper does not call itself a draft.",
    "unfinished/commit": "A final paper can be made again from a commit of git.",
}
"""Rules of a final paper: a build with --final applies them."""


def not_final(paper: Paper) -> Iterator[Finding]:
    """Chapters that are not in the last status."""
    last = paper.settings.statuses[-1].id if paper.settings.statuses else ""
    for chapter in paper.chapters:
        if chapter.front.status != last:
            message = f"the chapter is in '{chapter.front.status}', not in '{last}'"
            yield Finding(
                chapter.front.place("status"), message, f"when it is ready: {command_line(f'move {chapter.id} STATUS')}"
            )


def not_approved(paper: Paper) -> Iterator[Finding]:
    """Chapters that nobody has signed off as they are."""
    for chapter in paper.chapters:
        sign_offs = list(approval_statuses(paper, chapter.id))
        if not any(s.state is ApprovalState.HOLDS for s in sign_offs):
            why = "; ".join(f"the sign-off by {s.approval.who} is {s.state}: {s.reason}" for s in sign_offs)
            hint = f"have it read and signed: {command_line(f'approve {chapter.id} --by PERSON')}"
            yield Finding(chapter.front.place("id"), why or "the chapter has no sign-off", hint)


def open_clearance(paper: Paper) -> Iterator[Finding]:
    """Clearances that are not granted."""
    for chapter in paper.chapters:
        yield from clearances.open_clearances(paper, chapter)


def _quoted_facts(paper: Paper) -> Iterator[tuple[int, Fact]]:
    cited = {c.key for chapter in paper.chapters for c in chapter.all_citations}
    return ((i, f) for i, f in enumerate(paper.facts_file.facts) if f"fact-{f.id}" in cited)


def unverified_fact(paper: Paper) -> Iterator[Finding]:
    """Facts that are quoted and that nobody has seen."""
    for index, fact in _quoted_facts(paper):
        if fact.verify:
            place, hint = paper.facts_file.place("facts", index, "verify"), "see it in its source, and delete 'verify'"
            yield Finding(place, f"nobody has seen the figure '{fact.id}'", hint)


def unverified_source(paper: Paper) -> Iterator[Finding]:
    """Sources that nobody has checked, those of quoted facts too."""
    yield from references.unverified_source(paper)
    for index, fact in _quoted_facts(paper):
        source = paper.references.get(fact.source)
        if source and source.verify:
            place = paper.facts_file.place("facts", index, "source")
            hint = "check it, and delete 'verify: true' in paper/references.yaml"
            yield Finding(place, f"nobody has checked the source '{source.id}'", hint)


def draft_edition(paper: Paper) -> Iterator[Finding]:
    """An edition that is called a draft."""
    edition, draft = (
        paper.settings.edition or "",
        wording_for(paper.settings.language)["draft"],
    )
    if draft.casefold() in edition.casefold():
        yield Finding(paper.settings.place("edition"), f"the cover says '{edition}'", "say which edition it is")


FINAL_REQUIREMENTS: tuple[tuple[str, Rule], ...] = (
    # No setting and no allowance silences these. A further requirement is one more line.
    ("unfinished/status", not_final),
    ("unfinished/approval", not_approved),
    ("open-clearance", open_clearance),
    ("open-review/comment", reviews.open_comment),
    ("permission-pending", people.permission_pending),
    ("permission-refused", people.permission_refused),
    ("unverified/title", front_matter.unverified_title),
    ("unverified/person", people.unverified_person),
    ("unverified/source", unverified_source),
    ("unverified/fact", unverified_fact),
    ("unfinished/edition", draft_edition),
)
