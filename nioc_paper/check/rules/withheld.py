"""Rules about withheld passages: their marks, and references to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.rules import audience_marks, privacy
from nioc_paper.check.rules.audience_marks import AUDIENCE_MARKS, MARKABLE_TYPES
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.audience import for_audience, sensitivity_level
from nioc_paper.domain.links import linked_id
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, Node, Paper, Place, Severity, format_count
from nioc_paper.model.late_pattern import late_pattern

PUBLIC_RULES = frozenset({"personal-data"})
"""Rules whose warnings stop a copy for the public."""
_READER_NAMES: Mapping[str, str] = {"public": "the public", "limited": "a limited audience"}
_LIKELY_MARK = late_pattern(r"restricted|[.:=\"'{\s]limited")
"""Signs of a mark in lower-case text: without one the tree is not loaded."""


def withheld_passage(paper: Paper) -> Iterator[Finding]:
    """The editor knows every passage that is withheld from some readers: a plain build prints it.

    Bad: ::: {.restricted}, or sensitivity: restricted
    Good: a text that everybody may read
    """
    hint = "for other readers build with --public or --audience"
    for chapter in paper.chapters:
        level: str = chapter.front.sensitivity
        if level != AUDIENCES[0]:
            message = f"the chapter is {level}: {_excluded_readers_text(level)}"
            yield Finding(chapter.front.place("sensitivity"), message, hint)
        for node in _marked_nodes(chapter):
            level = AUDIENCES[sensitivity_level(node)]
            count = format_count(tree.count_words(node), f"{level} word")
            yield Finding(chapter.place(node), f"{count}: {_excluded_readers_text(level)}", hint)
    for index, decision in enumerate(paper.decisions):
        if (level := decision.sensitivity) != AUDIENCES[0]:
            place = paper.decisions_file.place("decisions", index, "sensitivity")
            yield Finding(place, f"'{decision.id}' is {level}: {_excluded_readers_text(level)}", hint)


def _marked_nodes(chapter: Chapter) -> Iterator[Node]:
    small = chapter.text.lower()
    likely = any(mark in small for mark in AUDIENCE_MARKS) and _LIKELY_MARK.search(small)
    markable = ChapterText(chapter).nodes(*MARKABLE_TYPES) if likely else ()
    return (node for node in markable if sensitivity_level(node))


def _excluded_readers_text(level: str) -> str:
    readers = [_READER_NAMES[a] for a in AUDIENCES[: AUDIENCES.index(level)]]
    return f"withheld from copies for {' and '.join(readers)}"


def unread_marking(paper: Paper) -> Iterator[Finding]:
    """Every mark that withholds a passage is read as one: on a block between colons, or on words in brackets.

    Bad: [the lock is broken] {.restricted}
    Good: [the lock is broken]{.restricted}
    """
    return audience_marks.find_marks_in_values(paper)


def reference_to_withheld(paper: Paper) -> Iterator[Finding]:
    """No passage refers to one that is withheld from its readers.

    Bad: as @tbl-br-age shows, when the table is in a ::: {.restricted} block
    Good: the reference in the block as well, or the table outside
    """
    if not any(c.front.sensitivity != AUDIENCES[0] or next(_marked_nodes(c), None) for c in paper.chapters):
        return
    reported: set[tuple[str, Place]] = set()
    for audience in _READER_NAMES:
        for name, place in _dangling_references(paper, audience):
            if (name, place) not in reported:
                reported.add((name, place))
                yield _reference_finding(name, place, audience)


def _reference_finding(name: str, place: Place, audience: str) -> Finding:
    hint = "move the reference into the block, or its target out of it"
    return Finding(place, f"'{name}' is withheld from {_READER_NAMES[audience]}, but the reference is not", hint)


def _dangling_references(paper: Paper, audience: str) -> Iterator[tuple[str, Place]]:
    """Yield the references in an audience's copy to ids that the copy lacks, with their places."""
    visible, _ = for_audience(paper, audience)
    withheld_ids = _target_ids(paper) - _target_ids(visible)
    for chapter in visible.chapters:
        yield from (reference for reference in _references(paper, chapter) if reference[0] in withheld_ids)


def _target_ids(paper: Paper) -> set[str]:
    return {a.id for c in paper.chapters for a in c.anchors} | {f"sec-{c.id}" for c in paper.chapters}


def _references(paper: Paper, chapter: Chapter) -> Iterator[tuple[str, Place]]:
    yield from ((c.key, c.place) for c in chapter.citations)
    for link in chapter.links:
        yield linked_id(paper.chapters, chapter.path, link.target) or "", link.place
    for item in chapter.items_of_kind("recommendation"):
        yield from ((name, item.fields["closes"].place) for name in item.field_parts("closes"))


# --- a build for an audience ------------------------------------------------------------------------------------------


def find_audience_leaks(paper: Paper, audience: str) -> list[Diagnostic]:
    """Return the errors that block a copy for an audience, whatever paper.yaml sets and allows."""
    texts = [ChapterText(chapter) for chapter in paper.chapters]
    marks = (f for text in texts for f in audience_marks.unread_marking(paper, text))
    likely = (f for text in texts for f in audience_marks.likely_marking(paper, text))
    diagnostics = [_as_error("unread-mark/audience", finding) for finding in chain(marks, unread_marking(paper))]
    diagnostics += [_as_error("unread-mark/likely", finding) for finding in likely]
    dangling = _dangling_references(paper, audience)
    diagnostics += [_as_error("reference-to-withheld", _reference_finding(*each, audience)) for each in dangling]
    if audience == AUDIENCES[0]:
        diagnostics += [_as_error("withheld-name", finding) for finding in privacy.find_withheld_names(paper)]
    return sorted(diagnostics)


def _as_error(rule: str, finding: Finding) -> Diagnostic:
    return Diagnostic(finding.place, rule, finding.message, Severity.ERROR, finding.hint)
