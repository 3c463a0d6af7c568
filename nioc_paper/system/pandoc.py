"""Pandoc, started only here: bytes in, bytes and a log out, within limits.

Measured on pandoc 3.9: some 20-byte inputs take it minutes, a YAML block in the text can name files to read, and a
template in the user's data directory takes over the output. So: a limit of processor time, a heap limit, `--sandbox`,
no data directory, no variable of the user's environment, and a reader without the dangerous extensions.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from nioc_paper.model import SHIPPED_STYLES, CitationStyle, Node
from nioc_paper.system import processes
from nioc_paper.system.requirements import installed_version
from nioc_paper.system.scratch import ScratchFolder

READER = "markdown" + "".join(
    f"-{extension}"
    for extension in (
        "auto_identifiers",  # ids are given on the whole paper, where they can be unique
        "raw_tex",
        "latex_macros",
        "yaml_metadata_block",  # metadata anywhere in the text: a file to read, another title
        "pandoc_title_block",
        "native_divs",
        "native_spans",
        "markdown_in_html_blocks",
    )
)
_DEFAULT_STYLE = CitationStyle()
_CHAPTER_HEAP = "512m"
"""Limit of the heap for reading a chapter; a book has more."""
_SHORT_MARKDOWN, _SHORT_INPUT = 10_000, 150_000
"""Bytes of a chapter's Markdown, and of any other input, below which an area of 16 MB avoids the second collection."""
_HEAP_EXHAUSTED = 251
_MACHINE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)
"""Errors of the machine that no input causes, such as a full disk."""


class PandocError(Exception):
    """Pandoc gave no result: `reason` is one of time, memory, missing, failed; `detail` is its own message."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"pandoc {reason}: {detail}")
        self.reason = reason
        self.detail = detail


class PandocOutput(Struct, frozen=True):
    """Bytes of a run, and its messages as in pandoc's JSON log."""

    stdout: bytes
    log: tuple[Mapping[str, object], ...] = ()


@cache
def find_executable() -> str:
    """Return the path of the pandoc shipped by pypandoc; one on PATH only if there is none."""
    # Importing pypandoc and asking it would start pandoc several times.
    package = find_spec("pypandoc")
    bundled = Path(package.origin or "").with_name("files") / "pandoc" if package else None
    path = str(bundled) if bundled and bundled.is_file() else processes.find_program("pandoc")
    if path is None:
        raise PandocError("missing", "there is none on PATH")
    return path


@cache
def version() -> str:
    """Return the version of the package that ships pandoc, for cache keys; asking pandoc would start it.

    A pandoc from PATH is known by its path, size and time instead; empty without any pandoc.
    """
    if package_version := installed_version("pypandoc_binary"):
        return package_version
    with contextlib.suppress(PandocError, OSError):
        path = find_executable()
        state = os.stat(path)  # noqa: PTH116 - a link leads to the program
        return f"{path} {state.st_size} {state.st_mtime_ns}"
    return ""


def run(
    args: Sequence[str], data: bytes, *, files: Mapping[str, bytes] = {}, seconds: float = 20, heap: str = _CHAPTER_HEAP
) -> PandocOutput:
    """Run pandoc on bytes from memory, for at most `seconds` of processor time.

    `files` are contents by the name that an argument gives them. Raises PandocError, or OSError if the machine is at
    fault; never reads or writes a file of the paper.
    """
    with ScratchFolder("pandoc") as scratch:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        log = scratch / "log.json"
        memory = _memory_options(heap, is_short=len(data) < (_SHORT_MARKDOWN if READER in args else _SHORT_INPUT))
        isolation = ["--sandbox", f"--data-dir={scratch}", f"--log={log}", "--quiet"]
        stdout = _run_limited([find_executable(), *memory, *isolation, *args], data, seconds, scratch)
        return PandocOutput(stdout, tuple(_read_log(log)))


def _memory_options(heap: str, *, is_short: bool) -> list[str]:
    """Return options for Haskell's memory.

    Pandoc is built with -H64m, to fill 64 MB before it collects garbage: half of the time of a chapter is the system's,
    which hands out pages. In a smaller area the second collection looks at everything, and takes 20 ms: an area of
    16 MB avoids it for a short input. Any other takes a sixth less time in 2 MB, which stay in the processor's cache.
    """
    return ["+RTS", f"-M{heap}", "-H1m", "-A16m" if is_short else "-A2m", "-O64m", "-RTS"]


def _run_limited(command: Sequence[str], data: bytes, seconds: float, folder: Path) -> bytes:
    try:
        completed = processes.run("plain", command, data, seconds=seconds, folder=folder)
    except processes.LimitError as error:
        raise PandocError(error.reason, str(error)) from error
    if completed.returncode == _HEAP_EXHAUSTED:
        raise PandocError("memory", completed.stderr.decode(errors="replace").strip())
    if completed.returncode:
        detail = completed.stderr.decode(errors="replace").strip()
        if (error_code := next((code for code in _MACHINE_ERRORS if os.strerror(code) in detail), None)) is not None:
            raise OSError(error_code, os.strerror(error_code), tempfile.gettempdir())
        raise PandocError("failed", detail)
    return completed.stdout


