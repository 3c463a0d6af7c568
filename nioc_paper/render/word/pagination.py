"""Page numbers in the Word file's lists.

Word knows a page number only once it has laid the text out, and asks the reader before it does so. Where LibreOffice is
at hand it lays the file out first, with the embedded fonts, and the numbers are written in: no question, and numbers
even in a preview. Without it the file asks Word to fill them in, which Word does after one question.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nioc_paper.ooxml import settings
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import bookmark, iterate, qn
from nioc_paper.render.word.front import UNKNOWN_PAGE
from nioc_paper.wording import roman

_SECONDS = 120
_FILTER = 'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'


def numbers(data: bytes, first: str) -> Mapping[str, str]:
    """The number on the page of each bookmark; `first` is the id of what stands on page 1, behind pages i, ii, iii."""
    found = pages(data)
    start = found.get(bookmark(first), 1)
    return {name: roman(page) if page < start else str(page - start + 1) for name, page in found.items()}


def pages(data: bytes) -> Mapping[str, int]:
    """The page of each bookmark of a Word file as LibreOffice lays it out; empty where that cannot be had."""
    program = shutil.which("soffice")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="nioc-") as scratch:
        source, target = Path(scratch, "paper.docx"), Path(scratch, "paper.pdf")
        source.write_bytes(data)
        _convert(program, source)
        return _destinations(target) if target.exists() else {}


def fill(package: Package, known: Mapping[str, str]) -> bool:
    """Write page numbers into the lists; False if one is unknown: then the file asks Word to find them all."""
    wanted, lacking = "", False
    for node in iterate(package.body, "w:instrText", "w:t"):
        if node.tag == qn("w:instrText"):
            words = (node.text or "").split()
            wanted = words[1] if words[:1] == ["PAGEREF"] else ""
        elif wanted:
            node.text = known.get(wanted, node.text)
            lacking, wanted = lacking or node.text == UNKNOWN_PAGE, ""
    if lacking:
        settings.put(package, '<w:updateFields w:val="true"/>')
    return not lacking


def _convert(program: str, source: Path) -> None:
    """LibreOffice on one file, in a profile of its own, ended with all it started when the time is up."""
    profile = (source.parent / "profile").as_uri()
    command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", _FILTER]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(source.parent), "LANG": "C.UTF-8"}
    process = subprocess.Popen(  # noqa: S603 - a fixed command without a shell
        [*command, "--outdir", str(source.parent), str(source)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        # Without numbers the file is still whole: it asks Word for them.
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _destinations(file: Path) -> dict[str, int]:
    """Named destinations of a PDF and the pages they are on, from 1."""
    import pikepdf  # late: only this needs it

    with pikepdf.open(file) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = pdf.Root.get("/Dests")
        if not isinstance(named, pikepdf.Dictionary):
            return {}
        return {name.lstrip("/"): numbers[place[0].objgen] for name, place in named.items()}
