"""What is kept from some readers: that its marks are read, and that nothing that they get leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from nioc_paper import tree
from nioc_paper.audience import for_audience, marking
from nioc_paper.check import marks, privacy
from nioc_paper.check.finding import Finding
from nioc_paper.check.marks import MARKABLE, MARKS
from nioc_paper.check.prose import nodes
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, Node, Paper, Place, Severity, count

ABOUT: Mapping[str, str] = {
    "withheld-name": "What the public gets names nobody who agreed to be cited by role only, or not at all.",
}
"""Rules that hold for copies, not for papers."""
_READERS: Mapping[str, str] = {"public": "the public", "limited": "a limited audience"}
_MARKED = re.compile(r"restricted|[.:=\"'{\s]limited")
"""What a text has, in small letters, that has a mark: the tree is opened only for such a one."""


def withheld_passage(paper: Paper) -> Iterator[Finding]:
    """What is kept from some readers is known to the editor: a plain build prints it.

    Bad: ::: {.restricted}, or sensitivity: restricted
    Good: a text that everybody may read
    """
    hint = "for other readers build with --public or --audience"
    for chapter in paper.chapters:
        level: str = chapter.front.sensitivity
        if level != AUDIENCES[0]:
            yield Finding(chapter.front.place("sensitivity"), f"the chapter is {level}: {_kept_from(level)}", hint)
        for node in _marked(chapter):
            level = AUDIENCES[marking(node)]
            yield Finding(chapter.place(node), f"{count(tree.words(node), f'{level} word')}: {_kept_from(level)}", hint)
    for index, decision in enumerate(paper.decisions):
        if (level := decision.sensitivity) != AUDIENCES[0]:
            place = paper.decisions_file.place("decisions", index, "sensitivity")
            yield Finding(place, f"'{decision.id}' is {level}: {_kept_from(level)}", hint)


def _marked(chapter: Chapter) -> Iterator[Node]:
    small = chapter.text.lower()
    likely = any(mark in small for mark in MARKS) and _MARKED.search(small)
    there = nodes(chapter, *MARKABLE) if likely else ()
    return (node for node in there if marking(node))


def _kept_from(level: str) -> str:
    readers = [_READERS[a] for a in AUDIENCES[: AUDIENCES.index(level)]]
    return f"kept from copies for {' and '.join(readers)}"


def unread_marking(paper: Paper) -> Iterator[Finding]:
    """Every mark of what is kept from some readers is read as one: on a block of colons, or on words in brackets.

    Bad: [the lock is broken] {.restricted}
    Good: [the lock is broken]{.restricted}
    """
    return marks.in_values(paper)


def reference_to_withheld(paper: Paper) -> Iterator[Finding]:
    """What readers get does not refer to what is kept from them.

    Bad: as @tbl-br-age shows, when the table is in a ::: {.restricted} block
    Good: the reference in the block as well, or the table outside
    """
    if not any(c.front.sensitivity != AUDIENCES[0] or next(_marked(c), None) for c in paper.chapters):
        return
    said: set[tuple[str, Place]] = set()
    for audience in _READERS:
        for name, place in _dangling(paper, audience):
            if (name, place) not in said:
                said.add((name, place))
                yield _refers(name, place, audience)


def _refers(name: str, place: Place, audience: str) -> Finding:
    hint = "move the reference into the block, or what it leads to out of it"
    return Finding(place, f"'{name}' is kept from {_READERS[audience]}, and this is not", hint)


def _dangling(paper: Paper, audience: str) -> Iterator[tuple[str, Place]]:
    """What an audience would get that refers to what it would not get: the id, and the place of the reference."""
    left, _ = for_audience(paper, audience)
    gone = _ids(paper) - _ids(left)
    for chapter in left.chapters:
        yield from (found for found in _references(chapter) if found[0] in gone)


def _ids(paper: Paper) -> set[str]:
    return {a.id for c in paper.chapters for a in c.anchors} | {f"sec-{c.id}" for c in paper.chapters}


def _references(chapter: Chapter) -> Iterator[tuple[str, Place]]:
    yield from ((c.key, c.place) for c in chapter.citations)
    yield from ((link.target[1:], link.place) for link in chapter.links if link.target.startswith("#"))
    for block in chapter.of("recommendation"):
        yield from ((name, block.fields["closes"].place) for name in block.values("closes"))


# --- a build for an audience ------------------------------------------------------------------------------------------


def in_the_way(paper: Paper, audience: str) -> list[Diagnostic]:
    """What keeps a copy for an audience from being made: errors, whatever is set and allowed."""
    found = [_error("unread-marking", finding) for finding in chain(marks.unread_marking(paper), unread_marking(paper))]
    for name, place in _dangling(paper, audience):
        found.append(_error("reference-to-withheld", _refers(name, place, audience)))
    if audience == AUDIENCES[0]:
        found += [_error("withheld-name", finding) for finding in privacy.names(paper)]
    return sorted(found)


def _error(rule: str, finding: Finding) -> Diagnostic:
    return Diagnostic(finding.place, rule, finding.message, Severity.ERROR, finding.hint)
