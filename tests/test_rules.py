"""Every rule by its page: the bad example gives exactly the findings on the page, the good one none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import rule_pages

from nioc_paper import check, load, render
from nioc_paper.app.explanations import split_pages
from nioc_paper.check import rule_tables
from nioc_paper.check.rule_names import GROUPS, covers
from nioc_paper.check.rule_tables import rule_explanations, rule_name
from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.text_formats import format_line
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import Cache

TESTS = Path(__file__).parent
HEALTHY = TESTS / "papers" / "healthy"
FILES = sorted(TESTS.glob("rules/*.md"))
PAGES = [(file, title) for file in FILES for title in split_pages(file.read_text(encoding="utf-8"))]
TODAY = date(2020, 1, 30)
SENTENCES = {
    rule: text.split("\n\n")[0].strip()
    for rule, text in {
        **rule_explanations(),
        **load.READING_EXPLANATIONS,
        **render.OUTPUT_EXPLANATIONS,
        **GROUPS,
    }.items()
}

Agree = Callable[[Path, str], None]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Pandoc reads each unchanged chapter once."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandoc gives up a passage that it cannot read after a short time."""
    run = pandoc.run
    monkeypatch.setattr(pandoc, "run", lambda *args, **limits: run(*args, **{**limits, "seconds": 0.4}))
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.1)


def findings_of(root: Path, cache: Cache, rules: str = "rules") -> list[Diagnostic]:
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache)
    return check.check(paper, TODAY, reading, cache, rules)


@contextmanager
def alone(rule: str) -> Iterator[None]:
    """Run no other rule of the tables; all of them if this one is in none."""
    with pytest.MonkeyPatch.context() as patch:
        if rule in {rule_name(entry[0]) for entry in rule_tables.RULES}:
            for table, at in {"PAPER_RULES": 0, "TEXT_RULES": 0, "PASSAGE_RULES": 0, "COMPARISONS": 1}.items():
                entries = [entry for entry in getattr(rule_tables, table) if rule_name(entry[at]) == rule]
                patch.setattr(check, table, entries)
        yield


def short(diagnostics: list[Diagnostic]) -> str:
    return "".join(f"{format_line(d)}\n" for d in diagnostics)


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    shown = {title for _, title in PAGES} | {kind for file, title in PAGES for kind in kinds_of(file, title)}
    assert shown == set(SENTENCES)
    assert all(title.partition("/")[0] == file.stem for file, title in PAGES)


def kinds_of(file: Path, rule: str) -> list[str]:
    """The kinds that a page shows: those of its rule that have no page, or the rule itself."""
    kinds = [name for name in SENTENCES if name.startswith(f"{rule}/") and (file, name) not in PAGES]
    return kinds or [rule]


def test_an_empty_says_is_filled_in() -> None:
    text = "# rule\n\nIt is right.\n\n## Bad\n\n```file a\nb\n```\n\n## Says\n{}\n## Good\n\n```file a\nc\n```\n"
    filled = text.format("\n```text\na:1:1: error[rule] wrong\n```\n")
    for empty in ("", "\n```text\n```\n", "\n```text\nold\n```\n"):
        assert rule_pages.update(text.format(empty), "It is right.", "a:1:1: error[rule] wrong\n") == filled


def test_the_healthy_paper_has_no_findings(cache: Cache) -> None:
    assert short(findings_of(HEALTHY, cache)) == ""


@pytest.mark.parametrize(("file", "rule"), PAGES, ids=[title for _, title in PAGES])
def test_page(file: Path, rule: str, tmp_path: Path, cache: Cache, agree: Agree) -> None:
    whole = file.read_text(encoding="utf-8")
    text = split_pages(whole)[rule]
    page = rule_pages.parse(text)
    says = short(findings_of(rule_pages.lay(page.bad, HEALTHY, tmp_path / "bad"), cache)) if page.bad else ""
    agree(file, whole.replace(text, rule_pages.update(text, SENTENCES[page.rule], says)))
    not_shown = [kind for kind in kinds_of(file, rule) if f"[{kind}]" not in says]
    assert not not_shown or not page.bad, "the bad example shows something else"
    with alone(page.rule):
        good = findings_of(rule_pages.lay(page.good, HEALTHY, tmp_path / "good"), cache, page.rule) if page.good else []
    assert short([d for d in good if covers(page.rule, d.rule)]) == ""
