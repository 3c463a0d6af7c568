"""Files that outputs may contain: pictures, CSV and templates of the paper, vetted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import PIL

from nioc_paper.load.bibliography import is_kept_copy
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.load.source_text import character_diagnostics
from nioc_paper.model import COPIES_FOLDER, Asset, Diagnostic, Place, Severity, report_all
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.safe_read import ConfinedError

MAX_IMAGE_BYTES = 15 * 2**20
"""Maximum size of a picture in bytes."""
_MIME_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}


def _find_asset(files: PaperFiles, chapter: str, target: str) -> tuple[str, str]:
    """Return the path of a file that a chapter names, and the problem if it is no file of the paper.

    The path is from the root. The file is looked for in the chapter's folder, then in the root.
    """
    name = unquote(re.split("[#?]", target, maxsplit=1)[0])
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]", name) or "\0" in name:
        return name, "is not a file of this paper"
    problem = "does not exist"
    for folder in (PurePosixPath(chapter).parent, PurePosixPath()):
        path = posixpath.normpath(folder / name)
        if path.partition("/")[0] == "..":
            # Only the chapter's own folder tells: from the root, `../x.png` of a chapter in a folder is outside.
            problem = "is outside the paper" if folder == PurePosixPath(chapter).parent else problem
        elif is_kept_copy(path):
            return path, f"is in {COPIES_FOLDER}/: no output has kept copies of sources"
        elif re.search(r"(^|/)\.", path):
            # Files of git, the editor or the system may be secret, and are not part of a paper.
            problem = "is hidden: its name or its folder's begins with a dot"
        elif files.exists(path):
            return path, ""
    return name, problem


def read_asset(files: PaperFiles, chapter: str, target: str, limit: int = MAX_IMAGE_BYTES) -> tuple[str, bytes, str]:
    """Read a file that a chapter names, from the chapter's folder or the root.

    Returns its path from the root, its bytes, and why it may not be read, as the end of a sentence about it.
    """
    path, problem = _find_asset(files, chapter, target)
    if not problem:
        try:
            return path, files.read(path, limit), ""
        except ConfinedError as error:
            problem = str(error)
    return path, b"", problem


def _drawing_faults(path: str, data: bytes, unseen: Iterable[tuple[int, str]]) -> Iterator[Diagnostic]:
    """Yield the bad characters in a drawing, and the words that nobody can see, which are given with their lines."""
    for number, line in enumerate(unescape(data.decode()).split("\n"), 1):
        yield from character_diagnostics(line, Place(path, number)) if not line.isascii() else ()
    for number, words in unseen:
        message = f"the words '{words[:40]}' of the drawing cannot be seen, and are left out"
        hint = "delete them, or draw them where they are seen"
        yield Diagnostic(Place(path, number), "bad-character/invisible", message, Severity.WARNING, hint)


def load_image(context: LoadContext, chapter: str, target: str) -> Asset | str:
    """Return a picture without its metadata, or the problem if it may not be printed. Cached by content."""
    path, data, problem = read_asset(context.files, chapter, target)
    if problem:
        return problem
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in _MIME_TYPES:
        return "is not a PNG, JPEG or SVG"
    problem, clean_data, unseen, pixels_across = vet_picture(data, suffix, context.cache)
    if problem:
        return problem
    if suffix == ".svg":
        report_all(_drawing_faults(path, data, unseen), context.report)
    return Asset(path, _MIME_TYPES[suffix], clean_data, pixels_across)


_VettedPicture = tuple[str, bytes, list[tuple[int, str]], int]
"""Problem of a picture that may not be printed; one that may without its metadata, its unseen words by line, width."""


def vet_picture(data: bytes, suffix: str, cache: Cache) -> _VettedPicture:
    """Vet and clean a picture. Cached by a hash of all of its bytes, but for what one machine may not draw."""
    key = cache_key("picture", source_hash(), PIL.__version__, suffix, data)
    try:
        vetted: _VettedPicture = cache.get_or_make(key, lambda: _vet(data, suffix), _VettedPicture)
    except ValueError as error:
        return f"cannot be drawn: {error}", b"", [], 0
    return vetted


def _vet(data: bytes, suffix: str) -> _VettedPicture:
    # Late: most runs find every picture in the cache.
    from nioc_paper.load.image_cleaning import strip_metadata
    from nioc_paper.load.image_vetting import image_problem, pixels_across

    if problem := image_problem(data, suffix):
        return problem, b"", [], 0
    clean_data, unseen = strip_metadata(data, _MIME_TYPES[suffix])
    return "", clean_data, unseen, 0 if suffix == ".svg" else pixels_across(clean_data)


def link_target_exists(files: PaperFiles, chapter: str, target: str) -> bool | None:
    """Whether the file of a link exists; None for anchors and web addresses."""
    if target.startswith("#") or urlsplit(target).scheme:
        return None
    path, problem = _find_asset(files, chapter, target)
    if problem:
        return False
    try:
        files.require_readable(path, MAX_IMAGE_BYTES)
    except ConfinedError:
        return False
    return True
