"""Patches of the engine change nothing in its output, and are installed only in measured versions."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from multiprocessing.connection import Pipe
from pathlib import Path
from types import MappingProxyType

import cffi
import pyphen
import pytest
import sample_document
from cffi import recompiler
from msgspec import msgpack
from msgspec.structs import replace
from pdf_kit import whole_job
from test_papers import written

from nioc_paper.render.common import charts, fonts
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.pdf.worker.patches import pango_cffi, patch_table, speed
from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.render.pdf.worker_messages import JobResult, PageJob
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

ROOT = Path(__file__).parents[2]
TEMPLATES = default_templates()
FAULTY = "p { colour: red; width: calc(1px + 1em) }\n@counter-style rod { system: cyclic; symbols: '\\25AC' }"


def engine(folder: Path, jobs: list[PageJob], *, measured: bool) -> list[JobResult]:
    """Output of one engine for successive jobs: with the patches, or without."""
    written(folder / "fonts.conf", fonts.fontconfig_xml(folder / "cache", folder / "fonts"))
    code = "from nioc_paper.render.pdf.worker import main\n"
    code += "from nioc_paper.render.pdf.worker.patches import patch_table as t\n"
    code += "" if measured else "t.EARLY_PATCHES, t.PATCHES = (), t.PATCHES[:3]\n"
    ours, theirs = Pipe()
    run = [sys.executable, "-c", f"{code}main.main()", str(theirs.fileno())]
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf"), "PYTHONHASHSEED": "0"}
    made = []
    with subprocess.Popen(run, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()]), ours:
        theirs.close()
        for job in jobs:
            ours.send_bytes(msgpack.encode(job))
            made.append(JobResult.decode(ours.recv_bytes()))
    return made


def page(text: str, style: str = "", pictures: Mapping[str, bytes] = MappingProxyType({})) -> PageJob:
    """A job with a style sheet and pictures."""
    html = f'<html lang="en"><link rel="stylesheet" href="a.css"><body>{text}'
    assets = {"a.css": ("text/css", style.encode())} | {name: ("image/png", data) for name, data in pictures.items()}
    return {"html": html, "assets": assets, "lines": False, "bars": "", "piece": "one"}


def test_the_measured_versions_are_installed() -> None:
    pinned = (ROOT / "constraints.txt").read_text().splitlines()
    assert {f"{package}=={version}" for package, version in patch_table.MEASURED.items()} <= {*pinned}


ATTRIBUTES = """
import ctypes.util, json, sys, types
def described(value):
    if type(value).__module__.split(".")[0] in ("cffi", "_cffi_backend") or hasattr(value, "cdef"):
        return "declarations of C functions"
    code = getattr(getattr(value, "__func__", value), "__code__", None)
    return f"{code.co_filename} {code.co_firstlineno}" if code else str(getattr(value, "__file__", type(value)))
attributes, libraries = {}, ("weasyprint", "tinyhtml5", "cffi", "pyphen")
for name in [n for n in sys.modules if n.split(".")[0] in libraries or n == "ctypes.util"]:
    for key, value in vars(sys.modules[name]).items():
        attributes[f"{name}.{key}"] = described(value)
        if isinstance(value, type) and value.__module__ == name:
            attributes |= {f"{name}.{key}.{inner}": described(entry) for inner, entry in vars(value).items()}
