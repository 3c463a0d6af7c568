"""The paper as a Word file: to be read, commented in and sent on by people who have nothing but Word."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nioc_paper import pandoc, tree
from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Diagnostic, Document, Place, Report, Severity
from nioc_paper.ooxml.package import Package
from nioc_paper.render import body
from nioc_paper.render.embed import Picture, embedder
from nioc_paper.render.theme import Theme, theme
from nioc_paper.render.word import compact, front, ground, leftward, pages, pagination, review, tracked
from nioc_paper.render.word.cover import cover
from nioc_paper.render.word.crossref import References
from nioc_paper.render.word.finish import finish
from nioc_paper.render.word.fonts import embed
from nioc_paper.render.word.furniture import Running, furniture
from nioc_paper.render.word.pictures import pictures, widths
from nioc_paper.render.word.properties import describe, proofing
from nioc_paper.render.word.reference import reference
from nioc_paper.render.word.sections import SECTION_END, Run, Section, sections
from nioc_paper.render.word.sheet import text_width
from nioc_paper.render.word.template.dress import Clothes
from nioc_paper.render.word.tree import Styling
from nioc_paper.wording import day, direction, labels


def write(document: Document, templates: Path, report: Report, cache: Cache = NO_CACHE) -> bytes:
    """The bytes of the .docx. Reports `render-failed` and `missing-tool`; raises PandocError."""
    own = compact.look(theme(templates), document.form)
    clothes = Clothes(document.template) if document.template else None
    look = clothes.look(own) if clothes else own
    runs = _runs(document, pictures(document, own, report, cache), look)
    package = Package(_pandoc(runs, document, look))
    make = clothes.furniture if clothes else furniture
    pages.lay_out(package, runs, make(package, _running(document), look), look)
    if document.form == "paper" and not clothes:
        _lay_ground(package, templates, look, report, cache)
    if document.revision:
        tracked.mark(package, document.revision)
    finish(package, look)
    way = direction(document.language)
    leftward.turn_headings(package, way)
    if way == "rtl":
        leftward.turn(package)
    if document.copy.review:
        review.mark(package)
    describe(package, document)
    clothes.put_on(package, report) if clothes else embed(package)
    listed = document.form == "paper"
    if listed and not pagination.fill(package, pagination.numbers(package.save(document.timestamp), _first(runs))):
        message = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
        place, hint = body.output(document, "docx"), "install LibreOffice (soffice)"
        report(Diagnostic(place, "missing-tool", message, Severity.INFO, hint))
    return package.save(document.timestamp)


def _runs(document: Document, drawn: Mapping[str, Picture], look: Theme) -> list[Run]:
    """The whole file as runs of pages."""
    said = labels(document.language)
    embed_picture = embedder(drawn, widths(document, drawn, text_width(look) / 20))
    styling = Styling(embed_picture, {e.id: e for e in document.recommendations}, References(document.blocks))
    text = [replace(run, blocks=styling.styled(run.blocks)) for run in sections(body.prepare(document))]
    if document.form != "paper":
        return [replace(text[0], blocks=[*compact.masthead(document, said, look), *text[0].blocks]), *text[1:]]
    before = [
        Run(Section.COVER, cover(document, said, look)),
        Run(Section.IMPRINT, front.imprint(document, said, look)),
        Run(Section.LISTS, front.contributors(document, said)),
        Run(Section.LISTS, front.lists(document, said)),
    ]
    return [run for run in (*before, *text) if run.blocks]


def _running(document: Document) -> Running:
    said = labels(document.language)
    issue = " · ".join(filter(None, (document.edition, day(document.date, said), document.version)))
    return Running(document.series, issue, said["draft"].upper() if document.draft else "")


def _lay_ground(package: Package, templates: Path, look: Theme, report: Report, cache: Cache) -> None:
    try:
        ground.lay(package, templates, look, cache)
    except ValueError as error:
        message = f"the ground of the cover cannot be drawn: {error}"
        report(Diagnostic(Place("templates/pattern.svg"), "render-failed", message))


def _first(runs: list[Run]) -> str:
    """The id of what heads page 1."""
    return next((tree.identifier(run.blocks[0]) for run in runs if run.first), "")


def _pandoc(runs: list[Run], document: Document, look: Theme) -> bytes:
    language = proofing(document.language)
    # The properties of the last section stand at the end of the body, where pandoc puts them itself.
    blocks = [block for run in runs for block in (*run.blocks, SECTION_END)][:-1]
    with tempfile.TemporaryDirectory(prefix="nioc-") as scratch:
        file = Path(scratch, "reference.docx")
        file.write_bytes(reference(look, language, compact.styles(document.form)))
        args = ["--reference-doc", str(file), "--syntax-highlighting=none"]
        return pandoc.write(blocks, "docx", meta={"lang": language, "dir": direction(document.language)}, args=args)
