"""Windows, macOS, and the calls that Linux alone has. Typeshed, which mypy brings, says which system has what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mypy
import pytest
from click.testing import CliRunner

import build
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.system import processes, requirements

ROOT = Path(build.__file__).parent
TYPESHED = Path(str(mypy.__file__)).parent / "typeshed" / "stdlib"
LIBRARY = ("fcntl", "grp", "os", "pty", "pwd", "resource", "select", "signal", "termios", "tty")
"""Modules of Python that differ by system."""


# --- Windows ----------------------------------------------------------------------------------------------------------


WINDOWS = """
import os, runpy, signal, sys
sys.modules.update(dict.fromkeys(["fcntl", "resource", "grp", "pwd", "termios"]))
del signal.SIGHUP, signal.SIGKILL, os.O_NOFOLLOW, os.O_DIRECTORY, os.O_CLOEXEC, os.O_NONBLOCK, os.geteuid, os.fork
os.name = "nt"
runpy.run_module("nioc_paper", run_name="__main__")
"""


@pytest.mark.parametrize("command", ["", "--version", "doctor", "check --format json"])
def test_windows_gets_one_line_with_the_two_ways(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, *command.split()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r".*\bWSL\b.*\bcontainer\b.*\n", done.stderr)


def test_build_py_says_the_same_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.name", "nt")
    with pytest.raises(SystemExit, match=r"WSL.*container"):
        build.main(["--version"])


# --- macOS ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Mac without anything: its folders of programs, libraries and fonts are below the folder of the test."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("DYLD_FALLBACK_LIBRARY_PATH", raising=False)
    monkeypatch.setattr(processes, "_HOMEBREW_LIBRARIES", str(tmp_path))
    monkeypatch.setattr(processes, "_MAC_OFFICE", str(tmp_path))
    monkeypatch.setattr(requirements, "FONT_FOLDERS", (str(tmp_path),))
    return tmp_path


def doctor() -> str:
    return CliRunner().invoke(nioc, ["doctor"]).output


@pytest.mark.usefixtures("mac")
def test_doctor_names_what_homebrew_has() -> None:
    output = doctor()
    assert "apt-get" not in output
    (brew,) = re.findall(r"brew install .*", output)
    packages = brew.split()[2:]
    assert {"pango", "harfbuzz", "libreoffice"} <= set(packages)
    assert len(packages) == len(set(packages))


@pytest.mark.parametrize(
    ("file", "package"),
    [
        ("libharfbuzz-subset.dylib", "harfbuzz"),
        ("soffice", "libreoffice"),
        ("NotoNastaliqUrdu-Regular.ttf", "font-noto"),
    ],
)
def test_doctor_finds_it_where_macos_has_it(mac: Path, file: str, package: str) -> None:
    def signs() -> list[str]:
        return [line[0] for line in doctor().splitlines() if line[2:].startswith(package)]

    before = signs()
    (mac / file).touch(mode=0o755)
    assert (len(before), signs()) == (1, ["✓"])
    assert before != ["✓"]


# --- calls ------------------------------------------------------------------------------------------------------------


@cache
def names_on(platform: str, module: str) -> frozenset[str]:
    """Names that a module of Python has on a system."""
    file = TYPESHED / f"{module}.pyi"
    file = file if file.exists() else TYPESHED / module / "__init__.pyi"
    return frozenset(_names(ast.parse(file.read_text(encoding="utf-8")).body, platform))


def _names(body: list[ast.stmt], platform: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.If():
                system = type("sys", (), {"platform": platform, "version_info": sys.version_info})
                value = eval(ast.unparse(node.test), {"sys": system})  # noqa: S307 - tests of typeshed
                yield from _names(node.body if value else node.orelse, platform)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                yield from _names(node.body, platform) if isinstance(node, ast.ClassDef) else ()
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in node.names)


def unguarded_calls() -> Iterator[str]:
    """Calls that Linux alone has, in functions that ask neither for the system nor for the name first."""
    for file in [ROOT / "build.py", *sorted((ROOT / "nioc_paper").rglob("*.py"))]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            module, name = node.value.id, node.attr
            if module in LIBRARY and name not in names_on("darwin", module):
                around = [ast.unparse(f) for f in functions if f.lineno <= node.lineno <= (f.end_lineno or 0)]
                if not re.search(rf"hasattr\({module}, '{name}'\)|sys\.platform", "".join(around)):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}: {module}.{name}"


def test_what_linux_alone_has_is_asked_for_before_it_is_used() -> None:
    assert [*unguarded_calls()] == []
