"""Names that both sides gave to different things: ids of blocks, and notes. Theirs get free ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Final

from nioc_paper.tree.code import blank_verbatim
from nioc_paper.tree.scan import find_divs

Texts = Mapping[str, str]
"""Text of each file by path."""
Name = tuple[str, str]
"""Path of a chapter, for a note, which has its name there alone; and the name."""
_DEFINITION: Final = re.compile(r"^(?:[^\n]*\{[^}\n]*?#([\w:.-]+)|[ ]{0,3}(\[\^[^\]\s]+)\]:)[^\n]*", re.MULTILINE)


def find_new_names(versions: Sequence[Texts], is_same: Callable[[Name], bool]) -> dict[Name, str]:
    """Return the free name of each thing of the other side whose name means another thing here.

    A rebase has renamed it here already if an earlier commit brought it.

    Args:
        versions: Base, ours and theirs.
        is_same: Tells whether the things of a name, here and there, are versions of one.
    """
    base, ours, theirs = (
        {name: (path, text) for path in files for name, text in find_names(path, files[path])} for files in versions
    )
    used, renames = {name for version in (base, ours, theirs) for _, name in version}, dict[Name, str]()
    for (path, name), there in theirs.items():
        here, before = ours.get((path, name)), base.get((path, name))
        if here in (None, there, before):
            continue
        if before is None:
            if here[1] == there[1] or not is_same((path, name)):
                renames[path, name] = find_free_name(name, used)
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


def split_name(before: Texts, after: Texts, name: Name, new: str) -> dict[str, str]:
    """Return the files of a commit in which a second thing of a name has a new one, and so what the commit wrote on it.

    Returns nothing if the commit brought no such thing, or one that cannot be told from the first.
    """
    first, blocks = (
        [(path, text) for path in files for each, text in find_names(path, files[path]) if each == name]
        for files in (before, after)
    )
    added = [each for each in blocks if each[1] not in {text for _, text in first}]
    added = [each for each in added if each[0] not in {path for path, _ in first}] if len(added) > 1 else added
    if len(added) != 1 or not 0 < len(first) < len(blocks):
        return {}
    ((home, block),), renames = added, {name: new}
    known = {line for text in before.values() for line in text.split("\n")}

    def rename_new_lines(path: str, text: str) -> str:
        lines = text.split("\n")
        return "\n".join(line if line in known else with_new_names(path, line, renames) for line in lines)

    above, own, below = after[home].partition(block)
    parts = rename_new_lines(home, above), with_new_names(home, own, renames), rename_new_lines(home, below)
    renamed = {path: rename_new_lines(path, text) for path, text in after.items()} | {home: "".join(parts)}
    return {path: text for path, text in renamed.items() if text != after[path]}


def find_free_name(name: str, used: Collection[str]) -> str:
    """Return a name made from one that is taken."""
    return next(new for n in count(2) if (new := f"{name}-{n}") not in used)


def _rename(text: str, name: str, new: str) -> str:
    # An id without a dash may be a word of the text.
    start = "" if name.startswith("[") else r"(?<![\w.:-])" if "-" in name else "(?<=[@#])"
    return re.sub(rf"{start}{re.escape(name)}(?![\w-]|[.:]\w)", lambda _: new, text)
