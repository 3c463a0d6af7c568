"""A file of reviews/ as text: kept by the tool, read by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from nioc_paper.model import Chapter, Paper, Reviews, Sending, Unmerged
from nioc_paper.review.incoming import Missed
from nioc_paper.review.outgoing import Origin

PATH = "reviews/{}.yaml"
_HEAD = "# Kept by nioc send, receive and comments. What you change is kept; what you write behind a # is not.\n"


def dump(reviews: Reviews) -> str:
    """The text of a record: what is empty is left out."""
    data = reviews.model_dump(exclude_defaults=True)
    return _HEAD + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def of(every: Iterable[Reviews], chapter: str) -> Reviews:
    """The record of a chapter; an empty one when nothing was ever sent."""
    return next((r for r in every if r.chapter == chapter), Reviews(chapter=chapter))


def sending_of(paper: Paper, told: Origin | None) -> tuple[Sending, Chapter]:
    """Which sending a file is, by what it says of itself and what the ledger knows. Raises LookupError."""
    chapter = next((c for c in paper.chapters if told and c.id == told.chapter), None)
    if told is None or told.paper != paper.settings.id or chapter is None:
        raise LookupError("nioc send has not made this file for a chapter of this paper")
    for sending in of(paper.reviews, chapter.id).sendings:
        if (sending.number, sending.commit) == (told.number, told.commit):
            return sending, chapter
    raise LookupError(f"{PATH.format(chapter.id)} knows no sending {told.number} of {told.commit[:10]}")


def unmerged(missed: Sequence[Missed], names: Mapping[str, str], sending: int, first: int) -> Iterator[Unmerged]:
    """What was not put in, as entries numbered from `first`; `names` are the ids of those who made the changes."""
    for number, conflict in enumerate((each.conflict for each in missed), start=first):
        yield Unmerged(
            number=number,
            by=names[conflict.author],
            sending=sending,
            sent=conflict.sent,
            got=conflict.got,
            reason=conflict.reason,
        )


class _Dumper(yaml.SafeDumper):
    """Words of several lines as blocks, so that a difference shows the line that changed."""


def _words(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _words)
