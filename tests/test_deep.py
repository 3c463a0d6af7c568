"""What is nested too deeply is found at its passage, whatever it is made of."""

from __future__ import annotations

import pytest

from nioc_paper.cache import NO_CACHE
from nioc_paper.load import body
from nioc_paper.model import Diagnostic

DEEP = {"quotations": "> " * 500, "quotations without blanks": ">" * 500, "lists": "- " * 500, "both": "> - " * 250}


@pytest.mark.parametrize("case", DEEP)
@pytest.mark.parametrize("before", [0, 3])
def test_deep_nesting_is_found_at_its_line(case: str, before: int) -> None:
    text = "\n" * 7 + "One.\n\n" * before + f"{DEEP[case]}x\n\nTwo.\n\nThree.\n"
    said: list[Diagnostic] = []
    body.read(text, "a.md", NO_CACHE, said.append)
    assert [(d.rule, d.place.line) for d in said] == [("unreadable-passage", 8 + 2 * before)]
