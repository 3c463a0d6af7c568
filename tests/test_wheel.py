"""The tool as pip installs it: everything is in the wheel, and it works where there is no source tree."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
import shared
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_papers import changed

import build
from nioc_paper.system.cache import FOLDER_VARIABLE
from nioc_paper.system.requirements import SYSTEM_REQUIREMENTS, install_command

ROOT = Path(__file__).parents[1]
FOLDERS = {"nioc_paper": "nioc_paper", "tests/rules": "nioc_paper/rules"}
"""Folders of the source, and where they are in the wheel."""


def files(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the wheel."""
    return shared.once(tmp_path_factory, "wheel", _install) / "site"


def _install(out: Path) -> None:
    source = out / "source"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "LICENSE", "NOTICE", "constraints.txt"):
        shutil.copy(ROOT / name, source)
    # The requests of pip to setuptools, in the version of constraints.txt.
    code = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")


def nioc(installed: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of the wheel, with the libraries of this Python."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "nioc_paper", *args]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_every_file(installed: Path) -> None:
    for source, target in FOLDERS.items():
        assert files(ROOT / source) <= files(installed / target)


def test_the_wheel_holds_the_licence_and_the_terms_of_others(installed: Path) -> None:
    for name in ("LICENSE", "NOTICE"):
        (file,) = installed.glob(f"*.dist-info/licenses/{name}")
        assert file.read_bytes() == (ROOT / name).read_bytes()


def needed_versions() -> list[str]:
    """Lines of constraints.txt above those of the tests alone."""
    needed, _, _ = (ROOT / "constraints.txt").read_text(encoding="utf-8").partition("# What the tests need")
    return [line for line in needed.splitlines() if line and not line.startswith("#")]


def test_the_extra_all_has_exact_versions(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    pins = [m[1] for line in lines if (m := re.fullmatch(r'Requires-Dist: (\S+==\S+); extra == "all"', line))]
    assert sorted(pins) == sorted(needed_versions())
    assert "Provides-Extra: all" in lines


def test_the_extra_all_is_what_a_paper_needs_and_no_more() -> None:
    packages, todo = set[str](), [("nioc-paper", frozenset({"lsp", "serve", "site"}))]
    while todo:
        name, extras = todo.pop()
        for text in requires(name) or []:
            requirement = Requirement(text)
            marker = requirement.marker
            wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))
            if wanted and (canonical := canonicalize_name(requirement.name)) not in packages:
                packages.add(canonical)
                todo.append((canonical, frozenset(requirement.extras)))
    assert packages == {canonicalize_name(line.partition("==")[0]) for line in needed_versions()}


def hide(folder: Path, *packages: str) -> None:
    """A folder of Python packages as links to this environment's, without some."""
    hidden = tuple(package.lower() for package in packages)
    for path in map(Path, (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))):
        for entry in path.iterdir():
            link = folder / entry.name
            if not entry.name.lower().startswith((*hidden, "__editable__", "nioc_paper")) and not link.exists():
                link.symlink_to(entry)


