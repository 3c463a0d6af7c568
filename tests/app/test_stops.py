"""What stops an output: every finding that a build can raise, in each edition, against the table."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
import rule_pages
from command_kit import hide_office
from test_papers import written
from test_rules import _little_time

from nioc_paper import BuildRequest, Project
from nioc_paper.app.build import write_formats
from nioc_paper.app.errors import BlockedError
from nioc_paper.app.preconditions import find_blockers, require_unblocked
from nioc_paper.app.rule_explanations import split_pages
from nioc_paper.assemble import assemble
from nioc_paper.check.rule_tables import GROUPS, rule_explanations
from nioc_paper.check.rules.privacy import PUBLIC_RULES
from nioc_paper.domain.output_stops import EDITIONS, edition_of, read_stops, stops
from nioc_paper.load import READING_EXPLANATIONS, load
from nioc_paper.load.templates import read_templates
from nioc_paper.model import Diagnostic, Document, History, OutputOptions, Place, Severity
from nioc_paper.render import DOCUMENT_WRITERS, OUTPUT_EXPLANATIONS
from nioc_paper.render.context import RenderContext
from nioc_paper.system.cache import Cache

__all__ = ["_little_time"]  # a fixture: pytest finds it here
TESTS = Path(__file__).parents[1]
HEALTHY = TESTS / "papers" / "healthy"
OPTIONS = {
    "draft": OutputOptions(),
    "review": OutputOptions(review=True),
    "public": OutputOptions(audience="public"),
    "final": OutputOptions(final=True),
}
PAGES = {
    title: page
    for file in sorted(TESTS.glob("rules/*.md"))
    for title, page in split_pages(file.read_text(encoding="utf-8")).items()
}


def test_the_table_names_rules_that_exist_once() -> None:
    names = [rule for stop in read_stops() for rule in stop.rules]
    known = {*GROUPS, *rule_explanations(), *READING_EXPLANATIONS, *OUTPUT_EXPLANATIONS, *PUBLIC_RULES}
    known |= {"lost-entry", "told-by-redline"}
    assert len({*names}) == len(names)
    assert {name for name in names if name not in known} == set()
    assert [edition_of(options) for options in OPTIONS.values()] == [*EDITIONS]


FAULTY = [title for title, page in PAGES.items() if "error[" in page and rule_pages.parse(page).bad]
"""Pages that show an error."""
SHOWN = {rule for title in FAULTY for rule in re.findall(r"error\[([^\]]+)\]", PAGES[title])}
ELSEWHERE = {*OUTPUT_EXPLANATIONS, "lost-entry", "told-by-redline", "missing-tool", "withheld-name", "withheld-passage"}
"""Findings on outputs, see below, and on copies for an audience, on redlines and on programs, which have own tests."""
ALWAYS_WARNINGS = {"dead-name/section", "bad-source"}
LATE = {
    rule.partition("/")[0]
    for stop in read_stops()
    for rule in stop.rules
    if not any(one == rule or one.startswith(f"{rule}/") for one in SHOWN)
} - {rule.partition("/")[0] for rule in ELSEWHERE | {"bad-source"}}
"""Pages whose findings are errors in a chapter of the last status only."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "title" in metafunc.fixturenames:
        step = 1 if metafunc.config.getoption("--long") else 3
        metafunc.parametrize("title", [*FAULTY[::step], *(f"{title} in the last status" for title in sorted(LATE))])


def test_a_finding_of_the_paper_stops_the_editions_of_the_table_and_no_others(
    title: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Of the drafts a third are checked and a twelfth are built; all under --long."""
    name, _, late = title.partition(" in ")
    number = 0 if request.config.getoption("--long") else 1 if late else FAULTY.index(title)
    root = rule_pages.lay(rule_pages.parse(PAGES[name]).bad, HEALTHY, tmp_path / "paper")
    for file in root.glob("chapters/*.md") if late else ():
        written(file, re.sub(r"^status: .*", "status: final", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    project = Project(root, today=date(2020, 1, 30), cache=Cache.for_paper(Path()))
    loaded = project.load()
    findings = [d for d in project.check(loaded).findings if d.severity == Severity.ERROR]
    entries = {rule for stop in read_stops() for rule in stop.rules if rule.partition("/")[0] == name and late}
    raised = {name for d in findings for name in (d.rule, d.rule.partition("/")[0])}
    assert entries - SHOWN - ELSEWHERE - ALWAYS_WARNINGS <= raised
    for edition, options in OPTIONS.items():
        blockers = find_blockers(project, loaded, findings, options)
        assert {d for d in findings if stops(d, options)} <= {*blockers}, edition
        if edition in EDITIONS[:2]:
            assert {*blockers} <= {*findings}, edition
    if any(stops(d, OutputOptions()) for d in findings):
        with pytest.raises(BlockedError):
            require_unblocked(project, loaded, findings, OutputOptions())
    elif number % 4 == 0:
        result = project.build(BuildRequest(), ["html"], tmp_path / "dist")
        assert [file.suffix for file in result.written.files] == [".html"]
        assert {*findings} <= {*result.errors}


@pytest.mark.parametrize("form", DOCUMENT_WRITERS)
@pytest.mark.parametrize("edition", OPTIONS)
def test_a_finding_on_an_output_stops_the_editions_of_the_table(
    form: str, edition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_office(monkeypatch)
    options, module = OPTIONS[edition], import_module(DOCUMENT_WRITERS[form])
    document = assemble(load(HEALTHY, lambda _: None, Cache.for_paper(Path())), History(), copy=options)
    for rule in OUTPUT_EXPLANATIONS:
        finding = Diagnostic(Place("chapters/a.md", 3), rule, "a fault")

        def write(_: Document, context: RenderContext, finding: Diagnostic = finding) -> bytes:
            context.report(finding)
            return b"a file"

        monkeypatch.setattr(module, "write", write)
        reported: list[Diagnostic] = []
        context = RenderContext(read_templates(HEALTHY), reported.append, Cache.for_paper(Path()))
        files = write_formats(document, [form], tmp_path / rule, context)
        assert (files == []) == stops(finding, options), rule
        assert finding in reported
