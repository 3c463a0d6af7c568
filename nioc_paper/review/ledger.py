"""A file of reviews/ as text: kept by the tool, read by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from nioc_paper.model import Chapter, Paper, Remark, Reviews, Sending, Unmerged, plain
from nioc_paper.review.comments import Level
from nioc_paper.review.incoming import Missed
from nioc_paper.review.outgoing import Origin

PATH = "reviews/{}.yaml"
_HEAD = "# Kept by nioc send, receive and comments. What you change is kept; what you write behind a # is not.\n"


def dump(reviews: Reviews) -> str:
    """The text of a record: what is empty is left out."""
    data = plain(reviews)
    return _HEAD + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def of(every: Iterable[Reviews], chapter: str) -> Reviews:
    """The record of a chapter; an empty one when nothing was ever sent."""
    return next((r for r in every if r.chapter == chapter), Reviews(chapter=chapter))


def remarks(every: Iterable[Reviews]) -> Iterator[tuple[Reviews, Remark]]:
    """Every comment, and every change to be worked in by hand, with the record that it is in."""
    return ((reviews, remark) for reviews in every for remark in (*reviews.comments, *reviews.unmerged))


def following(every: Iterable[Reviews]) -> int:
    """The first number that no remark of the paper has."""
    return 1 + max((remark.number for _, remark in remarks(every)), default=0)


def changed(reviews: Reviews, remark: Remark) -> Reviews:
    """The record with a remark in place of the one that has its number."""

    def put(old: tuple[Remark, ...]) -> tuple[Remark, ...]:
        return tuple(remark if r.number == remark.number else r for r in old)

    return reviews.changed(comments=put(reviews.comments), unmerged=put(reviews.unmerged))


def sending_of(paper: Paper, told: Origin) -> tuple[Sending, Chapter]:
    """Which sending a file is, by what it says of itself and what the ledger knows. Raises LookupError."""
    chapter = next((c for c in paper.chapters if c.id == told.chapter), None)
    if told.paper != paper.settings.id or chapter is None:
        raise LookupError(f"this file was made for the chapter '{told.chapter}' of the paper '{told.paper}'")
    for sending in of(paper.reviews, chapter.id).sendings:
        if (sending.number, sending.commit) == (told.number, told.commit):
            return sending, chapter
    raise LookupError(f"{PATH.format(chapter.id)} knows no sending {told.number} of {told.commit[:10]}")


def unmerged(
    known: Sequence[Unmerged],
    missed: Sequence[Missed],
    names: Mapping[str, str],
    sending: int,
    first: int,
    level: Level,
) -> tuple[Unmerged, ...]:
    """Changes to be worked in by hand: those of the ledger, and what was not put in now, numbered from `first`.

    `names` are the ids of those who made the changes.
    """
    out = list(known)
    for conflict in (each.conflict for each in missed):
        new = Unmerged(
            number=first + len(out) - len(known),
            by=names[conflict.author],
            sending=sending,
            sensitivity=level(()),
            sent=conflict.sent,
            got=conflict.got,
            why=conflict.reason,
        )
        if all((u.by, u.sent, u.got) != (new.by, new.sent, new.got) for u in out):
            out.append(new)
    return tuple(out)


class _Dumper(yaml.SafeDumper):
    """Words of several lines as blocks, so that a difference shows the line that changed."""


def _words(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _words)
# `on` needs no quotation marks: the paper's reader knows no YAML 1.1.
_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if first not in "oOyYnN" or not tag.endswith(":bool")]
    for first, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
