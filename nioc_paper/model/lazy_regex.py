"""Regular expressions that are compiled on first use: a command needs few of the hundreds that it imports.

Patterns of text rules begin with a sign and look back after it: `#(?<!a#)id` in place of `(?<!a)#id`. `re` skips to a
first character that is one of few, but tries a pattern that begins with a lookbehind at every character.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")


class _LatePattern:
    """Pattern that is compiled when it is first asked for more than its text; from then on it has the methods."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # asked for by `copy` and `pickle`, of a pattern that is not set up
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


if TYPE_CHECKING:
    late_pattern = re.compile
else:
    late_pattern = _LatePattern
