"""`receive`: what a reviewer changed and said in Word, into the chapter and into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import load_paper, require_root, resolve_today, show_findings, today_option, writable_path
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.send import commit_author, commit_files, require_clean_commit, require_readable_ledger, save_ledger
from nioc_paper.model import Chapter, Comment, Diagnostic, Paper, Place, Sending, Severity, format_count, long_date
from nioc_paper.system.files import replace_file

if TYPE_CHECKING:
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review.docx.comment_reader import DocxComment
    from nioc_paper.review.exchange.incoming import ReceiveResult


@click.command(short_help="Put what a reviewer changed in Word into the chapter.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
@click.option("--as", "id", metavar="ID", default="", help="Make a new chapter of it.")
@click.option("--category", metavar="C", default="", help="The category of a new chapter.")
@click.option("--part", metavar="P", default="", help="The part that a new chapter goes to, by number or title.")
@today_option
def receive(file: Path, dry_run: bool, today: date | None, **options: str) -> None:
    """Put what was changed in FILE, a Word file that `nioc send` made, into the chapter: a commit for each reviewer.

    What cannot be put in surely is said, with its line and both texts, and kept in reviews/ with the comments.
    Any other Word file becomes a new draft chapter.
    """
    from nioc_paper.cli.import_word import DraftOptions, import_as_draft
    from nioc_paper.review.exchange import outgoing

    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    require_readable_ledger(root, findings)
    package = open_word_file(file)
    if options["id"] or outgoing.read_origin(package) is None:
        import_as_draft(root, paper, package, file, DraftOptions(**options), dry_run=dry_run)
    else:
        receive_sending(root, paper, package, file, dry_run=dry_run, today=resolve_today(paper, today))


def receive_sending(root: Path, paper: Paper, package: Package, file: Path, *, dry_run: bool, today: date) -> None:
    """What came back of a sending, into its chapter and its ledger."""
    from nioc_paper.review.docx import comment_reader
    from nioc_paper.review.exchange import ledger
    from nioc_paper.wording import wording_for

    sending, chapter = identify_sending(paper, package, file.name)
    file_hash = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    if file_hash in sending.files:
        when = f" on {long_date(sending.returned)}" if sending.returned else ""
        click.echo(f"{file.name} was received{when}: nothing to do")
        return
    if not dry_run:
        require_clean_commit(root)
    outcome, word_comments = merge_word_file(root, chapter, sending, package)
    names = resolve_authors(paper, sending, outcome, word_comments)
    old_comments = ledger.find_reviews(paper.reviews, chapter.id).comments
    first, words = ledger.next_remark_number(paper.reviews), wording_for(paper.settings.language)
    all_comments = comment_reader.merge_comments(old_comments, word_comments, names, sending.number, first, words)
    report_outcome(root, paper, chapter, sending, outcome, len([c for c in all_comments if c not in old_comments]))
    if dry_run:
        click.echo("nothing was changed: this was a dry run")
    else:
        commit_steps(root, paper, chapter, outcome, sending)
        returned_sending = sending.replace(returned=today, files=(*sending.files, file_hash))
        save_return(root, paper, chapter, outcome, all_comments, returned_sending)
    raise SystemExit(ERRORS if outcome.conflicts else OK)


def open_word_file(file: Path) -> Package:
    """A Word file from elsewhere, once it has been looked at: it may be made to harm whoever reads it."""
    from nioc_paper.ooxml.package import Package
    from nioc_paper.ooxml.safety import rejection_reason
    from nioc_paper.ooxml.standard_names import with_standard_names

    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from error
    if why := rejection_reason(data):
        raise click.ClickException(f"{file.name} {why}; nothing was read from it")
    return with_standard_names(Package(data))


def identify_sending(paper: Paper, package: Package, name: str) -> tuple[Sending, Chapter]:
    """Which sending a file is, by what it says of itself and what the ledger knows; never by its name."""
    from nioc_paper.review.exchange import ledger, outgoing

    origin = outgoing.read_origin(package)
    assert origin is not None
    try:
        return ledger.find_sending(paper, origin)
    except LookupError as error:
        raise click.ClickException(f"{name}: {error.args[0]}; as a new chapter: --as ID") from None


def merge_word_file(
    root: Path, chapter: Chapter, sending: Sending, returned_package: Package
) -> tuple[ReceiveResult, list[DocxComment]]:
    """What a file that came back says, against the chapter as it was sent and as it is today."""
    from nioc_paper.app.sendings import export_sending, require_sent_chapter
    from nioc_paper.app.snapshots import load_snapshot
    from nioc_paper.cli.progress_bar import progress_bar
    from nioc_paper.load.templates import read_templates
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review.docx import comment_reader, docx_reader
    from nioc_paper.review.exchange import incoming, outgoing
    from nioc_paper.review.exchange.comment_context import make_sensitivity_lookup
    from nioc_paper.system import git, pandoc

    with progress_bar(3) as stage:
        stage("as it was sent")
        sent_paper = load_snapshot(root, sending.commit)
        base = require_sent_chapter(sent_paper, chapter.id)
        origin = outgoing.read_origin(returned_package)
        if origin and origin.source not in ("", outgoing.hash_text(base.text)):
            raise click.ClickException(f"the file was made from another text than {sending.commit[:10]} has")
        sent_reading = docx_reader.read_docx(
            Package(export_sending(sent_paper, chapter.id, sending, read_templates(root)).data)
        )
        stage("what came back")
        returned_reading = docx_reader.read_docx(returned_package)
        if not any(passage.paragraph.tokens for passage in returned_reading.passages):
            raise click.ClickException("the file that came back holds no words; nothing was changed")
        word_comments = comment_reader.read_comments(returned_package, returned_reading, make_sensitivity_lookup(base))
        stage("merging")
        outcome = incoming.merge_into_today(
            base, chapter, sent_reading, returned_reading, lambda text: pandoc.parse_markdown(text)[0], git.merge_texts
        )
    return outcome, word_comments


def resolve_authors(
    paper: Paper, sending: Sending, outcome: ReceiveResult, word_comments: Sequence[DocxComment]
) -> dict[str, str]:
    """Who they are whom a file names, by what it calls them; whoever it was sent to where it names nobody."""
    from nioc_paper.review.exchange.incoming import find_person_id

    authors = [m.conflict.author for m in outcome.conflicts]
    authors += [name for each in word_comments for name in (each.author, *(r.by for r in each.replies))]
    return {name: find_person_id(paper, name) or sending.to for name in authors}


def report_outcome(
    root: Path, paper: Paper, chapter: Chapter, sending: Sending, outcome: ReceiveResult, new_comments: int
) -> None:
    """Say what becomes of a file: who changed something, each change that is left, and how many comments are new."""
    from nioc_paper.review.exchange.incoming import find_person_id

    findings = []
    for missed in outcome.conflicts:
        conflict = missed.conflict
        who = paper.display_name(find_person_id(paper, conflict.author) or sending.to)
        message = f"{who} made “{conflict.edited}” of “{conflict.base}”: {conflict.reason}"
        place, hint = Place(chapter.path, missed.line), "work it in by hand, and answer it: nioc comments"
        findings.append(Diagnostic(place, "unmerged-change", message, Severity.WARNING, hint))
    show_findings(root, findings)
    names = ", ".join(
        dict.fromkeys(paper.display_name(find_person_id(paper, s.author) or sending.to) for s in outcome.steps)
    )
    left_text = f"; {format_count(len(findings), 'change')} left to be worked in by hand" if findings else ""
    comments_text = f"; {format_count(new_comments, 'comment')}: nioc comments" if new_comments else ""
    click.echo(f"{chapter.path}: {f'changed by {names}' if names else 'nothing changed'}{left_text}{comments_text}")


def commit_steps(root: Path, paper: Paper, chapter: Chapter, outcome: ReceiveResult, sending: Sending) -> None:
    """Write the chapter as it is after each reviewer, and commit it in their name."""
    from nioc_paper.review.exchange.incoming import find_person_id

    file = writable_path(root, chapter.path)
    ends = "\r\n" if b"\r\n" in file.read_bytes() else "\n"
    for step in outcome.steps:
        replace_file(file, step.text.replace("\n", ends).encode("utf-8", "surrogateescape"))
        who = find_person_id(paper, step.author) or sending.to
        commit_files(
            root,
            chapter.path,
            f"Work in what {paper.display_name(who)} changed in '{chapter.id}'",
            commit_author(paper, who),
        )


def save_return(
    root: Path,
    paper: Paper,
    chapter: Chapter,
    outcome: ReceiveResult,
    all_comments: Sequence[Comment],
    sending: Sending,
) -> None:
    """Write into the ledger that something came back, the comments as they are now, and what of it is left."""
    from nioc_paper.review.exchange import ledger
    from nioc_paper.review.exchange.comment_context import make_sensitivity_lookup

    reviews, first = ledger.find_reviews(paper.reviews, chapter.id), ledger.next_remark_number(paper.reviews)
    first += len(all_comments) - len(reviews.comments)
    names = resolve_authors(paper, sending, outcome, ())
    unmerged = ledger.add_unmerged(
        reviews.unmerged, outcome.conflicts, names, sending.number, first, make_sensitivity_lookup(chapter)
    )
    sendings = tuple(sending if s.number == sending.number else s for s in reviews.sendings)
    updated = reviews.replace(sendings=sendings, comments=tuple(all_comments), unmerged=unmerged)
    save_ledger(root, updated, f"Note what {paper.display_name(sending.to)} sent back of '{chapter.id}'")
