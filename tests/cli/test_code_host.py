"""The files that other programs read: the workflow of the code host, and the hook of pre-commit."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from packaging.requirements import Requirement
from sample_history import git
from test_papers import absent, appended

from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system.requirements import OFFICE_PACKAGE, SYSTEM_REQUIREMENTS

ROOT = Path(__file__).resolve().parents[2]
HEALTHY = ROOT / "tests" / "papers" / "healthy"


def read(path: str) -> Any:
    """YAML with texts only, so that `on` stays a word."""
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - it makes texts only


NAMES = ("paper", "publish", "pull-request", "tests")
WORKFLOWS: dict[str, Any] = {name: read(f".github/workflows/{name}.yml") for name in NAMES}
STEPS: dict[str, list[dict[str, Any]]] = {
    name: [step for job in workflow["jobs"].values() for step in job["steps"]] for name, workflow in WORKFLOWS.items()
}
RUN: dict[str, list[str]] = {name: [step["run"] for step in steps if "run" in step] for name, steps in STEPS.items()}
HOOKS: list[dict[str, str]] = read(".pre-commit-hooks.yaml")


def can_be_given(line: str) -> None:
    """That the command exists and takes these arguments."""
    words = [w for w in shlex.split(line) if w != "--install-system"]
    assert words[0] in nioc.commands
    nioc.commands[words[0]].make_context("", words[1:])


def test_no_workflow_is_missing_here() -> None:
    assert {file.stem for file in (ROOT / ".github" / "workflows").iterdir()} == set(WORKFLOWS)


STARTER = ROOT / "nioc_paper" / "starter" / ".github" / "workflows"


def test_nothing_runs_with_a_token_for_the_code_of_a_stranger() -> None:
    """No workflow has the trigger that would give one, and only pushes start workflows that may write."""
    for file in (*(ROOT / ".github" / "workflows").iterdir(), *STARTER.iterdir()):
        workflow = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - it makes texts only
        assert {"pull_request_target", "workflow_run", "issue_comment"}.isdisjoint(workflow["on"]), file
        assert workflow["permissions"] == {"contents": "read"}, file
        for job in workflow["jobs"].values():
            may_write = "write" in job.get("permissions", {}).values()
            assert not may_write or set(workflow["on"]) == {"push"}, file
            code = [
                step for step in job["steps"] if "checkout" in step.get("uses", "") or "build.py" in step.get("run", "")
            ]
            assert not may_write or code == [], file


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("paper", {"push", "pull_request"}),
        ("tests", {"push", "pull_request", "schedule"}),
        ("pull-request", {"pull_request"}),
    ],
)
def test_a_workflow_has_read_permission_only(name: str, on: set[str]) -> None:
    workflow = WORKFLOWS[name]
    assert set(workflow["on"]) == on
    assert workflow["permissions"] == {"contents": "read"}
    assert [job for job in workflow["jobs"].values() if "permissions" in job] == []
    text = (ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8")
    assert {*re.findall(r"secrets\.\w+", text)} <= {"secrets.NIOC_CACHE_KEY"}
    # No text of a stranger, such as a branch's name, is part of a command.
    assert [line for line in RUN[name] if "${{" in line] == []


EVENTS = {
    "push": {"event_name": "push", "repository": "a/paper", "event": {}},
    "pull request of a branch": {
        "event_name": "pull_request",
        "repository": "a/paper",
        "event": {"pull_request": {"head": {"repo": {"full_name": "a/paper"}}}},
    },
    "pull request of a fork": {
        "event_name": "pull_request",
        "repository": "a/paper",
        "event": {"pull_request": {"head": {"repo": {"full_name": "b/paper"}}}},
    },
}
JOBS_WITH_CACHE = {folder: folder / "paper.yml" for folder in (ROOT / ".github" / "workflows", STARTER)}


def expression(text: str, **contexts: Any) -> Any:
    """Value of an expression of GitHub: an unknown property is empty, and so is a secret that is not set."""

    def look_up(match: re.Match[str]) -> str:
        value: Any = contexts
        for name in match[0].split("."):
            value = value.get(name, "") if isinstance(value, dict) else ""
        return repr(value)

    code = re.sub(r"'[^']*'|[a-zA-Z_][\w.]*", lambda m: m[0] if m[0].startswith("'") else look_up(m), text)
    return eval(code.replace("&&", " and ").replace("||", " or ").replace("\n", " "))  # noqa: S307 - of our own files


@pytest.mark.parametrize("file", JOBS_WITH_CACHE.values(), ids=["here", "starter"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("secret", ["", "k"])
def test_only_trusted_events_with_a_key_read_and_write_the_cache(file: Path, event: str, secret: str) -> None:
    job = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)["jobs"]["paper"]  # noqa: S506 - texts only
    (inner,) = re.findall(r"(?s)^\$\{\{(.*)\}\}$", job["env"]["HAS_CACHE_KEY"])
    has_key = expression(inner.strip(), github=EVENTS[event], secrets={"NIOC_CACHE_KEY": secret})
    env = {"HAS_CACHE_KEY": str(bool(has_key)).lower()}
    runs = [step for step in job["steps"] if "if" not in step or expression(step["if"], env=env)]
    uses_cache = any("actions/cache@" in step.get("uses", "") for step in runs)
    knows_key = "secrets." in str(runs)
    assert uses_cache == knows_key == (bool(secret) and event != "pull request of a fork")
    guarded = [step for step in job["steps"] if "secrets." in str(step) or "actions/cache@" in str(step)]
    assert all(step["if"] == "env.HAS_CACHE_KEY == 'true'" for step in guarded)
    (cache,) = (step for step in guarded if "uses" in step)
    assert cache["with"]["path"] == ".cache/nioc"  # the key itself is in no cache: forks read those of the main branch


def test_one_line_of_a_new_paper_says_where_the_toolchain_comes_from() -> None:
    text = (STARTER / "paper.yml").read_text(encoding="utf-8")
    workflow = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - texts only
    assert workflow["env"] == {"TOOLCHAIN": ""}
    examples = re.findall(r"#   (nioc_paper\[all\].*?)(?:  |\n)", text)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert len(examples) == 2
    assert all(version in str(Requirement(example)) for example in examples)
    addresses = re.findall(r"https?://([^/\s]+)", text)
    assert set(addresses) == {"HOST"}
    used = {step["uses"] for step in workflow["jobs"]["paper"]["steps"] if "uses" in step}
    assert used <= {step["uses"] for steps in STEPS.values() for step in steps if "uses" in step}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_names_exact_versions_and_keeps_no_token(name: str) -> None:
    used = [step["uses"] for step in STEPS[name] if "uses" in step]
    assert used
    assert [step for step in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step)] == []
    for job_name, job in WORKFLOWS[name]["jobs"].items():
        newest = {"newest": "ubuntu-latest", "macos": "macos-latest"}
        assert job["runs-on"] == newest.get(job_name, "ubuntu-24.04")
        assert "timeout-minutes" in job
        if "permissions" in job:
            continue
        (checkout,) = (step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@"))
        assert checkout["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_commands_that_exist(name: str) -> None:
    script = (ROOT / ".ci" / "pull-request").read_text(encoding="utf-8") if name == "pull-request" else ""
    commands = re.findall(r"^ *(python3 build\.py [^|>\n]*?)(?: 2>&1)?(?: \||>>|\n| \|\|)", script, re.MULTILINE)
    lines = [line for line in (*RUN[name], *commands) if "build.py" in line or line.startswith("nioc ")]
    assert lines
    for line in lines:
        command = re.sub(r"^(python3 (\.\./)?build\.py|nioc) ", "", line)
        assert command != line
        if command.split()[0] == "test":
            assert set(command.split()) <= {"test", "--quick", "--install-system"}
        else:
            can_be_given(command)


def test_the_paper_is_checked_for_people_and_every_output_is_attached() -> None:
    assert "python3 build.py check --format github" in RUN["paper"]
    attached = STEPS["paper"][-1]["with"]["path"].split()
    assert {f"dist/*.{form}" for form in DOCUMENT_WRITERS} <= set(attached)


def test_the_image_has_what_each_output_needs_and_no_root() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    stages = dict(re.findall(r"(?ms)^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", text))
    assert list(stages) == ["packages", "small", "full"]
    packages = {r.package for r in SYSTEM_REQUIREMENTS}
    assert packages - set(stages["small"].split()) == {OFFICE_PACKAGE}
    assert packages <= {*stages["small"].split(), *stages["full"].split()}
    for stage in ("small", "full"):
        assert re.findall(r"^USER (\w+)", stages[stage], re.MULTILINE)[-1] == "author"
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert container["remoteUser"] == "author"
    assert (ROOT / ".devcontainer" / container["build"]["dockerfile"]).samefile(ROOT / "Containerfile")


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A paper on a branch, with a build.py that prints its arguments."""
    root = tmp_path / "paper"
    shutil.copytree(HEALTHY, root)
    shutil.copytree(ROOT / ".ci", root / ".ci")
    (root / "build.py").write_text("import sys; print('ran', *sys.argv[1:]); sys.exit('check' in sys.argv)\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"], ["switch", "-qc", "other"]):
        git(root, *arguments)
    appended(root / "chapters" / "tunnels.md", "\nMore.\n")
    (root / "chapters" / "bridges.md").unlink()
    git(root, "add", ".")
    git(root, "commit", "-qm", "two")
    return root


