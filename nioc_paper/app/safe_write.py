"""Files of the paper, written only if the tool can read them back."""

from __future__ import annotations

import re

from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.load.source_text import decode_text, split_front_matter
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Severity
from nioc_paper.system.files import replace_file


def write_source(project: Project, path: str, text: str) -> None:
    """Write a YAML file or a chapter of the paper; surrogates represent bytes that are not UTF-8.

    Raises AppError, and leaves the file as it was, if reading it back finds an error that it did not have. Raises
    OSError if it cannot be written.
    """
    file, data = project.writable_path(path), text.encode("utf-8", "surrogateescape")
    before = project.read_for_edit(path)
    if before and b"\r\n" in before:  # a clone with autocrlf
        data = re.sub(rb"\r?\n", b"\r\n", data)
    known = set() if before is None else {(d.rule, d.message) for d in find_reading_errors(path, before)}
    for error in find_reading_errors(path, data):
        if (error.rule, error.message) not in known:
            raise AppError(f"{path} would hold an error, {error.rule}: {error.message}; nothing was written")
    replace_file(file, data)


def find_reading_errors(path: str, data: bytes) -> list[Diagnostic]:
    """Return the errors of the characters and of the YAML in a file; in a chapter, that of the front matter."""
    findings: list[Diagnostic] = []
    text = decode_text(data, path, findings.append) or ""
    head = split_front_matter(text, path, findings.append)[0] if path.endswith(".md") else text
    read_yaml(head, path, findings.append)
    return [d for d in findings if d.severity == Severity.ERROR]
