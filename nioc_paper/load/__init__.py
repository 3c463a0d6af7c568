"""Read the files of a paper into a `Paper`. Reading never fails: each fault is a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache as once
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from nioc_paper.load import source_text
from nioc_paper.load.bibliography import load_bibliography, read_copies
from nioc_paper.load.chapter import is_cached, load_chapter
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.load.reading_rules import READING_EXPLANATIONS
from nioc_paper.load.records import read_record
from nioc_paper.load.templates import read_citation_style, read_word_template, report_templates
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import (
    WINDOWS_DEVICE,
    Acronyms,
    Approvals,
    Chapter,
    Consultations,
    Contributors,
    Decisions,
    Diagnostic,
    Facts,
    FrontMatter,
    Paper,
    Place,
    Record,
    References,
    Reporter,
    Reviews,
    Settings,
    Severity,
    Terms,
    Timeline,
    report_all,
    spelling_hint,
)
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.register_files import RECORDS, REGISTERS_FOLDER, join_registers, register_name
from nioc_paper.system import pandoc
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.concurrency import can_copy, core_count, noop, run_parallel, start_process, start_thread
from nioc_paper.system.files import source_hash
from nioc_paper.system.requirements import installed_version
from nioc_paper.tree.strategy_items import ITEM_PREFIXES
from nioc_paper.wording import ENGLISH, blanks_in

__all__ = ["ITEM_PREFIXES", "READING_EXPLANATIONS", "SETTINGS_PATH", "WORDING_FOLDER", "load", "toolchain_hash"]

R = TypeVar("R", bound=Record)
WORDING_FOLDER = "paper/wording"
"""Folder with the paper's own words, a file for each language."""
SETTINGS_PATH = "paper/paper.yaml"
_CHAPTER_FOLDERS = ("chapters", "paper/front", "paper/back")
_WORD_LIST_PACKAGES = ("codespell", "pyspellchecker")
"""Packages with the word lists that chapters are checked against."""
_PORTABLE_NAME = late_pattern(r"\w[\w.-]{0,99}\.md", re.IGNORECASE)
_LOOKS_LIKE_CHAPTER = late_pattern(r"\.md[\s.\x00-\x1f]*$", re.IGNORECASE)
LoadedChapter = tuple[Chapter | None, list[Diagnostic]]
"""A chapter, None if it cannot be read, and the findings of reading it."""
WaitForChapters = Callable[[], list[LoadedChapter]]


def load(root: Path, report: Reporter, cache: Cache = NO_CACHE, buffers: Mapping[str, str] = {}) -> Paper:
    """Read the paper in a folder. Chapters are read in parallel; findings come in the order of the paper.

    `buffers` are texts that an editor has not saved yet, by path: they replace the files.
    """
    context = LoadContext(PaperFiles(root, buffers), cache, report)
    register_texts: list[str] = []
    settings = _read_record(Settings, context, SETTINGS_PATH, register_texts)
    settings = settings.with_texts(_read_own_words(context, register_texts))
    facts_file = _read_register(Facts, context, register_texts)
    context = replace(context, facts={fact.id: fact for fact in facts_file.facts}, language=settings.language)
    context = replace(context, own_words=settings.own_words)
    _check_time_zone(settings, report)
    listed = [path for part in settings.parts for path in part.chapters if context.files.exists(path)]
    paths = [*dict.fromkeys([*listed, *_find_chapters(context.files, report)])]
    wait_for_chapters = _start_reading(context, paths, settings)
    for name in (*_CHAPTER_FOLDERS, "paper", "paper/registers", "reviews", "templates"):
        if (root / name).is_symlink():
            message, hint = "is a symbolic link; nothing in it is read", "put a folder in its place"
            report(Diagnostic(Place(name), "unreadable-file", message, hint=hint))
    report_templates(root, report, context.cache)
    return _read_registers(context, settings, facts_file, register_texts, wait_for_chapters)


