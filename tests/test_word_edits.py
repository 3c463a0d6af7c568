"""No edit in Word is lost, doubled, or changes a record that it does not touch: a table of kinds and places."""

from __future__ import annotations

import pytest
from word_edits import KINDS, SPOTS, cases, verdict


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_comes_in_or_is_said_and_changes_no_other_record(kind: str, request: pytest.FixtureRequest) -> None:
    every = request.config.getoption("--long")
    chosen = [case for n, case in enumerate(cases([kind])) if every or n % 11 == len(kind) % 11]
    found = {(place, author, lost): verdict(kind, place, author, marks_lost=lost) for _, place, author, lost in chosen}
    assert {case: said for case, said in found.items() if said not in ("in", "said", "none")} == {}
    assert "in" in found.values()


def test_the_table_has_enough_kinds() -> None:
    assert len(KINDS) * len(SPOTS) >= 400