def _read_log(log: Path) -> list[Mapping[str, object]]:
    """Return the entries of pandoc's log. Raises OSError for half a log, which a full disk leaves."""
    try:
        return list(json.loads(log.read_text(encoding="utf-8"))) if log.exists() else []
    except ValueError as error:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), tempfile.gettempdir()) from error


def parse_markdown(text: str, *, seconds: float = 20) -> tuple[list[Node], tuple[Mapping[str, object], ...]]:
    """Return a chapter's text as blocks, with pandoc's log. Lines and columns in the log are those of the text."""
    output = run(["-f", READER, "-t", "json"], text.encode(), seconds=seconds)
    return read_document(output.stdout)["blocks"], output.log


def read_document(data: bytes) -> Mapping[str, Any]:
    """Return a document from pandoc's JSON, with `meta` and `blocks`. Raises PandocError for any other text."""
    with contextlib.suppress(ValueError):
        document = json.loads(data)
        if isinstance(document, dict) and {"meta", "blocks"} <= document.keys():
            return document
    raise PandocError("failed", f"it answers {data[:80]!r}")


def to_json_document(blocks: Iterable[Node], meta: Mapping[str, object] | None = None) -> bytes:
    """Return blocks as a document that pandoc reads; metadata values are texts, lists of them, and nodes."""
    fields = {key: _to_meta_value(value) for key, value in (meta or {}).items()}
    return json.dumps({"pandoc-api-version": [1, 23, 1], "meta": fields, "blocks": list(blocks)}).encode()


def _to_meta_value(value: object) -> Node:
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        return {"t": "MetaList", "c": [_to_meta_value(v) for v in value]}
    return {"t": "MetaBool", "c": value} if isinstance(value, bool) else {"t": "MetaString", "c": str(value)}


def run_citeproc(
    blocks: Iterable[Node],
    references: Iterable[Mapping[str, object]],
    *,
    language: str,
    style: CitationStyle = _DEFAULT_STYLE,
    nocite: Sequence[Node] = (),
) -> tuple[list[Node], tuple[Mapping[str, object], ...]]:
    """Resolve the citations of a document in one run, and append the list of references.

    `nocite` are citations that are printed nowhere: their sources are in the list.
    """
    # Pandoc takes 'Words: more' at the start of a note for a variable; and it drops names from sources in metadata.
    sources = [each | ({"note": f" {each['note']}"} if "note" in each else {}) for each in map(dict, references)]
    meta = {"lang": language, "link-citations": True, "nocite": {"t": "MetaInlines", "c": [*nocite]}}
    args = ["-f", "json", "-t", "json", "--citeproc", "--csl=style.csl", "--bibliography=sources.json"]
    files = {"style.csl": csl_text(style).encode(), "sources.json": json.dumps(sources).encode()}
    output = run(args, to_json_document(blocks, meta), files=files, seconds=60, heap="2g")
    return read_document(output.stdout)["blocks"], output.log


def write(
    blocks: Iterable[Node],
    to: str,
    *,
    meta: Mapping[str, object] | None = None,
    args: Sequence[str] = (),
    files: Mapping[str, bytes] = {},
) -> bytes:
    """Return blocks in one of pandoc's output formats. Images must be data URIs: the sandbox drops files."""
    data = to_json_document(blocks, meta)
    return run(["-f", "json", "-t", to, *args], data, files=files, seconds=120, heap="2g").stdout


# --- shipped citation styles ------------------------------------------------------------------------------------------


_FOLDER = Path(__file__).with_name("styles")
_LOCALE = re.compile(r"  <locale\b.*?</locale>\n", re.DOTALL)
_UNREAD = re.compile(r"<!--.*?-->|(?<=>)\s+(?=<)", re.DOTALL)
"""Comments, and blanks between elements: without them pandoc cites a short text in five sixths of the time."""
_MACRO = re.compile(r'  <macro name="([^"]+)">.*?</macro>\n', re.DOTALL)


def csl_text(style: CitationStyle) -> str:
    """Return a style as a complete CSL file; a shipped one is compact."""
    return style.text or _shipped_text(style.name)


@cache
def _shipped_text(name: str) -> str:
    own, shared = (_FOLDER.joinpath(f"{each}.csl").read_text(encoding="utf-8") for each in (name, SHIPPED_STYLES[0]))
    return _UNREAD.sub("", own if own == shared else _with_shared_parts(own, shared))


def _with_shared_parts(own: str, shared: str) -> str:
    """Return a style with the locales of another, and the macros that it lacks."""
    names = {match[1] for match in _MACRO.finditer(own)}
    macros = [match[0] for match in _MACRO.finditer(shared) if match[1] not in names]
    info, end, rest = own.partition("  </info>\n")
    return "".join((info, end, *_LOCALE.findall(shared), *macros, rest))
