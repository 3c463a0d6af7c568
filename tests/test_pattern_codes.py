"""Patterns from cached codes are those of `re.compile`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from nioc_paper.check import rule_tables
from nioc_paper.model import late_pattern
from nioc_paper.system.cache import Cache
from nioc_paper.system.pattern_codes import PatternCodes

LATE_CLASS = type(late_pattern.late_pattern(""))


def facts(pattern: re.Pattern[str] | re.Pattern[bytes]) -> tuple[object, ...]:
    return pattern, pattern.groups, dict(pattern.groupindex)  # equal patterns have equal text, flags and code


def test_cached_codes_give_the_patterns_of_the_package(tmp_path: Path) -> None:
    assert rule_tables.RULES  # imported: its modules have most patterns
    modules = [module for name, module in sys.modules.items() if name.startswith("nioc_paper.")]
    late: list[Any] = [value for module in modules for value in vars(module).values() if type(value) is LATE_CLASS]
    texts = sorted({(each.pattern, each._flags) for each in late if isinstance(each.pattern, str)})
    assert len(texts) > 150
    usual = [facts(re.compile(*text)) for text in texts]
    first = PatternCodes(Cache(tmp_path))
    assert [facts(first.compile(*text)) for text in texts] == usual
    first.save()
    again = PatternCodes(Cache(tmp_path))
    assert [facts(again.compile(*text)) for text in texts] == usual
    assert again.compile(rb"(\d)", 0) == re.compile(rb"(\d)")
    with pytest.raises(re.error):
        again.compile("(")


def test_codes_of_two_processes_are_united(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = PatternCodes(Cache(tmp_path)), PatternCodes(Cache(tmp_path))
    one.compile("one")
    other.compile("other")
    one.save()
    other.save()
    monkeypatch.setattr(re._compiler, "_code", lambda *_: pytest.fail("compiled again"))  # type: ignore[attr-defined]
    later = PatternCodes(Cache(tmp_path))
    assert later.compile("one").match("one")
    assert later.compile("other").match("other")