def _read_registers(
    context: LoadContext, settings: Settings, facts: Facts, hashed_texts: list[str], wait_for_chapters: WaitForChapters
) -> Paper:
    """Read all other files, wait for the chapters, and return the paper. Texts are added to `hashed_texts`."""
    # Findings in a chapter's words do not depend on its comments and sign-offs: these are not part of the hash.
    side_texts: list[str] = []

    def read_register(cls: type[R], texts: list[str] = hashed_texts) -> R:
        return _read_register(cls, context, texts)

    _report_unread_records(context)
    bibliography = load_bibliography(context, settings)
    hashed_texts += bibliography.texts
    paper = Paper(
        settings=settings,
        timeline=read_register(Timeline),
        contributors=read_register(Contributors),
        references_file=References(references=bibliography.references),
        source_faults=bibliography.faults,
        source_copies=read_copies(context, bibliography.references),
        decisions_file=read_register(Decisions),
        facts_file=facts,
        acronyms_file=read_register(Acronyms),
        terms_file=read_register(Terms),
        chapters=_join_chapter_files(context, _collect_chapters(context, wait_for_chapters()), hashed_texts),
        missing=tuple(_missing_chapters(context.files, settings)),
        reviews=tuple(_read_ledgers(context, side_texts)),
        template=read_word_template(context.files, settings, context.report),
        style=read_citation_style(context.files, settings, context.report),
        approvals_file=read_register(Approvals, side_texts),
        consultations_file=read_register(Consultations, side_texts),
        registers_hash=cache_key(*hashed_texts),
        inputs=frozenset(context.files.requested),  # the last argument: all files are read by now
    )
    return _in_order_of_parts(paper)


def _join_chapter_files(context: LoadContext, chapters: Sequence[Chapter], texts: list[str]) -> tuple[Chapter, ...]:
    """Return the chapters with lists of front matter from files of their own: clearances, allowances."""
    parts: dict[str, list[FrontMatter]] = {chapter.id: [] for chapter in chapters}
    for path in context.files.record_paths("chapter"):
        part = _read_record(FrontMatter, context, path, texts, is_whole=False)
        if part.id in parts:
            parts[part.id].append(part)
        elif part.path:
            message, hint = f"'{part.id}' is not a chapter", spelling_hint(part.id, parts)
            context.report(Diagnostic(part.place("id"), "dead-name/chapter", message, hint=hint))
    return tuple(
        replace(chapter, front=_join(context, chapter.front, parts[chapter.id])) if parts[chapter.id] else chapter
        for chapter in chapters
    )


def _join(context: LoadContext, main: R, parts: Sequence[R]) -> R:
    """Return a record with those of more files, and report what they cannot have."""
    joined, findings = join_registers(main, parts)
    report_all(findings, context.report)
    return joined


def _in_order_of_parts(paper: Paper) -> Paper:
    """Return a paper in whose parts are also the chapters that name their part: after the listed ones, by id."""
    listed = set(paper.listed_paths)
    placed = [(paper.settings.part_index(c.front.part or ""), c) for c in paper.chapters if c.path not in listed]
    if all(index is None for index, _ in placed):
        return paper
    placed.sort(key=lambda pair: pair[1].id)
    parts = tuple(
        part.replace(chapters=(*part.chapters, *(chapter.path for place, chapter in placed if place == index)))
        for index, part in enumerate(paper.settings.parts)
    )
    order = [path for part in parts for path in part.chapters]
    chapters = sorted(paper.chapters, key=lambda c: order.index(c.path) if c.path in order else len(order))
    return replace(paper, settings=paper.settings.replace(parts=parts), chapters=tuple(chapters))


@once
def toolchain_hash() -> str:
    """Version of everything outside the paper that reading and checking depend on: our sources, pandoc, word lists."""
    return " ".join((source_hash(), pandoc.version(), *map(installed_version, _WORD_LIST_PACKAGES)))


