"""Every chapter goes to Word and back: untouched it stays as it is, edited it says what the file says."""

from __future__ import annotations

import random

import pytest
from command_kit import seeds
from roundtrip import KINDS, WAYS, Sent, content, several, sources
from sample_paper import full

CHAPTERS = ("ferries", "harbours")


@pytest.fixture(scope="module")
def sents() -> dict[str, Sent]:
    """Some chapters in Word."""
    return {c.id: Sent(full(), c) for c in full().chapters if c.id in CHAPTERS}


def test_an_untouched_chapter_comes_back_unchanged(sents: dict[str, Sent]) -> None:
    for chapter in full().chapters:
        sent = sents.get(chapter.id) or Sent(full(), chapter)
        assert sent.received(sent.data) == (chapter.text, 0), chapter.id
        assert sent.received(WAYS["marks lost"](sent.edited())) == (chapter.text, 0), chapter.id


def test_several_edits_are_applied_or_reported(request: pytest.FixtureRequest, sents: dict[str, Sent]) -> None:
    # Four are every chapter by every way.
    for seed in seeds(request.config, 4, 100):
        several_edits_lead_to_what_the_file_says(seed, sents)


def several_edits_lead_to_what_the_file_says(seed: int, sents: dict[str, Sent]) -> None:
    chance = random.Random(seed)
    sent = sents[CHAPTERS[seed % len(CHAPTERS)]]
    sent.picks.seed(seed)
    author, way = chance.choice(("", "A. Reviewer")), ("direct", "marks lost")[seed // 2 % 2]
    file, edits = several(sent, chance.sample(sorted(KINDS), 4), author)
    got, left = sent.received(WAYS[way](file))
    texts = sources(sent.chapter.text, edits)
    if left:
        assert content(got) in [content(text) for text in texts], f"seed {seed}"
    else:
        assert content(got) == content(next(texts)), f"seed {seed}"
