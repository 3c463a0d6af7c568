"""Received Word files of the paper that a build made, merged chapter by chapter; and those of a sending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.errors import AppError
from nioc_paper.app.preconditions import require_commit, require_committed
from nioc_paper.app.sendings.receive import (
    ReceivedFile,
    ReturnedText,
    describe_change,
    find_work_left,
    format_ignored,
    make_sensitivity_lookup,
    merge_text,
    merge_word_file,
    require_kept_words,
    save_return,
    summarize_return,
    with_labels,
)
from nioc_paper.app.sendings.send import render_docx
from nioc_paper.app.sendings.word_reception import UNKNOWN_AUTHOR, Reception, identify_sending
from nioc_paper.assemble import assemble, assemble_chapter
from nioc_paper.assemble.documents.brief import build_brief
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Chapter, Consultation, Diagnostic, Document, OutputOptions, Paper, Place, Sending, Severity
from nioc_paper.model.document import TextReference
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import iter_elements
from nioc_paper.review.docx import docx_comments, docx_reader
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.exchange import ledger, sent_docx
from nioc_paper.review.exchange.chapter_division import NUMBERS_EACH, divide, put_excerpt
from nioc_paper.review.exchange.today_merge import find_person_id
from nioc_paper.review.merge.chapter_merge import margin_conflicts
from nioc_paper.review.merge.merge_context import find_author
from nioc_paper.system import command_stages, git

_GENERATED_REASON = "this part is made by the tool, from the settings, the registers and the chapters; change those"
_HINT = "make the change by hand where it belongs"
_NEW_CHAPTER = "is from elsewhere; as a new chapter: receive it alone, with --as ID"


State = Literal["merged", "open", "seen", "unknown", "refused"]


class Outcome(Struct, frozen=True):
    """What becomes of one file."""

    name: str
    state: State
    text: str
    """What is done, or the reason why nothing is."""
    findings: Sequence[Diagnostic] = ()
    """Work that is left to somebody."""
    returns: Sequence[ReceivedFile] = ()
    """Chapters with something new; nothing is written yet."""
    notes: Sequence[str] = ()
    """Lines about commits."""


def receive_file(reception: Reception, sending: str = "", *, rewritten: bool = False) -> Outcome:
    """Merge what a file changes in its chapters; it may be from elsewhere. `sending` as in `identify_sending`.

    Raises AppError as `merge_word_file` does.
    """
    reference, name = None if sending else find_reference(reception), reception.name
    if reference is None:
        if (match := identify_sending(reception, sending)) is None:
            return Outcome(name, "unknown", _NEW_CHAPTER)
        if earlier := reception.describe_earlier(match[0]):
            return Outcome(name, "seen", earlier)
        returns, findings = [merge_word_file(reception, match[1], match[0], rewritten=rewritten)], list[Diagnostic]()
        ignored: Sequence[str] = ()
    else:
        sendings = (each for reviews in reception.paper.reviews for each in reviews.sendings)
        if earlier := next(filter(None, map(reception.describe_earlier, sendings)), ""):
            return Outcome(name, "seen", earlier)
        returns, findings, ignored = _merge_built_file(reception, reference)
    findings += [finding for each in returns for finding in find_work_left(reception, each)]
    lines = [summarize_return(reception.paper, each) for each in returns]
    text = "\n".join(lines) or f"{name}: nothing changed in a chapter{format_ignored(ignored)}"
    return Outcome(name, "open" if findings else "merged", text, findings, returns)


def save_returns(reception: Reception, outcome: Outcome) -> Iterator[str]:
    """Write and commit each chapter and its ledger, unless nothing is to be written. Yields as `OwnCommits.commit`."""
    if reception.commits:
        for returned in outcome.returns:
            yield from save_return(reception, reception.commits, returned)


def find_reference(reception: Reception) -> TextReference | None:
    """Return the printed reference of a file that a build of this paper made; None if it has none."""
    paper, package = reception.paper, reception.word_file.package
    if sent_docx.read_origin(package) is not None:
        return None
    known = {paper.settings.id, *(f"{paper.settings.id}-{c.id}{end}" for c in paper.chapters for end in ("", "-brief"))}
    lines = ("".join(t.text or "" for t in iter_elements(p, "w:t")) for p in iter_elements(package.body, "w:p"))
    return next((r for line in lines for r in TextReference.find_all(line) if r.document in known), None)


def _merge_built_file(
    reception: Reception, reference: TextReference
) -> tuple[list[ReceivedFile], list[Diagnostic], Sequence[str]]:
    """Return the chapters with something new, what was changed in other parts, and the formatting that is ignored."""
    paper, package, commit = reception.paper, reception.word_file.package, _find_commit(reception, reference)
    command_stages.begin("as it was made")
    sent_paper = reception.project.at(commit).paper
    sent_package = _export(reception, sent_paper, reference, commit)
    sent, prefix = docx_reader.read_docx(sent_package), f"{sent_paper.settings.id}-"
    briefed = next((c for c in sent_paper.chapters if reference.document == f"{prefix}{c.id}-brief"), None)
    command_stages.begin("what came back")
    received = docx_reader.read_docx(package)
    who = _find_sender(reception, received, sent_package)
    place, parts, other = Place(SETTINGS_PATH), (sent, received), list[tuple[str, str]]()
    if briefed:
        whole = reference._replace(document=f"{prefix}{briefed.id}")
        chapter_text = docx_reader.read_docx(_export(reception, sent_paper, whole, commit))
        changed_text, other = put_excerpt(sent, received, chapter_text)
        place, parts = Place(briefed.path), (chapter_text, changed_text)
    divided = divide(*parts)
    other += [*divided.other_changes, *((c.base, c.edited) for c in margin_conflicts(sent, received))]
    findings = [_describe(paper, place, who, *change) for change in other]
    returns, comments = list[ReceivedFile](), docx_comments.read_comments(package, received, lambda _: "public")
    for number, (sent_part, received_part) in divided.chapters.items():
        base, commented = sent_paper.chapters[number], received if briefed else received_part
        sensitivity = make_sensitivity_lookup(base)
        own = docx_comments.read_comments(package, commented, sensitivity, commented.comment_ranges)
        own_texts = [(comment.by, comment.text) for comment in own]
        comments = [comment for comment in comments if (comment.by, comment.text) not in own_texts]
        text = ReturnedText(base, sent_part, with_labels(received_part, sent_paper, base), own)
        try:
            returned = _merge_chapter(reception, text, who, commit)
        except AppError as error:
            findings.append(Diagnostic(Place(base.path), "open-review/change", str(error), Severity.WARNING, _HINT))
            continue
        if returned.result.steps or returned.result.conflicts or returned.new_comments:
            returns.append(returned)
    findings += [_describe(paper, place, comment.by, "", f"{comment.text} (a comment)") for comment in comments]
    return returns, findings, received.ignored_since(sent)


def merge_excerpt(
    reception: Reception, sent: DocxText, received: DocxText, request: Consultation, sent_paper: Paper
) -> tuple[list[ReceivedFile], list[Diagnostic]]:
    """Return the chapters in which a file changes passages that it repeats, and findings on its other changes."""
    commit, copy = request.commit, OutputOptions(audience=request.audience)
    _, changes = put_excerpt(sent, received, replace(sent, passages=[]))
    left, returns, findings = changes, list[ReceivedFile](), list[Diagnostic]()
    for chapter in sent_paper.chapters if changes else ():
        reference = TextReference(f"{sent_paper.settings.id}-{chapter.id}", commit, copy, has_changes=False)
        chapter_text = docx_reader.read_docx(_export(reception, sent_paper, reference, commit))
        changed_text, rest = put_excerpt(sent, received, chapter_text)
        if rest == changes:
            continue
        left = [change for change in left if change in rest]
        for sent_part, received_part in divide(chapter_text, changed_text).chapters.values():
            text = ReturnedText(chapter, sent_part, with_labels(received_part, sent_paper, chapter))
            try:
                returns.append(_merge_chapter(reception, text, request.body, commit))
            except AppError as error:
                chapter_place = Place(chapter.path)
                findings.append(Diagnostic(chapter_place, "open-review/change", str(error), Severity.WARNING, _HINT))
    place = Place(reception.name)
    return returns, [*findings, *(_describe(reception.paper, place, request.body, *change) for change in left)]


def _find_commit(reception: Reception, reference: TextReference) -> str:
    """Return the commit of the text that a file was made from. Raises AppError if there is none."""
    if reference.has_changes:
        raise AppError(
            f"{reception.name} was made from a text that is in no commit, so its changes cannot be found; "
            "build it again from a commit, and put the changes into that file"
        )
    require_commit(reception.project.root)
    commit = git.resolve_commit(reception.project.root, reference.commit)
    if commit is None:
        raise AppError(f"git has no commit {reference.commit}: fetch the history that it is in")
    return commit


def _export(reception: Reception, paper: Paper, reference: TextReference, commit: str) -> Package:
    """Return the Word file that a reference names, with bookmarks."""
    document = _assemble(reception, paper, reference, commit)
    return Package(render_docx(document, reception.project.templates, reception.project.cache, draws=False))


def _assemble(reception: Reception, paper: Paper, reference: TextReference, commit: str) -> Document:
    """Assemble the document that a reference names, with bookmarks but in a brief, which repeats words of a chapter."""
    history, name = reception.project.history(paper, commit), reference.document
    numbers = {c.id: n * NUMBERS_EACH for n, c in enumerate(paper.chapters)}
    marked = sent_docx.with_printed_sources(sent_docx.with_bookmarks(paper, numbers))
    if name == paper.settings.id:
        return assemble(marked, history, copy=reference.copy)
    chapter = name.removeprefix(f"{paper.settings.id}-")
    if any(c.id == chapter for c in paper.chapters):
        return assemble_chapter(marked, history, chapter, copy=reference.copy)
    return build_brief(paper, history, chapter.removesuffix("-brief"), copy=reference.copy)


def _find_sender(reception: Reception, received: DocxText, sent: Package) -> str:
    """Return who changed a file: the author of a tracked change, or who saved it last."""
    authors = (*map(find_author, received.passages), *(author for _, author in received.deletions))
    made_by, saved_by = (_read_saver(package) for package in (sent, reception.word_file.package))
    name = next(filter(None, (*authors, "" if saved_by == made_by else saved_by)), UNKNOWN_AUTHOR)
    return find_person_id(reception.paper, name) or UNKNOWN_AUTHOR


def _read_saver(package: Package) -> str:
    """Return the name of those who saved a file last; empty if it has none."""
    core = package.xml_root("docProps/core.xml") if "docProps/core.xml" in package else ()
    return next((node.text or "" for node in core if str(node.tag).endswith("}lastModifiedBy")), "")


def _merge_chapter(reception: Reception, text: ReturnedText, who: str, commit: str) -> ReceivedFile:
    """Merge a chapter as if it had been sent to a person. Raises AppError if that cannot be done."""
    paper, base = reception.paper, text.base
    chapter = next((c for c in paper.chapters if c.id == base.id), None)
    if chapter is None:
        raise AppError(f"the paper has no chapter '{base.id}' any more")
    if reception.commits is not None and reception.commits.is_possible:
        require_committed(reception.project.root, [chapter.path])
    require_kept_words(chapter, text)
    return merge_text(paper, chapter, _make_sending(reception, chapter, who, commit), text)


def _make_sending(reception: Reception, chapter: Chapter, who: str, commit: str) -> Sending:
    """Return the sending that a person's copies of a build are noted as."""
    project, paper = reception.project, reception.paper
    known = ledger.find_reviews(paper.reviews, chapter.id).sendings
    earlier = next((s for s in known if (s.to, s.commit) == (who, commit) and s.due is None), None)
    today, built_on = project.today(paper), project.history(paper, commit).committed_on
    on = min(today, built_on or today)
    new_id = ledger.make_id((chapter.id, who, commit), {sending.id for sending in known})
    return earlier or Sending(id=new_id, to=who, on=on, commit=commit)


def _describe(paper: Paper, place: Place, who: str, before: str, after: str) -> Diagnostic:
    name = paper.display_name(find_person_id(paper, who) or who)
    message = f"{name} {describe_change(before, after)}: {_GENERATED_REASON}"
    return Diagnostic(place, "open-review/change", message, Severity.WARNING, _HINT)
