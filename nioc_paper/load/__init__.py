"""Files to a `Paper`, and everything that is wrong with them. Reading never fails: what is broken is a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache as once
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nioc_paper import files, pandoc
from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.items import ITEMS
from nioc_paper.load import text
from nioc_paper.load.chapter import load as load_chapter
from nioc_paper.load.records import build
from nioc_paper.load.rules import RULES
from nioc_paper.load.template import template
from nioc_paper.load.templates import read_templates
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import (
    Acronyms,
    Approvals,
    Chapter,
    Contributors,
    Decisions,
    Diagnostic,
    Facts,
    Paper,
    Place,
    Record,
    References,
    Report,
    Reviews,
    Settings,
    Terms,
    Timeline,
)
from nioc_paper.packages import release
from nioc_paper.system import confined
from nioc_paper.threads import begun, cores, side_by_side

__all__ = ["ITEMS", "RULES", "SETTINGS", "load", "means"]

R = TypeVar("R", bound=Record)
SETTINGS = "paper/paper.yaml"
_LISTS = ("codespell",)
"""Packages whose lists of words chapters are checked against."""
_FOLDERS = ("chapters", "paper/front", "paper/back")
_NAME = re.compile(r"\w[\w.-]{0,99}\.md", re.IGNORECASE)
_MEANT = re.compile(r"\.md[\s.\x00-\x1f]*$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\.", re.IGNORECASE)
"""Names of devices on Windows, whatever stands behind the full stop."""
_RENAME = "rename it: letters, digits, '-', '_' and '.' only"


def load(
    root: Path,
    report: Report,
    cache: Cache = NO_CACHE,
    unsaved: Mapping[str, str] = {},
    meanwhile: Callable[[], object] = lambda: None,
) -> Paper:
    """The paper in a directory. Chapters are read side by side; findings come in the order of the paper.

    `unsaved` are texts that an editor has not yet written, by path: they stand for the files. `meanwhile` is done while
    pandoc reads what has changed.
    """
    texts: list[str] = []
    # What is found in a chapter's words does not hang on who has commented on it or signed it: not in the digest.
    others: list[str] = []

    def record(cls: type[R], path: str, texts: list[str] = texts) -> R:
        return _record(cls, root, path, report, cache, unsaved, texts)

    settings = record(Settings, SETTINGS)
    _zone(settings, report)
    listed = [path for part in settings.parts for path in part.chapters]
    paths = list(dict.fromkeys([p for p in listed if _is_there(root, p)] + _found(root, report)))
    read = _reading(root, paths, settings, cache, unsaved)
    meanwhile()
    for finding in _linked(root):
        report(finding)
    read_templates(root, report)
    return Paper(
        settings=settings,
        timeline=record(Timeline, "paper/timeline.yaml"),
        contributors=record(Contributors, "contributors.yaml"),
        references_file=record(References, "paper/references.yaml"),
        decisions_file=record(Decisions, "paper/registers/decisions.yaml"),
        facts_file=record(Facts, "paper/registers/facts.yaml"),
        acronyms_file=record(Acronyms, "paper/registers/acronyms.yaml"),
        terms_file=record(Terms, "paper/registers/terms.yaml"),
        chapters=_chapters(read(), report),
        missing=tuple(_missing(root, settings)),
        digest=key(*texts),
        reviews=tuple(record(Reviews, path, others) for path in _reviews(root)),
        template=template(root, settings, report),
        approvals_file=record(Approvals, "paper/registers/approvals.yaml", others),
    )


@once
def means() -> str:
    """Stands for all that reading a paper, and checking it, depends on besides its files."""
    return " ".join((files.code(), pandoc.version(), *map(release, _LISTS)))


def _linked(root: Path) -> Iterator[Diagnostic]:
    """Folders of the paper that are links: nothing in them is read."""
    for name in ("chapters", "paper", "paper/front", "paper/back", "paper/registers", "reviews", "templates"):
        if (root / name).is_symlink():
            hint = "put a folder in its place"
            yield Diagnostic(Place(name), "unreadable-file", "is a symbolic link; nothing in it is read", hint=hint)


def _missing(root: Path, settings: Settings) -> Iterator[tuple[int, int, str]]:
    """Chapters that are listed and not there: index of the part, index in it, path."""
    for i, part in enumerate(settings.parts):
        yield from ((i, j, path) for j, path in enumerate(part.chapters) if not _is_there(root, path))


def _reading(
    root: Path, paths: Sequence[str], settings: Settings, cache: Cache, unsaved: Mapping[str, str]
) -> Callable[[], list[tuple[Chapter | None, list[Diagnostic]]]]:
    """The chapters are being read, side by side: what is given back waits for them, each with what is wrong with it."""
    read: dict[str, tuple[Chapter | None, list[Diagnostic]]] = {}

    def one(_: int, path: str) -> None:
        found: list[Diagnostic] = []
        chapter = load_chapter(root, path, settings.category_key, cache, found.append, unsaved)
        read[path] = chapter and replace(chapter, language=chapter.front.language or settings.language), found

    def every() -> list[tuple[Chapter | None, list[Diagnostic]]]:
        # What was saved last has most likely changed: pandoc begins with it. A thread more than cores works on trees.
        side_by_side(one, sorted(paths, key=partial(_saved, root), reverse=True), cores() + 1)
        return [read[path] for path in paths]

    return begun(every)


def _chapters(read: Iterable[tuple[Chapter | None, list[Diagnostic]]], report: Report) -> tuple[Chapter, ...]:
    read = list(read)
    # Two chapters may draw on one file of data: what is wrong with it is said once.
    for diagnostic in dict.fromkeys(diagnostic for _, found in read for diagnostic in found):
        report(diagnostic)
    return tuple(chapter for chapter, _ in read if chapter)


def _record(
    cls: type[R], root: Path, path: str, report: Report, cache: Cache, unsaved: Mapping[str, str], texts: list[str]
) -> R:
    """A YAML file as a record, its text added to `texts`.

    One that is not there is empty, unless the paper cannot be without it.
    """
    if path != SETTINGS and path not in unsaved and not _is_there(root, path):
        return cls()
    raw = text.read(root, path, report, unsaved)
    if raw is None:
        return cls()
    texts += (path, raw)
    data = read_yaml(raw, path, report, cache)
    record = build(cls, data, path, report)
    given = {} if data.value is None else data.value
    if isinstance(given, dict) and not data.broken:
        for name in cls.required:
            if not given.get(name):
                hint = f"add '{name}: …' to {path}"
                report(Diagnostic(Place(path), "missing-key", f"the key '{name}' is missing", hint=hint))
    return record


def _reviews(root: Path) -> list[str]:
    return [path for path in confined.files(root, "reviews") if path.count("/") == 1 and path.endswith(".yaml")]


def _zone(settings: Settings, report: Report) -> None:
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        message, hint = (
            f"'{settings.timezone}' is no time zone",
            "write its name, such as Europe/Vienna, or leave it out",
        )
        report(Diagnostic(settings.place("timezone"), "invalid-value", message, hint=hint))


def _is_there(root: Path, path: str) -> bool:
    file = root / path
    try:
        return file.is_file() or file.is_symlink()
    except OSError:  # a name that no disk can hold
        return False


def _saved(root: Path, path: str) -> float:
    try:
        return (root / path).stat().st_mtime
    except OSError:
        return 0


def _found(root: Path, report: Report) -> list[str]:
    """Chapters in the folders of the paper, by path. A name that some system cannot hold is reported and left out."""
    paths: list[str] = []
    for folder in _FOLDERS:
        seen: dict[str, str] = {}
        for name in _names(root, folder):
            twin = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
            if complaint := _complaint(name, twin):
                message, hint = complaint
                # What a terminal cannot show is shown by its number.
                shown = ascii(f"{folder}/{name}")[1:-1]
                report(Diagnostic(Place(shown), "bad-file-name", message, hint=hint))
            else:
                paths.append(f"{folder}/{name}")
    return paths


def _names(root: Path, folder: str) -> Iterator[str]:
    """The names of what is, or was to be, a chapter: those that begin with a dot are no part of a paper."""
    names = (path.removeprefix(f"{folder}/") for path in confined.files(root, folder))
    yield from (name for name in names if "/" not in name and _MEANT.search(name) and not name.startswith("."))


def _complaint(name: str, twin: str) -> tuple[str, str] | None:
    """What is wrong with the name of a chapter's file, and what to do; `twin` differs at most in case."""
    if not (_NAME.fullmatch(name) and unicodedata.is_normalized("NFC", name)):
        return "not every system can hold this file name", _RENAME
    if _RESERVED.match(name):
        return f"Windows keeps the name {name.partition('.')[0]!a} for a device", "rename it"
    if not name.endswith(".md"):
        return "a chapter's file name ends with '.md'", "rename it"
    return (f"not every system can tell it from {twin!a}", "rename one of the two") if twin != name else None
