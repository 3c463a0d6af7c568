"""Page numbers in the Word file's lists.

Word knows a page number only once it has laid the text out, and asks the reader before it does so. Where LibreOffice is
at hand it lays the file out first, with the embedded fonts, and the numbers are written in: no question, and numbers
even in a preview. Without it the file asks Word to fill them in, which Word does after one question.

Every chapter begins on a page of its own, so each is laid out alone, and only when it has changed.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import typefaces
from nioc_paper.ooxml.xml import Element, find, get, iterate, qn, take_out
from nioc_paper.render.word import office
from nioc_paper.render.word.office import Office
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.threads import begun, cores, side_by_side
from nioc_paper.wording import roman

_FEW = 3
"""Files for which a second LibreOffice is not worth its start."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How many pages a file has, and on which, from 1, its bookmarks are, each by its `destination`."""

    count: int
    of: Mapping[str, int]


def numbers(pieces: Sequence[Pages], first: int, begins: str) -> dict[str, str]:
    """The number on the page of each bookmark, by its `destination`.

    Page 1, behind i, ii, iii, is where the bookmark `begins` is in the piece with the index `first`, or its first page.
    """
    before = list(accumulate((piece.count for piece in pieces), initial=0))
    start = before[first] + pieces[first].of.get(destination(begins), 1) if pieces else 1
    pages = ((name, before[index] + page) for index, piece in enumerate(pieces) for name, page in piece.of.items())
    return {name: roman(page) if page < start else str(page - start + 1) for name, page in pages}


def destination(bookmark: str) -> str:
    """What LibreOffice calls the place of a bookmark: letters that are not plain, and all signs, by their bytes."""
    return re.sub(r"[^A-Za-z0-9-]", lambda sign: f"{ord(sign[0]):02X}", quote(bookmark))


def laid_out(
    files: Mapping[str, Callable[[], bytes]], cache: Cache = NO_CACHE, ready: Office | None = None
) -> list[Pages]:
    """The pages of Word files as LibreOffice lays them out; none at all where those of one cannot be had.

    A file's name stands for all that it is made of: it is made only when its pages are not known. `ready` is a
    LibreOffice that was started before.
    """
    found = office.program()
    if found is None:
        return []
    names = {name: key("pages", office.identity(found), typefaces(), name) for name in files}
    known = {name: _read(data) for name in files if (data := cache.get(names[name])) is not None}
    new = {name: make for name, make in files.items() if name not in known}
    for name, pages in _laid_out(new, lambda: Office(found), ready) if new else ():
        known[name] = pages
        cache.put(names[name], json.dumps([pages.count, pages.of]).encode())
    return [known[name] for name in files] if known.keys() == files.keys() else []


def flatten(body: Element) -> None:
    """Leave of references their words: LibreOffice would say of one to another chapter that there is nothing."""
    for begin in [mark for mark in iterate(body, "w:fldChar") if get(mark, "w:fldCharType") == "begin"]:
        for run in [*_marks(begin)]:
            take_out(run)


@once
def dot() -> bytes:
    """The smallest picture."""
    from PIL import Image  # late: only this needs it

    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    return out.getvalue()


def _marks(begin: Element) -> Iterator[Element]:
    """The runs of a field that repeats something, but not those of its words; none for any other field."""
    first = next(begin.iterancestors(qn("w:r")))
    runs = [first, *first.itersiblings()]
    codes = [node.text or "" for run in runs[1:2] for node in iterate(run, "w:instrText")]
    if not any(code.split()[:1] in (["REF"], ["PAGEREF"]) for code in codes):
        return
    yield from runs[:2]
    for run in runs[2:]:
        if (mark := find(run, "w:fldChar")) is not None:
            yield run
            if get(mark, "w:fldCharType") == "end":
                return


# --- LibreOffice ------------------------------------------------------------------------------------------------------


def _read(data: bytes) -> Pages:
    return Pages(*json.loads(data))


def _laid_out(
    files: Mapping[str, Callable[[], bytes]], another: Callable[[], Office], ready: Office | None
) -> Iterator[tuple[str, Pages]]:
    """Those that can be laid out, with their pages."""
    workers = min(cores(), 1 + len(files) // _FEW)
    with ScratchFolder("pages") as scratch:
        sources = [scratch / f"{number}.docx" for number in range(len(files))]
        for source, make in zip(sources, files.values(), strict=True):
            source.write_bytes(make())

        def convert(_: int, which: int) -> None:
            with contextlib.nullcontext(ready) if ready and which == 0 else another() as engine:
                engine.convert(sources[which::workers])

        converted = begun(lambda: side_by_side(convert, range(workers), workers))
        import pikepdf  # noqa: F401 - late, and while LibreOffice is at work

        converted()
        for name, source in zip(files, sources, strict=True):
            if pages := _destinations(source.with_suffix(".pdf")):
                yield name, pages


def _destinations(file: Path) -> Pages | None:
    """Named destinations of a PDF and the pages they are on; None where it is not there, or not whole."""
    import pikepdf  # late: only this needs it

    with contextlib.suppress(FileNotFoundError, pikepdf.PdfError), pikepdf.open(file, attempt_recovery=False) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = pdf.Root.get("/Dests")
        found = named.items() if isinstance(named, pikepdf.Dictionary) else ()
        return Pages(len(numbers), {name.lstrip("/"): numbers[place[0].objgen] for name, place in found})
    return None
