"""Codes of compiled regular expressions in the cache: to compile one takes forty times as long as to read its code.

Python can only pickle the text of a pattern. Its own compiler makes a list of numbers first, and `_sre` checks and
takes it; both are the same in Python 3.11 to 3.14, and the version is part of the key.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import atexit
import json
import re
import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Any, AnyStr, NamedTuple

from nioc_paper.model import late_pattern
from nioc_paper.system import concurrency
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import source_hash


class PatternCode(NamedTuple):
    """Arguments of `_sre` besides the text of a pattern, as JSON holds them."""

    flags: int
    code: str
    """Numbers of 32 bits, in base 64."""
    groups: int
    group_index: Mapping[str, int]
    group_names: Sequence[str | None]


class PatternCodes:
    """Compiles patterns with the codes of earlier commands, and adds those that are missing."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._key = cache_key("pattern codes", source_hash(), sys.version, str(_sre.MAGIC))
        self._known: dict[str, Sequence[Any]] | None = None
        self._new: dict[str, PatternCode] = {}

    def compile(self, pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """Return the compiled pattern: the same as that of `re.compile`."""
        if isinstance(pattern, bytes):
            return re.compile(pattern, flags)
        if self._known is None:
            self._known = self._read()
        name = f"{int(flags)} {pattern}"
        if name in self._known:
            code = PatternCode(*self._known[name])
        else:
            code = self._new[name] = _to_code(pattern, int(flags))
        return _from_code(pattern, code)

    def save(self) -> None:
        """Store the codes that were missing beside those that another process has stored meanwhile."""
        if self._new:
            self._cache.put(self._key, json.dumps({**self._read(), **self._new}).encode())
            self._new = {}

    def _read(self) -> dict[str, Sequence[Any]]:
        data = self._cache.get(self._key)
        return dict(json.loads(data)) if data else {}


_codes_by_folder: dict[Path, PatternCodes] = {}


def use(cache: Cache) -> None:
    """Compile patterns with the codes in a cache from now on; new ones are stored when this process ends."""
    if cache.directory is None:
        return
    if cache.directory not in _codes_by_folder:
        codes = _codes_by_folder[cache.directory] = PatternCodes(cache)
        atexit.register(codes.save)
        concurrency.at_end_of_copy.append(codes.save)
    late_pattern.compile_pattern = _codes_by_folder[cache.directory].compile


def _to_code(pattern: str, flags: int) -> PatternCode:
    """Compile a pattern as `re` does. Raises re.error."""
    parsed = _parser.parse(pattern, flags)
    state = parsed.state
    names: list[str | None] = [None] * state.groups
    for name, number in state.groupdict.items():
        names[number] = name
    code = b64encode(array("I", _compiler._code(parsed, flags)).tobytes()).decode()  # noqa: SLF001 - as `re` does
    return PatternCode(flags | state.flags, code, state.groups - 1, state.groupdict, names)


def _from_code(pattern: str, code: PatternCode) -> re.Pattern[str]:
    numbers = array("I", b64decode(code.code)).tolist()
    names = tuple(code.group_names)
    compiled: re.Pattern[str] = _sre.compile(pattern, code.flags, numbers, code.groups, code.group_index, names)
    return compiled
