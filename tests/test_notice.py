"""LICENSE is the text that licence detectors know, and NOTICE names everything that is under other terms."""

from __future__ import annotations

import ast
import hashlib
import re
import tomllib
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from code_trees import package_files, package_nodes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nioc_paper.render.common.fonts import FONT_FAMILIES
from nioc_paper.render.common.special_fonts import SCRIPT_FONTS
from nioc_paper.system.requirements import FONT_PACKAGE

ROOT = Path(__file__).parents[1]
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
