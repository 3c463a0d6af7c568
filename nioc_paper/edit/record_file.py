"""Files that hold what one command added to a register. Pure.

The name holds a hash of the content: two people who add the same id write two files, and the same record one.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from nioc_paper.model import slugify

_HASH_LENGTH, _MARK_LENGTH, _MOST_MARKS = 8, 62, 6
_LONG_LINE = 48
"""Characters of a line that two records hardly share, such as a title or an address."""


class RecordFile(NamedTuple):
    """Path of a new file, and its text."""

    path: str
    text: str


def make_record_file(folder: str, name: str, text: str) -> RecordFile:
    """Return a file of the folder for a record with this name and text, below a mark of its own.

    Git takes a deleted file and a new one for the same if half of their lines are equal, and would put a correction
    of one into the other. The mark makes up for the lines that records share.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = f"{folder}/{slugify(name)[:60].strip('-') or 'record'}-{digest[:_HASH_LENGTH]}.yaml"
    shared = sum(len(line) if len(line) < _LONG_LINE else -len(line) for line in text.splitlines())
    marks = (
        hashlib.sha512(f"{digest}{n}".encode()).hexdigest()[:_MARK_LENGTH]
        for n in range(min(max(1, -(-shared // _MARK_LENGTH)), _MOST_MARKS))
    )
    return RecordFile(path, "".join(f"# {mark}\n" for mark in marks) + text)
