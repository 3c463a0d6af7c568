"""What is kept to be quick: whole or not at all, under its own name, and no more of it than there may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from nioc_paper import cache as kept
from nioc_paper.cache import Cache


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"1")
    (tmp_path / "one").rename(tmp_path / "two")
    assert (cache.get("one"), cache.get("two")) == (None, None)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST", 2)
    monkeypatch.setattr(kept, "_EVERY", 1)
    cache = Cache(tmp_path)
    for name in ("one", "two"):
        cache.put(name, name.encode())
    assert cache.get("one")
    cache.put("three", b"3")
    assert {file.name for file in tmp_path.iterdir()} == {"one", "three"}


def test_all_of_it_can_be_forgotten(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"12345")
    assert cache.clear() > 5
    assert cache.get("one") is None


def test_what_is_no_entry_is_let_be(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"12345")
    (tmp_path / "two").mkdir()
    assert cache.clear() < 100
    assert [entry.name for entry in tmp_path.iterdir()] == ["two"]


def test_what_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    Cache(tmp_path).put("one", b"1")
    assert [entry.name for entry in tmp_path.iterdir()] == ["one"]
