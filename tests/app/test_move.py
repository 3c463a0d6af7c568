"""`nioc move`: one word of a chapter changes, when its errors are corrected, and nothing else ever does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from test_papers import appended

from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.edit.yaml import set_front_matter_value
from nioc_paper.load import source_text, yaml_file

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
Move = Callable[..., Result]

# --- the edit ---------------------------------------------------------------------------------------------------------

LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
OLD = ["drafting", '"drafting"', "'drafting'", " drafting", "!!str drafting", '"draft\\x69ng"', "drafting # for now"]
STATUSES = st.sampled_from(["review", "peer-review", "a: b", "#1", "yes", "~", "12", '"', "it's", "in review", "نظر"])
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=20)
VALUES = st.one_of(
    WORDS.map(lambda words: f" {json.dumps(words, ensure_ascii=False)}"),
    st.sampled_from(
        [" [a, {status: b}]", " {status: drafting}", " |\n  status: drafting\n  # no comment", " plain # status: x"]
    ),
    st.sampled_from(["\n  - status\n  - drafting", "\n  status: drafting", "", " >-\n  folded\n\n  status: drafting"]),
)
OTHERS = st.one_of(
    st.tuples(st.from_regex(r"[a-r]{1,6}", fullmatch=True), VALUES).map(lambda pair: f"{pair[0]}:{pair[1]}"),
    st.sampled_from(["", "# status: drafting", "   ", "# status: 'drafting'"]),
)
BODIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def keys(chapter: str) -> tuple[object, str]:
    """The front matter as reading sees it, and the body."""
    head, body, _ = source_text.split_front_matter(
        source_text.decode_text(chapter.encode(), "x.md", lambda _: None) or "", "x.md", lambda _: None
    )
    return yaml_file.read_yaml(head, "x.md", lambda _: None).value, body


@st.composite
def chapters(draw: st.DrawFn) -> str:
    """A chapter's text with the key `status` once, written in one of many ways."""
    named = {line.partition(":")[0]: line for line in draw(st.lists(OTHERS, max_size=6))}
    lines = draw(st.permutations([*named.values(), f"status: {draw(st.sampled_from(OLD))}"]))
    fence = draw(st.sampled_from(["---", "--- ", "..."]))
    return draw(LINE_ENDS).join(["---", *"\n".join(lines).split("\n"), fence, draw(BODIES)])


@given(chapters(), STATUSES)
def test_only_the_status_changes(before: str, status: str) -> None:
    after = set_front_matter_value(before, "status", status)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    changed = [i for i, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    assert len(changed) <= 1
    assert all(old[i].startswith("status:") for i in changed)
    (front, body), (front_after, body_after) = keys(before), keys(after)
    assert isinstance(front, dict)
    assert front_after == front | {"status": status}
    assert body_after == body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("status: >", "status: review"),
        ("status: >\n  drafting\ntitle: a", 'status: "review"\ntitle: a'),
        ("{id: a, status: drafting, title: b}", "{id: a, status: review, title: b}"),
        ("title: |\n  status: drafting\nstatus: drafting", "title: |\n  status: drafting\nstatus: review"),
        ("due:\n  status: drafting\nstatus: >-\n  drafting", "due:\n  status: drafting\nstatus: >-\n  review"),
        ("status: &now drafting", "status: &now review"),
    ],
)
def test_ways_to_write_a_status(before: str, after: str) -> None:
    assert (
        set_front_matter_value(f"---\n{before}\n---\nstatus: drafting\n", "status", "review")
        == f"---\n{after}\n---\nstatus: drafting\n"
    )


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Runs `nioc move` in a copy of the healthy paper."""
    shutil.copytree(HEALTHY, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(nioc, ["move", *args, "--today", "2020-01-30"])


def test_to_the_next_stage(move: Move, tmp_path: Path) -> None:
    file = tmp_path / "chapters" / "tunnels.md"
    before = file.read_bytes()
    file.chmod(0o600)
    done = move("tunnels", "review")
    assert (done.exit_code, done.stdout) == (
        0,
        "chapters/tunnels.md:5:9: 'tunnels' moved from 'drafting' to 'review'\n",
    )
    assert file.read_bytes() == before.replace(b"status: drafting", b"status: review")
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(f.name for f in file.parent.iterdir()) == ["bridges.md", "tunnels.md"]


def test_errors_are_in_the_way(move: Move, tmp_path: Path) -> None:
    file = tmp_path / "chapters" / "tunnels.md"
    before = file.read_text(encoding="utf-8").replace("- By: 2020-09-30\n", "")
    file.write_text(before, encoding="utf-8")
    done = move("tunnels", "review")
    assert done.exit_code == 1
    assert done.stderr == (
        "chapters/tunnels.md:41:1: error[incomplete-block/recommendation] "
        "the recommendation 'rec-tu-notice' has no By\n"
        "  hint: add a line '- By: …' to it\n"
        "1 error in 1 file\n"
        "nothing was changed: correct the errors above first\n"
    )
    assert file.read_text(encoding="utf-8") == before


def test_errors_elsewhere_are_not_in_the_way(move: Move, tmp_path: Path) -> None:
    (tmp_path / "chapters" / "bridges.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    assert move("tunnels", "review").exit_code == 0


def test_back_is_always_open(move: Move, tmp_path: Path) -> None:
    appended(tmp_path / "paper" / "front" / "summary.md", "\n[@nobody]\n")
    done = move("summary", "outline")
    message = "paper/front/summary.md:5:9: 'summary' moved from 'review' to 'outline': it is open again\n"
    assert (done.exit_code, done.stdout) == (0, message)


@pytest.mark.parametrize(
    ("old", "new", "status", "code", "message"),
    [
        ("", "", "final", 2, "'tunnels' is in 'drafting'; advance by one status: the next is 'review'"),
        ("", "", "drafting", 0, "chapters/tunnels.md:5:9: 'tunnels' is in 'drafting' already"),
        ("drafting", "draftin", "review", 1, "tunnels.md:5:9: 'draftin' is not a status of this paper; did you mean"),
        (
            "summary: The",
            "summary: [The",
            "outline",
            1,
            "tunnels.md: the front matter is not YAML; nothing was changed",
        ),
    ],
)
def test_a_move_that_cannot_be_made_is_explained_and_changes_nothing(
    move: Move, tmp_path: Path, old: str, new: str, status: str, code: int, message: str
) -> None:
    file = tmp_path / "chapters" / "tunnels.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    before = file.read_bytes()
    done = move("tunnels", status)
    assert (done.exit_code, message in done.output, file.read_bytes()) == (code, True, before)
