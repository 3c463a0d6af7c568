"""Links to the file of a chapter lead to its text in every output, or are reported."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, History, Paper
from nioc_paper.render.common.shared_passes import divide_link
from nioc_paper.system import pandoc

HEALTHY = Path(__file__).parent / "papers" / "healthy"
LINKS = {
    "bridges.md": "#sec-bridges",
    "./bridges.md": "#sec-bridges",
    "../chapters/bridges.md": "#sec-bridges",
    "chapters/bridges.md": "#sec-bridges",
    "bridges%2Emd": "#sec-bridges",
    "bridges.md?plain=1": "#sec-bridges",
    "tunnels.md": "#sec-tunnels",
    "bridges.md#sec-bridges": "#sec-bridges",
    "#sec-bridges": "#sec-bridges",
}
DEAD = (
    *("bridge.md", "bridges.md#sec-nowhere", "../README.md", "../paper/paper.yaml", "paper/data/closures.csv"),
    "#nowhere",
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("*a* b", [("#out", "a b")]),
        ("a [b](#in) c", [("#out", "a"), ("#in", "b"), ("#out", "c")]),
        ("*a [b](#in)* c", [("#in", "b"), ("#out", "c")]),
        ("[a](#one) [b](#two)", [("#one", "a"), ("#two", "b")]),
    ],
    ids=["none", "between words", "in emphasis", "only links"],
)
def test_a_link_in_the_words_of_a_link_is_beside_it(words: str, expected: list[tuple[str, str]]) -> None:
    inner = pandoc.parse_markdown(words)[0][0]["c"]
    outer = tree.para([{"t": "Link", "c": [tree.attr("name"), inner, ["#out", ""]]}])
    divided = tree.rewrite(divide_link, [outer])
    links = [node for node in tree.walk(divided) if node["t"] == "Link"]
    assert [(link["c"][2][0], tree.plain_text(link["c"][1])) for link in links] == expected
    assert not any(inner["t"] == "Link" for link in links for inner in tree.walk(link["c"][1]))
    assert tree.plain_text(divided) == tree.plain_text([outer])
    outer_names = [tree.identifier(link) for link in links if link["c"][2][0] == "#out"]
    assert outer_names == ["name", ""][: len(outer_names)]


def read(folder: Path, targets: tuple[str, ...]) -> tuple[Paper, list[Diagnostic]]:
    """The healthy paper with a line for each link in a chapter, and the findings on them."""
    root = Path(shutil.copytree(HEALTHY, folder / "paper"))
    file = root / "chapters" / "tunnels.md"
    lines = "\n".join(f"See [link {number}]({target})." for number, target in enumerate(targets))
    file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{lines}\n\nSee [](bridges.md).\n", encoding="utf-8")
    reading: list[Diagnostic] = []
    paper = load(root, reading.append)
    return paper, [d for d in check(paper, date(2020, 1, 30), reading) if d.rule == "dead-link"]


def test_the_file_of_a_chapter_is_a_link_into_the_paper(tmp_path: Path) -> None:
    paper, findings = read(tmp_path, tuple(LINKS))
    assert findings == []
    document = assemble(paper, History(), 0)
    links = [node for node in tree.walk(document.blocks) if node["t"] == "Link"]
    targets = {tree.plain_text(link["c"][1]): link["c"][2][0] for link in links}
    assert [targets[f"link {number}"] for number in range(len(LINKS))] == list(LINKS.values())
    assert [target for target in targets.values() if ".md" in target] == []
    assert targets["chapter 1"] == "#sec-bridges"  # a link without words
    ids = {tree.identifier(node) for node in tree.walk(document.blocks)}
    assert set(LINKS.values()) <= {f"#{name}" for name in ids}


def test_a_link_to_a_file_outside_the_outputs_is_reported(tmp_path: Path) -> None:
    _, findings = read(tmp_path, DEAD)
    assert [target for target in DEAD if not any(f"'{target}'" in d.message for d in findings)] == []
    assert len(findings) == len(DEAD)
    assert "did you mean 'bridges.md'?" in {d.hint for d in findings}
