"""Faults of YAML in our words, at the place where an author has to look: with libyaml and without."""

from __future__ import annotations

import pytest
import yaml

from nioc_paper.load.yaml_composer import describe_fault
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic

LOADERS = {name: loader for name in ("SafeLoader", "CSafeLoader") if (loader := getattr(yaml, name, None))}
FAULTS = {
    "title: A: b\n": "1:9 a colon and a space in the text begin another value",
    "all:\n  - id: a\n    title: x\n   type: y\n": "4:4 the line is indented by 3 spaces, the one above by 4",
    "all:\n  - id: a\n    title: x\n     type: y\n": "4:6 the line is indented by 5 spaces, the one above by 4",
    "all:\n    - id: a\n   - id: b\n": "3:4 the line is indented by 3 spaces, the one above by 4",
    " a: 1\nb: 2\n": "2:1 the line is indented by 0 spaces, the one above by 1",
    "a: 1\ntitle\nb: 2\n": "2:1 'title' is not a key with a value",
    "a: 1\ntitle:x\nb: 2\n": "2:1 'title:x' is not a key with a value",
    "a:\n\tb: 1\n": "2:1 the line is indented by a tab",
    "a: @x\n": "1:4 a text may not begin with '@'",
    "a: {b: 1, c: 2\nd: 3\n": "1:4 the brace that opens here is never closed",
    "a: [b, c\nd: 3\n": "1:4 the bracket that opens here is never closed",
    "a: {b: 1 c: 2}\n": "1:11 a comma is missing between two entries",
    'a: "b\nc: 1\n': "1:4 the quotation mark that opens here is never closed",
    'a: "b" c\nd: 1\n': "1:8 'c' follows what is complete",
    'a: "b\\qc"\n': "1:6 a backslash in quotation marks begins a special sign",
    "a: *bold* text\n": "1:4 '*' has a meaning of its own at the start of a text",
    "a: - b\n": "1:4 a list begins in the line of its key",
    "a: 1\n---\nb: 2\n": "2:1 a line '---' is inside of the file",
    "a: | text\n  more\n": "1:6 text follows '|' or '>'",
    "a: []\n  - b\n": "1:4 '[]' is an empty list, and entries follow it",
    "a: []   # none yet\n\n# all:\n- b: 1\n": "1:4 '[]' is an empty list, and entries follow it",
    "a:\n  b: [ ]\n    - c\n": "2:6 '[ ]' is an empty list, and entries follow it",
    "a: {}\n  b: 1\n": "1:4 '{}' is an empty record, and entries follow it",
    "a:\n  - b: 1\n  c: 2\n": "3:3 the line is not an entry of the list above",
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_described_where_they_are(text: str, loader: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        LOADERS[loader](text).get_single_node()
    line, column, message, hint = describe_fault(caught.value, text.split("\n"))
    if loader == "CSafeLoader":
        assert f"{line}:{column} {message}" == FAULTS[text]
    # The other loader has other words of its own, and the same line.
    assert line == int(FAULTS[text].partition(":")[0])
    assert hint
    assert not {"expected", "scanning", "parsing", "mapping", "token"} & {*message.split()}


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\r", "\r\n"])
@pytest.mark.parametrize(
    ("text", "line"), [("a: 'p{0}{0}{0}q'\nb:\n !- {{x: 1}}\n  - y\n", 4), ("# x{0}{0}\nb: {{x: 1, y}}\nc: @x\n", 3)]
)
def test_lines_are_those_of_an_editor(text: str, line: int, end: str) -> None:
    """YAML ends lines at more characters than editors do."""
    faults: list[Diagnostic] = []
    read_yaml(text.format(end), "paper/paper.yaml", faults.append)
    more = (3 if text.startswith("a") else 2) if end == "\r\n" else 0
    assert [fault.place.line for fault in faults] == [line + more]
