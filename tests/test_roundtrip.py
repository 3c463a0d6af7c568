"""Every shipped chapter goes to Word and back: untouched it stays as it is, edited it says what the file says."""

from __future__ import annotations

import random

import pytest
from roundtrip import KINDS, ROOT, WAYS, Sent, content, several, sources

from nioc_paper.load import load
from nioc_paper.model import Paper

CHAPTERS = ("drug-trafficking", "terror-financing")


@pytest.fixture(scope="module")
def paper() -> Paper:
    """The paper of this repository."""
    return load(ROOT, lambda _: None)


@pytest.fixture(scope="module")
def sents(paper: Paper) -> dict[str, Sent]:
    """Some of its chapters, in Word."""
    return {c.id: Sent(paper, c) for c in paper.chapters if c.id in CHAPTERS}


def test_a_chapter_that_nobody_touched_comes_back_as_it_went(paper: Paper, sents: dict[str, Sent]) -> None:
    for chapter in paper.chapters:
        sent = sents.get(chapter.id) or Sent(paper, chapter)
        assert sent.received(sent.data) == (chapter.text, 0), chapter.id
        assert sent.received(WAYS["marks lost"](sent.edited())) == (chapter.text, 0), chapter.id


@pytest.mark.parametrize("seed", range(8))
def test_several_edits_lead_to_what_the_file_says_or_are_left_and_said(seed: int, sents: dict[str, Sent]) -> None:
    chance = random.Random(seed)
    sent = sents[CHAPTERS[seed % len(CHAPTERS)]]
    sent.picks.seed(seed)
    author, way = chance.choice(("", "A. Reviewer")), ("direct", "marks lost")[seed // 2 % 2]
    file, edits = several(sent, chance.sample(sorted(KINDS), 4), author)
    got, left = sent.received(WAYS[way](file))
    texts = sources(sent.chapter.text, edits)
    if left:
        assert content(got) in [content(text) for text in texts]
    else:
        assert content(got) == content(next(texts))
