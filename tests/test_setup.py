"""build.py and the lists of what is needed.

The project needs no network. Each .venv is a copy of one with a substitute for pip, which takes seconds to unpack.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import os
import re
import signal
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path

import pytest
import shared
from code_trees import package_files, package_nodes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_papers import written

import build
from nioc_paper.cli.lazy_commands import COMMANDS
from nioc_paper.render.common.fonts import FONT_FAMILIES
from nioc_paper.render.common.special_fonts import SCRIPT_FONTS
from nioc_paper.system.requirements import FONT_PACKAGE

ROOT = Path(build.__file__).parent
SETTING_UP = f"{build.SETTING_UP}\n"
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "nioc_paper"
version = "0"
"""
COPY = '''
"""Stands in for Python's module `venv`: a copy of one that was made before, without its own paths."""
import os, shutil, sys
from pathlib import Path

*options, target = sys.argv[1:]
assert options == ["--clear"], options
shutil.rmtree(target, ignore_errors=True)
shutil.copytree(Path(__file__).with_name("ready"), target, symlinks=True, copy_function=os.link)
'''
PIP = '''
"""Substitute for pip: installs the project in the working folder, once no file `hold` is in it."""
import os, sys, sysconfig, time
from pathlib import Path

while Path("hold").exists():
    time.sleep(0.02)
assert sys.argv[-2] == "--editable", sys.argv
if needs := Path("needs").read_text():
    sys.exit(f"No matching distribution found for {needs}")
Path(sysconfig.get_path("purelib"), "nioc_paper.pth").write_text(os.getcwd())
'''
MAIN = "import sys; print(sys.argv[1:]); sys.exit(7)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with build.py in it and a toolchain that prints its arguments and exits with 7."""
    root = tmp_path / "a paper"
    (root / "nioc_paper" / "cli").mkdir(parents=True)
    for name, text in {
        "build.py": (ROOT / "build.py").read_text(encoding="utf-8"),
        "pyproject.toml": PYPROJECT,
        "constraints.txt": "",
        "needs": "",
        "nioc_paper/__main__.py": MAIN,
        "nioc_paper/cli/command_table.py": build.COMMAND_TABLE.read_text(encoding="utf-8"),
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a .venv that has a substitute for pip, and a module `venv` that copies it."""
    return shared.once(tmp_path_factory, "ready-venv", make_ready)


def make_ready(folder: Path) -> None:
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder / "ready")]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "venv.py").write_text(COPY, encoding="utf-8")
    packages = next(folder.glob("ready/lib/python*/site-packages"))
    written(packages / "pip" / "__main__.py", PIP)


def start(project: Path, *args: str, ready: Path | None = None) -> subprocess.Popen[str]:
    """Start build.py from a folder of its own, with no network, and no program within reach.

    With `ready`, a .venv is made by copying.
    """
    elsewhere = project.parent / "elsewhere"
    written(elsewhere / "argparse.py", "raise SystemExit('not the real one')")
    environment = {"PATH": str(elsewhere), "PIP_NO_INDEX": "1", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, str(project / "build.py"), *args],
        cwd=elsewhere,
        env=environment | ({"PYTHONPATH": str(ready)} if ready else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def run(project: Path, *args: str, ready: Path | None = None) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of build.py."""
    process = start(project, *args, ready=ready)
    out, err = process.communicate()
    return process.returncode, out, err


def test_set_up_once_and_again_when_something_changed(project: Path, ready: Path) -> None:
    assert run(project, "check", "a b", ready=ready) == (7, "['check', 'a b']\n", SETTING_UP)
    assert [*project.glob("nioc_paper/**/command_table.*.pyc")]
    assert run(project, ready=ready) == (7, "['build']\n", "")
    assert run(project, "--install-system", "status", ready=ready) == (7, "['status']\n", "")
    (project / "pyproject.toml").write_text(PYPROJECT + "[tool.mypy]\nstrict = true\n", encoding="utf-8")
    assert run(project, ready=ready) == (7, "['build']\n", "")
    (project / "constraints.txt").write_text("# another version", encoding="utf-8")
    assert run(project, ready=ready) == (7, "['build']\n", SETTING_UP)
    (project / "pyproject.toml").write_text(PYPROJECT + "description = 'another'", encoding="utf-8")
    assert run(project, ready=ready) == (7, "['build']\n", SETTING_UP)
    moved = project.rename(project.parent / "moved")
    assert run(moved, ready=ready) == (7, "['build']\n", SETTING_UP)
    assert run(moved, ready=ready) == (7, "['build']\n", "")


def test_outside_any_paper_the_paper_beside_build_py_is_used(project: Path, ready: Path) -> None:
    (project / "nioc_paper" / "__main__.py").write_text("import os; print(os.getcwd())", encoding="utf-8")
    elsewhere = project.parent / "elsewhere"
    assert run(project, "check", ready=ready) == (0, f"{project}\n", SETTING_UP)
    assert run(project, "new", "paper", "mine", ready=ready) == (0, f"{elsewhere}\n", "")
    written(elsewhere / "paper" / "paper.yaml", "")
    assert run(project, "check", ready=ready) == (0, f"{elsewhere}\n", "")


def test_a_failed_set_up_is_shown_and_repeated(project: Path, ready: Path) -> None:
    (project / "needs").write_text("no-such-thing", encoding="utf-8")
    code, out, err = run(project, ready=ready)
    assert code == 1
    assert out == ""
    assert err.startswith(SETTING_UP)
    assert "No matching distribution found for no-such-thing" in err
    assert "Traceback" not in err
    (project / "needs").write_text("", encoding="utf-8")
    assert run(project, ready=ready) == (7, "['build']\n", SETTING_UP)


def test_an_interrupted_set_up_is_done_again(project: Path, ready: Path) -> None:
    process = start(project)
    assert process.stderr is not None
    assert process.stderr.readline() == SETTING_UP
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, "")
    assert run(project, ready=ready) == (7, "['build']\n", SETTING_UP)


