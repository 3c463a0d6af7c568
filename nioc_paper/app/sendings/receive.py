"""Word files that come back from reviewers, merged into the chapter and the ledger."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import takewhile
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError
from nioc_paper.app.preconditions import require_commit, require_committed
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.app.sendings.ledger_commits import commit_author, save_ledger
from nioc_paper.app.sendings.send import export_sending, require_sent_chapter
from nioc_paper.app.sendings.word_reception import Reception
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.check import find_in_paper, weigh
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quoted_words import passage_levels
from nioc_paper.load import load
from nioc_paper.load.chapter_tree import parse_nodes
from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Comment,
    Diagnostic,
    History,
    OutputOptions,
    Paper,
    Place,
    Sending,
    Severity,
    Unmerged,
    format_count,
)
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.ooxml.attachment_removal import read_with_standard_names
from nioc_paper.ooxml.package import Package
from nioc_paper.program_name import command_line
from nioc_paper.report.terminal_escaping import escape_unprintable
from nioc_paper.review.docx import docx_comments, docx_reader
from nioc_paper.review.docx.bookmarks import PARAGRAPH_PREFIX, add_bookmarks
from nioc_paper.review.docx.docx_comments import SensitivityLookup
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.exchange import ledger, sent_docx, today_merge
from nioc_paper.review.exchange.today_merge import (
    CLASH_REASON,
    HARDLY_LIKE,
    TAKEN_BACK_REASON,
    ReceiveResult,
    docx_words,
    find_person_id,
    kept_share,
    word_runs,
)
from nioc_paper.review.merge.text_edits import shorten_change
from nioc_paper.system import command_stages
from nioc_paper.wording import wording_for

_MAX_WORDS = 50
"""Words of a change in a message; `nioc comments` shows all."""
_MAX_SECTIONS = 3
"""Sections that the subject of a commit names."""


class ReturnedText(Struct, frozen=True):
    """Text of a chapter in a received file, with what it was when the file was made."""

    base: Chapter
    sent: DocxText
    received: DocxText
    comments: Sequence[Comment] = ()


class ReceivedFile(Struct, frozen=True):
    """A received Word file, merged with today's chapter; nothing is written yet."""

    chapter: Chapter
    sending: Sending
    result: ReceiveResult
    comments: tuple[Comment, ...]
    """All comments on the chapter, with those of the file."""
    new_comments: int
    ignored_formatting: tuple[str, ...]
    """Kinds of formatting added in Word that a chapter cannot hold."""

    @property
    def text(self) -> str:
        """Text of the chapter with the merged changes."""
        return self.result.steps[-1].text if self.result.steps else self.chapter.text


def merge_word_file(
    reception: Reception, chapter: Chapter, sending: Sending, *, rewritten: bool = False
) -> ReceivedFile:
    """Merge a file with the chapter as it was sent and as it is today.

    Raises AppError for a file that hardly reads like the chapter, unless it is `rewritten` or nothing is written, and
    for a chapter that is in no commit.
    """
    if reception.commits is not None:
        require_commit(reception.project.root)
        if reception.commits.is_possible:
            require_committed(reception.project.root, [chapter.path])
    text = _read_return(reception.project, chapter, sending, reception.word_file.package)
    if not rewritten and reception.commits is not None:
        require_kept_words(chapter, text)
    return merge_text(reception.paper, chapter, sending, text)


def merge_text(paper: Paper, chapter: Chapter, sending: Sending, text: ReturnedText) -> ReceivedFile:
    """Merge the text of a chapter with the chapter as it is today."""
    command_stages.begin("merging")
    result = today_merge.merge_into_today(text.base, chapter, text.sent, text.received, parse_nodes, sending)
    command_stages.end()
    word_comments, ignored = text.comments, text.received.ignored_since(text.sent)
    authors = _resolve_authors(paper, sending, result, word_comments)
    reviews, used_ids = ledger.find_reviews(paper.reviews, chapter.id), ledger.point_ids(paper.reviews)
    words = wording_for(paper.settings.language, paper.settings.own_words)
    comments = tuple(ledger.merge_comments(reviews, word_comments, authors, sending.id, used_ids, words))
    new_comments = len([c for c in comments if c not in reviews.comments])
    return ReceivedFile(chapter, sending, result, comments, new_comments, ignored)


