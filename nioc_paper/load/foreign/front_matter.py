"""Front matter of a foreign file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.load.foreign.project import ProjectFiles, as_mapping
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Reporter

_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def split_front_matter(text: str, path: str, report: Reporter) -> tuple[Mapping[str, object], str]:
    """Return the keys of a text's front matter, and the text with blank lines for it."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    yaml = re.sub(r"(?<=: )!(?:expr|r) (.*)", r"'\1'", match["yaml"] or "")
    values = as_mapping(read_yaml(yaml, path, report, line=1).value)
    return values, "\n" * match[0].count("\n") + text[match.end() :]


def read_front_matter(files: ProjectFiles, path: str) -> tuple[Mapping[str, object], str]:
    """Return the keys of a file's front matter, and its text below."""
    return split_front_matter(files.read_text(path) or "", path, lambda _: None)