@pytest.mark.parametrize(
    ("package", "arguments"),
    [("uvicorn", ["serve"]), ("pygls", ["doctor"])],
)
def test_what_to_install_can_be_followed(package: str, arguments: list[str], installed: Path, tmp_path: Path) -> None:
    """The line that is given names this Python and the exact version, and nothing that an installed copy lacks."""
    hide(tmp_path, package)
    shutil.copytree(ROOT / "tests" / "papers" / "single", tmp_path / "paper")
    environment = os.environ | {"PYTHONPATH": f"{installed}:{tmp_path}", "PYTHONUTF8": "1"}
    command = [sys.executable, "-S", "-m", "nioc_paper", *arguments]
    done = subprocess.run(command, cwd=tmp_path / "paper", env=environment, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    (version,) = [line for line in needed_versions() if line.startswith(f"{package}==")]
    assert done.returncode == 1
    assert re.search(rf"{re.escape(shlex.quote(sys.executable))} -m pip install (\S+ )*{version}\n", output)
    assert "constraints.txt" not in output
    assert ".venv/bin/pip" not in output


HOSTS = {
    ".github/workflows/paper.yml": lambda job: [step["run"] for step in job["steps"] if "run" in step],
    ".gitlab-ci.yml": lambda job: [*job["before_script"], *job["script"][:-1]],  # its build is that above
}
"""Commands of the job of each code host."""


def run_workflow(
    installed: Path, machine: Path, toolchain: str, host: str = ".github/workflows/paper.yml", base: str = ""
) -> Iterator[subprocess.CompletedProcess[str]]:
    """Run the commands of the starter's workflow on a new machine without a word processor; apt does nothing."""
    paper, home, programs = machine / "paper", machine / "home", machine / "bin"
    target = f"--no-deps --no-index --disable-pip-version-check --target {home}/site"
    for name, script in {
        **dict.fromkeys(["sudo", "apt-get"], "exit 0"),
        "soffice": "exit 1",  # Word's page numbers take as long as all the rest
        "pip": f'[ -d {home}/site ] || exec {sys.executable} -m pip "$@" {target}',
        "python": f'PYTHONPATH={home}/site exec {sys.executable} "$@"',
    }.items():
        programs.mkdir(parents=True, exist_ok=True)
        (programs / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    workflow = yaml.safe_load((installed / "nioc_paper/starter" / host).read_text(encoding="utf-8"))
    job = workflow.get("jobs", workflow)["paper"]
    environment = {name: text for name, text in os.environ.items() if name not in ("XDG_STATE_HOME", FOLDER_VARIABLE)}
    environment |= {"HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}"}
    environment |= {"TOOLCHAIN": toolchain, "CACHE_KEY": "any text", "NIOC_CACHE_KEY": "any text"}
    environment |= {"BASE": base, "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "GITHUB_STEP_SUMMARY": f"{paper}/review.md"}
    for script in HOSTS[host](job):
        command = ["bash", "-e", "-c", script]
        yield subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)


CACHE_SECRET = "home/.local/state/nioc_paper/cache-secret"  # noqa: S105 - a path
READABLE_ENTRIES = """import sys; from pathlib import Path; from nioc_paper.system.cache import Cache
cache = Cache.for_paper(Path(sys.argv[1])); print(sum(cache.get(name) is not None for name in sys.argv[2:]))"""


def test_the_workflow_of_a_new_paper_installs_checks_shows_a_change_and_builds(installed: Path, tmp_path: Path) -> None:
    """The machine of one code host works for the other, too; a second one with the same secret takes its entries."""
    assert nioc(installed, tmp_path, "new", "paper", "one/paper").returncode == 0
    paper = tmp_path / "one/paper"
    changed(paper / "chapters/street-trees.md", "falls from year", "rises from from year")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, "commit", "-qam", "Change"], cwd=paper, check=True)
    base = subprocess.run(["git", "rev-parse", "HEAD~"], cwd=paper, capture_output=True, text=True, check=True).stdout
    (wheel,) = installed.parent.glob("*.whl")
    for host in HOSTS:
        steps = [*run_workflow(installed, tmp_path / "one", f"nioc_paper[all] @ {wheel.as_uri()}", host, base.strip())]
        assert [(step.stdout, step.stderr) for step in steps if step.returncode] == []
        review = (paper / "review.md").read_text(encoding="utf-8")
        sections = ["Who decides", "Findings", "Chapters", "To look at"]
        assert re.findall("^## (.*)", review, re.MULTILINE) == sections
        assert "chapters/street-trees.md:18:23: warning[slip/doubled-word]" in review
        assert (paper / "dist/site/index.html").is_file()
        (redline,) = (paper / "dist/redline").glob("*.html")
        assert "rises" in redline.read_text(encoding="utf-8")
        for made in (paper / "review.md", redline, paper / "dist/site/index.html"):
            made.unlink()
    (issue,) = json.loads((paper / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert issue["location"] == {"path": "chapters/street-trees.md", "lines": {"begin": 18}}
    (tmp_path / "two/paper").mkdir(parents=True)
    next(run_workflow(installed, tmp_path / "two", ""))
    assert {file.suffix for file in (paper / "dist").iterdir()} >= {".pdf", ".docx", ".epub", ".html"}
    one, two = ((tmp_path / name / CACHE_SECRET).read_bytes() for name in ("one", "two"))
    assert (one, len(one)) == (two, 32)
    entries = sorted(file.name for file in (paper / ".cache/nioc").iterdir())
    for home, hits in ((tmp_path / "two/home", len(entries)), (tmp_path / "other", 0)):
        command = [sys.executable, "-c", READABLE_ENTRIES, str(paper), *entries]
        environment = {"HOME": str(home), "PYTHONPATH": str(installed)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert int(done.stdout) == hits


def test_the_workflow_says_that_no_toolchain_is_named(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    _, install, *_ = run_workflow(installed, tmp_path, "")
    assert install.returncode != 0
    assert "TOOLCHAIN: is empty: write the source of the toolchain into .github/workflows/paper.yml" in install.stderr


def test_system_packages_are_the_same_for_build_py_and_doctor() -> None:
    assert {r.file: r.package for r in SYSTEM_REQUIREMENTS if not r.is_optional} == build.PAPER_NEEDS
    assert f"sudo {install_command(['x']).removeprefix('sudo ')}" == f"{build.BY_HAND} x"


def test_rules_are_explained_by_their_pages(installed: Path, tmp_path: Path) -> None:
    done = nioc(installed, tmp_path, "explain", "dead-link")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Good\n\n  chapters/tunnels.md\n" in done.stdout