def _read_return(project: Project, chapter: Chapter, sending: Sending, package: Package) -> ReturnedText:
    command_stages.begin("as it was sent")
    sent_paper = _load_sent_paper(project, chapter, sending)
    base = require_sent_chapter(sent_paper, chapter.id)
    origin = sent_docx.read_origin(package)
    if origin and origin.source not in ("", sent_docx.hash_text(base.text)):
        raise AppError(f"the file was made from another text than {sending.commit[:10]} has")
    templates, cache = project.templates, project.cache
    sent_file = export_sending(sent_paper, chapter.id, sending, templates, for_reader=False, cache=cache)
    base_docx = docx_reader.read_docx(read_with_standard_names(sent_file.data))
    command_stages.begin("what came back")
    edited_docx = with_labels(docx_reader.read_docx(package), sent_paper, base)
    if not any(passage.paragraph.tokens for passage in edited_docx.passages):
        raise AppError("the received file has no words; nothing was changed")
    word_comments = docx_comments.read_comments(package, edited_docx, make_sensitivity_lookup(base))
    return ReturnedText(base, base_docx, edited_docx, word_comments)


def _load_sent_paper(project: Project, chapter: Chapter, sending: Sending) -> Paper:
    """Return the paper as it was sent; if its commit is gone, today's paper with the text that was sent.

    Raises AppError if that was not kept either.
    """
    try:
        return project.at(sending.commit).paper
    except AppError:
        text = project.read_text(ledger.SENT_TEXT_PATH.format(chapter.id, sending.source or ""))
        if text is None:
            raise
        return load(project.root, lambda _: None, project.cache, {chapter.path: ledger.unmark_lines(text)})


def with_labels(received: DocxText, paper: Paper, chapter: Chapter) -> DocxText:
    """Return a received text with the paper's own words for kinds of boxes, and its labels."""
    labels = {one.lower(): kind for kind, one, _ in paper.settings.own_words.boxes_in(chapter.language)}
    numbered = number_paper(paper, History(), OutputOptions(review=True)).in_language(chapter.language)
    printed = numbered.context.labels
    return replace(received, item_labels=labels, printed_labels=printed)


def require_kept_words(chapter: Chapter, text: ReturnedText) -> None:
    """Raise AppError if hardly anything of the chapter is left in a file: the rest would be deleted."""
    sent, received = docx_words(text.sent, bookmarked=True), docx_words(text.received)
    share = kept_share(word_runs(sent), word_runs(received))
    if share < HARDLY_LIKE:
        raise AppError(
            f"the file has hardly a sentence of {chapter.path} ({share:.0%} of its words in their order), and the rest "
            "would be deleted; nothing was changed; if intended, give --rewritten; if it is another text, --as ID"
        )


def _resolve_authors(
    paper: Paper, sending: Sending, result: ReceiveResult, word_comments: Sequence[Comment]
) -> dict[str, str]:
    """Return the people in a file by the names that it gives them; the recipient for an empty name."""
    names = [m.conflict.author for m in result.conflicts]
    names += [name for each in word_comments for name in (each.by, *(r.by for r in each.replies))]
    return {name: find_person_id(paper, name) or sending.to for name in names}


