"""A Word file that was not made here as a new draft: `receive` with a file of nobody's sending."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import abort_on
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.cli.send import commit_author, commit_files, require_clean_commit, save_ledger
from nioc_paper.model import Diagnostic, Paper, Place, Severity, format_count, slugify
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, strip_unprintable

if TYPE_CHECKING:
    from nioc_paper.edit.scaffold import NewChapter
    from nioc_paper.ooxml.package import Package
    from nioc_paper.review.docx.comment_reader import DocxComment

_UNKNOWN_AUTHOR = "somebody"
"""Who made a comment that has no name."""
_MARKDOWN_FORMAT = (
    "markdown-raw_html-raw_tex-raw_attribute-header_attributes-smart-native_divs-native_spans-bracketed_spans"
    "-simple_tables-multiline_tables"
)


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """Where a new draft is to go; what is not given is chosen."""

    id: str = ""
    category: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A new chapter that is yet to be written, and what it lacks."""

    chapter: NewChapter
    text: str
    losses: list[str]


def import_as_draft(
    root: Path, paper: Paper, package: Package, file: Path, options: DraftOptions, *, dry_run: bool
) -> None:
    """A Word file as a new draft chapter, its comments in the ledger; says what was lost on the way."""
    from nioc_paper.cli.new import write_new_chapter
    from nioc_paper.load import SETTINGS_PATH
    from nioc_paper.review.docx import comment_reader, docx_reader

    with progress_bar(3) as stage:
        stage(f"reading {file.name}")
        draft = make_draft(paper, package, file, options)
        stage("reading the draft again")
        errors = find_draft_errors(root, paper, draft)
        stage("comments")
        word_comments = comment_reader.read_comments(package, docx_reader.read_docx(package), lambda _: "public")
    abort_on(root, errors)
    for loss in draft.losses:
        click.echo(f"  {loss}", err=True)
    click.echo(
        f"{draft.chapter.path}: a new draft, '{draft.chapter.title}', "
        f"with {format_count(len(word_comments), 'comment')}"
    )
    if dry_run:
        click.echo("nothing was changed: this was a dry run")
        return
    require_clean_commit(root)
    write_new_chapter(root, root / SETTINGS_PATH, draft.chapter.path, draft.text, draft.chapter.part)
    paths = [draft.chapter.path, *([SETTINGS_PATH] if draft.chapter.part is not None else [])]
    commit_files(
        root,
        paths,
        f"Bring {file.name} in as the chapter '{draft.chapter.id}'",
        commit_author(paper, read_author(package)),
    )
    if word_comments:
        save_comments(root, paper, draft.chapter.id, word_comments)


def make_draft(paper: Paper, package: Package, file: Path, options: DraftOptions) -> Draft:
    """The text of the chapter, as pandoc reads the file."""
    from nioc_paper import tree
    from nioc_paper.edit.scaffold import ScaffoldError, new_chapter
    from nioc_paper.review.docx import import_docx
    from nioc_paper.system import pandoc

    try:
        output = pandoc.run(["-f", "docx", "-t", "json"], file.read_bytes(), seconds=60, heap="1g").stdout
        pandoc_document = json.loads(FORBIDDEN_CHARACTERS.sub("", output.decode()))
        title, blocks = import_docx.split_title(
            pandoc_document["blocks"], tree.plain_text(pandoc_document["meta"].get("title", [])).strip()
        )
        title = " ".join(title.split()) or file.stem
        draft_chapter = new_chapter(
            paper, options.id or slugify(title)[:60].strip("-"), title, options.category, options.part
        )
        fitted = import_docx.fit_blocks(blocks)
        body = pandoc.write(fitted, _MARKDOWN_FORMAT, args=["--wrap=preserve", "--markdown-headings=atx"]).decode()
        reparsed, _ = pandoc.parse_markdown(body)
    except pandoc.PandocError as error:
        why = (error.detail or error.reason).partition("\n")[0][:200]
        raise click.ClickException(f"pandoc cannot read {file.name}: {why}") from error
    except ScaffoldError as error:
        raise click.UsageError(f"{file.name} was not made by nioc send, and as a new chapter: {error}") from None
    losses = import_docx.list_losses(package)
    if words := import_docx.missing_words(
        tree.plain_text(blocks, with_notes=True), tree.plain_text(reparsed, with_notes=True)
    ):
        losses.append(f"{format_count(len(words), 'word')} that the chapter does not have: {', '.join(words[:20])}")
    front = draft_chapter.text.split("\n---\n", maxsplit=1)[0]
    return Draft(draft_chapter, f"{front}\n---\n\n{body.strip()}\n", losses)


def find_draft_errors(root: Path, paper: Paper, draft: Draft) -> list[Diagnostic]:
    """The errors that the draft has as a file of the paper: whatever could not be read in it."""
    from nioc_paper.load.chapter import load_chapter
    from nioc_paper.load.context import LoadContext
    from nioc_paper.load.paper_files import PaperFiles
    from nioc_paper.system.cache import Cache

    findings: list[Diagnostic] = []
    files = PaperFiles(root, {draft.chapter.path: draft.text})
    context = LoadContext(files, Cache(), findings.append)
    chapter = load_chapter(context, draft.chapter.path, paper.settings.category_key)
    if chapter is None:
        return [Diagnostic(Place(draft.chapter.path), "unreadable-file", "the file cannot be made a chapter")]
    return [d for d in findings if d.severity == Severity.ERROR]


def read_author(package: Package) -> str:
    """Who wrote the file, as it says itself."""
    if "docProps/core.xml" not in package:
        return ""
    names = [n.text or "" for n in package.xml_root("docProps/core.xml") if str(n.tag).endswith("}creator")]
    return strip_unprintable(names[0]).strip() if names else ""


def save_comments(root: Path, paper: Paper, chapter: str, word_comments: list[DocxComment]) -> None:
    """Write the comments of the file into a ledger of the new chapter."""
    from nioc_paper.review.docx import comment_reader
    from nioc_paper.review.exchange import ledger
    from nioc_paper.review.exchange.incoming import find_person_id
    from nioc_paper.wording import wording_for

    names = {
        n: find_person_id(paper, n) or _UNKNOWN_AUTHOR
        for each in word_comments
        for n in (each.author, *(r.by for r in each.replies))
    }
    words = wording_for(paper.settings.language)
    ledger_comments = comment_reader.merge_comments(
        (), word_comments, names, 0, ledger.next_remark_number(paper.reviews), words
    )
    save_ledger(
        root, ledger.find_reviews((), chapter).replace(comments=ledger_comments), f"Note the comments on '{chapter}'"
    )
