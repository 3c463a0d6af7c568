"""Texts in YAML that a comment cuts short without their author's knowing."""

from __future__ import annotations

import pytest

from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic

CUT = {
    "title: Chapter #4": (1, 16),
    "title: Chapter # 4": (1, 16),
    "a: b\ntitle: Chapter\t#4": (2, 16),
    "title: #4": (1, 8),
    "list:\n  - one #two": (2, 9),
    "- {title: a} #b": None,
}
WHOLE = (
    "title: 'Chapter #4'",
    'title: "Chapter #4"',
    "title: Chapter#4",
    "title: one # a comment",
    "# a\ntitle: one",
    "title: |\n  one #4",
    "title: >\n  one #4",
    "title: # nothing yet",
    "a: 'b' #c",
)


@pytest.mark.parametrize("text", CUT)
def test_a_text_that_is_cut_short_is_found(text: str) -> None:
    findings: list[Diagnostic] = []
    read_yaml(text, "a.yaml", findings.append)
    at = CUT[text]
    assert [(d.rule, d.place.line, d.place.column) for d in findings] == ([("cut-text", *at)] if at else [])


@pytest.mark.parametrize("text", WHOLE)
def test_a_complete_text_is_not_reported(text: str) -> None:
    findings: list[Diagnostic] = []
    read_yaml(text, "a.yaml", findings.append)
    assert findings == []
