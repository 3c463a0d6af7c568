"""Words and signs typed in Word have the same white space around them in the chapter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest
from word_edits import SPOTS, body, parse, parse_nodes, sent
from word_kit import Edited

from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.docx.paragraph import Paragraph
from nioc_paper.review.exchange import incoming

Change = Callable[[str], str]
"""Makes other words of three in a row."""
CHANGES: Mapping[str, Change] = {
    "quotation marks on all": lambda w: f"“{w}”",
    "quotation marks on the first": lambda w: "“{}” {} {}".format(*w.split()),
    "quotation marks on the last": lambda w: "{} {} “{}”".format(*w.split()),
    "brackets on all": lambda w: f"({w})",
    "brackets on the last": lambda w: "{} {} ({})".format(*w.split()),
    "a word before": lambda w: f"surely {w}",
    "a word behind": lambda w: f"{w} indeed",
    "a comma behind the first": lambda w: w.replace(" ", ", ", 1),
    "a dash for a space": lambda w: w.replace(" ", "—", 1),
    "a slash for a space": lambda w: w.replace(" ", "/", 1),
    "spaces around a dash": lambda w: w.replace(" ", " – ", 1),
    "no space": lambda w: w.replace(" ", "", 1),
    "a space in a word": lambda w: f"{w[:-1]} {w[-1]}",
}
PLACES = [place for place in SPOTS if place not in ("summary", "title of a callout")]
"""Not the words that are attributes or front matter in the source."""


def spaced(paragraphs: Iterable[Paragraph]) -> list[list[tuple[str, bool]]]:
    """Words and spaces of paragraphs, without citations and the like."""
    return [[(t.normalized, t.space_before) for t in p.tokens if not t.atom] for p in paragraphs]


def is_end(part: Sequence[tuple[str, bool]], whole: Sequence[tuple[str, bool]]) -> bool:
    """Whether a paragraph is the end of another one: Word has numbers before titles and captions."""
    return bool(part) and whole[-len(part) + 1 :] == part[1:] and whole[-len(part)][0] == part[0][0]


@pytest.mark.parametrize("author", ["", "Ben"])
@pytest.mark.parametrize("name", CHANGES)
def test_white_space_is_as_in_word(name: str, author: str, request: pytest.FixtureRequest) -> None:
    chapter, data, base = sent()
    before = spaced(add_bookmarks(parse(body(chapter.text))).paragraphs)
    # A file has the change at every other place, as neighbours share paragraphs; under --long at one place.
    step = len(PLACES) if request.config.getoption("--long") else 2
    for places in (PLACES[start::step] for start in range(step)):
        file = Edited(data, author)
        for place in places:
            file.replace(SPOTS[place].words, CHANGES[name](SPOTS[place].words))
        received = docx_reader.read_docx(file.package)
        merged = incoming.merge_received(chapter, base, received, parse_nodes)
        assert merged.conflicts == (), places
        there = spaced(passage.paragraph for passage in received.passages)
        here = spaced(add_bookmarks(parse(body(merged.apply_to(chapter.text)))).paragraphs)
        changed = [paragraph for paragraph in here if paragraph not in before]
        assert len(changed) == len(places), changed
        for one in changed:
            assert any(is_end(one, other) for other in there if len(other) >= len(one)), one
