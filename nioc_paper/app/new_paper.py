"""Start a paper: files, schemas and settings for editors, and a git repository with a first commit."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.app.schemas import SCHEMA_FOLDER
from nioc_paper.app.wording_file import missing_keys, words_path, words_text
from nioc_paper.edit.scaffold import (
    INTRODUCTION,
    INTRODUCTION_ID,
    NewCategory,
    ScaffoldError,
    chapter_text,
    make_categories,
    own_files,
    own_settings,
    plan_back,
    shift_dates,
    translate_starter,
    with_setting,
)
from nioc_paper.load import SETTINGS_PATH, load
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Paper, Settings
from nioc_paper.model.register_files import CONTACTS_PATH, RECORDS, REGISTERS_FOLDER, SCHEMAS
from nioc_paper.model.schema import schema_text
from nioc_paper.program_name import program_in, with_program
from nioc_paper.system import git
from nioc_paper.system.files import package_folder, read_folder, write_folder
from nioc_paper.wording import ENGLISH, primary_language, starter_words

_TIMELINE_PATH = "paper/timeline.yaml"
_EDITOR_SETTINGS_PATH = ".vscode/settings.json"
_SUBJECT = "Start the paper"
_TITLE, _FIRST_CATEGORY, _INTRODUCTION = "A new paper", "First subject", "Introduction"


class PaperRequest(Struct, frozen=True):
    """Answers about a new paper; an empty one keeps the example's."""

    title: str = ""
    language: str = ""
    deadline: date | None = None
    categories: Sequence[str] = ()
    """Titles of the categories, each with a chapter."""

    @property
    def is_own(self) -> bool:
        """Whether the paper is not the example."""
        return bool(self.title or self.categories)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to ask."""
        return all((self.title, self.language, self.deadline, self.categories))


def split_titles(text: str) -> tuple[str, ...]:
    """Return the titles in a list with commas of any script."""
    return tuple(filter(None, map(str.strip, re.split("[,،、]", text))))


class StartedPaper(NamedTuple):
    """A paper that was started."""

    title: str
    commit: str | None
    """First commit; None without git, or inside another repository."""
    notes: Sequence[str] = ()
    """Lines on what is not in the language of the paper."""

    def describe(self, folder: Path, *, wants_commit: bool) -> str:
        """Return lines on the paper, on what is not in its language, and on the next steps."""
        start = f"{folder}: '{self.title}' is started; {folder / 'README.md'} describes the next steps"
        notes = (f"note: {note}" for note in self.notes)
        return "\n".join([start, *notes, self.next_steps(folder, wants_commit=wants_commit)])

    def next_steps(self, folder: Path, *, wants_commit: bool) -> str:
        """Return a line on the repository of the paper, or the reason why it has none, and one on the next command."""
        command = f"try: cd {shlex.quote(str(folder))} && {program_in(folder)} check"
        if self.commit:
            return f"in a git repository of its own, with a commit: {self.commit[:10]}\n{command}"
        reason = "without a git repository: git is missing, or the folder is in a repository already\n"
        return f"{reason if wants_commit else ''}{command}"


def start_paper(folder: Path, request: PaperRequest, today: date | None, *, wants_commit: bool = True) -> StartedPaper:
    """Write a paper to a folder; the plan starts on the day given, or on the current one.

    Raises RequestError for an answer that cannot be met and for a folder that is not empty, AppError if it cannot be
    written.
    """
    texts, example, first_day = read_starter(today)
    try:
        texts = _with_answers(texts, example, request, first_day)
    except ScaffoldError as error:
        raise RequestError(str(error)) from None
    return write_paper(folder, texts, wants_commit=wants_commit)


def start_lived_paper(folder: Path) -> str:
    """Write an invented paper with the five months of its history, and return a line on it.

    Raises RequestError for a folder that is not empty, AppError without git.
    """
    require_new_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not git.copy_history(package_folder("lived") / "riverton.bundle", folder):
        raise AppError(f"cannot write to {folder}: the history of the paper needs git")
    return (
        f"{folder}: 'High Water', five months of an invented paper; the tags week-01 to week-12 are its Fridays\n"
        f"try: cd {shlex.quote(str(folder))} && git switch --detach week-07 && "
        f"{program_in(folder)} status --today 2021-04-09"
    )


def require_new_folder(folder: Path) -> None:
    """Raise RequestError if there is something at the place of a new paper."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise _occupied_folder_error(folder)


def _occupied_folder_error(folder: Path) -> RequestError:
    return RequestError(f"'{folder}' is there already, and is not an empty folder")


def read_starter(today: date | None) -> tuple[dict[str, str], Paper, date]:
    """Return the files of the starter, its paper, and the day on which a new paper begins."""
    starter = package_folder("starter")
    example = load(starter, lambda _: None)
    first_day = Project(starter, today=today).today(example)
    return {path: data.decode() for path, data in read_folder(starter).items()}, example, first_day


