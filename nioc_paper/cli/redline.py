"""`redline`: what changed between two versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import audience_options, inside, load_paper, refuse, root_of, show, zone_of
from nioc_paper.cli.exits import ERRORS, OK
from nioc_paper.cli.outputs import known_formats, written
from nioc_paper.cli.past import paper_at
from nioc_paper.cli.stages import stages
from nioc_paper.model import AUDIENCES, Copy, Diagnostic, Document, History, Paper, Severity, count, nearest
from nioc_paper.wording import day as printed
from nioc_paper.wording import labels

if TYPE_CHECKING:
    from nioc_paper.review.redline.versions import Version

_SHOWN = 5
"""So many errors of an old version are shown: nobody mends them."""


@click.command(short_help="Show what changed between two versions.")
@click.argument("versions", metavar="OLD..NEW")
@click.option("--chapter", metavar="ID", help="One chapter only.")
@click.option("--to", "formats", metavar="FORMATS", default="docx,pdf,html", show_default=True, help="What to make.")
@audience_options
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
def redline(versions: str, chapter: str | None, formats: str, audience: str, public: bool, out: Path | None) -> None:
    """Make the paper with what changed between OLD and NEW: commits, tags or days. Without NEW, the last commit."""
    root, names = root_of(Path.cwd()), known_formats(formats)
    paper, _ = load_paper(root)
    copy = Copy(audience=AUDIENCES[0] if public else audience)
    old, new = (named(root, name, paper) for name in ends(versions))
    if old[1] == new[1]:
        raise click.UsageError(f"{old[0]} and {new[0]} are the same commit, {new[1][:10]}")
    document = comparison(root, old, new, chapter, copy)
    made = written(root, document, names, out or inside(root, "dist"))
    raise SystemExit(OK if len(made) == len(names) else ERRORS)


def ends(versions: str) -> tuple[str, str]:
    """The names of the two versions in OLD..NEW."""
    old, dots, new = versions.partition("..")
    if not dots or not old or new.startswith("."):
        raise click.UsageError("write two versions with two dots between them: v1..v2, 2020-02-18..2020-03-30, v1..")
    return old, new or "HEAD"


def named(root: Path, name: str, paper: Paper) -> tuple[str, str]:
    """What a version is called in print, and its commit: a tag, the end of a day, or any name that git knows."""
    from nioc_paper import git

    try:
        on = date.fromisoformat(name) if len(name) == 10 and name[4] == "-" else None
    except ValueError:
        raise click.UsageError(f"'{name}' is no day; write YYYY-MM-DD") from None
    if on:
        commit = git.commit_on(root, name, zone_of(paper))
        if commit is None:
            raise click.UsageError(f"git has no commit of {name} or before")
        return printed(on, labels(paper.settings.language)), commit
    commit = git.commit_of(root, name)
    if commit is None:
        raise click.UsageError(f"'{name}' is no commit, tag or day that git knows of")
    return name if git.commit_of(root, f"refs/tags/{name}") else commit[:10], commit


def comparison(root: Path, old: tuple[str, str], new: tuple[str, str], chapter: str | None, copy: Copy) -> Document:
    """The document that shows what changed; stops where it would show what its readers are not to read."""
    from nioc_paper.review.redline.kept import as_kept_now, told
    from nioc_paper.review.redline.versions import compared

    with stages(4) as stage:
        stage("old version")
        then = read(root, *old, copy)
        stage("new version")
        now = read(root, *new, copy)
        known(then, now, chapter, copy)
        stage("citations")
        before = version(root, as_kept_now(then, now), *old, chapter, copy)
        after = version(root, now, *new, chapter, copy)
        stage("comparison")
        document = compared(before, after, labels(after.document.language), chapter)
    if copy.audience != AUDIENCES[-1]:
        lost = list(told(now, document.blocks, copy.audience))
        refuse(root, lost, "nothing was made: it would show what its readers are not to read")
    return replace(document, copy=copy)


def read(root: Path, name: str, commit: str, copy: Copy) -> Paper:
    """The paper as it was in a commit. What is not read today as it was then is said, and left out."""
    from nioc_paper.check.withheld import in_the_way

    found: list[Diagnostic] = []
    paper = paper_at(root, commit, found.append)
    errors = sorted(d for d in found if d.severity == Severity.ERROR)
    if not paper.chapters:
        raise click.ClickException(f"no chapter of {name} can be read; the paper was kept in another way then")
    if copy.audience != AUDIENCES[-1]:
        refuse(root, [*errors, *in_the_way(paper, copy.audience)])
    if errors:
        some = errors[:_SHOWN]
        more = f", the first {_SHOWN} of them above" if len(errors) > _SHOWN else ", above"
        show(root, some)
        click.echo(f"{name} has {count(len(errors), 'error')} by today's rules{more}; the rest is compared", err=True)
    return paper


def known(then: Paper, now: Paper, chapter: str | None, copy: Copy) -> None:
    """Stop at a chapter that is in neither version, or that the readers are not to read."""
    from nioc_paper.audience import for_audience
    from nioc_paper.review.redline.kept import as_kept_now

    ids = {c.id for paper in (then, now) for c in paper.chapters}
    if chapter is not None and chapter not in ids:
        raise click.UsageError(f"no chapter is called '{chapter}' in either version; {nearest(chapter, sorted(ids))}")
    open_ = {c.id for p in (as_kept_now(then, now), now) for c in for_audience(p, copy.audience)[0].chapters}
    if chapter not in {None, *open_}:
        raise click.UsageError(f"the chapter '{chapter}' is not for the audience '{copy.audience}'")


def version(root: Path, paper: Paper, name: str, commit: str, chapter: str | None, copy: Copy) -> Version:
    """A version as a document, or one chapter of it, with its citations set."""
    from nioc_paper import git, pandoc
    from nioc_paper.assemble import assemble, only
    from nioc_paper.audience import for_audience
    from nioc_paper.review.redline.versions import Version

    moment = git.moment_of(root, commit)
    on = datetime.fromtimestamp(moment, UTC).astimezone(zone_of(paper)).date() if moment is not None else None
    document = assemble(paper, History(commit=commit, on=on, timestamp=moment), copy=copy)
    if chapter:
        document = only(document, paper, chapter)
    blocks, _ = pandoc.cite(document.blocks, document.references, language=document.language)
    return Version(name, for_audience(paper, copy.audience)[0], replace(document, blocks=tuple(blocks)))