print(json.dumps(attributes))
"""


def attributes(imports: str) -> dict[str, str]:
    """Every attribute of the libraries, in a process that has imported them so."""
    run = subprocess.run([sys.executable, "-c", imports + ATTRIBUTES], cwd=ROOT, capture_output=True, check=True)
    values: dict[str, str] = json.loads(run.stdout)
    return values


def test_the_table_lists_exactly_the_replaced_functions() -> None:
    start = "from nioc_paper.render.pdf.worker import main\nmain._start_engine()"
    plain, patched = attributes("import tinyhtml5, weasyprint, weasyprint.text.fonts"), attributes(start)
    replaced = {name for name in plain.keys() & patched if plain[name] != patched[name]}
    late = {name for names in patch_table.LATE_FUNCTIONS.values() for name in names} - {"Options", "Subsetter"}
    patches = {patch.target for patch in (*patch_table.EARLY_PATCHES, *patch_table.PATCHES)}
    assert replaced == patches | {f"weasyprint.pdf.fonts.{name}" for name in late | {"subset"}}


@pytest.mark.parametrize("language", ["en_GB", "hu_HU"])
def test_words_are_parted_by_the_same_patterns(language: str) -> None:
    made, plain = (pyphen.HyphDict.__new__(pyphen.HyphDict) for _ in range(2))
    pyphen.HyphDict.__init__(plain, pyphen.LANGUAGES[language])
    speed.parse_on_demand(pyphen.HyphDict.__init__, PatchState())(made, pyphen.LANGUAGES[language])
    assert {key: made.patterns.get(key) for key in made.patterns} == plain.patterns
    assert made.maxlen == plain.maxlen


def test_the_declarations_of_c_are_those_of_the_engine(agree: Callable[[Path, str], None], tmp_path: Path) -> None:
    spec = find_spec("weasyprint")
    assert spec
    assert spec.origin
    code = Path(spec.origin).with_name("text").joinpath("ffi.py").read_text(encoding="utf-8")
    calls = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    (source,) = (node.args[0] for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "cdef")
    ffi = cffi.FFI()
    ffi.set_source("declared_functions", None)
    ffi.cdef(ast.literal_eval(source))
    recompiler.make_py_source(ffi, "declared_functions", str(tmp_path / "made.py"))
    made = (tmp_path / "made.py").read_text(encoding="utf-8").partition("\n")[2]
    docstring, _, _ = Path(pango_cffi.__file__).read_text(encoding="utf-8").partition("import")
    agree(Path(pango_cffi.__file__), docstring + made)


class NoInstallError(Exception):
    """A patch was installed that should not be."""


def failing(*_: object) -> None:
    raise NoInstallError


def test_a_patch_without_its_target_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    required = replace(patch_table.PATCHES[0], wrap=failing)
    fast = replace(next(patch for patch in patch_table.PATCHES if not patch.is_required), wrap=failing)
    for lacking in (replace(required, target="weasyprint.gone"), replace(required, parameters=("gone",))):
        monkeypatch.setattr(patch_table, "PATCHES", (lacking,))
        assert patch_table.install_patches(PatchState()) is None
    monkeypatch.setattr(patch_table, "PATCHES", (fast,))
    with pytest.raises(NoInstallError):
        patch_table.install_patches(PatchState())
    monkeypatch.setattr(patch_table, "MEASURED", {"weasyprint": "70.1"})
    patch_table.install_patches(PatchState())


CELLS = "".join(
    f"<td {attributes}>Responsible for rods"
    for attributes in (
        *('style="text-align: right"', 'class="thick" style="text-align: right"', 'style="text-align: right"'),
        *('style="text-align: right" lang="de"', 'style="padding: 5%" lang="de"', 'style="padding: 5%" id="rod"'),
    )
)
LONG = "Responsibilities of administrations and organizations for the rods, " * 5
FORMS = "".join(
    (
        *(f"<table class={kind}>" + f"<tr>{CELLS}<tr class=thick>{CELLS}" * 2 + "</table>" for kind in ("", "joined")),
        *(f"<p class={kind}>{LONG}<b>{LONG}</b>" for kind in ("even", "short", "wide", "lined", "first", "two")),
        "<pre>Rod\n  rail\r\n\n\tTab\u2029next</pre><ol><li>Rod<li>Rail</ol><p><q>Rod</q><br>Rail",
        f"<div class=indented><p>{LONG}<div class=narrow><p>{LONG}</div></div>",
    )
)
FORMS_STYLE = """table { width: 60% } td { border: 1px solid } .thick { border: 3px solid }
.joined { border-collapse: collapse } p { hyphens: auto } .even { text-align: justify }
.short { text-overflow: ellipsis; overflow: hidden; white-space: nowrap } .wide { letter-spacing: 1px }
.lined { text-decoration: underline overline line-through } .first::first-letter { font-size: 2em }
.first::first-line { color: red; font-size: 1.5em; line-height: 2 } .two { max-lines: 2; block-ellipsis: auto }
q::before { content: "\\201C"; color: red } li::marker { color: red }
.indented { text-indent: calc(1px + 5%) } .narrow { width: 50% }"""
"""Forms that the patches of styles and lines must leave alone."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, list[JobResult]]:
    """Output of an engine with patches and without: for a paper, and faulty styles twice.

    With patches the paper comes twice; without, each time takes two seconds.
    """
    document, look, folder = sample_document.document(), read_theme(TEMPLATES), tmp_path_factory.mktemp("engines")
    pictures = charts.collect_pictures(document, look, print, Cache.for_paper(Path()))
    whole: PageJob = {**whole_job(document, pictures), "piece": "whole"}
    foreign = page("<p>Rod, <i>rail</i> and \u4e16")  # no font has the last letter: this piece embeds a font itself
    jobs = [whole, page("<p>Rod", FAULTY), page("<p>Rail", FAULTY), page(FORMS, FORMS_STYLE), foreign]
    return {
        True: engine(folder / "patched", [whole, *jobs], measured=True),
        False: engine(folder / "plain", jobs, measured=False),
    }


def test_a_paper_is_the_same_with_and_without(made: dict[bool, list[JobResult]]) -> None:
    first, *quick = made[True]
    assert quick == made[False]
    assert first == quick[0]
    assert "colour" in str(quick[1].report.log)
    assert quick[1].report.log == quick[2].report.log
