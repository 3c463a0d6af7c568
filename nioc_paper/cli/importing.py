"""A Word file that was not made here as a new draft: `receive` with a file of nobody's sending."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import refuse
from nioc_paper.cli.reviews import commit, committed, keep, signature
from nioc_paper.cli.stages import stages
from nioc_paper.model import Diagnostic, Paper, Place, Severity, as_id, count
from nioc_paper.signs import FORBIDDEN, printed

if TYPE_CHECKING:
    from nioc_paper.new import NewChapter
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review.comments import Said

_NOBODY = "somebody"
"""Who made a comment that has no name."""
_WRITER = (
    "markdown-raw_html-raw_tex-raw_attribute-header_attributes-smart-native_divs-native_spans-bracketed_spans"
    "-simple_tables-multiline_tables"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a new draft is to go; what is not given is chosen."""

    id: str = ""
    category: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A new chapter that is yet to be written, and what it lacks."""

    new: NewChapter
    text: str
    lost: list[str]


def bring_in(root: Path, paper: Paper, package: Package, file: Path, asked: Asked, *, dry_run: bool) -> None:
    """A Word file as a new draft chapter, its comments in the ledger; says what was lost on the way."""
    from nioc_paper.cli.starting import write_chapter
    from nioc_paper.load import SETTINGS
    from nioc_paper.review import comments, word

    with stages(3) as stage:
        stage(f"reading {file.name}")
        draft = drafted(paper, package, file, asked)
        stage("reading the draft again")
        found = unread(root, paper, draft)
        stage("comments")
        said = comments.read(package, word.read(package), lambda _: "public")
    refuse(root, found)
    for loss in draft.lost:
        click.echo(f"  {loss}", err=True)
    click.echo(f"{draft.new.path}: a new draft, '{draft.new.title}', with {count(len(said), 'comment')}")
    if dry_run:
        click.echo("nothing was changed: this was a dry run")
        return
    committed(root)
    write_chapter(root, root / SETTINGS, draft.new.path, draft.text, draft.new.part)
    paths = [draft.new.path, *([SETTINGS] if draft.new.part is not None else [])]
    commit(root, paths, f"Bring {file.name} in as the chapter '{draft.new.id}'", signature(paper, author(package)))
    if said:
        note(root, paper, draft.new.id, said)


def drafted(paper: Paper, package: Package, file: Path, asked: Asked) -> Draft:
    """The text of the chapter, as pandoc reads the file."""
    from nioc_paper import pandoc, tree
    from nioc_paper.new import StartError, chapter
    from nioc_paper.review import foreign

    try:
        told = pandoc.run(["-f", "docx", "-t", "json"], file.read_bytes(), seconds=60, heap="1g").stdout
        read = json.loads(FORBIDDEN.sub("", told.decode()))
        title, blocks = foreign.title_of(read["blocks"], tree.plain(read["meta"].get("title", [])).strip())
        title = " ".join(title.split()) or file.stem
        new = chapter(paper, asked.id or as_id(title)[:60].strip("-"), title, asked.category, asked.part)
        fitted = foreign.fit(blocks)
        body = pandoc.write(fitted, _WRITER, args=["--wrap=preserve", "--markdown-headings=atx"]).decode()
        again, _ = pandoc.parse(body)
    except pandoc.PandocError as error:
        why = (error.detail or error.reason).partition("\n")[0][:200]
        raise click.ClickException(f"pandoc cannot read {file.name}: {why}") from error
    except StartError as error:
        raise click.UsageError(f"{file.name} was not made by nioc send, and as a new chapter: {error}") from None
    lost = foreign.losses(package)
    if words := foreign.missing(tree.plain(blocks, notes=True), tree.plain(again, notes=True)):
        lost.append(f"{count(len(words), 'word')} that the chapter does not have: {', '.join(words[:20])}")
    front = new.text.split("\n---\n", maxsplit=1)[0]
    return Draft(new, f"{front}\n---\n\n{body.strip()}\n", lost)


def unread(root: Path, paper: Paper, draft: Draft) -> list[Diagnostic]:
    """The errors that the draft has as a file of the paper: whatever could not be read in it."""
    from nioc_paper.cache import Cache
    from nioc_paper.load.chapter import load

    found: list[Diagnostic] = []
    unsaved = {draft.new.path: draft.text}
    chapter = load(root, draft.new.path, paper.settings.category_key, Cache(), found.append, unsaved)
    if chapter is None:
        return [Diagnostic(Place(draft.new.path), "unreadable-file", "the file cannot be made a chapter")]
    return [d for d in found if d.severity == Severity.ERROR]


def author(package: Package) -> str:
    """Who wrote the file, as it says itself."""
    if "docProps/core.xml" not in package:
        return ""
    names = [n.text or "" for n in package.xml("docProps/core.xml") if str(n.tag).endswith("}creator")]
    return printed(names[0]).strip() if names else ""


def note(root: Path, paper: Paper, chapter: str, said: list[Said]) -> None:
    """Write the comments of the file into a ledger of the new chapter."""
    from nioc_paper.review import comments, ledger
    from nioc_paper.review.incoming import person
    from nioc_paper.wording import labels

    names = {n: person(paper, n) or _NOBODY for each in said for n in (each.author, *(r.by for r in each.replies))}
    words = labels(paper.settings.language)
    entered = comments.entered((), said, names, 0, ledger.following(paper.reviews), words)
    keep(root, ledger.of((), chapter).changed(comments=entered), f"Note the comments on '{chapter}'")
