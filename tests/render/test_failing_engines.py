"""A program that fails, prints garbage or never ends is named in a message, and is never called an internal error."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
import sample_document
import shared
from command_kit import hide_office, nioc
from msgspec.structs import replace
from test_papers import appended, copy

from nioc_paper import load, tree
from nioc_paper.app.build import write_formats
from nioc_paper.assemble import assemble, extract_chapter
from nioc_paper.model import Diagnostic, Document, History, Node, OutputOptions, Place, Severity
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify import losses
from nioc_paper.render.write import render_format, resolve_citations
from nioc_paper.system import drawing, pandoc, processes
from nioc_paper.system.cache import FOLDER_VARIABLE, Cache
from nioc_paper.system.files import default_templates

ROOT = Path(__file__).parents[2]
DAY = ("--today", "2020-01-30")
STUBS = {
    "fails": "echo the engine is out of order >&2; exit 3",
    "prints garbage": "cat >/dev/null & printf 'gar\\\\377bage\\\\n'",
    "is killed": "kill -KILL $$",
    "never ends": "exec sleep 60",
}
ENGINES = {
    "pandoc": ("/pandoc", ("check",), 1, "pandoc"),
    "PDF": ("render.pdf.worker.main", ("build", "--to", "html,pdf"), 1, "WeasyPrint"),
    "charts": ("system.drawing", ("build", "--to", "html"), 1, "chart"),
    "templates": ("template_worker", ("build", "--to", "html"), 1, "template"),
    "Word": ("UserInstallation", ("build", "--to", "docx"), 0, "LibreOffice"),
    "git": ("git", ("status",), 0, ""),
    "search": ("pagefind", ("site", "--downloads", "none"), 1, "pagefind"),
}
"""Words of the engine's command; the command that needs it; its exit code; the name of the engine in the message."""
PAIRS = [(engine, stub) for e, engine in enumerate(ENGINES) for s, stub in enumerate(STUBS) if (e + s) % 4 == 0]
"""Each engine fails in one way, and its neighbour in another."""


