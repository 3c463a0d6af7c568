"""`redline`: what changed between two versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.app.snapshots import load_snapshot
from nioc_paper.cli.build import parse_formats, write_outputs
from nioc_paper.cli.common import (
    abort_on,
    audience_options,
    load_paper,
    require_root,
    resolve_time_zone,
    show_findings,
    writable_path,
)
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.model import (
    AUDIENCES,
    Diagnostic,
    Document,
    History,
    OutputOptions,
    Paper,
    Severity,
    format_count,
    spelling_hint,
)
from nioc_paper.wording import format_date as format_day
from nioc_paper.wording import wording_for

if TYPE_CHECKING:
    from nioc_paper.redline.versions import PaperVersion

_MAX_SHOWN_ERRORS = 5
"""So many errors of an old version are shown: nobody mends them."""


@click.command(short_help="Show what changed between two versions.")
@click.argument("versions", metavar="OLD..NEW")
@click.option("--chapter", metavar="ID", help="One chapter only.")
@click.option("--to", "formats", metavar="FORMATS", default="docx,pdf,html", show_default=True, help="What to make.")
@audience_options
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
def redline(versions: str, chapter: str | None, formats: str, audience: str, public: bool, out: Path | None) -> None:
    """Make the paper with what changed between OLD and NEW: commits, tags or days. Without NEW, the last commit."""
    root, names = require_root(Path.cwd()), parse_formats(formats)
    paper, _ = load_paper(root)
    copy = OutputOptions(audience=AUDIENCES[0] if public else audience)
    old, new = (resolve_version(root, name, paper) for name in parse_versions(versions))
    if old[1] == new[1]:
        raise click.UsageError(f"{old[0]} and {new[0]} are the same commit, {new[1][:10]}")
    document = build_redline(root, old, new, chapter, copy)
    output_files = write_outputs(root, document, names, out or writable_path(root, "dist"))
    raise SystemExit(OK if len(output_files) == len(names) else ERRORS)


def parse_versions(versions: str) -> tuple[str, str]:
    """The names of the two versions in OLD..NEW."""
    old, dots, new = versions.partition("..")
    if not dots or not old or new.startswith("."):
        raise click.UsageError("write two versions with two dots between them: v1..v2, 2020-02-18..2020-03-30, v1..")
    return old, new or "HEAD"


def resolve_version(root: Path, name: str, paper: Paper) -> tuple[str, str]:
    """What a version is called in print, and its commit: a tag, the end of a day, or any name that git knows."""
    from nioc_paper.system import git

    try:
        on = date.fromisoformat(name) if len(name) == 10 and name[4] == "-" else None
    except ValueError:
        raise click.UsageError(f"'{name}' is no day; write YYYY-MM-DD") from None
    if on:
        commit = git.commit_at_end_of_day(root, name, resolve_time_zone(paper))
        if commit is None:
            raise click.UsageError(f"git has no commit of {name} or before")
        return format_day(on, wording_for(paper.settings.language)), commit
    commit = git.resolve_commit(root, name)
    if commit is None:
        raise click.UsageError(f"'{name}' is no commit, tag or day that git knows of")
    return name if git.resolve_commit(root, f"refs/tags/{name}") else commit[:10], commit


def build_redline(
    root: Path, old: tuple[str, str], new: tuple[str, str], chapter: str | None, copy: OutputOptions
) -> Document:
    """The document that shows what changed; stops where it would show what its readers are not to read."""
    from nioc_paper.redline.disclosure import find_disclosed, with_current_restrictions
    from nioc_paper.redline.versions import compare_versions

    with progress_bar(4) as stage:
        stage("old version")
        old_paper = load_version(root, *old, copy)
        stage("new version")
        new_paper = load_version(root, *new, copy)
        validate_redline_chapter(old_paper, new_paper, chapter, copy)
        stage("citations")
        before = assemble_version(root, with_current_restrictions(old_paper, new_paper), *old, chapter, copy)
        after = assemble_version(root, new_paper, *new, chapter, copy)
        stage("comparison")
        document = compare_versions(before, after, wording_for(after.document.language), chapter)
    if copy.audience != AUDIENCES[-1]:
        leaks = list(find_disclosed(new_paper, document.blocks, copy.audience))
        abort_on(root, leaks, "nothing was made: it would show what its readers are not to read")
    return replace(document, copy=copy)


def load_version(root: Path, name: str, commit: str, copy: OutputOptions) -> Paper:
    """The paper as it was in a commit. What is not read today as it was then is said, and left out."""
    from nioc_paper.check.rules.withheld import find_audience_leaks

    findings: list[Diagnostic] = []
    paper = load_snapshot(root, commit, findings.append)
    errors = sorted(d for d in findings if d.severity == Severity.ERROR)
    if not paper.chapters:
        raise click.ClickException(f"no chapter of {name} can be read; the paper was kept in another way then")
    if copy.audience != AUDIENCES[-1]:
        abort_on(root, [*errors, *find_audience_leaks(paper, copy.audience)])
    if errors:
        shown_errors = errors[:_MAX_SHOWN_ERRORS]
        more = f", the first {_MAX_SHOWN_ERRORS} of them above" if len(errors) > _MAX_SHOWN_ERRORS else ", above"
        show_findings(root, shown_errors)
        click.echo(
            f"{name} has {format_count(len(errors), 'error')} by today's rules{more}; the rest is compared", err=True
        )
    return paper


def validate_redline_chapter(old_paper: Paper, new_paper: Paper, chapter: str | None, copy: OutputOptions) -> None:
    """Stop at a chapter that is in neither version, or that the readers are not to read."""
    from nioc_paper.domain.audience import for_audience
    from nioc_paper.redline.disclosure import with_current_restrictions

    ids = {c.id for paper in (old_paper, new_paper) for c in paper.chapters}
    if chapter is not None and chapter not in ids:
        raise click.UsageError(
            f"no chapter is called '{chapter}' in either version; {spelling_hint(chapter, sorted(ids))}"
        )
    visible_ids = {
        c.id
        for p in (with_current_restrictions(old_paper, new_paper), new_paper)
        for c in for_audience(p, copy.audience)[0].chapters
    }
    if chapter not in {None, *visible_ids}:
        raise click.UsageError(f"the chapter '{chapter}' is not for the audience '{copy.audience}'")


def assemble_version(
    root: Path, paper: Paper, name: str, commit: str, chapter: str | None, copy: OutputOptions
) -> PaperVersion:
    """A version as a document, or one chapter of it, with its citations set."""
    from nioc_paper.assemble import assemble, extract_chapter
    from nioc_paper.domain.audience import for_audience
    from nioc_paper.redline.versions import PaperVersion
    from nioc_paper.system import git, pandoc

    moment = git.commit_timestamp(root, commit)
    on = datetime.fromtimestamp(moment, UTC).astimezone(resolve_time_zone(paper)).date() if moment is not None else None
    document = assemble(paper, History(commit=commit, committed_on=on, timestamp=moment), copy=copy)
    if chapter:
        document = extract_chapter(document, paper, chapter)
    blocks, _ = pandoc.cite(document.blocks, document.references, language=document.language)
    return PaperVersion(name, for_audience(paper, copy.audience)[0], replace(document, blocks=tuple(blocks)))
