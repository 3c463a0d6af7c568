"""Ids and notes that two people gave to different things: one gets another name, and references follow their side."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path

import pytest
from command_kit import nioc
from sample_history import commit, edit, git, start_history

CHAPTERS = ("bridges", "tunnels")
KINDS = {
    "rec": "::: {{#rec-new .recommendation}}\nDo {word} at once.\n\n- Owner: RDA\n- Closes: gap-new\n:::\n",
    "gap": "::: {{#gap-new .gap}}\nNobody knows {word} here.\n\n- Type: policy\n:::\n",
    "fnd": "::: {{#fnd-new .finding}}\nAll of {word} is old [@survey2019].\n:::\n",
    "fig": '![A {word}.](../paper/figures/span.svg){{#fig-new alt="A {word}."}}\n',
    "tbl": "| {word} | Built |\n|---|---|\n| a | 1 |\n\n: The {word} by age {{#tbl-new}}\n",
    "note": "See the note on {word}.[^new]\n\n[^new]: The note on {word}.\n",
}
PLACES = [(ours, theirs, other) for ours in CHAPTERS for theirs in CHAPTERS for other in ("", "## Recommendations\n")]
DECISION = (
    "  - {{id: d-{word}, meeting: m, on: 2020-01-0{day}, kind: decision, text: Do @{id} with {word}., who: [RDA]}}\n"
)


def write(root: Path, kind: str, chapter: str, before: str, word: str) -> None:
    """Add a thing of a kind to a chapter, and references to it at two other places."""
    heading = before or "## Gaps\n"
    edit(root, f"chapters/{chapter}.md", (heading, f"{KINDS[kind].format(word=word)}\n{heading}"))
    if kind != "note":
        for name in CHAPTERS:
            edit(root, f"chapters/{name}.md", ("## Gaps\n", f"In {name}, {word} is in @{kind}-new.\n\n## Gaps\n"))
        with (root / "paper/registers/decisions.yaml").open("a", encoding="utf-8") as file:
            file.write(DECISION.format(word=word, day=len(word), id=f"{kind}-new"))


def names_by_word(root: Path, kind: str) -> dict[str, set[str]]:
    """The names beside each word, where it is defined and in references."""
    names = dict[str, set[str]]()
    files = [*root.glob("chapters/*.md"), root / "paper/registers/decisions.yaml"]
    passages = [p for file in files for p in re.split(r"\n\n(?=:::|[A-Z!#|[])|\n(?=\[|  - |In )", file.read_text())]
    for word in ("apples", "plums"):
        pattern = r"\[\^(new[\w-]*)" if kind == "note" else rf"[#@]({kind}-new[\w-]*)"
        names[word] = {name for passage in passages if word in passage for name in re.findall(pattern, passage)}
    return names


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_given_twice_is_two_names_and_references_follow(kind: str, tmp_path: Path) -> None:
    root = start_history(tmp_path)
    start = git(root, "rev-parse", "HEAD")
    for number, (ours, theirs, before) in enumerate(PLACES):
        if kind == "note" and ours != theirs:
            continue
        git(root, "checkout", "-q", "-B", "main", start)
        git(root, "checkout", "-q", "-B", "side")
        write(root, kind, theirs, before, "plums")
        commit(root, "2020-01-07T12:00:00Z")
        git(root, "checkout", "-q", "main")
        write(root, kind, ours, "", "apples")
        commit(root, "2020-01-07T12:00:00Z")
        run = nioc(root, "merge", "side")
        assert run.returncode == 0, (PLACES[number], run.stdout + run.stderr)
        names = names_by_word(root, kind)
        new = f"{'' if kind == 'note' else kind + '-'}new"
        assert names == {"apples": {new}, "plums": {f"{new}-2"}}, PLACES[number]
        assert f"'{new}' of the other side is '{new}-2' now" in run.stderr
        assert "same-id" not in nioc(root, "check", "--format", "short").stdout


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_conflicts_of_git_follow_too_or_a_rebase_is_refused(way: str, tmp_path: Path) -> None:
    root = start_history(tmp_path)
    for branch, word in (("side", "plums"), ("main", "apples")):
        git(root, "checkout", "-q", "-B", branch, "main")
        write(root, "rec", "bridges", "", word)
        commit(root, "2020-01-07T12:00:00Z")
        edit(root, "chapters/bridges.md", ("## Gaps\n", f"Again {word} of @rec-new.\n\n## Gaps\n"))
        commit(root, "2020-01-08T12:00:00Z")
    git(root, "checkout", "-q", "main")
    args = {"merge": ("merge", "side"), "squash": ("merge", "--squash", "side"), "rebase": ("rebase", "main", "side")}
    with contextlib.suppress(subprocess.CalledProcessError):
        git(root, *args[way])
    run = nioc(root, "merge")
    if way == "rebase":  # git applies the second commit by itself, and its citation would name the other thing
        assert "later commits of this rebase cite rec-new" in run.stderr
        git(root, "rebase", "--abort")
        git(root, "checkout", "-q", "main")
        run = nioc(root, "merge", "side")
    assert run.returncode == 0, run.stdout + run.stderr
    assert names_by_word(root, "rec") == {"apples": {"rec-new"}, "plums": {"rec-new-2"}}


def test_what_a_squash_has_brought_already_is_not_doubled(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    git(root, "checkout", "-q", "-b", "side")
    write(root, "rec", "bridges", "", "plums")
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "--squash", "side")
    commit(root, "2020-01-08T12:00:00Z")
    edit(root, "chapters/bridges.md", ("Do plums at once", "Never do any of it, and sell all the plums"))
    commit(root, "2020-01-09T12:00:00Z")
    assert nioc(root, "merge", "side", "--keep", "ours").returncode == 0
    text = (root / "chapters/bridges.md").read_text(encoding="utf-8")
    assert (text.count("{#rec-new"), "Never do any of it" in text) == (1, True)