@pytest.fixture
def stub_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Replaces the programs whose command has a word by a shell command, whose time is up at the first check."""
    start, check, stubs = processes.start, processes.ResourceLimit.check, set[int]()

    def replace(engine: str, stub: str) -> None:
        def start_stub(kind: str, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
            if not any(engine in word for word in command):
                return start(kind, command, **options)
            process = start(kind, ["sh", "-c", stub], **options)
            stubs.add(process.pid)
            return process

        def end_stub(limit: processes.ResourceLimit) -> None:
            if any(process.pid in stubs for process in limit.processes):
                raise processes.LimitError("no result within 1 s")
            check(limit)

        monkeypatch.setattr(processes, "start", start_stub)
        monkeypatch.setattr(processes.ResourceLimit, "check", end_stub)
        monkeypatch.setattr(processes, "_POLL_SECONDS", 0.05)
        if engine in drawing.__name__:  # the process that draws for all tests is not the stub
            monkeypatch.setattr(drawing, "_shared_worker", functools.cache(drawing._shared_worker.__wrapped__))

    return replace


@pytest.mark.parametrize(("engine", "stub"), PAIRS)
def test_an_engine_that_does_not_work_is_named(
    engine: str,
    stub: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    stub_engine: Callable[[str, str], None],
) -> None:
    words, command, code, name = ENGINES[engine]
    paper = copy("healthy", tmp_path, with_templates=engine == "templates")
    if engine == "templates":  # the tool's own need no worker
        appended(paper / "templates" / "web.html", "<!-- one of the paper -->")
    # Nothing in this cache is the work of the engine.
    monkeypatch.setenv(FOLDER_VARIABLE, str(shared.folder(tmp_path_factory) / f"cache-without-{engine}"))
    stub_engine(words, STUBS[stub])
    run = nioc(paper, *command, *DAY)
    output = run.stdout + run.stderr
    assert "Traceback" not in output
    assert "internal error" not in output
    assert run.returncode == code, output
    assert name in output, output
    assert ("not written: pdf;" in output) == (engine == "PDF"), output


WITHOUT = """
import sys
sys.path[:] = [path for path in sys.path if not path.endswith("site-packages")] + [sys.argv.pop(1)]
sys.argv = ["nioc", *sys.argv[1:]]
from nioc_paper import cli
cli.main()
"""
"""Runs a command with the packages in a folder, and no others."""
DAY_AND_MONTH = "newsletter --to html --month 2020-01 --today 2020-01-30"
USES = {
    **dict.fromkeys(("PyYAML", "click", "msgspec"), "check"),
    "Jinja2": DAY_AND_MONTH,
    "rich": "status",
    "icalendar": "calendar --today 2020-01-30",
    "XlsxWriter": "export --to xlsx",
}
"""Packages, and a command that needs each."""


@pytest.mark.parametrize("package", USES)
def test_a_missing_package_is_named_with_the_command_that_installs_it(package: str, tmp_path: Path) -> None:
    paper, packages = copy("healthy", tmp_path), tmp_path / "packages"
    packages.mkdir()
    files = {file.parts[0] for file in metadata.files(package) or ()}
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name not in files:
            (packages / entry.name).symlink_to(entry)
    run = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT, str(packages), *USES[package].split()],
        cwd=paper,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NIOC_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    (line,) = (line for line in run.stderr.splitlines() if "is missing" in line)
    assert line.startswith("nioc: the Python package '")
    assert re.search(rf"(pip|uv) .*install .*\b{package}(==|$)", line)


def test_a_damaged_module_is_named_with_its_folder(tmp_path: Path) -> None:
    paper, compiled = copy("healthy", tmp_path), tmp_path / "compiled"
    command = [sys.executable, "-P", "-X", f"pycache_prefix={compiled}", "-m", "nioc_paper", "check", *DAY]
    run = functools.partial(subprocess.run, command, cwd=paper, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True)
    assert run(capture_output=True, check=False).returncode == 0
    for module in ("cli/check", "model/paper", "cli/lazy_commands"):
        (file,) = compiled.rglob(f"nioc_paper/{module}.*.pyc")
        whole = file.read_bytes()
        file.write_bytes(whole[:400])
        damaged = run(capture_output=True, check=False)
        assert (damaged.returncode, damaged.stderr.strip().count("\n")) == (1, 0), damaged.stderr
        assert "is damaged; delete the folders __pycache__" in damaged.stderr
        file.write_bytes(whole)


FULL = """
import os, types
os.statvfs = lambda folder: types.SimpleNamespace(f_bavail={free}, f_frsize=1, f_blocks=0, f_bfree=0)
from nioc_paper import model
"""
"""Imports modules of the tool from a disk with a number of free bytes."""


@pytest.mark.parametrize(("free", "is_compiled"), [(2**20, True), (2**20 - 1, False)])
def test_a_full_disk_gets_no_compiled_modules(free: int, is_compiled: bool, tmp_path: Path) -> None:
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", FULL.format(free=free)]
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=True)
    assert any(tmp_path.rglob("nioc_paper/model/*.pyc")) == is_compiled


# --- what is missed in an output --------------------------------------------------------------------------------------

TEMPLATES = default_templates()
CHAPTER = "chapters/bridges.md"
NOWHERE = Place("nowhere")


def _careless(node: Node) -> Node | list[Node] | None:
    """A paragraph, the notes, the picture, a cell, the references, and the place of a source are lost."""
    kind, content = node["t"], node.get("c", [])
    if kind in ("Note", "Image") or content == "1934":
        return None
    if kind == "Para" and tree.plain_text(node).startswith("A closed bridge"):
        return None
    if kind == "Link" and content[2][0].startswith("#"):
        return list(content[1])
    if tree.is_div(node, "csl-entry"):
        return tree.div(content[1], "csl-entry", id="elsewhere")
    return node


LOST = {
    # Form and place of each.
    "lost-content/text": ("“A closed bridge sends its traffic", f"{CHAPTER}:48:1"),
    "lost-content/note": ("“The year is that of the deck, not of the piers", f"{CHAPTER}:29:47"),
    "lost-content/picture": ("“A horizontal deck rests on two upright piers.”", f"{CHAPTER}:21:1"),
    "lost-content/cell": ("“1934”", f"{CHAPTER}:34:16"),
    "lost-content/reference": ("“Figure 1.1”", f"{CHAPTER}:19:34"),
    "lost-content/source": ("Survey", "paper/registers:1:1"),
}


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A chapter with one of everything, each with its place."""
    folder = copy("healthy", tmp_path_factory.mktemp("bridges"))
    paper = load.load(folder, lambda _: None, Cache.for_paper(folder))
    return extract_chapter(assemble(paper, History()), paper, "bridges")


