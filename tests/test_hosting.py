"""The files that other programs read: the workflow of the code host, and the hook of pre-commit."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from nioc_paper.cli.commands import nioc
from nioc_paper.render import WRITERS

ROOT = Path(__file__).resolve().parent.parent


def read(path: str) -> Any:
    """YAML with texts only, so that `on` stays a word."""
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - it makes texts only


WORKFLOW: Any = read(".github/workflows/paper.yml")
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
HOOKS: list[dict[str, str]] = read(".pre-commit-hooks.yaml")


def can_be_given(line: str) -> None:
    """That the command exists and takes these arguments."""
    words = [w for w in shlex.split(line) if w != "--install-system"]
    assert words[0] in nioc.commands
    nioc.commands[words[0]].make_context("", words[1:])


def test_the_workflow_may_read_and_nothing_else() -> None:
    assert set(WORKFLOW["on"]) == {"push", "pull_request"}
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [job for job in WORKFLOW["jobs"].values() if "permissions" in job] == []
    assert "secrets" not in re.sub("(?m)^#.*", "", (ROOT / ".github/workflows/paper.yml").read_text(encoding="utf-8"))
    # What a stranger wrote, a branch's name too, is no part of a command.
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_the_workflow_names_exact_versions() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", name)] == []


@pytest.mark.parametrize("line", [step["run"] for step in STEPS if "run" in step])
def test_the_workflow_runs_commands_that_exist(line: str) -> None:
    program, _, rest = line.partition("build.py ")
    assert program == "python3 "
    can_be_given(rest)


def test_the_workflow_checks_for_people_and_attaches_every_output() -> None:
    assert "python3 build.py check --format github" in [step.get("run") for step in STEPS]
    attached = STEPS[-1]["with"]["path"].split()
    assert {f"dist/*.{form}" for form in WRITERS} <= set(attached)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_command_that_exists(hook: dict[str, str]) -> None:
    program, _, rest = hook["entry"].partition(" ")
    assert program == "nioc"
    can_be_given(f"{rest} chapters/x.md")
    context = click.Context(nioc.commands[rest.split()[0]])
    assert any(p.nargs == -1 for p in context.command.params)  # it takes the names of files
    files = ["chapters/a.md", "paper/front/b.md", "paper/registers/facts.yaml", "paper/paper.yaml", "contributors.yaml"]
    assert [f for f in files if not re.search(hook["files"], f)] == []
    assert [f for f in ("README.md", "paper/data/x.csv", "docs/chapters/a.md") if re.search(hook["files"], f)] == []
