"""Report what a returned Word file changed, and what is left to merge by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff

from msgspec.structs import replace

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.receive import ReceivedFile
from nioc_paper.check import find_in_paper, weigh
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Paper, Place, Severity, Unmerged, format_count
from nioc_paper.program import command_line
from nioc_paper.report.printable import escape_unprintable
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.incoming import CLASH_REASON, find_person_id


def unmerged_findings(paper: Paper, returned: ReceivedFile) -> list[Diagnostic]:
    """Return a finding for each change that must be merged by hand."""
    hint = f"apply it by hand, and answer it: {command_line('comments')}"
    findings = []
    for located in returned.result.conflicts:
        conflict = located.conflict
        who = _display_author(paper, returned, conflict.author)
        message = f"{who} {describe_change(conflict.base, conflict.edited)}: {conflict.reason}"
        place = Place(returned.chapter.path, located.line)
        findings.append(Diagnostic(place, "open-review/change", message, Severity.WARNING, hint))
    return findings


def describe_change(base: str, edited: str) -> str:
    """Return a verb and the words before and after a change; no words at all if it changes a form only."""
    match bool(base), bool(edited):
        case True, True:
            return f"made “{edited}” of “{base}”"
        case True, False:
            return f"took out “{base}”"
        case False, True:
            return f"put in “{edited}”"
    return "changed the form"


def find_new_errors(project: Project, paper: Paper, returned: ReceivedFile) -> list[Diagnostic]:
    """Return the errors in a paper that the changes of a file make, with the places of ids that they take out."""
    if not returned.result.steps:
        return []
    chapter = returned.chapter
    merged = load(project.root, lambda _: None, project.cache, {chapter.path: returned.result.steps[-1].text})
    before, after = (weigh(each, find_in_paper(each), project.today(each), ()) for each in (paper, merged))
    known = {(d.place.path, d.rule, d.message) for d in before if d.severity == Severity.ERROR}
    left = {anchor.id for each in merged.chapters for anchor in each.anchors}
    gone = {anchor.id: anchor.place for anchor in chapter.anchors if anchor.id not in left}
    errors = []
    for error in after:
        if error.severity == Severity.ERROR and (error.place.path, error.rule, error.message) not in known:
            places = [
                f"'{name}' was taken out at {gone[name]}"
                for name in re.findall(r"[\w-]+", error.message)
                if name in gone
            ]
            errors.append(replace(error, message="; ".join((error.message, *places))))
    return errors


def summarize_return(paper: Paper, returned: ReceivedFile) -> str:
    """Return a line on who changed the chapter, what is left to merge, and how many comments are new."""
    names = ", ".join(dict.fromkeys(_display_author(paper, returned, s.author) for s in returned.result.steps))
    changed_text = f"changed by {names}" if names else "nothing changed"
    left, new = len(returned.result.conflicts), returned.new_comments
    left_text = f"; {format_count(left, 'change')} left to apply by hand" if left else ""
    comments_text = f"; {format_count(new, 'comment')}: {command_line('comments')}" if new else ""
    earlier_text = _format_earlier(paper, returned)
    ignored = ", ".join(returned.ignored_formatting)
    ignored_text = f"; {ignored} ignored: a chapter has none" if ignored else ""
    return f"{returned.chapter.path}: {changed_text}{left_text}{comments_text}{earlier_text}{ignored_text}"


def _format_earlier(paper: Paper, returned: ReceivedFile) -> str:
    """Return what becomes of the changes of an earlier file of the sending; empty if there is none."""
    if returned.result.keeps_earlier:
        return "; it came back before: changes of others, and of an earlier file, stay in the text"
    taken_back = returned.result.taken_back
    taken_text = f"; {format_count(taken_back, 'change')} of an earlier file taken back" if taken_back else ""
    dropped = ", ".join(change.id for change in _find_dropped(paper, returned))
    dropped_text = f"; no longer in the file: change {dropped} to apply by hand" if dropped else ""
    return f"{taken_text}{dropped_text}"


def _find_dropped(paper: Paper, returned: ReceivedFile) -> Iterator[Unmerged]:
    """Yield the open changes of an earlier file, to apply by hand, that this file does not have."""
    texts = {(located.conflict.base, located.conflict.edited) for located in returned.result.conflicts}
    for change in ledger.find_reviews(paper.reviews, returned.chapter.id).unmerged:
        # A clash with changes of others is told once: only their words differ from the file's.
        is_open = change.sending == returned.sending.id and change.answer is None and change.why != CLASH_REASON
        if is_open and (change.sent, change.got) not in texts:
            yield change


def diff_return(returned: ReceivedFile) -> str:
    """Return the changes that a file makes in its chapter as a unified diff for a terminal, and its new comments."""
    path, steps = returned.chapter.path, returned.result.steps
    before, after = (
        text.splitlines(keepends=True) for text in (returned.chapter.text, steps[-1].text if steps else "")
    )
    lines = unified_diff(before, after, f"a/{path}", f"b/{path}") if steps else ()
    comments = returned.comments[len(returned.comments) - returned.new_comments :]
    quoted = [f"comment by {c.by} on “{c.quote}”: {' '.join(c.text.split())}\n" for c in comments]
    return escape_unprintable("".join([*lines, *quoted]), keep="\n")


def _display_author(paper: Paper, returned: ReceivedFile, name: str) -> str:
    return paper.display_name(find_person_id(paper, name) or returned.sending.to)