def write_paper(
    folder: Path, texts: Mapping[str, str], other_files: Mapping[str, bytes] = {}, *, wants_commit: bool = True
) -> StartedPaper:
    """Write the files of a new paper, with schemas and settings for editors, and make its first commit.

    Raises RequestError for a folder that is not empty, AppError if it cannot be written.
    """
    settings = _read_settings(texts[SETTINGS_PATH])
    texts = {path: with_program(text, folder) for path, text in texts.items()}
    texts |= {f"{SCHEMA_FOLDER}/{name}.json": schema_text(name, settings) for name in SCHEMAS}
    texts[_EDITOR_SETTINGS_PATH] = _editor_settings(folder)
    if keys := missing_keys(settings.language):
        texts[words_path(settings.language)] = words_text(keys)
    files = {path: text.encode() for path, text in texts.items()} | dict(other_files)
    try:
        write_folder(folder, files)
    except FileExistsError:
        raise _occupied_folder_error(folder) from None
    commit = git.start_repository(folder, sorted(files), _SUBJECT) if wants_commit else None
    return StartedPaper(settings.title, commit, list(_language_notes(settings)))


def _language_notes(settings: Settings) -> Iterator[str]:
    """Yield what a paper still has in English."""
    language, sections = settings.language, {name for kind in settings.kinds.values() for name in kind.sections}
    if primary_language(language) != "en" and ENGLISH["recommendations"] in sections:
        yield (
            f"the headings of sections, parts and annexes in {SETTINGS_PATH} are English: translate them before "
            "chapters are written, and in the chapters that are there"
        )
    if keys := missing_keys(language):
        example = next(filter(str.istitle, map(ENGLISH.__getitem__, keys)), ENGLISH[keys[0]])
        yield (
            f"outputs have {len(keys)} words in English, such as '{example}': they are listed in "
            f"{words_path(language)}; translate them there"
        )


def _with_answers(texts: Mapping[str, str], example: Paper, request: PaperRequest, today: date) -> dict[str, str]:
    """Return the starter's files with the answers in them. Raises ScaffoldError."""
    timeline = texts[_TIMELINE_PATH]
    result = {path: shift_dates(text, example.timeline, today) for path, text in texts.items()}
    if request.deadline:
        result[_TIMELINE_PATH] = plan_back(timeline, example.timeline, today, request.deadline)
        result[SETTINGS_PATH] = with_setting(result[SETTINGS_PATH], "as_of", request.deadline.isoformat())
    if request.language:
        result[SETTINGS_PATH] = with_setting(result[SETTINGS_PATH], "language", request.language)
    if request.is_own:
        reserved, language = {*example.settings.kinds, INTRODUCTION_ID}, request.language
        words = starter_words(language)
        title, subject = request.title or words.get(_TITLE, _TITLE), words.get(_FIRST_CATEGORY, _FIRST_CATEGORY)
        categories = make_categories(request.categories or [subject], reserved, language)
        result = _own_paper(result, title, categories, language)
    return result


def _own_paper(
    texts: Mapping[str, str], title: str, categories: Sequence[NewCategory], language: str
) -> dict[str, str]:
    """Return the files of a paper without the example: a chapter for each category, and an introduction."""
    translated = {path: translate_starter(texts[path], language) for path in (SETTINGS_PATH, _TIMELINE_PATH)}
    texts = own_files(texts, title) | translated
    texts[SETTINGS_PATH] = own_settings(texts[SETTINGS_PATH], title, categories, language)
    settings = _read_settings(texts[SETTINGS_PATH])
    chapters = {c.path: chapter_text(settings, c.id, c.title, c.id) for c in categories}
    heading = starter_words(language).get(_INTRODUCTION, _INTRODUCTION)
    return {**texts, **chapters, INTRODUCTION: chapter_text(settings, INTRODUCTION_ID, heading, "front")}


def _read_settings(text: str) -> Settings:
    """Return the settings in a text. Raises RequestError if an answer is not allowed there."""
    faults: list[Diagnostic] = []
    settings = build_record(Settings, read_yaml(text, SETTINGS_PATH, faults.append), SETTINGS_PATH, faults.append)
    if faults:
        raise RequestError(f"{faults[0].message}; {faults[0].hint}".rstrip("; "))
    return settings


def _editor_settings(folder: Path) -> str:
    """Return the settings of VS Code: schemas of the registers, and the command of the language server."""
    command, *arguments = shlex.split(program_in(folder))
    settings: dict[str, object] = {
        "files.encoding": "utf8",
        "files.eol": "\n",
        "[markdown]": {"editor.wordWrap": "on", "files.trimTrailingWhitespace": False},
        "[yaml]": {"editor.insertSpaces": True, "editor.tabSize": 2},
        "yaml.schemaStore.enable": False,
        "yaml.schemas": {
            f"./{SCHEMA_FOLDER}/{name}.json": [f"/{path}", f"/{REGISTERS_FOLDER}/{name}/*.yaml"]
            for name, (_, path) in RECORDS.items()
            if name != "chapter"
        }
        | {f"./{SCHEMA_FOLDER}/contacts.json": [f"/{CONTACTS_PATH}"]},
        "glspc.server.command": command,
        "glspc.server.commandArguments": [*arguments, "lsp"],
        "glspc.server.languageId": ["markdown", "yaml"],
    }
    return json.dumps(settings, indent=2) + "\n"