def test_of_two_first_runs_one_waits(project: Path, ready: Path) -> None:
    (project / "hold").touch()
    both = [start(project, ready=ready), start(project, ready=ready)]
    heard = sorted(process.stderr.readline() for process in both if process.stderr)
    assert heard == [SETTING_UP, "Waiting for another run that sets up .venv …\n"]
    (project / "hold").unlink()
    assert [process.communicate()[1] for process in both] == ["", ""]
    assert [process.returncode for process in both] == [7, 7]


def test_missing_packages_are_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get here
    build.install({"libc.so.6": "libc6", "libnothing.so.1": "libnothing1", "nothing": "nothing"}, allowed=True)
    assert capsys.readouterr().err.splitlines() == [
        "This machine lacks what some outputs need. To install it:",
        "  sudo apt-get install --no-install-recommends libnothing1 nothing",
    ]


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_needed_has_an_exact_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    names = {normal(re.split(r"[^\w.-]", need)[0]) for need in needed}
    assert names <= {normal(name) for name in constraints()}


@pytest.mark.skipif(not build.CONSTRAINTS, reason="the newest versions are in use")
def test_the_exact_versions_are_those_in_use() -> None:
    assert {name: version(name) for name in constraints()} == constraints()


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        ([], ["build"]),
        (["--to", "pdf"], ["build", "--to", "pdf"]),
        (["status", "--who"], ["status", "--who"]),
    ],
)
def test_options_without_a_command_are_those_of_build(
    args: list[str], meant: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(build, "is_set_up", lambda testing: True)
    monkeypatch.setattr(build, "nioc", called.append)
    build.main(args)
    assert called == [meant]


def test_help_and_wrong_commands_need_no_set_up(project: Path) -> None:
    code, out, err = run(project, "--help")
    assert (code, err) == (0, "")
    assert {"test", "--install-system", *COMMANDS} <= {line.split()[0] for line in out.splitlines() if line[:2] == "  "}
    assert max(map(len, out.splitlines()[1:])) <= 80
    program = f"python3 '{project / 'build.py'}'"
    assert run(project, "-h") == (0, out, "")
    for wrong, hint in (("chek", " Did you mean 'check'?"), ("tests", " Did you mean 'test'?"), ("xyz", "")):
        message = f"Error: No such command '{wrong}'.{hint}\nFor help: {program} --help\n"
        assert run(project, wrong) == (2, "", message)
    assert not (project / ".venv").exists()


def test_the_help_of_the_tests_needs_no_set_up_and_lists_options_that_exist(
    project: Path, pytestconfig: pytest.Config
) -> None:
    assert run(project, "test", "--quick", "--help") == run(project, "test", "-h") == (0, build.TEST_HELP, "")
    assert not (project / ".venv").exists()
    for option in re.findall(r"^  (--[\w-]+)", build.TEST_HELP, re.MULTILINE):
        assert option in ("--install-system", "--help") or pytestconfig.getoption(option) is not None


def test_options_of_the_tests_go_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(build, "install", lambda needs, *, allowed: None)
    monkeypatch.setattr(build, "set_up", lambda testing: None)
    monkeypatch.setattr(build, "compile_package", lambda: None)

    def call(command: list[str], cwd: Path) -> int:
        assert cwd == ROOT
        called.append(command)
        return 3

    monkeypatch.setattr("subprocess.call", call)
    assert build.main(["test", "--quick", "tests/system/test_git.py"]) == 3
    cores = str(len(os.sched_getaffinity(0)))
    options = ["-n", cores, "--dist", "worksteal", "--lint"]
    assert called == [[str(build.BIN / "pytest"), *options, "--quick", "tests/system/test_git.py"]]


def test_a_package_stands_for_its_tests() -> None:
    assert {"tests/check/test_rules.py", "tests/assemble/test_names.py"} <= {*build.tests_of("nioc_paper/check")}
    assert "tests/check/test_rules.py" in build.tests_of("nioc_paper/check/rules/unused_and_incomplete.py")
    assert build.tests_of("nioc_paper/load/foreign/") == [
        "tests/app/test_import.py",
        "tests/load/test_load.py",
        "tests/test_extensions.py",
    ]
    assert build.tests_of("nioc_paper/__main__.py") == ["tests"]


# --- LICENSE and NOTICE -----------------------------------------------------------------------------------------------

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MIT = "77b8da096e7a76a28a059c34c71b03b05a5d11cf2454ab2e3d3501812ab02fcf"
"""Hash of the words of the licence MIT in the list of SPDX, without the holder."""
DATA_SUFFIXES = frozenset((".ttf", ".otf", ".woff", ".woff2", ".dic", ".gz"))
"""Suffixes of fonts and word lists."""


def notices() -> dict[str, str]:
    """The entries of NOTICE: each path or package with the lines below it."""
    entries: dict[str, str] = {}
    for block in (ROOT / "NOTICE").read_text(encoding="utf-8").split("\n\n"):
        names = [line for line in block.splitlines() if not line.startswith(" ")]
        lines = "\n".join(line for line in block.splitlines() if line.startswith("  "))
        entries |= dict.fromkeys(names, lines) if lines else {}
    return entries


def needed_packages() -> set[str]:
    """The packages of pyproject.toml that a paper needs, in no exact version."""
    extras = (lines for name, lines in PROJECT["optional-dependencies"].items() if name != "dev")
    return {Requirement(line).name for lines in (PROJECT["dependencies"], *extras) for line in lines}


def imported_packages() -> set[str]:
    """The packages that a module of ours imports."""
    modules = set[str]()
    for file in package_files():
        for node in package_nodes(file):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    by_module = packages_distributions()
    return {canonicalize_name(name) for module in modules for name in by_module.get(module, ())}


def packages_with_data() -> set[str]:
    """The packages that have fonts or word lists, of those and of what they need."""
    with_data, waiting, visited = set[str](), list(needed_packages()), set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in visited:
            continue
        visited.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        waiting += [r.name for r in map(Requirement, package.requires or ()) if r.marker is None or r.marker.evaluate()]
        if any(file.suffix in DATA_SUFFIXES and "tests" not in file.parts for file in package.files or ()):
            with_data.add(name)
    return with_data


def test_the_licence_is_the_text_that_detectors_know() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    (holder,) = re.findall(r"^Copyright \(c\) (.+)$", text, re.MULTILINE)
    assert hashlib.sha256(" ".join(text.replace(holder, "").split()).encode()).hexdigest() == MIT


def test_every_entry_has_a_licence() -> None:
    assert [name for name, lines in notices().items() if "\n  Licence: " not in f"\n{lines}"] == []


def test_every_file_in_the_package_besides_code_is_named() -> None:
    files = [
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "nioc_paper").rglob("*")
        if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts
    ]
    patterns = [name for name in notices() if name.startswith("nioc_paper/")]
    assert [file for file in files if not any(fnmatchcase(file, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(fnmatchcase(file, pattern) for file in files)] == []


def test_every_package_that_is_there_for_its_files_is_named() -> None:
    not_imported = {canonicalize_name(name) for name in needed_packages()} - imported_packages()
    assert not_imported | packages_with_data() <= notices().keys()
    assert {"codespell", "font-source-serif-pro"} <= not_imported


def test_every_font_is_named() -> None:
    text = (ROOT / "NOTICE").read_text(encoding="utf-8")
    families = (*FONT_FAMILIES, *(font.family for font in SCRIPT_FONTS.values()), FONT_PACKAGE)
    assert [family for family in families if family not in text] == []


@pytest.mark.parametrize("name", [name for name in notices() if "/" not in name and name != FONT_PACKAGE])
def test_a_package_has_the_licence_that_it_states(name: str) -> None:
    stated = distribution(name).metadata.get_all("License-Expression") or []
    assert all(licence in notices()[name] for licence in stated)
