"""Rules about the entries of the bibliography files. Reading finds their faults, because it caches them by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import DeclaredKind, Finding
from nioc_paper.domain.sources import cited_keys
from nioc_paper.model import Cause, Paper, SourceCopy, SourceFault

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


def _copy_of(paper: Paper, path: str) -> SourceCopy:
    return paper.source_copies.get(path, SourceCopy(problem="does not exist"))
