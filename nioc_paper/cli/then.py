"""The paper as it was sent: read from its commit, and a chapter of it as the Word file that went out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path, PurePosixPath

import click

from nioc_paper.model import AUDIENCES, Chapter, Comment, Copy, Diagnostic, History, Paper, Report, Sending, Severity


def paper_at(root: Path, commit: str, report: Report = lambda _: None) -> Paper:
    """The paper as it was in a commit; what reading it finds is reported."""
    from nioc_paper import git
    from nioc_paper.cache import Cache
    from nioc_paper.load import load

    files = git.files_at(root, commit)
    if files is None:
        raise click.ClickException(f"git has no commit {commit[:10]}: fetch the history that it is in")
    with tempfile.TemporaryDirectory(prefix="nioc-then-") as scratch:
        for path, data in files.items():
            # A tree may hold any name; what leads out of the folder is no file of a paper.
            if ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute():
                file = Path(scratch, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        return load(Path(scratch), report, Cache.of(root))


def chapter_of(paper: Paper, chapter: str) -> Chapter:
    """A chapter of an earlier paper."""
    found = next((c for c in paper.chapters if c.id == chapter), None)
    if found is None:
        raise click.ClickException(f"the paper had no chapter '{chapter}' when this was sent")
    return found


@dataclass(frozen=True, slots=True)
class Exported:
    """The Word file of a sending."""

    data: bytes
    marking: str
    """For whom alone some of it is: limited, restricted; empty where everybody may read it."""


def exported(
    paper: Paper, chapter: str, sending: Sending, templates: Path, comments: Sequence[Comment] = ()
) -> Exported:
    """The Word file of a sending, with comments: the same bytes whenever it is made from the same paper."""
    from nioc_paper import tree
    from nioc_paper.assemble import assemble, only
    from nioc_paper.audience import marking
    from nioc_paper.ooxml.package import Package
    from nioc_paper.render import made
    from nioc_paper.render.theme import theme
    from nioc_paper.report.findings import FORMATS
    from nioc_paper.review import outgoing, threads
    from nioc_paper.wording import labels

    moment = int(datetime.combine(sending.on, time(), UTC).timestamp())
    history = History(commit=sending.commit, on=sending.on, timestamp=moment)
    marked = outgoing.marked(paper, chapter_of(paper, chapter))
    document = only(assemble(marked, history, copy=Copy(review=True)), marked, chapter)
    document = replace(document, form="brief", contents=(), figures=(), tables=(), recommendations=())
    found: list[Diagnostic] = []
    data = made("docx", document, templates, found.append)
    if data is None:
        errors = [d for d in found if d.severity == Severity.ERROR]
        raise click.ClickException("the Word file was not made:\n" + FORMATS["short"](errors, lambda _: ()))
    package = Package(data)
    accent = theme(templates)["accent"].lstrip("#")
    origin = outgoing.origin_of(paper, chapter, sending)
    outgoing.dress(package, origin, outgoing.instructions(paper, sending), accent)
    threads.write(package, comments, paper, labels(paper.settings.language))
    level = max((marking(n) for n in tree.walk(document.blocks) if n["t"] in ("Div", "Span")), default=0)
    return Exported(package.save(moment), AUDIENCES[level] if level else "")
