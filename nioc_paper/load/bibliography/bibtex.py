"""Scan BibTeX and BibLaTeX for entries, fields and their places; pandoc gives none.

A broken entry is reported and left out: pandoc would read no entry of the file.
"""

from __future__ import annotations

import itertools
import re

from nioc_paper.load.bibliography.scanned import Field, Lines, Scan, ScannedEntry, ScanProblem

_START = re.compile(r"^[ \t]*+%.*|@\s*+(?P<type>[A-Za-z]+)\s*+(?P<open>[{(])\s*+(?P<key>[^\s,{}()=\"]*)", re.MULTILINE)
_SIGN = re.compile(
    r'\\.|[{}()"]|(?P<next>^[ \t]*+@[A-Za-z]+[ \t]*+[{(][ \t]*+[^\s,{}()=]+[ \t]*+,)', re.MULTILINE | re.DOTALL
)
_AFTER_KEY = re.compile(r"\s*+[,})]")
_FIELD = re.compile(r"(?<=[,\s])([A-Za-z][\w:+*.-]{0,60}+)\s*+=\s*+(?=[{\"\w])")
_LAWS = frozenset(("legislation", "legal", "jurisdiction"))
_TITLE = re.compile(r'^((?:short)?title\s*+=\s*+)[{"](.*)[}"]', re.IGNORECASE | re.DOTALL)
_MONTH = re.compile(r'^(month\s*+=\s*+)[{"]\s*+([A-Za-z]{3})[A-Za-z]*+\.?\s*+[}"]', re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:url|doi)\b", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(r"\\([_%#&$~])")
_BARE_SIGN = re.compile(r"(?<!\\)(?:%|#(?=\d))")


def scan_bibtex(text: str) -> Scan:
    """Return the entries of a BibTeX file."""
    scan, lines, index = Scan(), Lines(text), 0
    while start := _START.search(text, index):
        if not start["type"]:
            index = start.end()
            continue
        index, problem = _find_end(text, start)
        kind = start["type"].lower()
        if kind == "string" and not problem:
            # With braces: pandoc refuses parentheses here.
            scan.macros += f"@string{{{text[start.end('open') : index - 1]}}}\n"
        elif kind not in ("string", "comment", "preamble"):
            _add_entry(scan, text, lines, start, index - 1, problem)
    return scan


def _find_end(text: str, start: re.Match[str]) -> tuple[int, str]:
    """Return the index after an entry, and what is wrong with it."""
    depth, is_quoted = 1, False
    for sign in _SIGN.finditer(text, start.end("open")):
        if sign["next"]:
            return sign.start(), "a brace or quotation mark of the entry is not closed before the next one"
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        is_quoted ^= sign[0] == '"' and depth == 1
        if depth == 0 or (depth == 1 and sign[0] == ")" and start["open"] == "(" and not is_quoted):
            return sign.end(), "a quotation mark of the entry is not closed" if is_quoted else ""
    return len(text), "the entry is never closed"


def _add_entry(scan: Scan, text: str, lines: Lines, start: re.Match[str], end: int, problem: str) -> None:
    """Add an entry that closes at an index, or what is wrong with it; a broken one has its key, and no text."""
    key, position = start["key"], lines.position(start.start("key"))
    if not key:
        problem = "the entry has no key"
    elif not problem and not _AFTER_KEY.match(text, start.end()):
        problem = f"the key '{key[:40]}' does not end with a comma"
    if problem:
        hint = f"write @{start['type']}{{key, name = {{value}}, …}}, with every brace closed"
        scan.problems.append(ScanProblem(position, problem, hint))
    if key:
        kind = start["type"].lower()
        names = list(_FIELD.finditer(text, start.end(), end)) if not problem else []
        starts = [*(name.start() for name in names), end]
        parts = [text[begin:stop] for begin, stop in itertools.pairwise(starts)]
        fields = [
            Field(name[1], part[len(name[0]) :], lines.position(name.end()))
            for name, part in zip(names, parts, strict=True)
        ]
        own = [Field("short", f.value.strip(' \n,{}"'), f.position) for f in fields if f.name.lower() == "shortauthor"]
        written = f"@{kind}{{{key},{''.join([_for_pandoc(part, kind) for part in parts])}}}\n" if not problem else ""
        scan.entries.append(ScannedEntry(key, kind, position, fields, written, [f for f in own if "\\" not in f.value]))


def _for_pandoc(part: str, kind: str) -> str:
    """Return a field as pandoc is to read it.

    It writes titles small, which a law's is not, knows months by three letters, and drops text after '%' and '#1'.
    """
    if _ADDRESS.match(part):
        return _ESCAPED_SIGN.sub(r"\1", part)
    part = part if "://" in part else _BARE_SIGN.sub(r"\\\g<0>", part)
    return _TITLE.sub(r"\1{{\2}}", part) if kind in _LAWS else _MONTH.sub(r"\1\2", part)
