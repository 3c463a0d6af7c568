"""Extensions of other packages: rules, a format and an importer, installed as pip installs them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from sample_history import edit

ROOT = Path(__file__).parents[1]
RULES = '''
"""Rules of a house: its pack is this file."""

from nioc_paper.check.finding import Finding


def long_title(paper, chapter):
    """A title has at most five words."""
    if len((chapter.front.title or "").split()) > 5:
        yield Finding(chapter.front.place("title"), "the title is long", "write at most five words")


def shouted_word(passage):
    """No word is shouted."""
    if "SHALL" in passage.text:
        yield Finding(passage.place(passage.text.index("SHALL")), "'SHALL' is shouted")


CHAPTER_RULES = [(long_title, "wwwww")]
PASSAGE_RULES = [(shouted_word, "wwwww")]
'''
FORMAT = """
from nioc_paper import tree


def write(document, context):
    return "\\n".join(tree.plain_text([block]) for block in document.blocks).encode()
"""
IMPORTER = """
from nioc_paper.load.foreign.project import ForeignChapter, ForeignProject


def read_project(files):
    paths = [path for path in files.walk() if path.endswith(".rst")]
    return ForeignProject("a folder of reST", "rst", [ForeignChapter(path) for path in paths]) if paths else None
"""
MODULES = {"river_rules": RULES, "river_text": FORMAT, "river_rst": IMPORTER}
ENTRY_POINTS = """[nioc_paper.rules]
river = river_rules
[nioc_paper.formats]
txt = river_text
[nioc_paper.importers]
rst = river_rst
"""


def install_pack(folder: Path) -> None:
    """Put the pack into a folder as pip leaves it."""
    info = folder / "river_pack-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment of its own, which sees the tool and its packages."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = folder / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (packages / "tool.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    install_pack(packages)
    return folder / "bin" / "python"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper of one chapter."""
    folder = tmp_path / "a"
    (folder / "paper").mkdir(parents=True)
    (folder / "chapters").mkdir()
    (folder / "paper" / "paper.yaml").write_text("title: Water\nparts: [{title: All, chapters: [chapters/a.md]}]\n")
    (folder / "chapters" / "a.md").write_text(
        "---\nid: a\ntitle: How the water of our rivers goes\n---\n\nThe body SHALL act.\n"
    )
    return folder


def run(python: str | Path, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    line = [python, "-m", "nioc_paper", *command]
    return subprocess.run(line, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False)


def test_installed_rules_are_checked_allowed_and_explained(python: Path, paper: Path) -> None:
    result = run(python, paper, "check", "--format", "short")
    assert "river/long-title" in result.stdout, result
    assert "river/shouted-word" in result.stdout
    assert "No word is shouted" in run(python, paper, "explain", "river/shouted-word").stdout
    allowance = "allow: [{rule: river, reason: our style, until: 2099-12-31}]"
    edit(paper, "chapters/a.md", ("---\n\nThe", f"{allowance}\n---\n\nThe"))
    assert "river/" not in run(python, paper, "check", "--format", "short").stdout


def test_installed_formats_are_written_and_importers_read(python: Path, paper: Path, tmp_path: Path) -> None:
    result = run(python, paper, "build", "--to", "txt")
    assert any(file.read_text().endswith("The body SHALL act.") for file in (paper / "dist").glob("*.txt")), result
    (tmp_path / "rst").mkdir()
    (tmp_path / "rst" / "one.rst").write_text("Fish\n====\n\nTwo *pikes* swim.\n")
    result = run(python, tmp_path, "import", "rst", "new")
    assert any("Two *pikes* swim." in file.read_text() for file in (tmp_path / "new" / "chapters").glob("*.md")), result


def test_pack_in_the_paper_or_in_pythonpath_is_not_read(paper: Path, tmp_path: Path) -> None:
    install_pack(paper)
    install_pack(tmp_path / "elsewhere")
    result = run(sys.executable, paper, "check", "--format", "short", PYTHONPATH=str(tmp_path / "elsewhere"))
    assert "river" not in result.stdout + result.stderr


def test_broken_pack_is_named(python: Path, paper: Path) -> None:
    broken = python.parents[1] / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix) / "river_rules.py"
    for text, message in (
        ("import nothing_here\n", "the extension 'river' cannot be loaded: ModuleNotFoundError"),
        ("CHAPTER_RULES = [1, 2]\n", "internal error: TypeError: cannot unpack non-iterable int object; an"),
    ):
        broken.write_text(text)
        assert run(python, paper, "check").stderr.startswith(f"nioc: {message}")
    broken.write_text(RULES)
