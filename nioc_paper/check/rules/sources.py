"""Rules about the entries of the bibliography files. Reading finds their faults, because it caches them by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import DeclaredKind, Finding, find_duplicates
from nioc_paper.domain.sources import cited_keys, repeated_sources, watched_references
from nioc_paper.model import COPIES_FOLDER, Cause, Paper, Place, Reference, SourceCopy, SourceFault

KINDS: Mapping[str, DeclaredKind] = {
    "bad-source/type": DeclaredKind("iwwww", "Every source has a type that its file's format knows."),
    "bad-source/missing-field": DeclaredKind("iiwww", "Every source has the fields by which readers find it."),
    "bad-source/unknown-field": DeclaredKind(
        "wwwww", "Every field of a source is one that citations print: in YAML and JSON a variable of CSL."
    ),
    "bad-source/author": DeclaredKind("wwwww", "The names of authors separate family names from given names."),
    "bad-source/date": DeclaredKind("wwwEE", "The date of a source is a date, and exists."),
    "bad-source/address": DeclaredKind("wwwww", "The address of a source is a single web address."),
    "bad-source/lost-text": DeclaredKind("wwwww", "Every word of a field in a .bib file is printed."),
}


def bad_source(paper: Paper) -> Iterator[Finding]:
    """Every source has a known type and the fields by which readers find it, in their form.

    In an exported file, entries that nobody cites have one finding together.

    Bad: journal: Roads, and year: 2019
    Good: container-title: Roads, and issued: "2019"
    """
    cited = cited_keys(paper)
    silent: dict[tuple[str, str], list[SourceFault]] = {}
    for fault in paper.source_faults:
        kind = fault.rule.partition("/")[2]
        if fault.key in cited or fault.place.path.endswith((".yaml", ".yml")):
            lack = fault.message.removeprefix(f"'{fault.key}' has ")
            cause = Cause(fault.place, fault.key, f"{{}} sources have {lack}") if kind == "missing-field" else None
            yield Finding(fault.place, fault.message, fault.hint, kind=kind, cause=cause)
        else:
            silent.setdefault((fault.place.path, kind), []).append(fault)
    for (_, kind), (first, *others) in silent.items():
        more = f" (and {len(others)} more that are not cited)" if others else ""
        yield Finding(first.place, f"{first.message}{more}", first.hint, kind=kind)


def missing_copy(paper: Paper) -> Iterator[Finding]:
    """The kept copy that a source names is a file in paper/sources/.

    Bad: copy: paper/sources/survey.pdf, a file that is not there
    Good: the file, or no key 'copy'
    """
    for reference in paper.references_file.references:
        if reference.copy and (problem := _copy_of(paper, reference.copy).problem):
            hint = f"put the file into {COPIES_FOLDER}/, or take 'copy' out"
            yield Finding(reference.place("copy"), f"the copy '{reference.copy}' {problem}", hint)


def changed_copy(paper: Paper) -> Iterator[Finding]:
    """A kept copy is the file that was copied: its hash is that in the source.

    Bad: copy-sha256 of another version of the file
    Good: the copy as it was, or a new hash and day
    """
    for reference in paper.references_file.references:
        actual = _copy_of(paper, reference.copy).hash if reference.copy else ""
        if actual and actual != reference.copy_sha256:
            state = "has changed since it was copied" if reference.copy_sha256 else "has no hash"
            hint = f"if it is the right file, its copy-sha256 is {actual}"
            yield Finding(reference.place("copy"), f"the copy '{reference.copy}' {state}", hint)


def unused_copy(paper: Paper) -> Iterator[Finding]:
    """Every file in paper/sources/ is the copy of a source.

    Bad: paper/sources/old.pdf, which no source names
    Good: copy: paper/sources/old.pdf
    """
    named = {reference.copy for reference in paper.references_file.references}
    for path in paper.source_copies:
        if path not in named:
            yield Finding(Place(path), "no source names this copy", f"write 'copy: {path}' for one, or delete it")


def _copy_of(paper: Paper, path: str) -> SourceCopy:
    return paper.source_copies.get(path, SourceCopy(problem="does not exist"))


def similar_source_key(paper: Paper) -> Iterator[Finding]:
    """The keys of two sources differ in more than capitals.

    Bad: ash2019 in one file, and Ash2019 in another
    Good: one entry, or ash2019 and ash2019b
    """
    yield from _uncited_duplicates(paper)
    first: dict[str, Reference] = {}
    for reference in paper.references_file.references:
        twin = first.setdefault(reference.id.casefold(), reference)
        if twin.id != reference.id:
            place = reference.place("id")
            hint = f"the other is in {_line(twin.place('id'), place)}; rename one, or keep one"
            yield Finding(place, f"'{reference.id}' and '{twin.id}' differ in capitals only", hint)


def _uncited_duplicates(paper: Paper) -> Iterator[Finding]:
    """Yield a finding for each exported file that has sources twice which nothing cites."""
    watched = {reference.id for reference in watched_references(paper).references}
    unwatched = ((r.id, r.place("id")) for r in repeated_sources(paper) if r.id not in watched)
    by_path: dict[str, list[tuple[str, Place, Place]]] = {}
    for duplicate in find_duplicates(unwatched):
        by_path.setdefault(duplicate[1].path, []).append(duplicate)
    for (key, place, first), *others in by_path.values():
        more = f" (and {len(others)} more that are not cited)" if others else ""
        yield Finding(place, f"'{key}' is listed twice{more}", f"the other is in {_line(first, place)}; keep one")


def _line(place: Place, beside: Place) -> str:
    return f"line {place.line}" if place.path == beside.path else f"{place.path}, line {place.line}"
