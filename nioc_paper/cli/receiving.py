"""`receive`: what a reviewer changed and said in Word, into the chapter and into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import inside, load_paper, root_of, show, today_in, today_option
from nioc_paper.cli.exits import ERRORS, OK
from nioc_paper.cli.reviews import commit, committed, keep, signature, whole
from nioc_paper.files import replace_file
from nioc_paper.model import Chapter, Comment, Diagnostic, Paper, Place, Sending, Severity, count, long_date

if TYPE_CHECKING:
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review.comments import Said
    from nioc_paper.review.incoming import Outcome


@click.command(short_help="Put what a reviewer changed in Word into the chapter.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
@click.option("--as", "id", metavar="ID", default="", help="Make a new chapter of it.")
@click.option("--category", metavar="C", default="", help="The category of a new chapter.")
@click.option("--part", metavar="P", default="", help="The part that a new chapter goes to, by number or title.")
@today_option
def receive(file: Path, dry_run: bool, today: date | None, **asked: str) -> None:
    """Put what was changed in FILE, a Word file that `nioc send` made, into the chapter: a commit for each reviewer.

    What cannot be put in surely is said, with its line and both texts, and kept in reviews/ with the comments.
    Any other Word file becomes a new draft chapter.
    """
    from nioc_paper.cli.importing import Asked, bring_in
    from nioc_paper.review import outgoing

    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    whole(root, found)
    data = opened(file)
    if asked["id"] or outgoing.origin(data) is None:
        bring_in(root, paper, data, file, Asked(**asked), dry_run=dry_run)
    else:
        take_back(root, paper, data, file, dry_run=dry_run, today=today_in(paper, today))


def take_back(root: Path, paper: Paper, data: Package, file: Path, *, dry_run: bool, today: date) -> None:
    """What came back of a sending, into its chapter and its ledger."""
    from nioc_paper.review import comments, ledger
    from nioc_paper.wording import labels

    sending, chapter = sent_as(paper, data, file.name)
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    if mark in sending.files:
        when = f" on {long_date(sending.returned)}" if sending.returned else ""
        click.echo(f"{file.name} was received{when}: nothing to do")
        return
    if not dry_run:
        committed(root)
    outcome, said = read(root, chapter, sending, data)
    names = named(paper, sending, outcome, said)
    known = ledger.of(paper.reviews, chapter.id).comments
    first, words = ledger.following(paper.reviews), labels(paper.settings.language)
    heard = comments.entered(known, said, names, sending.number, first, words)
    tell(root, paper, chapter, sending, outcome, len([c for c in heard if c not in known]))
    if dry_run:
        click.echo("nothing was changed: this was a dry run")
    else:
        put_in(root, paper, chapter, outcome, sending)
        back = sending.changed(returned=today, files=(*sending.files, mark))
        note(root, paper, chapter, outcome, heard, back)
    raise SystemExit(ERRORS if outcome.missed else OK)


def opened(file: Path) -> Package:
    """A Word file from elsewhere, once it has been looked at: it may be made to harm whoever reads it."""
    from nioc_paper.ooxml.package import Package
    from nioc_paper.ooxml.usual import usual
    from nioc_paper.ooxml.vet import trouble

    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from error
    if why := trouble(data):
        raise click.ClickException(f"{file.name} {why}; nothing was read from it")
    return usual(Package(data))


def sent_as(paper: Paper, package: Package, name: str) -> tuple[Sending, Chapter]:
    """Which sending a file is, by what it says of itself and what the ledger knows; never by its name."""
    from nioc_paper.review import ledger, outgoing

    told = outgoing.origin(package)
    assert told is not None
    try:
        return ledger.sending_of(paper, told)
    except LookupError as error:
        raise click.ClickException(f"{name}: {error.args[0]}; as a new chapter: --as ID") from None


def read(root: Path, chapter: Chapter, sending: Sending, got: Package) -> tuple[Outcome, list[Said]]:
    """What a file that came back says, against the chapter as it was sent and as it is today."""
    from nioc_paper import git, pandoc
    from nioc_paper.cli.past import paper_at
    from nioc_paper.cli.sent import chapter_of, exported
    from nioc_paper.cli.stages import stages
    from nioc_paper.load.templates import read_templates
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review import comments, incoming, outgoing, word
    from nioc_paper.review.passages import readers

    with stages(3) as stage:
        stage("as it was sent")
        then = paper_at(root, sending.commit)
        base = chapter_of(then, chapter.id)
        told = outgoing.origin(got)
        if told and told.source not in ("", outgoing.fingerprint(base.text)):
            raise click.ClickException(f"the file was made from another text than {sending.commit[:10]} has")
        sent = word.read(Package(exported(then, chapter.id, sending, read_templates(root)).data))
        stage("what came back")
        reading = word.read(got)
        if not any(passage.leaf.tokens for passage in reading.passages):
            raise click.ClickException("the file that came back holds no words; nothing was changed")
        said = comments.read(got, reading, readers(base))
        stage("merging")
        outcome = incoming.receive(base, chapter, sent, reading, lambda text: pandoc.parse(text)[0], git.merge)
    return outcome, said


def named(paper: Paper, sending: Sending, outcome: Outcome, said: Sequence[Said]) -> dict[str, str]:
    """Who they are whom a file names, by what it calls them; whoever it was sent to where it names nobody."""
    from nioc_paper.review.incoming import person

    authors = [m.conflict.author for m in outcome.missed]
    authors += [name for each in said for name in (each.author, *(r.by for r in each.replies))]
    return {name: person(paper, name) or sending.to for name in authors}


def tell(root: Path, paper: Paper, chapter: Chapter, sending: Sending, outcome: Outcome, new: int) -> None:
    """Say what becomes of a file: who changed something, each change that is left, and how many comments are new."""
    from nioc_paper.review.incoming import person

    found = []
    for missed in outcome.missed:
        conflict = missed.conflict
        who = paper.name(person(paper, conflict.author) or sending.to)
        message = f"{who} made “{conflict.got}” of “{conflict.sent}”: {conflict.reason}"
        place, hint = Place(chapter.path, missed.line), "work it in by hand, and answer it: nioc comments"
        found.append(Diagnostic(place, "unmerged-change", message, Severity.WARNING, hint))
    show(root, found)
    names = ", ".join(dict.fromkeys(paper.name(person(paper, s.author) or sending.to) for s in outcome.steps))
    left = f"; {count(len(found), 'change')} left to be worked in by hand" if found else ""
    comments = f"; {count(new, 'comment')}: nioc comments" if new else ""
    click.echo(f"{chapter.path}: {f'changed by {names}' if names else 'nothing changed'}{left}{comments}")


def put_in(root: Path, paper: Paper, chapter: Chapter, outcome: Outcome, sending: Sending) -> None:
    """Write the chapter as it is after each reviewer, and commit it in their name."""
    from nioc_paper.review.incoming import person

    file = inside(root, chapter.path)
    ends = "\r\n" if b"\r\n" in file.read_bytes() else "\n"
    for step in outcome.steps:
        replace_file(file, step.text.replace("\n", ends).encode("utf-8", "surrogateescape"))
        who = person(paper, step.author) or sending.to
        commit(root, chapter.path, f"Work in what {paper.name(who)} changed in '{chapter.id}'", signature(paper, who))


def note(
    root: Path, paper: Paper, chapter: Chapter, outcome: Outcome, heard: Sequence[Comment], sending: Sending
) -> None:
    """Write into the ledger that something came back, the comments as they are now, and what of it is left."""
    from nioc_paper.review import ledger
    from nioc_paper.review.passages import readers

    reviews, first = ledger.of(paper.reviews, chapter.id), ledger.following(paper.reviews)
    first += len(heard) - len(reviews.comments)
    names = named(paper, sending, outcome, ())
    left = ledger.unmerged(reviews.unmerged, outcome.missed, names, sending.number, first, readers(chapter))
    sendings = tuple(sending if s.number == sending.number else s for s in reviews.sendings)
    kept = reviews.changed(sendings=sendings, comments=tuple(heard), unmerged=left)
    keep(root, kept, f"Note what {paper.name(sending.to)} sent back of '{chapter.id}'")
