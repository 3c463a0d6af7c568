"""Starter files for a paper made of the chapters of another tool. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from nioc_paper.edit.own_paper import literal, named_settings, own_files, with_setting
from nioc_paper.edit.yaml import to_scalar

_KIND = "chapter"


class ImportedChapter(Struct):
    """A chapter to write, with the title and the matter of its part."""

    id: str
    title: str
    part: str
    matter: str
    text: str = ""
    """Text below the front matter."""

    @property
    def path(self) -> str:
        """Path in the paper."""
        return f"chapters/{self.id}.md"


def imported_files(
    starter: Mapping[str, str], settings_path: str, title: str, language: str, chapters: Sequence[ImportedChapter]
) -> dict[str, str]:
    """Return the files of a paper with these chapters, in place of the starter's example."""
    settings = named_settings(starter[settings_path], title)
    parts = groupby(chapters, attrgetter("part", "matter"))
    listed = "".join(_part_lines(*part, [chapter.path for chapter in below]) for part, below in parts)
    for key, replacement in (
        ("categories", "categories: []                  # subjects, each with one chapter\n"),
        ("kinds", f"kinds:                          # requirements for chapters\n  {_KIND}: {{}}\n"),
        ("parts", f"parts:                          # the order of the paper\n{listed}"),
        ("annexes", "annexes: []                     # lists made from the chapters and the registers\n"),
    ):
        pattern = rf"^{key}:.*\n(?:(?:[ ].*)?\n)*"
        settings = re.sub(pattern, literal(f"{replacement}\n"), settings, count=1, flags=re.MULTILINE)
    settings = settings.rstrip("\n") + "\n"
    if language:
        settings = with_setting(settings, "language", language)
    status = re.search(r"^statuses:.*\n  - \{id: ([\w-]+)", settings, re.MULTILINE)
    assert status
    files = {path: text for path, text in own_files(starter, title).items() if not path.startswith("paper/front/")}
    return {**files, settings_path: settings, **{c.path: _chapter_text(c, status[1]) for c in chapters}}


def _part_lines(title: str, matter: str, paths: Sequence[str]) -> str:
    head = [f"title: {to_scalar(title)}"] if title else []
    head += [f"matter: {matter}"] if matter != "main" else []
    lines = [*head, "chapters:", *(f"  - {to_scalar(path)}" for path in paths)]
    return "".join(f"  {'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


def _chapter_text(chapter: ImportedChapter, status: str) -> str:
    names = f"id: {to_scalar(chapter.id)}\ntitle: {to_scalar(chapter.title)}\ncategory: {_KIND}\nstatus: {status}"
    people = "contributors:\n  # - {id: …, role: lead}   with an id from contributors.yaml"
    return f"---\n{names}\n{people}\nsummary:   # one sentence, at most 300 characters\n---\n\n{chapter.text}"