def _missing_chapters(files: PaperFiles, settings: Settings) -> Iterator[tuple[int, int, str]]:
    """Yield the chapters that are listed and do not exist: index of the part, index in it, path."""
    for i, part in enumerate(settings.parts):
        yield from ((i, j, path) for j, path in enumerate(part.chapters) if not files.exists(path))


def _start_reading(context: LoadContext, paths: Sequence[str], settings: Settings) -> WaitForChapters:
    """Start to read chapters in parallel. Returns a function that waits for the chapters, each with its findings."""
    results: dict[str, LoadedChapter] = {}

    def read_one(_: int, path: str) -> None:
        diagnostics: list[Diagnostic] = []
        chapter = load_chapter(context.reporting_to(diagnostics.append), path, settings.category_key)
        results[path] = chapter and replace(chapter, language=chapter.front.language or settings.language), diagnostics

    # A copy of this process parses half of the changed ones into the cache, from which they are read at the end.
    changed = [path for path in paths if context.cache.directory and not is_cached(context, path)]
    in_copy = changed[::2] if can_copy() else []
    here = sorted((path for path in paths if path not in in_copy), key=lambda path: path not in changed)

    def read_in_parallel(paths: Sequence[str]) -> None:
        # One thread more than cores works on trees.
        run_parallel(read_one, paths, core_count() + 1)

    wait_for_copy = start_process(partial(read_in_parallel, in_copy)) if in_copy else noop

    def read_all() -> list[LoadedChapter]:
        read_in_parallel(here)
        wait_for_copy()
        read_in_parallel(in_copy)
        return [results[path] for path in paths]

    return start_thread(read_all)


def _collect_chapters(context: LoadContext, results: Iterable[LoadedChapter]) -> tuple[Chapter, ...]:
    results = list(results)
    # Two chapters may use one CSV file: its faults are reported once.
    report_all(dict.fromkeys(finding for _, findings in results for finding in findings), context.report)
    return tuple(chapter for chapter, _ in results if chapter)


def _read_record(cls: type[R], context: LoadContext, path: str, texts: list[str], *, is_whole: bool = True) -> R:
    """Read a YAML file as a record, and add its path and text to `texts`. One that `is_whole` has all required keys.

    Returns an empty record if the file does not exist; only paper.yaml must.
    """
    files = context.files
    is_expected = path == SETTINGS_PATH or path in files.buffers or files.has_file(path)
    raw = source_text.read_text(files, path, context.report) if is_expected else None
    if raw is None:
        return cls()
    texts += (path, raw)
    return read_record(cls, raw, path, context, whole=path if is_whole else "")


def _read_register(cls: type[R], context: LoadContext, texts: list[str]) -> R:
    """Read the file of a register, and those in its folder, as one record. Adds their paths and texts to `texts`."""
    name = register_name(cls)
    main = _read_record(cls, context, RECORDS[name][1], texts)
    parts = [_read_record(cls, context, path, texts, is_whole=False) for path in context.files.record_paths(name)]
    return _join(context, main, parts) if parts else main


def _report_unread_records(context: LoadContext) -> None:
    """Report the YAML files below the folder of the registers that no register reads."""
    main_files = {path for _, path in RECORDS.values()}
    for path in context.files.walk(REGISTERS_FOLDER):
        folder, _, name = path.removeprefix(f"{REGISTERS_FOLDER}/").rpartition("/")
        is_read = path in main_files or folder in RECORDS or name.startswith(".")
        if name.endswith((".yaml", ".yml")) and not is_read:
            hint = spelling_hint(folder or name.partition(".")[0], RECORDS)
            message = "this file of records is not read: no register has its folder or name"
            context.report(Diagnostic(Place(path), "unlisted-file/record", message, Severity.WARNING, hint))


