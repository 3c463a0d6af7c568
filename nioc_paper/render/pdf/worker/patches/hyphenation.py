"""Parse the hyphenation patterns of Pyphen on demand, each when a word needs it.

Pyphen parses all 14,000 of English before the first word: 57 ms for each process.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Self

from pyphen import HyphDict, ignored

from nioc_paper.render.pdf.worker.patches.state import PatchState

_NO_DIGITS = str.maketrans("", "", "0123456789")
_DIGIT_AND_LETTER = re.compile(r"(\d?)(\D?)")


def wrap(original: Callable[[HyphDict, Path], None], _: PatchState) -> Callable[[HyphDict, Path], None]:
    """Return the replacement of `HyphDict.__init__`; the original still reads files that `LazyPatterns` cannot read."""

    def read_lazily(hyph_dict: HyphDict, path: Path) -> None:
        patterns = LazyPatterns.read(path)
        if patterns is None:
            original(hyph_dict, path)
        else:
            hyph_dict.patterns, hyph_dict.cache, hyph_dict.maxlen = patterns, {}, max(map(len, patterns))

    return read_lazily


class LazyPatterns(dict[str, object]):
    """Letters by their hyphenation values: `.ach4` is `.ach` with value 4 after its last letter."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read the patterns of a file. Returns None for other encodings, and for hyphenation that changes letters."""
        encoding_line, _, body = path.read_bytes().partition(b"\n")
        if encoding_line.strip() not in (b"UTF-8", b"ISO8859-1"):
            return None
        lines = map(str.strip, body.decode(encoding_line.decode().strip()).split("\n"))
        text = "\n".join(line for line in lines if line and not line.startswith(ignored))
        if "/" in text or "^^" in text:
            return None
        pairs = zip(text.translate(_NO_DIGITS).split("\n"), text.split("\n"), strict=True)
        return cls((letters, pattern) for letters, pattern in pairs if letters != pattern)

    def get(self, key: str, default: object = None) -> object:
        """Return the position of the first value, and the values from there to the last. `default` if all are 0."""
        entry = super().get(key, default)
        if isinstance(entry, str):
            values = [int(digit or "0") for digit, _ in _DIGIT_AND_LETTER.findall(entry)]
            nonzero = [place for place, value in enumerate(values) if value]
            entry = (nonzero[0], tuple(values[nonzero[0] : nonzero[-1] + 1])) if nonzero else default
            self[key] = entry
        return entry
