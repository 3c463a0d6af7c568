"""The paper as a Word file: to be read, commented in and sent on by people who have nothing but Word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Diagnostic, Document, Place, Report, Severity, Templates
from nioc_paper.ooxml import settings
from nioc_paper.render import body
from nioc_paper.render.embed import address, stood_in
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Hold, drop
from nioc_paper.render.theme import Theme, theme
from nioc_paper.render.word import compact, ground, office, pagination, read
from nioc_paper.render.word.cut import Cutter, Job
from nioc_paper.render.word.make import Bench
from nioc_paper.render.word.office import Office
from nioc_paper.render.word.pictures import pictures, widths
from nioc_paper.render.word.piece import Piece
from nioc_paper.render.word.sheet import text_width
from nioc_paper.render.word.shell import Shell
from nioc_paper.render.word.template.dress import Clothes
from nioc_paper.threads import begun


def write(
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    layout: Layout = COLD,
    hold: Hold = drop,
) -> bytes:
    """The bytes of the .docx. Reports `render-failed` and `missing-tool`; raises PandocError.

    A paper is made chapter by chapter, and what has not changed is taken from the cache. `hold` is told what the
    chapters hold, each read back when it was finished.
    """
    own = compact.look(theme(templates), document.form)
    clothes = Clothes(document.template) if document.template else None
    look = clothes.look(own) if clothes else own
    drawn = pictures(document, own, report, cache)
    ground_of_cover = b"" if clothes or document.form != "paper" else _cover(templates, look, report, cache)
    stands = stood_in(drawn)
    inside = {address(stands[target]): picture for target, picture in drawn.items()}
    bench = Bench(document, look, ground_of_cover, inside, cache)
    shell = Shell(bench, clothes)
    jobs = Cutter(document, look, stands, widths(document, drawn, text_width(look) / 20), cache).jobs()
    pieces = bench.pieces(jobs, shell.furniture)
    pages = begun(lambda: _pages(jobs, pieces, shell, cache, layout.office) if document.form == "paper" else {})
    hold(read.joined(piece.held for _, piece in pieces))
    package, known = shell.joined([piece for _, piece in pieces], pages, report)
    if not known:
        settings.put(package, '<w:updateFields w:val="true"/>')
        report(_unnumbered(body.output(document, "docx")))
    return package.save(document.timestamp)


def _pages(
    jobs: Sequence[Job], pieces: Sequence[tuple[str, Piece]], shell: Shell, cache: Cache, ready: Office | None
) -> Mapping[str, str]:
    """The number on the page of each bookmark; none where LibreOffice cannot tell."""
    files = {shell.name(name): partial(shell.bare, piece) for name, piece in pieces}
    first, begins = next(((n, job.first) for n, job in enumerate(jobs) if job.first is not None), (0, ""))
    return pagination.numbers(pagination.laid_out(files, cache, ready), first, begins)


def _unnumbered(place: Place) -> Diagnostic:
    """What to say of a file whose lists have no page numbers, with or without LibreOffice on the machine."""
    asks = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
    if office.program() is None:
        return Diagnostic(place, "missing-tool", asks, Severity.INFO, "install LibreOffice (soffice)")
    message = f"LibreOffice did not lay it out: {asks}"
    return Diagnostic(place, "render-failed", message, Severity.WARNING, "build again; open the file in LibreOffice")


def _cover(templates: Templates, look: Theme, report: Report, cache: Cache) -> bytes:
    try:
        return ground.drawn(templates, look, cache)
    except ValueError as error:
        message = f"the ground of the cover cannot be drawn: {error}"
        report(Diagnostic(Place("templates/pattern.svg"), "render-failed", message))
        return b""
