"""The paper as a Word file: to be read, commented in and sent on by people who have nothing but Word."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nioc_paper import pandoc
from nioc_paper.model import Diagnostic, Document, Node, Report, Severity
from nioc_paper.ooxml.package import Package
from nioc_paper.render import body, words
from nioc_paper.render.embed import embedder
from nioc_paper.render.theme import Theme, theme
from nioc_paper.render.word import front, pages, pagination, read, review
from nioc_paper.render.word.crossref import References
from nioc_paper.render.word.finish import finish
from nioc_paper.render.word.fonts import embed
from nioc_paper.render.word.pictures import pictures, widths
from nioc_paper.render.word.properties import describe, proofing
from nioc_paper.render.word.reference import reference
from nioc_paper.render.word.sections import SECTION_END, Section, sections
from nioc_paper.render.word.sheet import text_width
from nioc_paper.render.word.tree import Styling
from nioc_paper.wording import labels


def write(document: Document, templates: Path, report: Report) -> bytes:
    """The bytes of the .docx. Reports `lost-text`, `lost-note`, `render-failed`, `missing-tool`; raises PandocError."""
    look, said = theme(templates), labels(document.language)
    blocks, kinds = _blocks(document, look, report)
    package = Package(_pandoc(blocks, document, look))
    pages.lay_out(package, kinds, document, look, said["draft"].upper() if document.draft else "")
    finish(package, look)
    if document.copy.review:
        review.mark(package)
    describe(package, document)
    embed(package)
    place = body.output(document, "docx")
    if not pagination.fill(package, pagination.pages(package.save(document.timestamp))):
        message = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
        report(Diagnostic(place, "missing-tool", message, Severity.INFO, "install LibreOffice (soffice)"))
    words.compare(document.blocks, read.passages(package), read.notes(package), place, report)
    return package.save(document.timestamp)


def _blocks(document: Document, look: Theme, report: Report) -> tuple[list[Node], list[Section]]:
    """The whole file as pandoc's tree, and what each of its sections is."""
    said = labels(document.language)
    drawn = pictures(document, look, report)
    embed_picture = embedder(drawn, widths(document, drawn, text_width(look) / 20))
    styling = Styling(embed_picture, {e.id: e for e in document.recommendations}, References(document.blocks))
    runs = [(Section.COVER, front.cover(document, said)), (Section.LISTS, front.lists(document, said))]
    runs += [(kind, styling.styled(part)) for kind, part in sections(body.prepare(document))]
    runs = [(kind, part) for kind, part in runs if part]
    blocks = [block for _, part in runs for block in (*part, SECTION_END)]
    # The properties of the last section stand at the end of the body, where pandoc puts them itself.
    return blocks[:-1], [kind for kind, _ in runs]


def _pandoc(blocks: list[Node], document: Document, look: Theme) -> bytes:
    language = proofing(document.language)
    with tempfile.TemporaryDirectory(prefix="nioc-") as scratch:
        file = Path(scratch, "reference.docx")
        file.write_bytes(reference(look, language))
        args = ["--reference-doc", str(file), "--syntax-highlighting=none"]
        return pandoc.write(blocks, "docx", meta={"lang": language}, args=args)