def save_return(reception: Reception, commits: OwnCommits, returned: ReceivedFile) -> Iterator[str]:
    """Write and commit the chapter after each reviewer, then the ledger. Yields as `OwnCommits.commit` returns."""
    project, paper, chapter, sending = reception.project, reception.paper, returned.chapter, returned.sending
    yield from _commit_steps(commits, paper, returned)
    reviews = ledger.find_reviews(paper.reviews, chapter.id)
    used_ids = ledger.point_ids(paper.reviews) | {comment.id for comment in returned.comments}
    authors = _resolve_authors(paper, sending, returned.result, ())
    sensitivity = make_sensitivity_lookup(chapter)
    text = returned.text if paper.settings.record_files else ""  # older releases do not know the keys of a line
    unmerged = ledger.add_unmerged(reviews, returned.result.conflicts, authors, sending.id, used_ids, sensitivity, text)
    noted = sending.replace(
        returned=project.today(paper),
        files=(*sending.files, reception.word_file.hash),
        changes=returned.result.changes,
        changed_by=returned.result.authors,
    )
    by_id = {s.id: s for s in reviews.sendings} | {noted.id: noted}
    updated = reviews.replace(sendings=tuple(by_id.values()), comments=returned.comments, unmerged=unmerged)
    message = f"Note what {paper.display_name(sending.to)} sent back of '{chapter.id}'"
    yield save_ledger(commits, updated, message, paper)


def _commit_steps(commits: OwnCommits, paper: Paper, returned: ReceivedFile) -> Iterator[str]:
    """Write the chapter as it is after each reviewer, and commit it in their name."""
    chapter, text = returned.chapter, returned.chapter.text
    for step in returned.result.steps:
        write_source(commits.project, chapter.path, step.text)
        who = find_person_id(paper, step.author) or returned.sending.to
        changed = [change.line for change in today_merge.list_changes(text, step.text)]
        sections = " and ".join(_changed_sections(paper, chapter, text, changed))
        subject = f"{chapter.id}: {format_count(len(changed), 'change')} by {paper.display_name(who)}"
        subject += f" in {sections}" if sections else ""
        yield commits.commit([chapter.path], subject, commit_author(paper, who))
        text = step.text


def _changed_sections(paper: Paper, chapter: Chapter, text: str, changed: Sequence[int]) -> list[str]:
    """Return the numbers of the sections of some lines: more than three are counted; none without numbers."""
    contents = iter(number_paper(paper, History(), OutputOptions(review=True)).numbers.contents)
    any(entry.id == f"sec-{chapter.id}" for entry in contents)
    numbers = [entry.number for entry in takewhile(lambda entry: entry.level > 1, contents) if entry.level == 2]
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("## ")]
    if len(starts) != len(numbers) or not all(numbers):
        return []
    indexes = sorted({bisect_right(starts, line) - 1 for line in changed} - {-1})
    few = [numbers[index] for index in indexes]
    return few if len(few) <= _MAX_SECTIONS else [format_count(len(few), "section")]


# --- audience of the passages that comments are about -----------------------------------------------------------------


def make_sensitivity_lookup(chapter: Chapter) -> SensitivityLookup:
    """Return a lookup of a passage's audience by its bookmarks.

    Without a known bookmark it may be any passage, so the strictest audience applies.
    """
    least = AUDIENCES.index(chapter.front.sensitivity)
    levels = {
        name: max(level, least)
        for paragraph, level in passage_levels(add_bookmarks(chapter.blocks).blocks, sensitivity_level)
        for node in tree.walk(paragraph)
        if node["t"] == "Span" and re.fullmatch(rf"{PARAGRAPH_PREFIX}\d+", name := tree.identifier(node))
    }
    sensitivities: tuple[Sensitivity, ...] = get_args(Sensitivity)
    highest = max(levels.values(), default=least)
    return lambda bookmarks: sensitivities[max((levels.get(name, highest) for name in bookmarks), default=highest)]


# --- report on a received file ----------------------------------------------------------------------------------------


def find_work_left(reception: Reception, returned: ReceivedFile) -> list[Diagnostic]:
    """Return what a file leaves to somebody: changes to merge by hand, and errors that the merged ones make."""
    paper = reception.paper
    return [*_unmerged_findings(paper, returned), *_find_new_errors(reception.project, paper, returned)]


def _unmerged_findings(paper: Paper, returned: ReceivedFile) -> Iterator[Diagnostic]:
    """Yield a finding for each change that must be merged by hand."""
    hint = f"apply it by hand, and answer it: {command_line('comments')}"
    for located in returned.result.conflicts:
        conflict = located.conflict
        who = _display_author(paper, returned, conflict.author)
        message = f"{who} {describe_change(conflict.base, conflict.edited)}: {conflict.reason}"
        place = Place(returned.chapter.path, located.line)
        yield Diagnostic(place, "open-review/change", message, Severity.WARNING, hint)


