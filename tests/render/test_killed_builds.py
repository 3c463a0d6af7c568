"""Files after a command is killed at any step: true manifests, whole files, and nothing that stays for ever."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from sample_document import document
from test_papers import written

from nioc_paper.app.build import write_formats
from nioc_paper.render import write
from nioc_paper.render.context import NO_ENGINES, RenderContext
from nioc_paper.system import cache as kept
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import default_templates, replace_file, replace_folder, write_folder

FORMATS = ("md", "txt", "html")


class KilledError(BaseException):
    """The end of a process at some step."""


def build(out: Path, text: str, monkeypatch: pytest.MonkeyPatch, steps: int = 1000) -> None:
    """Write three formats, each of which is `text`, until some files are replaced; then nothing more is done."""
    done = 0

    def step(target: Path, data: bytes) -> None:
        nonlocal done
        if (done := done + 1) > steps:
            raise KilledError
        replace_file(target, data)

    with monkeypatch.context() as patched:
        patched.setattr(write, "replace_file", step)
        patched.setattr(write, "resolve_citations", lambda document, *_: document)
        patched.setattr(write, "render_format", lambda name, *_: f"{name} {text}".encode())
        paper = replace(document(), version=text)
        write_formats(paper, FORMATS, out, RenderContext(default_templates(), print, NO_CACHE, NO_ENGINES))


def wrong(out: Path) -> list[str]:
    """The files of which the manifest tells something that is not so."""
    file = out / "manifest.json"
    entries = json.loads(file.read_bytes()) if file.exists() else {}
    return [
        name
        for name, entry in entries.items()
        if hashlib.sha256((out / name).read_bytes()).hexdigest() != entry["sha256"]
        or not (out / name).read_text().endswith(entry["version"])
    ]


@pytest.mark.parametrize("before", ["nothing", "old", "new"])
def test_the_manifest_is_never_wrong(before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for steps in range(6):
        out = tmp_path / str(steps)
        if before != "nothing":
            build(out, before, monkeypatch)
        try:
            build(out, "new", monkeypatch, steps)
        except KilledError:
            assert steps < len(FORMATS) + 2
        assert wrong(out) == []
        build(out, "new", monkeypatch)
        assert wrong(out) == []
        assert len(json.loads((out / "manifest.json").read_bytes())) == len(FORMATS)


def leave(folder: Path, name: str) -> Path:
    """Lay a leftover into a folder: a file, or a folder with something in it."""
    path = folder / name
    if name.endswith(".tmp"):
        path.write_text("half")
    else:
        written(path / "new" / "index.html", "half")
    return path


LEFT = (".paper.pdf.abcdefgh.tmp", ".manifest.json.a_c4efg8.tmp", ".unfinished-abcd_fg8")
OTHERS = (".mine.tmp", ".unfinished-notes", "unfinished-abcd_fg8", "paper.abcdefgh.tmp", ".paper.pdf.ABCDEFGH.tmp")


def test_the_next_run_removes_leftovers_of_a_killed_run(tmp_path: Path) -> None:
    left, others = [leave(tmp_path, name) for name in LEFT], [leave(tmp_path, name) for name in OTHERS]
    linked = tmp_path / ".unfinished-linked_8"
    linked.symlink_to(tmp_path / OTHERS[1])
    replace_file(tmp_path / "a.md", b"text")
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in (*others, linked))


def test_files_locked_by_another_process_are_kept(tmp_path: Path) -> None:
    for name in LEFT:
        path = leave(tmp_path, name)
        held = os.open(path, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        replace_file(tmp_path / "a.md", b"text")
        assert path.exists()
        os.close(held)
        replace_file(tmp_path / "a.md", b"text")
        assert not path.exists()


def test_pipes_and_links_are_no_leftovers(tmp_path: Path) -> None:
    written(tmp_path / "far" / "kept", "kept")
    inside = tmp_path / "inside"
    inside.mkdir()
    os.mkfifo(inside / LEFT[0])
    (inside / LEFT[1]).symlink_to(tmp_path / "far" / "kept")
    (inside / LEFT[2]).mkdir()
    (inside / LEFT[2] / "old").symlink_to(tmp_path / "far")
    replace_folder(inside / "site", {"index.html": b"new"}, lambda _: None)
    assert sorted(path.name for path in inside.iterdir()) == sorted([*LEFT[:2], "site"])
    assert (tmp_path / "far" / "kept").exists()


def test_an_interrupted_replacement_is_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".unfinished-abcd_fg8" / "old" / "site").mkdir(parents=True)
    replace_file(tmp_path / "a.md", b"text")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["site"]
    (tmp_path / "site" / "index.html").write_text("old")

    def fail(*_: object) -> None:
        raise KilledError

    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda path, to: fail() if path.name == "new" else rename(path, to))
    with pytest.raises(KilledError):
        replace_folder(tmp_path / "site", {"index.html": b"new"}, lambda _: None)
    assert (tmp_path / "site" / "index.html").read_text() == "old"


def test_a_new_paper_can_be_written_over_leftovers(tmp_path: Path) -> None:
    leave(tmp_path, LEFT[2])
    write_folder(tmp_path, {"a/b.md": b"text"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", [".lock", "manifest.json"])
def test_outputs_follow_no_links(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"secret": {}}')
    out = tmp_path / "dist"
    out.mkdir()
    (out / name).symlink_to(secret)
    try:
        build(out, "new", monkeypatch)
    except OSError:
        assert name == ".lock"
    assert secret.read_text() == '{"secret": {}}'
    assert name == ".lock" or "secret" not in (out / name).read_text()


# --- cache entries ----------------------------------------------------------------------------------------------------

ONE, TWO, THREE = map(cache_key, ("one", "two", "three"))


def test_an_entry_under_another_name_is_ignored(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(ONE, b"1")
    (tmp_path / ONE).rename(tmp_path / TWO)
    assert (cache.get(ONE), cache.get(TWO)) == (None, None)


def test_the_least_recently_used_entry_is_removed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MAX_ENTRIES", 2)
    monkeypatch.setattr(kept, "_TRIM_INTERVAL", 1)
    cache = Cache(tmp_path)
    for name in (ONE, TWO):
        cache.put(name, name.encode())
        os.utime(tmp_path / name, (0, 0))  # long ago: on a fast disk all would be of the same moment
    assert cache.get(ONE)
    cache.put(THREE, b"3")
    assert {file.name for file in tmp_path.iterdir()} == {ONE, THREE}


def test_files_that_are_no_entries_are_ignored(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(ONE, b"12345")
    (tmp_path / TWO).mkdir()
    for name in ("notes.txt", ".hidden", THREE[:-1], f"{THREE}.tree.txt"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    assert cache.clear() < 100
    assert {entry.name for entry in tmp_path.iterdir()} == {
        TWO,
        "notes.txt",
        ".hidden",
        THREE[:-1],
        f"{THREE}.tree.txt",
    }


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / ONE).mkdir()
    Cache(tmp_path).put(ONE, b"1")
    assert [entry.name for entry in tmp_path.iterdir()] == [ONE]


def entry(secret: bytes, data: bytes) -> bytes:
    """An entry as somebody writes it who knows another secret."""
    return hmac.new(secret, f"{ONE}\n".encode() + data, "sha256").hexdigest().encode() + b"\n" + data


@pytest.mark.parametrize(
    "forged",
    [
        entry(b"", b"1"),
        entry(b"a secret of somebody else's", b"1"),
        hashlib.sha256(f"{ONE}\n1".encode()).hexdigest().encode() + b"\n1",
        b"1",
        b"",
        b"\n",
    ],
)
def test_a_forged_entry_is_ignored(forged: bytes, tmp_path: Path) -> None:
    (tmp_path / ONE).write_bytes(forged)
    assert Cache(tmp_path).get(ONE) is None


def test_an_entry_is_the_same_for_all_processes_of_a_user(tmp_path: Path) -> None:
    Cache(tmp_path).put(ONE, b"1")
    code = "from nioc_paper.system.cache import Cache; from pathlib import Path\n"
    code += f"print(Cache(Path({str(tmp_path)!r})).get({ONE!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "b'1'\n"


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("link", [".cache", ".cache/nioc"])
def test_a_link_is_no_cache(link: str, tmp_path: Path) -> None:
    outside, paper = tmp_path / "outside", tmp_path / "paper"
    (outside / "nioc").mkdir(parents=True)
    paper.mkdir()
    for folder in (outside, outside / "nioc"):
        (folder / ONE).write_text("mine", encoding="utf-8")
    (paper / link).parent.mkdir(exist_ok=True)
    (paper / link).symlink_to(outside)
    cache = Cache.for_paper(paper)
    cache.put(TWO, b"2")
    assert (cache.get(ONE), cache.get(TWO), cache.clear()) == (None, None, 0)
    assert {str(file.relative_to(outside)) for file in outside.rglob("*")} == {ONE, "nioc", f"nioc/{ONE}"}


def test_an_entry_that_is_a_link_or_a_pipe_is_ignored(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(ONE, b"1")
    (tmp_path / ONE).rename(tmp_path / "outside")
    (tmp_path / ONE).symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / TWO)
    assert (cache.get(ONE), cache.get(TWO)) == (None, None)
