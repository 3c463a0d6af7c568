"""The schemas for editors: they are up to date, and accept the same as reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc
from jsonschema import Draft202012Validator, FormatChecker
from sample_paper import FULL
from test_papers import copy

from nioc_paper.load import load
from nioc_paper.load.records import build_record
from nioc_paper.load.source_text import split_front_matter
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, FrontMatter, Paper, Settings, field_types
from nioc_paper.model.register_files import SCHEMAS
from nioc_paper.model.schema import build_schema

ROOT = Path(__file__).resolve().parents[2]
PAPERS = [*(FULL.parent / name for name in ("full", "healthy", "late", "single")), ROOT / "nioc_paper/starter"]
FILES = {name: path for name, (_, path) in SCHEMAS.items() if name != "chapter"}


@cache
def paper_in(root: Path) -> Paper:
    return load(root, lambda _: None)


def as_editors_see_it(yaml: str) -> Any:
    """YAML 1.2: whole numbers and booleans are no text, dates are."""
    return read_yaml(yaml, "x.yaml", lambda d: pytest.fail(str(d)), typed=True).value


def faults(name: str, yaml: str, settings: Settings | None = None) -> list[str]:
    validator = Draft202012Validator(build_schema(name, settings), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(as_editors_see_it(yaml))]


def written(root: Path) -> Iterator[tuple[str, str, str]]:
    """Kind, path and YAML of everything in a paper that has a schema."""
    for name, path in FILES.items():
        if (root / path).is_file():
            yield name, path, (root / path).read_text(encoding="utf-8")
    for chapter in paper_in(root).chapters:
        yield "chapter", chapter.path, split_front_matter(chapter.text, chapter.path, lambda _: None)[0]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(build_schema(name))
    Draft202012Validator.check_schema(build_schema(name, paper_in(FULL).settings))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_explained(name: str) -> None:
    made = build_schema(name)
    for part in (made, *made.get("$defs", {}).values()):
        assert part["description"]
        assert [key for key, value in part["properties"].items() if not value.get("description")] == []


@pytest.mark.parametrize("root", PAPERS, ids=lambda root: root.name)
def test_files_fit_their_schemas(root: Path) -> None:
    settings = paper_in(root).settings
    assert [(path, fault) for name, path, yaml in written(root) for fault in faults(name, yaml, settings)] == []


GOOD = "id: a\ntitle: A\ncategory: front\nstatus: draft\n"
CASES = {
    "the least": ("chapter", GOOD, True),
    "keys without values": ("chapter", f"{GOOD}summary:\ncontributors: ~\nsensitivity:\nwords: {{max: }}\n", True),
    "no title": ("chapter", GOOD.replace("title: A\n", ""), False),
    "a key that nobody knows": ("chapter", f"{GOOD}sumary: x\n", False),
    "a role that is none": ("chapter", f"{GOOD}contributors: [{{id: a, role: autor}}]\n", False),
    "one contributor, no list": ("chapter", f"{GOOD}contributors: {{id: a, role: lead}}\n", False),
    "a long summary": ("chapter", f"{GOOD}summary: {'x' * 301}\n", False),
    "a day": ("chapter", f"{GOOD}due: {{draft: 2020-02-29}}\n", True),
    "a day that does not exist": ("chapter", f"{GOOD}due: {{draft: 2020-02-30}}\n", False),
    "a year for a day": ("chapter", f"{GOOD}due: {{draft: 2020}}\n", False),
    "a number that is none": ("chapter", f"{GOOD}words: {{target: many}}\n", False),
    "a boolean": ("terms", "terms: [{use: a, avoid: [b]}]", True),
    "permission": (
        "contributors",
        "people: [{id: a, name: A, kind: un, permission: {from: B, asked: 2020-01-01}}]",
        True,
    ),
    "CSL of any kind": ("references", "references: [{id: a, type: book, title: A, author: [{family: B}]}]", True),
    "a value that looks like a number": ("facts", "facts: [{id: a, value: 4.10, source: b}]", True),
    "letters": (
        "paper",
        "{id: a, title: A, statuses: [], parts: [], categories: [{id: b, title: B, letters: b}]}",
        False,
    ),
    "a severity": ("paper", "{id: a, title: A, statuses: [{id: s, title: S}], parts: [{}], rules: {x: 'off'}}", True),
    "a rule switched to nothing": (
        "paper",
        "{id: a, title: A, statuses: [{id: s, title: S}], parts: [{}], rules: {x: no}}",
        False,
    ),
    "a list in a list's place": ("timeline", "{start: 2020-01-01, deadline: 2020-02-01, work_week: [Mon, Sun]}", True),
    "no weekday": ("timeline", "{start: 2020-01-01, deadline: 2020-02-01, work_week: [Monday]}", False),
}


@pytest.mark.parametrize("case", CASES)
def test_editors_and_reading_agree(case: str) -> None:
    name, yaml, fits = CASES[case]
    findings: list[Diagnostic] = []
    record = SCHEMAS[name][0]
    data = read_yaml(yaml, "x.yaml", findings.append)
    build_record(record, data, "x.yaml", findings.append)
    missing = [key for key in record.required_keys if not data.value.get(key)]
    assert (not findings and not missing) is fits, [*findings, *missing]
    assert (not faults(name, yaml)) is fits, faults(name, yaml)


def test_the_schema_of_a_paper_has_its_own_values() -> None:
    settings = paper_in(FULL).settings
    own, general = build_schema("chapter", settings)["properties"], build_schema("chapter")["properties"]
    assert "enum" not in general["status"]
    assert own["status"]["enum"] == [s.id for s in settings.statuses]
    assert list(own) == [settings.category_key if key == "category" else key for key in field_types(FrontMatter)]
    assert own[settings.category_key]["enum"][0] == settings.categories[0].id
    head = f"id: a\ntitle: A\n{settings.category_key}: front\nstatus: "
    assert faults("chapter", f"{head}drafting\ndue: {{final: 2020-01-01}}", settings) == []
    assert len(faults("chapter", f"{head}draftng\ndue: {{fnal: 2020-01-01}}", settings)) == 2
    assert (
        len(
            faults(
                "timeline",
                "{start: 2020-01-01, deadline: 2020-01-01, gates: [{id: a, title: A, due: 2020-01-01, leaves: x}]}",
                settings,
            )
        )
        == 1
    )


def test_schemas_are_written_where_editors_look(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    run = nioc(paper, "schema", "--write")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{len(SCHEMAS)} schemas written to schemas/\n", "")
    assert {f.name for f in (paper / "schemas").iterdir()} == {f"{name}.json" for name in SCHEMAS}
    assert nioc(paper, "schema", "chapter").stdout == (paper / "schemas" / "chapter.json").read_text(encoding="utf-8")
    assert nioc(paper, "schema", "chapter", "--write").stdout == "written to schemas/chapter.json\n"
    assert json.loads(nioc(tmp_path, "schema", "chapter").stdout) == build_schema("chapter")


def test_the_settings_of_vs_code_map_every_file() -> None:
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert settings["yaml.schemas"] == {f"./schemas/{name}.json": f"/{path}" for name, path in FILES.items()}