def describe_change(base: str, edited: str) -> str:
    """Return a verb and the words before and after a change, once if they stay; no words at all if there are none."""
    before, after = shorten_change(base, edited, most=_MAX_WORDS)
    if before == after != "":
        return f"changed “{after}”, but none of its words"
    match bool(base), bool(edited):
        case True, True:
            return f"made “{after}” of “{before}”"
        case True, False:
            return f"took out “{before}”"
        case False, True:
            return f"put in “{after}”"
    return "changed the form"


def _find_new_errors(project: Project, paper: Paper, returned: ReceivedFile) -> list[Diagnostic]:
    """Return the errors in a paper that the changes of a file make, with the places of ids that they take out."""
    if not returned.result.steps:
        return []
    merged = load(project.root, lambda _: None, project.cache, {returned.chapter.path: returned.text})
    before, after = (weigh(each, find_in_paper(each), project.today(each), ()) for each in (paper, merged))
    known = {(d.place.path, d.rule, d.message) for d in before if d.severity == Severity.ERROR}
    left = {anchor.id for each in merged.chapters for anchor in each.anchors}
    gone = {anchor.id: anchor.place for anchor in returned.chapter.anchors if anchor.id not in left}
    errors = []
    for error in after:
        if error.severity == Severity.ERROR and (error.place.path, error.rule, error.message) not in known:
            named = (name for name in re.findall(r"[\w-]+", error.message) if name in gone)
            places = [f"'{name}' was taken out at {gone[name]}" for name in named]
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
    ignored_text = format_ignored(returned.ignored_formatting)
    return f"{returned.chapter.path}: {changed_text}{left_text}{comments_text}{earlier_text}{ignored_text}"


def format_ignored(kinds: Sequence[str]) -> str:
    """Return which formatting of a file is left out; empty if it has none."""
    return f"; {', '.join(kinds)} ignored: a chapter has none" if kinds else ""


def _format_earlier(paper: Paper, returned: ReceivedFile) -> str:
    """Return what becomes of the changes of an earlier file of the sending; empty if there is none."""
    if returned.result.keeps_earlier:
        return "; it came back before: changes of others, and of an earlier file, stay in the text"
    dropped = ", ".join(change.id for change in _find_dropped(paper, returned))
    return f"; no longer in the file: change {dropped} to apply by hand" if dropped else ""


def _find_dropped(paper: Paper, returned: ReceivedFile) -> Iterator[Unmerged]:
    """Yield the open changes of an earlier file, to apply by hand, that this file does not have."""
    texts = {(located.conflict.base, located.conflict.edited) for located in returned.result.conflicts}
    for change in ledger.find_reviews(paper.reviews, returned.chapter.id).unmerged:
        # A clash with changes of others is told once: only their words differ from the file's.
        is_open = change.answer is None and not change.why.startswith((CLASH_REASON, TAKEN_BACK_REASON))
        if is_open and change.sending == returned.sending.id and (change.sent, change.got) not in texts:
            yield change


def diff_return(returned: ReceivedFile) -> str:
    """Return the changes that a file makes in its chapter as a unified diff for a terminal, and its new comments."""
    path = returned.chapter.path
    before, after = (text.splitlines(keepends=True) for text in (returned.chapter.text, returned.text))
    lines = unified_diff(before, after, f"a/{path}", f"b/{path}")
    comments = returned.comments[len(returned.comments) - returned.new_comments :]
    quoted = [f"comment by {c.by} on “{c.quote}”: {' '.join(c.text.split())}\n" for c in comments]
    return escape_unprintable("".join([*lines, *quoted]), keep="\n")


def _display_author(paper: Paper, returned: ReceivedFile, name: str) -> str:
    return paper.display_name(find_person_id(paper, name) or returned.sending.to)
