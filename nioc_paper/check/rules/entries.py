"""Rules that read declarations of entries, files and blocks: whether they are used, there, and complete."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.declared import TARGETS
from nioc_paper.check.text.word_index import find_word
from nioc_paper.domain.glossary import term_key, term_pattern
from nioc_paper.domain.sources import cited_keys, is_kept_by_hand
from nioc_paper.model import COPIES_FOLDER, Cause, Item, Paper, Place, SourceCopy, spelling_hint
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree import plain_text
from nioc_paper.tree.items import ITEM_FIELDS, ITEM_PREFIXES

# --- use and files ----------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """Names that the paper uses, and the message and the hint about an unused one."""

    names: Callable[[Paper], Collection[str]]
    message: str
    hint: str


def _used_facts(paper: Paper) -> set[str]:
    return {c.key.removeprefix("fact-") for chapter in paper.chapters for c in chapter.all_citations}


def _used_sources(paper: Paper) -> set[str]:
    return cited_keys(paper) | {r.id for r in paper.references_file.references if not is_kept_by_hand(r)}


def _used_terms(paper: Paper) -> set[str]:
    defined = {term.use for term in paper.terms if term.definition}
    texts = (plain_text(chapter.blocks, with_notes=True) for chapter in paper.chapters if defined)
    pattern = term_pattern(defined)
    used = {term_key(match[1]) for text in texts for match in pattern.finditer(text)}
    return {term.use for term in paper.terms if term.use not in defined or term_key(term.use) in used}


def _used_acronyms(paper: Paper) -> set[str]:
    texts = [chapter.text for chapter in paper.chapters]
    texts += [f"{fact.value} {fact.unit}" for fact in paper.facts_file.facts]
    shorts = {acronym.short for acronym in paper.acronyms}
    return {s for s in shorts if any(True for text in texts for form in (s, f"{s}s") for _ in find_word(text, form))}


USES: Mapping[str, Use] = {
    "source": Use(_used_sources, "nothing cites '{}'", "cite it or take it out"),
    "fact": Use(_used_facts, "nothing uses the fact '{0}'", "write -@fact-{0}, or take it out"),
    "term": Use(_used_terms, "no chapter uses the term '{}'", "delete the definition, or use the term"),
    "acronym": Use(_used_acronyms, "nothing uses '{}'", "take it out"),
}
"""Kinds of entries that the paper is to use, by their name in `Limits.used_as`."""


def unused_entry(paper: Paper) -> Iterator[Finding]:
    """Every entry of a register is used.

    Bad: a fact, source, term or abbreviation that nothing refers to
    Good: a reference to it, or the entry taken out
    """
    used = {kind: use.names(paper) for kind, use in USES.items()}
    for value in paper.declared_values:
        if (kind := value.limits.used_as) and value.value not in used[kind]:
            message, hint = USES[kind].message.format(value.value), USES[kind].hint.format(value.value)
            yield Finding(value.place, message, hint, kind=kind)


class FileKind(NamedTuple):
    """Kind of file that keys name: the files of the paper, what is wrong with one, and the hints."""

    files: Callable[[Paper], Mapping[str, Place]]
    problem: Callable[[Paper, str], str]
    missing: str
    missing_hint: str
    unlisted: str
    unlisted_hint: str


def _chapter_problem(paper: Paper, path: str) -> str:
    return "does not exist" * (path in {missing for _, _, missing in paper.missing})


FILES: Mapping[str, FileKind] = {
    "chapter": FileKind(
        lambda paper: {c.path: c.front.place() for c in paper.chapters},
        _chapter_problem,
        "the chapter '{}' {}",
        "write it, or take it off the list",
        "this chapter is in no part of the paper",
        "add '- {}' to a part in paper/paper.yaml",
    ),
    "copy": FileKind(
        lambda paper: {path: Place(path) for path, copy in paper.source_copies.items() if not copy.problem},
        lambda paper, path: paper.source_copies.get(path, SourceCopy(problem="does not exist")).problem,
        "the copy '{}' {}",
        f"put the file into {COPIES_FOLDER}/, or take 'copy' out",
        "no source names this copy",
        "write 'copy: {}' for one, or delete it",
    ),
}
"""Kinds of files by their name in `Limits.file`. Reading reports those of sources: nothing can be checked without."""


def missing_file(paper: Paper) -> Iterator[Finding]:
    """Every file that the paper names exists, and can be read.

    Bad: a path in parts that is not a file
    Good: the path of a chapter
    """
    for value in paper.declared_values:
        if value.limits.file and (problem := FILES[value.limits.file].problem(paper, value.value)):
            kind = FILES[value.limits.file]
            near = spelling_hint(value.value, kind.files(paper))
            hint = near if near.startswith("did") else kind.missing_hint
            yield Finding(value.place, kind.missing.format(value.value, problem), hint, kind=value.limits.file)


def unlisted_file(paper: Paper) -> Iterator[Finding]:
    """Every file in the folders of the paper is named by it.

    Bad: chapters/tunnels.md, in no part
    Good: chapters/tunnels.md, in the chapters of a part
    """
    named = {(value.limits.file, value.value) for value in paper.declared_values if value.limits.file}
    for name, kind in FILES.items():
        for path, place in kind.files(paper).items():
            if (name, path) not in named:
                yield Finding(place, kind.unlisted, kind.unlisted_hint.format(path), kind=name)


# --- blocks -----------------------------------------------------------------------------------------------------------

_NO_VALUE = late_pattern(
    r"none(?:\s+(?:known|seen|published|available|found))?|nil|n/?a|unknown|(?:not|never)\s+(?:yet\s+)?\w+"
    r"|no\s+(?:data|figures?|baseline|target|cost|estimate|information)(?:\s+\w+)?|[–—-]|to\s+be\s+\w+",
    re.IGNORECASE,
)


def incomplete_block(paper: Paper) -> Iterator[Finding]:
    """Recommendations, gaps, objectives and risks have an id, and fields that say something.

    Bad: ::: {.recommendation} with '- Baseline: not published', and no owner
    Good: ::: {#rec-br-inspect .recommendation} with '- Owner: RDA'
    """
    for item in (item for chapter in paper.chapters for item in chapter.items):
        prefix, fields = ITEM_PREFIXES[item.kind], ITEM_FIELDS.get(item.kind, {})
        if not item.id.startswith(f"{prefix}-") and (item.id or fields):
            problem = f"has the id '{item.id}'" if item.id else "has no id"
            yield Finding(item.place, f"the {item.kind} {problem}", f"write {{#{prefix}-… .{item.kind}}}", kind="id")
        for name, limits in fields.items():
            label, text = name.capitalize(), item.field_text(name)
            has_entries = limits.needed == "entries" and TARGETS[limits.refers_to].names(paper)
            if not text and (limits.needed == "always" or has_entries):
                message, hint = f"the {item.kind_and_id} has no {label}", f"add a line '- {label}: …' to it"
                yield Finding(item.place, message, hint, kind=item.kind)
            elif text and limits.must_say and not has_value(item, name):
                message = f"the line '{label}: {text}' says nothing"
                hint = "write what is known, or leave the line out and say in the text what is missing"
                yield Finding(item.fields[name].place, message, hint, kind="empty-field")
        if planned := [n for n, limits in fields.items() if limits.needed == "plan" and not has_value(item, n)]:
            names = " and no ".join(planned)
            cause = Cause(item.place, item.id, "{} recommendations lack a cost, a baseline or a target")
            hint = "; ".join(f"add a line '- {name.capitalize()}: …'" for name in planned)
            yield Finding(item.place, f"the {item.kind_and_id} has no {names}", hint, kind="action-plan", cause=cause)


def has_value(item: Item, name: str) -> bool:
    """Whether a field of an item says more than that nothing is known."""
    text = item.field_text(name).strip().rstrip(".")
    return bool(text) and not _NO_VALUE.fullmatch(text)
