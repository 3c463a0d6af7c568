"""`build`: the paper in its forms."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nioc_paper.audience import for_audience, notices
from nioc_paper.cli.common import (
    audience_options,
    history_of,
    in_tags,
    inside,
    known_chapter,
    lines_of,
    load_paper,
    memory_of,
    root_of,
    today_in,
    today_option,
    zone_of,
)
from nioc_paper.cli.exits import ERRORS
from nioc_paper.cli.gates import in_the_way, refuse
from nioc_paper.cli.unchanged import Asked, Told
from nioc_paper.model import AUDIENCES, Copy, Diagnostic, Document, Paper, Severity
from nioc_paper.wording import ENGLISH

if TYPE_CHECKING:
    from nioc_paper.render.layout import Layout


@click.command()
@click.option(
    "--to", "formats", metavar="FORMATS", default="pdf,docx,html,epub", show_default=True, help="What to make."
)
@click.option("--chapter", metavar="ID", help="One chapter only, with the numbers it has in the paper.")
@click.option("--brief", metavar="ID", help="A policy brief of a chapter, on two pages.")
@click.option("--comments", is_flag=True, help="What reviewers said of it, and what became of that, as a table.")
@click.option("--review-copy", is_flag=True, help="A draft to comment on: its paragraphs and lines are numbered.")
@audience_options
@click.option("--final", is_flag=True, help="Without the draft mark, if nothing is missing that a final paper needs.")
@click.option("--whole", is_flag=True, help="Lay the PDF out in one piece: slower, to compare with.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
@click.pass_obj
def build(
    again: Asked | None, /, formats: str, out: Path | None, today: date | None, whole: bool, **asked: Any
) -> None:
    """Make the paper in dist/. Nothing is made while there are errors."""
    from nioc_paper.render.layout import warmed_up

    root, names = root_of(Path.cwd()), known_formats(formats)
    out = out or inside(root, "dist")
    # The trees have no cycles, and looking for some takes longer than making them.
    gc.disable()
    if again:
        again.watch()
    tell, listed = Told(), not (asked["brief"] or asked["comments"])
    with warmed_up(names, in_one=whole, listed=listed) as layout:
        paper, made = made_now(root, names, out, today, tell, asked, layout)
    if len(made) < len(names):
        sys.exit(ERRORS)
    if again:
        # Builds of other copies may change the manifest.
        again.keep(zone_of(paper).key, tell, made, [out / "manifest.json"])


def made_now(
    root: Path,
    names: Sequence[str],
    out: Path,
    today: date | None,
    tell: Told,
    asked: Mapping[str, Any],
    layout: Layout,
) -> tuple[Paper, list[Path]]:
    """Read, check and make the paper; the files that were made."""
    paper, reading = load_paper(root, "nioc_paper.check", "nioc_paper.assemble", "nioc_paper.render.write")
    from nioc_paper.check import check

    day = today_in(paper, today)
    wanted = wanted_of(paper, **asked)
    found = check(paper, day, [*reading, *in_tags(root)], *memory_of(root))
    refuse(root, in_the_way(root, paper, reading, found, wanted.copy, day), wanted.copy)
    made = written(root, document_of(root, paper, wanted), names, out, tell, layout)
    warnings = sum(d.severity == Severity.WARNING for d in found)
    some = "1 warning; see it" if warnings == 1 else f"{warnings} warnings; see them"
    tell(f"{some} with: nioc check" if warnings else "no warnings", err=True)
    return paper, made


def known_formats(formats: str, writers: Collection[str] = ()) -> list[str]:
    """The formats asked for, each known: one of `writers`, or where none are named one of the paper's."""
    from nioc_paper.render import WRITERS

    known = writers or WRITERS
    names = list(dict.fromkeys(n.strip() for n in formats.split(",") if n.strip()))
    if not names:
        raise click.UsageError(f"no format is given; formats are: {', '.join(known)}")
    for name in names:
        if name not in known:
            raise click.UsageError(f"'{name}' is no format; formats are: {', '.join(known)}")
    return names


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a build is to make of the paper."""

    chapter: str | None = None
    """One chapter alone."""
    brief: str | None = None
    """The brief of a chapter."""
    comments: bool = False
    """What reviewers said, and what became of it."""
    copy: Copy = Copy()


def wanted_of(paper: Paper, *, review_copy: bool, audience: str, public: bool, final: bool, **asked: Any) -> Wanted:
    """What the options ask for; stops where they contradict each other, or ask for what the paper does not have."""
    from nioc_paper.assemble.brief import refusal

    if asked["brief"] and (asked["chapter"] or asked["comments"]):
        raise click.UsageError("--brief asks for another document than --chapter and --comments; give one of them")
    copy = Copy(audience=AUDIENCES[0] if public else audience, review=review_copy, final=final)
    if final and review_copy:
        raise click.UsageError("a final paper is no copy to comment on; give --final or --review-copy")
    chapter, brief = asked["chapter"], asked["brief"]
    known_chapter(paper, brief if chapter is None else chapter)
    left, _ = for_audience(paper, copy.audience)
    if (chapter or brief) not in {None, *(c.id for c in left.chapters)}:
        raise click.UsageError(f"the chapter '{chapter or brief}' is not for the audience '{copy.audience}'")
    if brief and (reason := refusal(left, brief)):
        raise click.UsageError(reason)
    return Wanted(chapter, brief, comments=asked["comments"], copy=copy)


def document_of(root: Path, paper: Paper, wanted: Wanted) -> Document:
    """The document that was asked for."""
    from nioc_paper.assemble import assemble, only
    from nioc_paper.assemble.brief import brief
    from nioc_paper.assemble.comments import comments

    history, timestamp = history_of(root, paper), timestamp_given()
    if wanted.brief:
        return brief(paper, history, wanted.brief, timestamp, wanted.copy)
    if wanted.comments:
        return comments(paper, history, wanted.chapter, timestamp, wanted.copy)
    document = assemble(paper, history, timestamp, wanted.copy)
    return only(document, paper, wanted.chapter) if wanted.chapter else document


def timestamp_given() -> int | None:
    """The moment that the environment gives for all outputs, where it gives one (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(epoch) if epoch.isdecimal() else None


def unwritten(out: Path, error: OSError) -> click.ClickException:
    """What is said when a file could not be written: it, or the folder of outputs if the error names no file."""
    return click.ClickException(
        f"cannot write to {error.filename or out}: {error.strerror or error}; what was there is unharmed"
    )


def written(
    root: Path,
    document: Document,
    names: Sequence[str],
    out: Path,
    tell: Told | None = None,
    layout: Layout | None = None,
) -> list[Path]:
    """Render a document; says what was made, and every finding of the engines."""
    from nioc_paper.cli.stages import stages
    from nioc_paper.load.templates import read_templates
    from nioc_paper.render.layout import COLD
    from nioc_paper.render.write import BusyError, render
    from nioc_paper.report.findings import FORMATS

    found: list[Diagnostic] = []
    try:
        with stages(len(names) + 1) as stage:
            made = render(
                document, names, out, read_templates(root), found.append, stage, memory_of(root)[0], layout or COLD
            )
    except BusyError:
        raise click.ClickException(f"another build is writing to {out}; wait for it to end") from None
    except OSError as error:
        raise unwritten(out, error) from error
    tell = tell or Told()
    tell.lasting &= not any(finding.rule == "render-failed" for finding in found)
    if found:
        tell(FORMATS["short"](found, lines_of(root)), err=True)
    for notice in notices(document, ENGLISH):
        tell(notice, err=True)
    for file in made:
        tell(f"{os.path.relpath(file)}  {max(file.stat().st_size / 1e6, 0.1):.1f} MB")
    return made