@pytest.mark.parametrize("form", DOCUMENT_WRITERS)
def test_content_lost_by_a_writer_is_reported_at_its_place(
    form: str, bridges: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, findings = import_module(DOCUMENT_WRITERS[form]), list[Diagnostic]()
    write, file = module.write, tmp_path / f"{bridges.stem}.{form}"
    file.write_bytes(b"the former file")

    def careless(document: Document, *rest: object, **more: object) -> bytes:
        data: bytes = write(replace(document, blocks=tuple(tree.rewrite(_careless, document.blocks))), *rest, **more)
        return data

    monkeypatch.setattr(module, "write", careless)
    hide_office(monkeypatch)
    context = RenderContext(TEMPLATES, findings.append, Cache.for_paper(tmp_path))
    assert write_formats(replace(bridges, copy=OutputOptions(audience="public")), [form], tmp_path, context) == []
    lost = {(d.rule, str(d.place)): d.message for d in findings if d.severity is Severity.ERROR}
    assert [r for r, (shown, place) in LOST.items() if shown not in lost.get((r, place), "")] == [], [*lost.items()]
    assert file.read_bytes() == b"the former file"


@pytest.mark.parametrize("form", DOCUMENT_WRITERS)
def test_no_writer_loses_any_kind_of_content(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)
    findings: list[Diagnostic] = []
    cache = Cache.for_paper(Path())
    assert render_format(
        form,
        resolve_citations(sample_document.document(), findings.append, cache),
        RenderContext(TEMPLATES, findings.append, cache),
    )
    assert [d for d in reversed(findings) if d.rule.startswith("lost")] == []


def test_repeated_content_is_counted() -> None:
    twice = list(losses.content_items((tree.para(tree.text_inlines("Again.")),) * 2))
    assert losses.find_missing(twice, ["again"]) == twice[1:]
    assert losses.find_missing(twice, ["again", "again", "more"]) == []


def test_a_fuller_file_may_say_more_in_a_passage_but_not_less() -> None:
    wanted = list(losses.content_items((tree.para(tree.text_inlines("See Table 2.1, which says so.")),)))
    assert losses.find_missing(wanted, ["seetable21onpage9whichsaysso"]) == wanted
    assert losses.find_missing(wanted, ["seetable21onpage9whichsaysso"], allow_extra=True) == []
    assert losses.find_missing(wanted, ["seetable21onpage9whichsays"], allow_extra=True) == wanted


def test_a_formula_that_is_none_is_printed_as_it_is_written() -> None:
    wanted = list(losses.content_items(pandoc.parse_markdown("See $NAME) x_{y$ here.")[0]))
    assert losses.find_missing(wanted, ["seenamexyhere"]) == []
    assert losses.find_missing(wanted, ["seenamexyher"]) == wanted


def test_a_page_number_behind_a_passage_is_not_taken_for_another_passage() -> None:
    keys = ("closesone1", "closesone3")
    wanted = [losses.ContentItem("text", key, key, NOWHERE) for key in keys]
    assert losses.find_missing(wanted, ["closesone3page41", "closesone1page412"], allow_extra=True) == []


def test_each_word_is_of_one_kind() -> None:
    text = "One.[^a]\n\n[^a]: Two.\n\n|A|B|\n|-|-|\n|Three|Four[^b]|\n\n: Five.\n\n[^b]: Six.\n\nterm\n: meaning\n"
    kinds: dict[str, list[str]] = {}
    for item in losses.content_items(pandoc.parse_markdown(text)[0]):
        kinds.setdefault(item.kind, []).append(item.key)
    assert kinds == {
        "text": ["one", "five", "term", "meaning"],
        "note": ["two", "six"],
        "cell": ["a", "b", "three", "four"],
    }
