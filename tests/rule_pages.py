"""Pages of rules, tests/rules/RULE.md: what is wrong, what is right, and what is said about it.

A page is a title with the rule's name, then the sections Bad, Says and Good. Bad and Good hold
fenced blocks; each names a kind and a file (```yaml paper/timeline.yaml), and changes that file of the healthy paper:

- yaml      its keys replace those of the file, or those of a chapter's front matter
- markdown  its text is added to the chapter
- bytes     the same, with Python's escapes for what a page cannot hold
- file      it is the whole file
- base64    its bytes are the whole file
- symlink   the file becomes a symbolic link to this path
- diff      the last place with the lines after "-" gets those after "+"; if Good has a diff, it changes Bad

A kind of a rule that has no page is on the page of the rule, whose examples show several kinds at once.

Says holds all that `check` prints of this rule for Bad. A rule about tools or outputs, which no file breaks, has no
sections.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from test_papers import read_files, write_files

_FENCE = re.compile(r"^(`{3,})(\w+) ([^\n]+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (Bad|Says|Good)$", re.MULTILINE)
_SAYS = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_HUNK = re.compile(r"((?:[ -].*\n)+)((?:\+.*\n)*)")
_KEY = re.compile(r"^(\w+):.*\n(?:(?:[ #-].*)?\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """A block of a page: how a file of the healthy paper is changed."""

    kind: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a rule."""

    rule: str
    bad: tuple[Change, ...]
    says: str
    good: tuple[Change, ...]


def parse(text: str) -> Page:
    """A page as values."""
    head, *rest = _SECTION.split(text)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    title = head.partition("\n")[0]
    says = _SAYS.search(sections.get("Says", ""))
    bad, good = (tuple(_changes(sections.get(name, ""))) for name in ("Bad", "Good"))
    if any(change.kind == "diff" for change in good):
        good = (*bad, *good)
    return Page(title.removeprefix("# "), bad, says[0] if says else "", good)


def _changes(section: str) -> Iterable[Change]:
    return (Change(kind, path, text) for _, kind, path, text in _FENCE.findall(section))


def update(text: str, says: str) -> str:
    """The page with other words under Says, which may be empty."""
    head, mark, tail = text.partition("## Says\n")
    if mark and not _SAYS.search(_SECTION.split(tail)[0]):
        return f"{head}{mark}\n```text\n{says}```\n{tail}"
    return head + mark + _SAYS.sub(lambda _: says, tail, count=1)


def lay(changes: Iterable[Change], paper: Path, root: Path) -> Path:
    """A copy of a paper, `root`, with these changes."""
    write_files(root, read_files(paper))
    for change in changes:
        file = root / change.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if change.kind == "symlink":
            file.unlink(missing_ok=True)
            file.symlink_to(change.text.strip())
        else:
            before = file.read_bytes() if file.exists() else b""
            file.write_bytes(_WAYS[change.kind](before, change.text))
    return root


def _with_keys(before: bytes, text: str) -> bytes:
    """A YAML file, or a chapter, in which some keys have other values. A key that is new comes last."""
    old = before.decode()
    start, end = (4, old.index("\n---", 4) + 1) if old.startswith("---\n") else (0, len(old))
    head = old[start:end]
    for entry in _KEY.finditer(text):
        there = next((e for e in _KEY.finditer(head) if e[1] == entry[1]), None)
        head = head[: there.start()] + entry[0] + head[there.end() :] if there else head + entry[0]
    return (old[:start] + head + old[end:]).encode()


def _with_other_lines(before: bytes, text: str) -> bytes:
    whole = before.decode(errors="surrogateescape")
    for first, last in _HUNK.findall(text):
        old = re.sub(r"^.", "", first, flags=re.MULTILINE)
        new = re.sub(r"^-.*\n|^.", "", first + last, flags=re.MULTILINE)
        head, match, tail = whole.rpartition(old)
        assert match, f"a page changes lines that are not there: {old}"
        whole = head + new + tail
    return whole.encode(errors="surrogateescape")


_WAYS: Mapping[str, Callable[[bytes, str], bytes]] = {
    "yaml": _with_keys,
    "markdown": lambda before, text: before + b"\n" + text.encode(),
    "bytes": lambda before, text: before + b"\n" + text.encode("latin-1").decode("unicode_escape").encode("latin-1"),
    "diff": _with_other_lines,
    "file": lambda _, text: text.encode(),
    "base64": lambda _, text: base64.b64decode(text),
}
