"""A hint that names a replacement works: typed literally, the finding is gone and no other comes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import rule_pages
from test_rules import HEALTHY, PAGES, _little_time, findings_of

from nioc_paper.app.explanations import split_pages
from nioc_paper.check.rule_names import covers
from nioc_paper.model import Diagnostic
from nioc_paper.system.cache import Cache

__all__ = ["_little_time"]  # a fixture: pytest finds it here
_QUOTED = re.compile(r"'([^']+)'")
_REPLACEMENT = re.compile(r"(?:^|; |, )(?:write|did you mean) '([^'…]+)'(?=[,?.;]|$)")
"""A text in quotation marks after "write" or "did you mean"; with '…' it is a form, and no text."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Pandoc reads each unchanged chapter once."""
    return Cache(tmp_path_factory.mktemp("cache"))


def replacement(diagnostic: Diagnostic, line: str) -> tuple[str, str] | None:
    """Old and new words of a hint, if the old ones are at the place of the finding."""
    if diagnostic.fix:
        return diagnostic.fix.old, diagnostic.fix.new
    new = _REPLACEMENT.search(diagnostic.hint)
    rest = line[diagnostic.place.column - 1 :]
    olds = [old for old in _QUOTED.findall(diagnostic.message) if rest.startswith(old)]
    return (max(olds, key=len), new[1]) if new and olds else None


def followed(root: Path, diagnostic: Diagnostic) -> bool:
    """Follow the hint of a finding; False if it names no replacement."""
    file = root / diagnostic.place.path
    if not file.is_file() or file.suffix not in (".md", ".yaml", ".csv"):
        return False
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    before, rest = "\n".join([*lines[: diagnostic.place.line - 1], ""]), "\n".join(lines[diagnostic.place.line - 1 :])
    if not (words := replacement(diagnostic, rest)):
        return False
    start, (old, new) = diagnostic.place.column - 1, words
    if not rest.startswith(old, start):
        return False
    file.write_text(before + rest[:start] + new + rest[start + len(old) :], encoding="utf-8")
    return True


def counts_of(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((d.rule, d.message) for d in diagnostics)


def faults(text: str, tmp_path: Path, cache: Cache) -> Iterator[str]:
    """Hints on a page that do not work."""
    page = rule_pages.parse(text)
    before = findings_of(rule_pages.lay(page.bad, HEALTHY, tmp_path / "bad"), cache) if page.bad else []
    for number, diagnostic in enumerate(before):
        root = tmp_path / str(number)
        if covers(page.rule, diagnostic.rule) and (diagnostic.hint or diagnostic.fix):
            if not followed(rule_pages.lay(page.bad, HEALTHY, root), diagnostic):
                continue
            after = counts_of(findings_of(root, cache))
            gone, new = counts_of(before) - after, after - counts_of(before)
            if not gone or new:
                yield f"{diagnostic.message}; {diagnostic.hint}: {'' if gone else 'is still there'} {[*new]}"


@pytest.mark.parametrize(("file", "rule"), PAGES, ids=[title for _, title in PAGES])
def test_a_hint_that_names_a_replacement_works(file: Path, rule: str, tmp_path: Path, cache: Cache) -> None:
    assert [*faults(split_pages(file.read_text(encoding="utf-8"))[rule], tmp_path, cache)] == []
