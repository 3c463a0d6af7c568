"""Nothing that a folder holds reaches the last line of defence, where a command reports an internal error."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from unittest import mock
from urllib.parse import unquote

import pytest
import shared
from click.testing import CliRunner
from command_kit import hide_office, kept_word_files
from sample_history import commit, git, start_repository
from starlette.types import Message
from test_papers import appended, copy, read_tables

from nioc_paper import cli
from nioc_paper.app.project import Project
from nioc_paper.app.unsaved_buffers import with_memory_cache
from nioc_paper.cli.command_table import INTERNAL_ERROR
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.load.templates import read_templates
from nioc_paper.ooxml.package import read_zip, write_zip
from nioc_paper.serve.incremental_site import IncrementalSite
from nioc_paper.serve.web_app import Preview
from nioc_paper.system import git as asked_git
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import FOLDER_VARIABLE

DAY = ("--today", "2020-01-30")
READING = (("check", *DAY), ("status", *DAY), ("build", "--to", "html", *DAY), ("site", "--downloads", "none", *DAY))
"""Commands that read all of a paper."""


def nioc(paper: Path, *args: str) -> tuple[object, str]:
    """Run a command. Raises an exception that it would call an internal error. Returns its exit code and output."""
    code: object = None
    asked_git.REFUSAL_REASONS.clear()
    with (
        contextlib.chdir(paper),
        mock.patch.object(sys, "argv", ["nioc", *args]),
        CliRunner().isolation() as (_, _, out),
    ):
        try:
            code = cli._run()
        except SystemExit as stop:
            code = stop.code
        except Exception as error:
            code = cli._report_failure(error)
            if code == INTERNAL_ERROR:
                raise
        printed = out.getvalue().decode(errors="replace")
    return code, printed


def lay(file: bytes, data: bytes = b"---\n---\ntext\n") -> None:
    """Write a file and its folders, by the bytes of its path."""
    os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120 - Path knows no bytes
    Path(os.fsdecode(file)).write_bytes(data)


NAMES = [
    b"\xff.md",
    b"\xff.yaml",
    b"\xff.csv",
    b"\xed\xa0\x80.svg",
    b"a\nb.md",
    b"\x1b[31m.yaml",
    b"-x.md",
    b"\xff/x.md",
]
FOLDERS = [b"chapters", b"paper", b"paper/data", b"paper/registers", b"paper/front", b"templates", b"reviews", b"."]


@pytest.mark.usefixtures("own_cache")
def test_names_of_files_and_folders_that_are_no_text(tmp_path: Path) -> None:
    paper = tmp_path / os.fsdecode(b"a\xff\nb\x1b[2J")
    copy("healthy", tmp_path).rename(paper)
    start_repository(paper, "2020-01-10T12:00:00Z")
    assert nioc(paper, *READING[2])[0] == 0
    for folder in FOLDERS:
        for name in NAMES:
            lay(os.fsencode(paper) + b"/" + folder + b"/" + name)
    commit(paper, "2020-01-11T12:00:00Z")
    for args in (*READING, ("export",), ("comments",), ("schema", "--write"), ("clean",)):
        code, output = nioc(paper, *args)
        assert code in (0, 1), output


NUMBERS = (
    "9" * 29,
    "9" * 400,
    "9" * 5000,
    f"1.{'9' * 400}",
    f"0.{'0' * 400}1",
    "9" * 30 + " trillion",
    "²",
    "٣",
    "1e999",
)
"""Numbers that arithmetic with a limit cannot take, and digits that are none for Python."""
TABLES = read_tables("last_defence")
NUMBERED = TABLES["numbered"]


@pytest.mark.parametrize("numbers", [NUMBERS[:2] + NUMBERS[3:], NUMBERS[2:3]], ids=["long", "too long to read"])
def test_numbers_of_any_length(numbers: tuple[str, ...], paper: Path) -> None:
    chapter, facts = paper / "chapters" / "bridges.md", paper / "paper" / "registers" / "facts.yaml"
    text, register = chapter.read_text(encoding="utf-8"), "facts:\n"
    for key, number in enumerate(numbers):
        text += NUMBERED.format(number, key, "".join(filter(str.isalnum, number)))
        register += (
            f'  - {{id: bridges{key or ""}, value: "{number}", unit: bridges, as_of: "2019", source: survey2019}}\n'
        )
        data = f"year,days\n2017,{number}\n{number},9\n"
        (paper / "paper" / "data" / f"many{key}.csv").write_text(data, encoding="utf-8")
    chapter.write_text(text, encoding="utf-8")
    facts.write_text(register, encoding="utf-8")
    for args in (READING[0], READING[2], ("export",), ("board", *DAY)):
        code, output = nioc(paper, *args)
        assert code in (0, 1), output


DEEP = "[" * 100_000
ODD_JSON = (
    *("null", "1", "[1]", DEEP, f'{{"cells": {DEEP}', "9" * 5000, "NaN", '"\\ud800"', '{"cells": 1}', '{"cells": [1]}'),
    '{"cells": [{"cell_type": "markdown", "source": ["# A\\n", "\\ud800 \\u0000 \\u202e"]}]}',
    '[{"id": "\\ud800", "author": 1, "issued": {"date-parts": 1}, "title": "\\ud800"}]',
    '{"$comment": {"a": 1}}',
)


def test_json_of_others(tmp_path: Path) -> None:
    paper, project = copy("healthy", tmp_path), os.fsencode(tmp_path / "project")
    names = [f"odd{number}" for number in range(len(ODD_JSON))]
    for name, text in zip(names, ODD_JSON, strict=True):
        lay(os.fsencode(paper / "schemas" / "paper.json"), text.encode())
        code, output = nioc(paper, "upgrade")
        assert code in (0, 1), output
        lay(os.fsencode(paper / "paper" / f"references-{name}.json"), text.encode())
        for suffix in (".ipynb", ".json"):
            lay(project + f"/{name}{suffix}".encode(), text.encode())
    code, output = nioc(paper, *READING[0])
    assert code in (0, 1), output
    files, chapters = (", ".join(f"{name}{suffix}" for name in names) for suffix in (".json", ".ipynb"))
    lay(project + b"/_quarto.yml", f"bibliography: [{files}]\nbook: {{chapters: [a.md, {chapters}]}}\n".encode())
    lay(project + b"/a.md", b"# A\n\ntext\n")
    code, output = nioc(tmp_path, "import", "project", "new", "--no-commit", *DAY)
    assert code == 0, output


# --- files that are none ----------------------------------------------------------------------------------------------


def hole(file: Path) -> None:
    """A file without end that takes no room."""
    file.touch()
    os.truncate(file, 2**36)


ODD_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "a link": lambda file: file.symlink_to(file.parents[1] / "secret"),
    "a folder": Path.mkdir,
    "a hole": hole,
}
NAMED_FILES: dict[str, tuple[str, ...]] = {
    "given.bib": ("source", "add", "given.bib"),
    "given.ris": ("source", "add", "given.ris"),
    "given.pdf": ("source", "add", "good.bib", "--copy", "given.pdf"),
    "paper/sources/good.pdf": ("source", "add", "good.bib", "--copy", "good.pdf"),
    "paper/references.yaml": ("source", "add", "good.bib"),
    "given.docx": ("receive", "given.docx"),
    "given.html": ("site", "--downloads", "none", "--redline", "given.html", *DAY),
    "reviews/bridges.yaml": ("send", "bridges", "--to", "ben-lock", "--due", "2020-02-20", *DAY),
    "paper/registers/approvals.yaml": ("approve", "bridges", "--by", "ada-north", *DAY),
    "paper/newsletter/2020-01.md": ("newsletter", "--month", "2020-01", "--to", "txt", *DAY),
    "schemas/paper.json": ("upgrade",),
    "schemas/timeline.json": ("schema", "--write"),
    "dist/crossings.html": ("build", "--to", "html", *DAY),
}
"""Files with a command that reads or replaces each: one that the user names, or one with a fixed name."""


@pytest.mark.parametrize("odd", ODD_FILES)
def test_no_named_file_is_waited_for_or_followed(
    odd: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A third of the files for each kind; all under --long."""
    step = 1 if request.config.getoption("--long") else 3
    cache = shared.folder(tmp_path_factory) / "cache-of-odd-files"
    monkeypatch.setenv(FOLDER_VARIABLE, str(cache))
    (tmp_path / "secret").write_text("@book{secret, title={Words of a file outside}, author={A, B}, date={2019}}")
    sound = copy("healthy", tmp_path)
    (sound / "good.bib").write_text("@book{good, title={T}, author={A, B}, date={2019}}")
    (sound / "good.pdf").write_bytes(b"%PDF-1.4")
    for name, args in [*NAMED_FILES.items()][[*ODD_FILES].index(odd) % step :: step]:
        paper = Path(shutil.copytree(sound, tmp_path / name.replace("/", "-")))
        file = paper / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        ODD_FILES[odd](file)
        code, output = nioc(paper, *args)
        assert code in (0, 1, 2), (name, output)
        assert code or name.startswith(("dist/", "schemas/", "paper/newsletter/")), (name, output)
        assert not any(
            b"Words of a file outside" in made.read_bytes() for made in (*regular_files(paper), *regular_files(cache))
        )
    assert (tmp_path / "secret").read_text().startswith("@book{secret")


