"""Cache entries: whole or absent, under their own names, and within the limit of size."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nioc_paper.system import cache as kept
from nioc_paper.system.cache import Cache, cache_key

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
