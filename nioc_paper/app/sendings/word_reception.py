"""Word files from elsewhere: opened safely, and matched with the sending that they belong to."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.preconditions import load_with_ledgers
from nioc_paper.app.project import Project
from nioc_paper.model import Chapter, Paper, Sending, long_date
from nioc_paper.ooxml.attachment_removal import drop_attachments, read_with_standard_names
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.safety import MAX_BYTES, odt_rejection_reason, rejection_reason
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import ledger, sent_docx
from nioc_paper.review.exchange.today_merge import casefolded_words, docx_words, is_like
from nioc_paper.system import libreoffice
from nioc_paper.system.scratch import ScratchFolder

UNKNOWN_AUTHOR = "somebody"
"""Author of comments and changes without a name."""

_WAYS_ON = {
    **dict.fromkeys((".doc", ".rtf"), "save it as .docx first"),
    ".pdf": "ask for the Word file, or note what it says: comments add, add agreement",
}
"""What to do with a file of another kind, by suffix."""


class Reception(Struct, frozen=True):
    """A Word file from elsewhere, with the paper that takes it in."""

    project: Project
    paper: Paper
    name: str
    """Name of the file, for messages."""
    word_file: OpenedWordFile
    commits: OwnCommits | None
    """None if nothing is to be written."""

    def describe_earlier(self, sending: Sending) -> str:
        """Return a note that this very file was received before as part of a sending; empty if it was not."""
        if self.word_file.hash not in sending.files:
            return ""
        when = f" on {long_date(sending.returned)}" if sending.returned else ""
        return f"{self.name} was received{when}"


class OpenedWordFile(NamedTuple):
    """A Word file from elsewhere that is safe to read."""

    data: bytes
    """The file without its attachments, with Word's names of parts."""
    package: Package
    """The same, unpacked."""
    attachments: tuple[str, ...]
    """Kinds of attachments that were left out, with their numbers."""
    hash: str
    """Hash of the file as it came, as the ledger keeps it."""


def read_word_file(project: Project, file: Path) -> bytes:
    """Return a file that somebody names. Raises AppError if it cannot be read, or is larger than a Word file may be."""
    return project.read_given(file, MAX_BYTES)


def open_reception(project: Project, name: str, data: bytes, *, dry_run: bool) -> Reception:
    """Load the paper and open a Word file for it. Raises AppError if one of them cannot be read."""
    paper, word_file = load_with_ledgers(project), _open_word_file(name, data)
    return Reception(project, paper, name, word_file, None if dry_run else OwnCommits(project))


def _open_word_file(name: str, received: bytes) -> OpenedWordFile:
    """Open a Word file from elsewhere. Raises AppError if it cannot be read, or could harm its reader."""
    suffix = Path(name).suffix.casefold()
    if way_on := _WAYS_ON.get(suffix):
        raise AppError(f"{name} is no .docx; {way_on}")
    data, attachments = drop_attachments(_convert_odt(name, received) if suffix == ".odt" else received)
    if why := rejection_reason(data):
        raise AppError(f"{name} {why}; nothing was read from it")
    package, file_hash = read_with_standard_names(data), hashlib.sha256(received).hexdigest()[:16]
    return OpenedWordFile(package.save(0, compressed=False), package, attachments, file_hash)


def _convert_odt(name: str, data: bytes) -> bytes:
    """Return the Word file that LibreOffice makes of a text document, in a folder and a profile of its own."""
    if why := odt_rejection_reason(data):
        raise AppError(f"{name} {why}; nothing was read from it")
    if (program := libreoffice.find_program()) is None:
        raise AppError(f"{name} is read with LibreOffice, which is not installed; save it as .docx first")
    with ScratchFolder("received") as folder, libreoffice.LibreOffice(program) as office:
        source = folder / "text.odt"
        source.write_bytes(data)
        office.convert_to_docx(source)
        try:
            return source.with_suffix(".docx").read_bytes()
        except FileNotFoundError:
            raise AppError(f"{name} cannot be read by LibreOffice; save it as .docx first") from None


def identify_sending(reception: Reception, reference: str = "") -> tuple[Sending, Chapter] | None:
    """Return the sending that a file belongs to, and its chapter today; None if the file is from elsewhere.

    The origin inside the file decides, or a `reference` that the user gives: CHAPTER/ID. Raises AppError, with the
    file's name, if the ledger has no such sending, or if a file without an origin reads like a chapter.
    """
    paper, package, name = reception.paper, reception.word_file.package, reception.name
    if reference:
        return _choose_sending(paper, reference)
    if (origin := sent_docx.read_origin(package)) is None:
        _require_foreign(paper, package, name)
        return None
    try:
        return ledger.find_sending(paper, origin)
    except LookupError as error:
        raise AppError(f"{name}: {error.args[0]}; as a new chapter: --as ID") from None


def _choose_sending(paper: Paper, reference: str) -> tuple[Sending, Chapter]:
    """Return the sending that somebody names as CHAPTER/ID. Raises RequestError if there is none, or several."""
    chapter_id, _, sending_id = reference.partition("/")
    chapter = next((c for c in paper.chapters if c.id == chapter_id), None)
    matches = ledger.match_id(ledger.find_reviews(paper.reviews, chapter_id).sendings, sending_id)
    if chapter is None or len(matches) != 1:
        listed = matches or [s for r in paper.reviews for s in r.sendings]
        sendings = ", ".join(f"{r.chapter}/{s.id} to {s.to}" for r in paper.reviews for s in r.sendings if s in listed)
        raise RequestError(f"'{reference}' is not one sending; they are: {sendings or 'none'}")
    return matches[0], chapter


def _require_foreign(paper: Paper, package: Package, name: str) -> None:
    """Raise AppError for a file without our marks that reads like a chapter: it is not a new one."""
    words = docx_words(docx_reader.read_docx(package))
    for chapter in paper.chapters:
        if is_like(casefolded_words(tree.plain_text(chapter.blocks, with_notes=True)), words):
            sendings = ledger.find_reviews(paper.reviews, chapter.id).sendings
            ways = [f"what came back of a sending: --sending {chapter.id}/{s.id}" for s in sendings]
            how = "; or ".join([*ways, "a new chapter: --as ID"])
            raise AppError(f"{name} has lost its marks, and reads like {chapter.path}; say what it is: {how}")
