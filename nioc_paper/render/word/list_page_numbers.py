"""Page numbers in the lists of the Word file.

Word knows page numbers after a layout only, and asks the reader before it. If LibreOffice is installed it lays out the
file first, with the embedded fonts, and the numbers are written into the file: no question, and numbers even in a
preview. Without it the file asks Word to fill them in, which Word does after one question.

Every chapter starts on a new page, so each is laid out separately, and only if it has changed.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, qn, remove_element
from nioc_paper.system import libreoffice
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.concurrency import core_count, import_soon, run_parallel, start_thread
from nioc_paper.system.files import system_fonts_hash
from nioc_paper.system.libreoffice import LibreOffice
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.wording import roman

_FILES_PER_WORKER = 3
"""Files for which a second LibreOffice is not worth its start."""


class BookmarkPages(Struct, frozen=True):
    """Number of pages of a file, and pages, from 1, of its bookmarks by `destination`."""

    count: int
    by_destination: Mapping[str, int]


def number_bookmarks(pieces: Sequence[BookmarkPages], first: int, page_one_bookmark: str) -> dict[str, str]:
    """Return the page number of each bookmark by its `destination`.

    Page 1, after i, ii, iii, is that of `page_one_bookmark` in the piece with index `first`; if empty, its first page.
    """
    pages_before = list(accumulate((piece.count for piece in pieces), initial=0))
    destination = destination_name(page_one_bookmark)
    start = pages_before[first] + pieces[first].by_destination.get(destination, 1) if pieces else 1
    pairs = zip(pages_before, pieces, strict=False)
    pages = ((name, before + page) for before, piece in pairs for name, page in piece.by_destination.items())
    return {name: roman(page) if page < start else str(page - start + 1) for name, page in pages}


def destination_name(bookmark: str) -> str:
    """Return LibreOffice's name of a bookmark's place: non-ASCII letters and all signs as their bytes."""
    return re.sub(r"[^A-Za-z0-9-]", lambda sign: f"{ord(sign[0]):02X}", quote(bookmark))


def start_layout(
    files: Mapping[str, Callable[[], bytes]], cache: Cache = NO_CACHE, prestarted: LibreOffice | None = None
) -> Callable[[], list[BookmarkPages]]:
    """Start to lay out Word files in LibreOffice; call the result to wait for their pages, none if one has no layout.

    A file's name is its cache key: the file is built only if its pages are not cached. `prestarted` is a running
    LibreOffice.
    """
    if (program := libreoffice.find_program()) is None:
        return list
    inputs = "pages", libreoffice.installation_id(program), system_fonts_hash()
    cache_keys = {name: cache_key(*inputs, name) for name in files}
    cached = {name: data for name, key in cache_keys.items() if (data := cache.get(key)) is not None}
    pages_by_name = {name: BookmarkPages(*json.loads(data)) for name, data in cached.items()}
    missing = {name: make for name, make in files.items() if name not in pages_by_name}
    wait_for_missing = _start_conversion(missing, lambda: LibreOffice(program), prestarted) if missing else dict

    def wait() -> list[BookmarkPages]:
        for name, pages in wait_for_missing().items():
            pages_by_name[name] = pages
            cache.put(cache_keys[name], json.dumps([pages.count, pages.by_destination]).encode())
        return [pages_by_name[name] for name in files] if pages_by_name.keys() == files.keys() else []

    return wait


def flatten_references(body: Element) -> None:
    """Replace references by their words: LibreOffice shows an error for one to another chapter."""
    for begin in [mark for mark in iter_elements(body, "w:fldChar") if get_attribute(mark, "w:fldCharType") == "begin"]:
        for run in [*_field_marks(begin)]:
            remove_element(run)


def _field_marks(begin: Element) -> Iterator[Element]:
    """Yield the runs of a REF field without those of its words; none for any other field."""
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


def _start_conversion(
    files: Mapping[str, Callable[[], bytes]], start_another: Callable[[], LibreOffice], prestarted: LibreOffice | None
) -> Callable[[], dict[str, BookmarkPages]]:
    """Start to lay out files; call the result to wait for the pages of those that can be laid out."""
    workers = min(core_count(), 1 + len(files) // _FILES_PER_WORKER)
    import_soon("pikepdf")
    scratch = ScratchFolder("pages")
    sources = [scratch.path / f"{number}.docx" for number in range(len(files))]
    for source, make in zip(sources, files.values(), strict=True):
        source.write_bytes(make())

    def convert(_: int, index: int) -> None:
        with contextlib.nullcontext(prestarted) if prestarted and index == 0 else start_another() as engine:
            engine.convert_to_pdf(sources[index::workers])

    def read_pages() -> dict[str, BookmarkPages]:
        with scratch:
            run_parallel(convert, range(workers), workers)
            pages = (_read_destinations(source.with_suffix(".pdf")) for source in sources)
            return {name: known for name, known in zip(files, pages, strict=True) if known}

    return start_thread(read_pages)


def _read_destinations(file: Path) -> BookmarkPages | None:
    """Return the named destinations of a PDF by page. Returns None if it is missing or incomplete."""
    import pikepdf  # late: imported for this only

    with contextlib.suppress(FileNotFoundError, pikepdf.PdfError), pikepdf.open(file, attempt_recovery=False) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        destination_dict = pdf.Root.get("/Dests")
        destinations = destination_dict.items() if isinstance(destination_dict, pikepdf.Dictionary) else ()
        return BookmarkPages(len(numbers), {name.lstrip("/"): numbers[place[0].objgen] for name, place in destinations})
    return None
