"""`site`: the paper as a website."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper import finder
from nioc_paper.audience import notices
from nioc_paper.cache import Cache
from nioc_paper.cli.common import (
    history_of,
    in_tags,
    inside,
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
from nioc_paper.cli.outputs import Wanted, document_of, known_formats, unwritten
from nioc_paper.cli.stages import stages
from nioc_paper.cli.unchanged import Asked, Told
from nioc_paper.files import exchange
from nioc_paper.model import (
    AUDIENCES,
    Copy,
    Diagnostic,
    Document,
    History,
    Paper,
    Severity,
    Standing,
    TemplateError,
    Templates,
)
from nioc_paper.pandoc import PandocError
from nioc_paper.threads import side_by_side
from nioc_paper.wording import ENGLISH, labels

if TYPE_CHECKING:
    from nioc_paper.render.site import Download

_NAMES = {"pdf": "PDF", "docx": "Word", "epub": "EPUB", "html": "HTML"}


@click.command()
@click.option("--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="For whom.")
@click.option(
    "--downloads", metavar="FORMATS", default="pdf,docx,epub", show_default=True, help="What to offer; or: none."
)
@click.option(
    "--redline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to offer that shows what changed, for the same readers.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/site]")
@today_option
@click.pass_obj
def site(
    again: Asked | None, /, audience: str, downloads: str, redline: Path | None, out: Path | None, today: date | None
) -> None:
    """Make a website of the paper in dist/site/: static files that work on any server, and without one."""
    from nioc_paper.check import check

    root, tell = root_of(Path.cwd()), Told()
    if again:
        again.watch()
    names = [] if downloads == "none" else known_formats(downloads)
    paper, reading = load_paper(root)
    day, copy = today_in(paper, today), Copy(audience=audience)
    found = check(paper, day, [*reading, *in_tags(root)], *memory_of(root))
    refuse(root, in_the_way(root, paper, reading, found, copy, day), copy)
    target = out or inside(root, "dist", "site")
    known_target(target)
    if not make(root, paper, copy, names, redline, target, day, tell):
        sys.exit(ERRORS)
    if again:
        again.opened.update([str(redline.resolve())] if redline else [])
        again.keep(zone_of(paper).key, tell, filter(Path.is_file, target.rglob("*")))


def known_target(target: Path) -> None:
    """Stop at a folder with something in it that is no site: it would be lost."""
    if target.exists() and not (target / "site.css").is_file() and not (target.is_dir() and not any(target.iterdir())):
        raise click.UsageError(f"'{target}' holds something that is no site; name a folder that is empty or not there")


def make(
    root: Path,
    paper: Paper,
    copy: Copy,
    names: list[str],
    redline: Path | None,
    target: Path,
    day: date,
    tell: Told,
) -> bool:
    """Make the site, and say what was made; nothing is written while a page or a file cannot be made."""
    from nioc_paper.render.write import BusyError, alone

    document = document_of(root, paper, Wanted(copy=copy))
    found: list[Diagnostic] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with alone(target.parent), stages(len(names) + 4) as stage:
            files = pages(root, paper, document, names, redline, day, found, stage)
            if all(d.severity < Severity.ERROR for d in found):
                stage("index")
                exchange(target, files, indexed if finder.is_there() else lambda _: None)
    except BusyError:
        raise click.ClickException(f"another build is writing to {target.parent}; wait for it to end") from None
    except OSError as error:
        raise unwritten(target, error) from error
    say(root, document, target, found, tell)
    return all(d.severity < Severity.ERROR for d in found)


def indexed(folder: Path) -> None:
    """Make the index of the search."""
    if not finder.index(folder):
        raise click.ClickException("pagefind cannot make the index of the search; what was there is unharmed")


def pages(
    root: Path,
    paper: Paper,
    document: Document,
    names: list[str],
    redline: Path | None,
    day: date,
    found: list[Diagnostic],
    stage: Callable[[str], None],
) -> Mapping[str, bytes]:
    """The files of the site by their paths, with those to download; `found` gets what is wrong with them."""
    from nioc_paper.load.templates import read_templates
    from nioc_paper.render.site import Around, site
    from nioc_paper.render.templating import broken_template
    from nioc_paper.render.write import cited, pandoc_failure

    stage("citations")
    cache, templates = Cache.of(root), read_templates(root)
    try:
        whole = cited(document, found.append, cache)
    except PandocError as error:
        found.append(pandoc_failure(error, "setting citations", "paper/references.yaml"))
        return {}
    offered = [*downloads_of(whole, names, templates, found, stage, cache), *redline_of(whole, redline)]
    stage("history")
    own, history = paper.settings.site, history_of(root, paper)
    standing = standing_of(root, paper, document.copy.audience, history, day)
    stage("pages")
    around = Around(
        url=(own.url or "").rstrip("/"),
        summary=own.summary or "",
        changed=history.changed,
        downloads=tuple(offered),
        progress=standing,
        search=finder.is_there(),
    )
    try:
        return site(whole, around, templates, found.append, cache)
    except TemplateError as error:
        found.append(broken_template(error))
    except PandocError as error:
        found.append(pandoc_failure(error, "writing the site"))
    return {}


def downloads_of(
    document: Document,
    names: list[str],
    templates: Templates,
    found: list[Diagnostic],
    stage: Callable[[str], None],
    cache: Cache,
) -> Iterator[Download]:
    """The whole paper in each format, as far as it can be made."""
    from nioc_paper.render.site import Download
    from nioc_paper.render.write import AT_ONCE, written

    words, made = labels(document.language), dict[str, tuple[bytes | None, list[Diagnostic]]]()

    def make(_: int, name: str) -> None:
        stage(name)
        said: list[Diagnostic] = []
        made[name] = written(name, document, templates, said.append, cache), said

    side_by_side(make, names, AT_ONCE)
    for name in names:
        data, said = made[name]
        found += said
        if data is not None:
            yield Download(f"files/{document.stem}.{name}", words["read_as"].format(_NAMES[name]), data)


def redline_of(document: Document, redline: Path | None) -> Iterator[Download]:
    """The file that shows what changed, if there is one."""
    from nioc_paper.render.site import Download

    if redline:
        kind = redline.suffix.removeprefix(".")
        title = f"{labels(document.language)['what_changed']} ({_NAMES.get(kind, kind.upper())})"
        yield Download(f"files/{redline.name}", title, redline.read_bytes())


def standing_of(root: Path, paper: Paper, audience: str, history: History, day: date) -> Standing:
    """How far the paper is, as far as its audience may know."""
    from nioc_paper.audience import as_known
    from nioc_paper.cli.trail import trail
    from nioc_paper.progress import progress

    left = as_known(paper, audience, labels(paper.settings.language)["participant"])
    state = progress(left, history, day)
    return Standing(left, state, trail(root, audience, zone_of(paper), state))


def say(root: Path, document: Document, target: Path, found: list[Diagnostic], tell: Told) -> None:
    """Say what was found, what the copy lacks, and where the site is."""
    from nioc_paper.report.findings import FORMATS

    if found:
        tell(FORMATS["short"](found, lines_of(root)), err=True)
    for notice in notices(document, ENGLISH):
        tell(notice, err=True)
    if not finder.is_there():
        tell(f"the site has no search, for pagefind is not installed; install it: {finder.INSTALL}", err=True)
    if any(d.severity == Severity.ERROR for d in found):
        tell("nothing was made", err=True)
        return
    files = [file for file in target.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    tell(f"{os.path.relpath(target)}/index.html  {len(files)} files, {size:.1f} MB")