def test_the_summary_of_a_pull_request(branch: Path) -> None:
    base = git(branch, "rev-parse", "main")
    environment = os.environ | {"BASE": base, "GITHUB_STEP_SUMMARY": str(branch / "summary.md")}
    done = subprocess.run(
        [".ci/pull-request"], cwd=branch, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")  # that of the check
    summary = (branch / "summary.md").read_text(encoding="utf-8")
    assert re.findall("^## .*", summary, re.MULTILINE) == [
        "## Chapters touched",
        "## Who decides",
        "## Findings",
        "## To look at",
    ]
    assert absent(summary, "Deleted: `chapters/bridges.md`", "The leads of the chapters above") == []
    assert "The editor:" in summary  # the deleted chapter had a status
    assert "ran status --chapter tunnels --format md" in summary
    assert f"    ran redline {base}..HEAD --to pdf,html --out dist/redline" in summary
    assert summary.count("ran status") == 1
    made = STEPS["pull-request"][-1]["with"]["path"].split()
    assert made == ["dist/*.pdf", "dist/redline/", "dist/site/"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_command_that_exists_on_the_whole_paper(hook: dict[str, str]) -> None:
    program, _, rest = hook["entry"].partition(" ")
    assert program == "nioc"
    can_be_given(rest)
    # pre-commit names no deleted file, and a changed file can break all others.
    assert (hook["always_run"], hook["pass_filenames"]) == ("true", "false")
    assert "files" not in hook


def test_the_hook_refuses_a_commit_that_breaks_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "docs" / "strategy"))
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)  # pre-commit runs in the repository
    assert CliRunner().invoke(nioc, ["check"]).exit_code == 0
    (root / "paper/registers/facts.yaml").unlink()
    assert CliRunner().invoke(nioc, ["check"]).exit_code == 1


def test_code_hosts_get_paths_from_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "docs" / "strategy"))
    (tmp_path / ".git").mkdir()
    (root / "chapters" / "bridges.md").unlink()
    for folder in (tmp_path, root, root / "chapters"):
        monkeypatch.chdir(folder)
        for form in ("sarif", "github", "gitlab"):
            output = CliRunner().invoke(nioc, ["check", "--format", form]).output
            paths = set(re.findall(r'"(?:uri|path)": "([^"]+)"|file=([^,]+)', output))
            assert paths
            assert all((tmp_path / (a or b)).is_file() for a, b in paths), (folder, form, paths)


def test_papers_below_a_folder_are_checked_each_with_its_own_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        shutil.copytree(HEALTHY, tmp_path / name)
    (tmp_path / "two" / "chapters" / "bridges.md").unlink()
    monkeypatch.chdir(tmp_path)
    lines = CliRunner().invoke(nioc, ["check", "--format", "full"]).output
    assert "--> two/" in lines
    assert "--> one/" not in lines
    assert CliRunner().invoke(nioc, ["check", "one/chapters/tunnels.md"]).exit_code == 0
    assert CliRunner().invoke(nioc, ["check", "two/paper"]).exit_code == 1