def regular_files(folder: Path) -> Iterator[Path]:
    """The files below a folder that are neither links nor holes."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size < 10**8:
            yield file


@pytest.mark.parametrize("path", ["../outside.yaml", "/{}/outside.yaml", "paper/../../outside.yaml"])
def test_no_setting_leads_a_command_outside(path: str, tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    (paper / "good.bib").write_text("@book{good, title={T}, author={A, B}, date={2019}}")
    appended(paper / "paper" / "paper.yaml", f"bibliography: [{path.format(tmp_path)}]\n")
    code, output = nioc(paper, "source", "add", "good.bib")
    assert code == 1
    assert "outside the paper: nothing is written there" in output
    assert [each.name for each in tmp_path.iterdir()] == ["healthy"]


# --- Word files -------------------------------------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(**parts: bytes) -> bytes:
    """A small Word file of pandoc's with some parts exchanged or added: "document" means "word/document.xml"."""
    members = read_zip(_words())
    for name, data in parts.items():
        members[NAMED.get(name, f"word/{name}.xml")] = data
    return write_zip(members, 0)


@cache
def _words() -> bytes:
    return pandoc.write([{"t": "Para", "c": [{"t": "Str", "c": "Words."}]}], "docx")


NAMED = {
    "types": "[Content_Types].xml",
    "rels": "_rels/.rels",
    "relations": "word/_rels/document.xml.rels",
    "core": "docProps/core.xml",
    "custom": "customXml/item1.xml",
}
PARTS = ("document", "styles", "numbering", "footnotes", "comments", "commentsExtended", *NAMED)
ODD_XML = {
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><a/>',
    "encoding without letters": b'<?xml version="1.0" encoding="utf-7"?><a/>',
    "namespace that is not an address": f'<w:document xmlns:w="{W}" xmlns:x="a b:%%"><w:body/></w:document>'.encode(),
    "namespace that is empty": b'<a xmlns:x=""/>',
    "prefix that is unknown": b"<w:document><w:body/></w:document>",
    "nothing": b"",
    "another root": b"<a/>",
    "comments": f'<!--a--><w:document xmlns:w="{W}"><!--b--><?c d?><w:body><!--e--></w:body></w:document>'.encode(),
    "no UTF-8": b"<a>\xff</a>",
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    "version 1.1": b'<?xml version="1.1"?><a/>',
    "entity": b"<a>&b;</a>",
    "twice the same attribute": b'<a b="1" b="2"/>',
}


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper that Word files are brought into."""
    return copy("healthy", tmp_path_factory.mktemp("received"))


@pytest.mark.parametrize("odd", ODD_XML)
def test_word_files_with_an_odd_part(received: Path, tmp_path: Path, odd: str, request: pytest.FixtureRequest) -> None:
    """A third of the parts for each fault; all under --long."""
    for part in PARTS if request.config.getoption("--long") else PARTS[[*ODD_XML].index(odd) % 3 :: 3]:
        (tmp_path / f"{part}.docx").write_bytes(word(**{part: ODD_XML[odd]}))
        code, output = nioc(received, "receive", str(tmp_path / f"{part}.docx"), "--dry-run", "--category", "front")
        assert code in (0, 1, 2), (part, output)


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_word_files_that_are_packed_in_another_way(received: Path, tmp_path: Path, way: int) -> None:
    file, members = tmp_path / "a.docx", read_zip(word())
    with zipfile.ZipFile(file, "w", way) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    whole = file.read_bytes()
    for pos in range(0, len(whole), len(whole) // 5):
        file.write_bytes(whole[:pos] + b"?" + whole[pos + 1 :] if pos else whole)
        code, output = nioc(received, "receive", str(file), "--dry-run", "--category", "front")
        assert (code, "packed in another way" in output or "damaged" in output) == (1, True), output


@pytest.mark.parametrize("day", ["Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 2020 00:00:00 +99999999999999", "x"])
def test_mails_of_days_that_no_calendar_has(received: Path, tmp_path: Path, day: str) -> None:
    (tmp_path / "a.eml").write_text(f"Date: {day}\n\nWords.\n", encoding="utf-8")
    code, output = nioc(received, "receive", str(tmp_path))
    assert (code, "has no Word file" in output) == (1, True), output


# --- git --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 4354819200, 253402300799, 9999999999999])
def test_commits_of_days_far_away(tmp_path: Path, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)
    paper = copy("healthy", tmp_path)
    start_repository(paper, f"@{seconds} +0000")
    for args in (("build", "--to", "html,docx,epub"), ("export", "--to", "xlsx"), ("calendar",), ("status",)):
        code, output = nioc(paper, *args)
        assert code == 0, (args, output)


def test_a_repository_that_lacks_objects(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    git(paper, "init", "-q", "-b", "main")
    for day in ("2020-01-10", "2020-01-20"):
        (paper / "chapters" / "more.md").write_text(f"---\n---\nMore on {day}.\n", encoding="utf-8")
        commit(paper, f"{day}T12:00:00Z")
    kinds = git(paper, "cat-file", "--batch-check=%(objectname) %(objecttype)", "--batch-all-objects").splitlines()
    for kind in ("commit", "tree", "blob"):
        broken = Path(shutil.copytree(paper, tmp_path / kind))
        for name in (line.split()[0] for line in kinds if line.endswith(kind)):
            file = broken / ".git" / "objects" / name[:2] / name[2:]
            file.chmod(0o644)
            file.write_bytes(b"x")
            if name[0] in "02468ace":
                file.unlink()
        for args in (
            ("newsletter", "--month", "2020-01", "--to", "txt", *DAY),
            ("redline", "HEAD~1..HEAD", "--to", "html"),
            ("board", "--to", "html", *DAY),
        ):
            code, output = nioc(broken, *args)
            assert code in (0, 1, 2), (args, output)


# --- the machine, and engines -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("command", ["check", "build"])
def test_a_full_disk_is_no_fault_of_a_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    def full(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        stderr = b"pandoc: /tmp/log.json: withBinaryFile: resource exhausted (No space left on device)"
        return subprocess.CompletedProcess([], 1, b"", stderr)

    monkeypatch.setattr(processes, "run", full)
    code, output = nioc(copy("healthy", tmp_path), command)
    assert code == 1
    assert "chapters/" not in output
    assert "No space left on device" in output


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize(
    ("name", "reason", "args"),
    [("run_citeproc", "time", ("site", "--downloads", "none")), ("write", "memory", ("build", "--to", "html"))],
)
def test_pandoc_gives_no_citations_or_pages(
    name: str, reason: str, args: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise pandoc.PandocError(reason)

    monkeypatch.setattr(pandoc, name, fail)
    code, output = nioc(copy("healthy", tmp_path), *args, *DAY)
    assert (code, "error[render-failed]" in output) == (1, True)


# --- addresses of the preview -----------------------------------------------------------------------------------------

ADDRESSES = [
    *("%00", "a%00.md", "%00/x.md", "..%2f..%2fetc%2fpasswd", "%2e%2e/x.md", "%ff.md", "%ed%a0%80.md", "x" * 5000),
    *("x/" * 2000, "%2f%2fx.md", "chapters", "chapters/", "chapters/bridges.md/x.md", "a%0ab.md", "%F0%9F%92%A9"),
]
ADDRESSES += [f"{address}.md" for address in ADDRESSES]


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """The preview of a paper with a link and a pipe, once its pages are made."""
    paper = copy("healthy", tmp_path_factory.mktemp("preview"))
    (paper / "chapters" / "link.md").symlink_to("/etc/passwd")
    os.mkfifo(paper / "paper" / "pipe.md")
    studio = IncrementalSite(with_memory_cache(Project(paper, today=date(2020, 1, 30))))
    studio.update(studio.check_paper())
    templates = read_templates(paper)
    made = Preview(studio, templates)
    yield made
    made.pdf.close()


def ask(preview: Preview, address: str) -> int:
    """Return the status of the answer to an address, asked as the server would, without one."""
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        answers.append(message)

    path = unquote(address, errors="surrogateescape" if "~" in address else "replace")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"here")]}

    async def answer() -> None:
        await preview.asgi_app(["here"])(scope, receive, send)

    asyncio.run(answer())
    return int(answers[0]["status"])


@pytest.mark.parametrize("below", ["", "~source/", "~source/chapters/", "pictures/", "type/"])
def test_addresses_of_the_preview(preview: Preview, below: str) -> None:
    for address in (*ADDRESSES, "link.md", "~source/paper/pipe.md"):
        assert ask(preview, f"/{below}{address}") in (200, 404), address


# --- outputs ----------------------------------------------------------------------------------------------------------

WRITING = (
    ("build", "--to", "html", *DAY),
    ("site", "--downloads", "none", *DAY),
    ("board", "--to", "html", *DAY),
    ("newsletter", "--month", "2020-01", "--to", "html", *DAY),
    ("export",),
    ("calendar", *DAY),
    ("remind", *DAY),
    ("send", "bridges", "--to", "ben-lock", "--due", "2020-02-20", *DAY),
)
TARGETS = ("file", "file/below", "file/far/below", "n" * 300, "link", "link/below")


@pytest.mark.parametrize("command", WRITING, ids=lambda command: command[0])
def test_a_folder_for_outputs_that_is_none(command: tuple[str, ...], tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    start_repository(paper, "2020-01-10T12:00:00Z")
    (tmp_path / "file").write_text("words", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with contextlib.chdir(paper), kept_word_files(paper):
        target = TARGETS[WRITING.index(command) % len(TARGETS)]
        run = CliRunner().invoke(commands, [*command, "--out", str(tmp_path / target)], prog_name="nioc")
    assert isinstance(run.exception, SystemExit), (target, run.exception)
    assert run.exit_code in (1, 2), (target, run.stderr)
    assert "the system reports" in run.stderr or "are not a site" in run.stderr, (target, run.stderr)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "words"
