"""Names that both sides gave to different things: ids of blocks, and notes. Theirs get free ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Final

from nioc_paper.tree.code_blocks import blank_verbatim
from nioc_paper.tree.markdown_scan import find_divs

Texts = Mapping[str, str]
"""Text of each file by path."""
Name = tuple[str, str]
"""Path of a chapter, for a note, which has its name there alone; and the name."""
_DEFINITION: Final = re.compile(r"^(?:[^\n]*\{[^}\n]*?#([\w:.-]+)|[ ]{0,3}(\[\^[^\]\s]+)\]:)[^\n]*", re.MULTILINE)


def find_new_names(
    versions: Sequence[Texts], is_same: Callable[[Name], bool], more: Iterable[Name] = ()
) -> dict[Name, str]:
    """Return the free name of each thing of the other side whose name means another thing here.

    A rebase has renamed it here already if an earlier commit brought it.

    Args:
        versions: Base, ours and theirs.
        is_same: Tells whether the things of a name, here and there, are versions of one.
        more: Names that are not free either.
    """
    base, ours, theirs = (
        {name: (path, text) for path in files for name, text in find_names(path, files[path])} for files in versions
    )
    used, renames = {name for version in (base, ours, theirs, more) for _, name in version}, dict[Name, str]()
    for (path, name), there in theirs.items():
        here, before = ours.get((path, name)), base.get((path, name))
        if here in (None, there, before):
            continue
        if before is None:
            if here[1] == there[1] or not is_same((path, name)):
                renames[path, name] = next(new for n in count(2) if (new := f"{name}-{n}") not in used)
                used.add(renames[path, name])
            continue
        for (place, new), (_, moved) in ours.items():
            if place == path and (place, new) not in base and _rename(moved, new, name) == before[1]:
                renames[path, name] = new
    return renames


@cache
def find_names(path: str, text: str) -> tuple[tuple[Name, str], ...]:
    """Return the name and the text of each block, line or note with a name in a chapter."""
    ends = dict(find_divs(text).values())
    return tuple(
        (("", each[1]) if each[1] else (path, each[2]), text[each.start() : ends.get(each.start(), each.end())])
        for each in _DEFINITION.finditer(blank_verbatim(text) if path.endswith(".md") else "")
    )


def with_new_names(path: str, text: str, renames: Mapping[Name, str]) -> str:
    """Return the text of a file of a side with the new names of what it has named, and of its references."""
    for (chapter, name), new in renames.items():
        if chapter in ("", path):
            text = _rename(text, name, new)
    return text


def _rename(text: str, name: str, new: str) -> str:
    # An id without a dash may be a word of the text.
    start = "" if name.startswith("[") else r"(?<![\w.:-])" if "-" in name else "(?<=[@#])"
    return re.sub(rf"{start}{re.escape(name)}(?![\w-]|[.:]\w)", lambda _: new, text)
