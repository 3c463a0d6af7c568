"""Rules about the entries of the bibliography files. Reading finds their faults, because it caches them by file."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding, find_duplicates
from nioc_paper.domain.sources import cited_keys, repeated_sources, watched_references
from nioc_paper.model import COPIES_FOLDER, Paper, Place, Reference, SourceCopy, SourceFault


def unknown_source_type(paper: Paper) -> Iterator[Finding]:
    """Every source has a type that its file's format knows: it decides what is printed, and in which order.

    Bad: type: artikel
    Good: type: article-journal
    """
    return _faults(paper, "unknown-source-type")


def missing_source_field(paper: Paper) -> Iterator[Finding]:
    """Every source has the fields by which readers find it: an article its journal, a web page its address.

    Bad: @article{ash2019, author = {Ash, Ada}, title = {Bridges}}
    Good: @article{ash2019, author = {Ash, Ada}, title = {Bridges}, journaltitle = {Roads}, date = {2019}}
    """
    return _faults(paper, "missing-source-field")


def misspelled_source_field(paper: Paper) -> Iterator[Finding]:
    """Every field of a source is one that citations print: in YAML and JSON a variable of CSL.

    Bad: journal: Roads, and year: 2019
    Good: container-title: Roads, and issued: "2019"
    """
    return _faults(paper, "misspelled-source-field")


def unread_source_name(paper: Paper) -> Iterator[Finding]:
    """The names of authors separate family names from given names.

    Bad: author: Ada Ash
    Good: author: [{family: Ash, given: Ada}]
    """
    return _faults(paper, "unread-source-name")


def impossible_source_date(paper: Paper) -> Iterator[Finding]:
    """The date of a source is a date, and exists.

    Bad: issued: "2019-02-30"
    Good: issued: "2019-02-28"
    """
    return _faults(paper, "impossible-source-date")


def bad_source_address(paper: Paper) -> Iterator[Finding]:
    """The address of a source is a single web address, without spaces and brackets.

    Bad: URL: www.example.org/annual report
    Good: URL: https://www.example.org/annual%20report
    """
    return _faults(paper, "bad-source-address")


def lost_source_text(paper: Paper) -> Iterator[Finding]:
    r"""Every word of a field in a .bib file is printed; unknown commands of LaTeX are not.

    Bad: title = {The \ourproject{Crossing}}
    Good: title = {The Crossing}
    """
    return _faults(paper, "lost-source-text")


def _faults(paper: Paper, rule: str) -> Iterator[Finding]:
    """Yield the faults of a rule. In an exported file, entries that nobody cites have one finding together."""
    cited = cited_keys(paper)
    silent: dict[str, list[SourceFault]] = {}
    for fault in paper.source_faults:
        if fault.rule == rule:
            if fault.key in cited or fault.place.path.endswith((".yaml", ".yml")):
                yield Finding(fault.place, fault.message, fault.hint)
            else:
                silent.setdefault(fault.place.path, []).append(fault)
    for first, *others in silent.values():
        more = f" (and {len(others)} more that are not cited)" if others else ""
        yield Finding(first.place, f"{first.message}{more}", first.hint)


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
