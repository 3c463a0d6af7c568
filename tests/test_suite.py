"""The suite itself: marks, and what no test may read."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import marks
import pytest
import test_papers

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))


def test_marked_modules_exist() -> None:
    assert {file.stem for file in FILES} >= marks.ENGINE | marks.SLOW
    assert not marks.ENGINE & marks.SLOW


def test_no_engine_is_imported_before_the_first_test(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.stash[marks.IMPORTED] == set()


def test_a_test_that_asks_the_network_fails() -> None:
    with pytest.raises(PermissionError, match="a test asks the network for example"):
        socket.create_connection(("example.org", 443))


@pytest.mark.parametrize(
    "read",
    [
        lambda: (TESTS.parent / "paper" / "paper.yaml").read_text(encoding="utf-8"),
        lambda: [*TESTS.parent.glob("chapters/*.md")],
        lambda: test_papers.nioc(TESTS.parent, "check"),
    ],
    ids=["a file", "a folder", "a process"],
)
def test_a_test_that_reads_the_shipped_paper_fails(read: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="reads the paper of this repository: take one of tests/papers"):
        read()
