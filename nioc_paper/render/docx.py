"""The paper as a Word file: to be read, commented in and sent on by people who have nothing but Word."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.model import Diagnostic, Document, Place, Report, Severity
from nioc_paper.ooxml import settings, zips
from nioc_paper.render import body
from nioc_paper.render.embed import Picture, address, embedder
from nioc_paper.render.inventory import Found
from nioc_paper.render.theme import Theme, theme
from nioc_paper.render.word import compact, front, ground, pagination, read
from nioc_paper.render.word.cover import cover
from nioc_paper.render.word.crossref import References
from nioc_paper.render.word.make import Bench
from nioc_paper.render.word.pictures import pictures, widths
from nioc_paper.render.word.sections import Run, Section, chapters
from nioc_paper.render.word.sheet import text_width
from nioc_paper.render.word.shell import Shell
from nioc_paper.render.word.template.dress import Clothes
from nioc_paper.render.word.tree import Styling
from nioc_paper.wording import labels


def write(
    document: Document,
    templates: Path,
    report: Report,
    cache: Cache = NO_CACHE,
    *,
    hold: Callable[[Found], None] = lambda _: None,
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
    names = {target: (kind, hashlib.sha256(data).digest()) for target, (kind, data) in drawn.items()}
    inside = {address(names[target]): address(picture) for target, picture in drawn.items()}
    bench = Bench(document, look, ground_of_cover, inside, cache)
    shell = Shell(bench, clothes)
    cut = _cut(document, names, widths(document, drawn, text_width(look) / 20), look)
    pieces = bench.pieces(cut, shell.furniture)
    hold(read.joined(piece.held for piece in pieces.values()))
    pages: Mapping[str, str] = {}
    if document.form == "paper":
        files = {shell.name(name): partial(shell.bare, piece) for name, piece in pieces.items()}
        first = next((index for index, runs in enumerate(cut) if runs[0].first), 0)
        pages = pagination.numbers(pagination.laid_out(files, cache), first)
    package, known = shell.joined(pieces.values(), pages, report)
    if not known:
        settings.put(package, '<w:updateFields w:val="true"/>')
        message = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
        place, hint = body.output(document, "docx"), "install LibreOffice (soffice)"
        report(Diagnostic(place, "missing-tool", message, Severity.INFO, hint))
    return package.save(document.timestamp, pack=partial(_packed, cache))


def _packed(cache: Cache, data: bytes) -> bytes:
    """A picture or a typeface as the file holds it: packing all takes longer than everything else."""
    return cache.made(key("packed", zlib.ZLIB_RUNTIME_VERSION, data), lambda: zips.deflated(data))


def _cut(document: Document, drawn: Mapping[str, Picture], wide: Mapping[str, str], look: Theme) -> list[list[Run]]:
    """The whole file as pieces, each of runs of pages; one whose changes are tracked is one piece."""
    said = labels(document.language)
    styling = Styling(embedder(drawn, wide), {e.id: e for e in document.recommendations}, References(document.blocks))
    text = [
        [replace(run, blocks=styling.styled(run.blocks)) for run in runs] for runs in chapters(body.prepare(document))
    ]
    if document.form != "paper":
        first = replace(text[0][0], blocks=[*compact.masthead(document, said, look), *text[0][0].blocks])
        return [[first, *text[0][1:], *(run for runs in text[1:] for run in runs)]]
    before = [
        Run(Section.COVER, cover(document, said, look)),
        Run(Section.IMPRINT, front.imprint(document, said, look)),
        Run(Section.LISTS, front.contributors(document, said)),
        Run(Section.LISTS, front.lists(document, said)),
    ]
    cut = [[run for run in runs if run.blocks] for runs in (before, *text)]
    return [[run for runs in cut for run in runs]] if document.revision else cut


def _cover(templates: Path, look: Theme, report: Report, cache: Cache) -> bytes:
    try:
        return ground.drawn(templates, look, cache)
    except ValueError as error:
        message = f"the ground of the cover cannot be drawn: {error}"
        report(Diagnostic(Place("templates/pattern.svg"), "render-failed", message))
        return b""
