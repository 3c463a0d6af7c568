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

from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, qn, remove_element
from nioc_paper.system import libreoffice
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.concurrency import core_count, run_parallel, start_thread
from nioc_paper.system.files import system_fonts_hash
from nioc_paper.system.libreoffice import LibreOffice
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.wording import roman

_FILES_PER_WORKER = 3
"""Files for which a second LibreOffice is not worth its start."""


@dataclass(frozen=True, slots=True)
class BookmarkPages:
    """How many pages a file has, and on which, from 1, its bookmarks are, each by its `destination`."""

    count: int
    by_destination: Mapping[str, int]


def number_bookmarks(pieces: Sequence[BookmarkPages], first: int, page_one_bookmark: str) -> dict[str, str]:
    """The number on the page of each bookmark, by its `destination`.

    Page 1, behind i, ii, iii, is where the bookmark `begins` is in the piece with the index `first`, or its first page.
    """
    pages_before = list(accumulate((piece.count for piece in pieces), initial=0))
    start = (
        pages_before[first] + pieces[first].by_destination.get(destination_name(page_one_bookmark), 1) if pieces else 1
    )
    pages = (
        (name, pages_before[index] + page)
        for index, piece in enumerate(pieces)
        for name, page in piece.by_destination.items()
    )
    return {name: roman(page) if page < start else str(page - start + 1) for name, page in pages}


def destination_name(bookmark: str) -> str:
    """What LibreOffice calls the place of a bookmark: letters that are not plain, and all signs, by their bytes."""
    return re.sub(r"[^A-Za-z0-9-]", lambda sign: f"{ord(sign[0]):02X}", quote(bookmark))


def lay_out_files(
    files: Mapping[str, Callable[[], bytes]], cache: Cache = NO_CACHE, prestarted: LibreOffice | None = None
) -> list[BookmarkPages]:
    """The pages of Word files as LibreOffice lays them out; none at all where those of one cannot be had.

    A file's name stands for all that it is made of: it is made only when its pages are not known. `ready` is a
    LibreOffice that was started before.
    """
    program = libreoffice.find_program()
    if program is None:
        return []
    cache_keys = {
        name: cache_key("pages", libreoffice.installation_id(program), system_fonts_hash(), name) for name in files
    }
    pages_by_name = {name: _decode_pages(data) for name in files if (data := cache.get(cache_keys[name])) is not None}
    missing = {name: make for name, make in files.items() if name not in pages_by_name}
    for name, pages in _convert_files(missing, lambda: LibreOffice(program), prestarted) if missing else ():
        pages_by_name[name] = pages
        cache.put(cache_keys[name], json.dumps([pages.count, pages.by_destination]).encode())
    return [pages_by_name[name] for name in files] if pages_by_name.keys() == files.keys() else []


def flatten_references(body: Element) -> None:
    """Leave of references their words: LibreOffice would say of one to another chapter that there is nothing."""
    for begin in [mark for mark in iter_elements(body, "w:fldChar") if get_attribute(mark, "w:fldCharType") == "begin"]:
        for run in [*_field_marks(begin)]:
            remove_element(run)


@once
def smallest_png() -> bytes:
    """The smallest picture."""
    from PIL import Image  # late: only this needs it

    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    return out.getvalue()


def _field_marks(begin: Element) -> Iterator[Element]:
    """The runs of a field that repeats something, but not those of its words; none for any other field."""
    first = next(begin.iterancestors(qn("w:r")))
    runs = [first, *first.itersiblings()]
    codes = [node.text or "" for run in runs[1:2] for node in iter_elements(run, "w:instrText")]
    if not any(code.split()[:1] in (["REF"], ["PAGEREF"]) for code in codes):
        return
    yield from runs[:2]
    for run in runs[2:]:
        if (mark := find_element(run, "w:fldChar")) is not None:
            yield run
            if get_attribute(mark, "w:fldCharType") == "end":
                return


# --- LibreOffice ------------------------------------------------------------------------------------------------------


def _decode_pages(data: bytes) -> BookmarkPages:
    return BookmarkPages(*json.loads(data))


def _convert_files(
    files: Mapping[str, Callable[[], bytes]], start_another: Callable[[], LibreOffice], prestarted: LibreOffice | None
) -> Iterator[tuple[str, BookmarkPages]]:
    """Those that can be laid out, with their pages."""
    workers = min(core_count(), 1 + len(files) // _FILES_PER_WORKER)
    with ScratchFolder("pages") as scratch:
        sources = [scratch / f"{number}.docx" for number in range(len(files))]
        for source, make in zip(sources, files.values(), strict=True):
            source.write_bytes(make())

        def convert(_: int, index: int) -> None:
            with contextlib.nullcontext(prestarted) if prestarted and index == 0 else start_another() as engine:
                engine.convert_to_pdf(sources[index::workers])

        wait_for_conversion = start_thread(lambda: run_parallel(convert, range(workers), workers))
        import pikepdf  # noqa: F401 - late, and while LibreOffice is at work

        wait_for_conversion()
        for name, source in zip(files, sources, strict=True):
            if pages := _read_destinations(source.with_suffix(".pdf")):
                yield name, pages


def _read_destinations(file: Path) -> BookmarkPages | None:
    """Named destinations of a PDF and the pages they are on; None where it is not there, or not whole."""
    import pikepdf  # late: only this needs it

    with contextlib.suppress(FileNotFoundError, pikepdf.PdfError), pikepdf.open(file, attempt_recovery=False) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        destination_dict = pdf.Root.get("/Dests")
        destinations = destination_dict.items() if isinstance(destination_dict, pikepdf.Dictionary) else ()
        return BookmarkPages(len(numbers), {name.lstrip("/"): numbers[place[0].objgen] for name, place in destinations})
    return None