def _read_ledgers(context: LoadContext, texts: list[str]) -> Iterator[Reviews]:
    """Yield the ledgers of reviews: files in reviews/, each with the files in folders for the same chapter."""
    paths = [path for path in context.files.walk("reviews") if path.endswith(".yaml")]
    records = [_read_record(Reviews, context, path, texts) for path in paths if path.count("/") in (1, 2)]
    ledgers = [record for record in records if record.path.count("/") == 1]
    for chapter in dict.fromkeys(record.chapter for record in records if record.path.count("/") == 2):
        parts = [record for record in records if record.chapter == chapter and record.path.count("/") == 2]
        main, *parts = [*[ledger for ledger in ledgers if ledger.chapter == chapter][:1], *parts]
        joined, _ = join_registers(main, parts)
        ledgers = [*(ledger for ledger in ledgers if ledger is not main), joined.with_later_files()]
    yield from sorted(ledgers, key=lambda ledger: ledger.path)


def _read_own_words(context: LoadContext, texts: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the words of the paper, each with its language and key. Adds the paths and texts of its files to `texts`.

    Reports keys that the tool does not print, and texts that lack what is filled in.
    """
    for path in context.files.walk(WORDING_FOLDER):
        raw = source_text.read_text(context.files, path, context.report) if path.endswith(".yaml") else None
        if raw is None:
            continue
        texts += (path, raw)
        data = read_yaml(raw, path, context.report, context.cache)
        for key, text in data.value.items() if isinstance(data.value, dict) else ():
            place, known = Place(path, *data.value_positions.get((key,), (1, 1))), ENGLISH.get(key)
            if known is None:
                message, hint = f"the key '{key}' is not known here", spelling_hint(key, ENGLISH)
                context.report(Diagnostic(place, "unknown-key", message, hint=hint))
            elif not isinstance(text, str) or blanks_in(text, known) != blanks_in(known, known):
                hint = f"write a text with what is filled in and named as here: {known}"
                context.report(Diagnostic(place, "bad-value/type", f"'{key}' is not such a text", hint=hint))
            else:
                yield PurePosixPath(path).stem, key, text


def _check_time_zone(settings: Settings, report: Reporter) -> None:
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        message = f"'{settings.timezone}' is not a time zone"
        hint = "write its name, such as Europe/Vienna, or leave it out"
        report(Diagnostic(settings.place("timezone"), "bad-value/type", message, hint=hint))


def _find_chapters(files: PaperFiles, report: Reporter) -> list[str]:
    """Return the paths of the chapters in the paper's folders. Reports and omits names that some system cannot hold.

    A chapter is what is, or was meant to be, a file of Markdown. Names that begin with a dot are ignored.
    """
    paths: list[str] = []
    for folder in _CHAPTER_FOLDERS:
        names_by_key: dict[str, str] = {}
        for name in (path.removeprefix(f"{folder}/") for path in files.walk(folder)):
            if "/" in name or name.startswith(".") or not _LOOKS_LIKE_CHAPTER.search(name):
                continue
            twin = names_by_key.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
            if problem := _file_name_problem(name, twin):
                # A terminal cannot show every character: the others are escaped.
                escaped_path = ascii(f"{folder}/{name}")[1:-1]
                report(Diagnostic(Place(escaped_path), "bad-file-name", problem[0], hint=problem[1]))
            else:
                paths.append(f"{folder}/{name}")
    return paths


def _file_name_problem(name: str, twin: str) -> tuple[str, str] | None:
    """Return the problem of a chapter's file name with a hint, or None. `twin` is an earlier one like it."""
    if not (_PORTABLE_NAME.fullmatch(name) and unicodedata.is_normalized("NFC", name)):
        return "not every system can hold this file name", "rename it: letters, digits, '-', '_' and '.' only"
    if WINDOWS_DEVICE.match(name):
        return f"Windows keeps the name {name.partition('.')[0]!a} for a device", "rename it"
    if not name.endswith(".md"):
        return "a chapter's file name ends with '.md'", "rename it"
    return (f"not every system can tell it from {twin!a}", "rename one of the two") if twin != name else None
