"""Rules about names that nothing has, duplicates and order: a new key in `model/` gets them by its `Limits`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.domain.glossary import term_id
from nioc_paper.domain.sources import ALL_SOURCES, watched_references
from nioc_paper.model import LIST_NAMES, Decision, FrontMatter, Paper, Place, Record, Reference, Term, spelling_hint
from nioc_paper.model.characters import comparable
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.related_values import DeclaredValue
from nioc_paper.program_name import command_line
from nioc_paper.tree.strategy_items import ITEM_FIELDS

_ADD_HINT = "add it to contributors.yaml"
_TITLE = late_pattern(
    r"mr|mrs|ms|miss|mst|dr|prof|professor|engr|engineer|adv|advocate|justice|judge|senator|ambassador|barrister|maulana"
    r"|gen|general|lt|col|colonel|maj|major|brig|brigadier|capt|captain|sir|retd"
)
"""Word before a name that is not part of it."""


class NameTarget(NamedTuple):
    """Entries that a key can name, the message about a name that none has, and the hint if no name is near."""

    names: Callable[[Paper], Collection[str]]
    message: str
    otherwise: str = ""
    find: Callable[[Paper, str], object] | None = None
    """Finds an entry by other names, too; None if it has none."""
    entry: type[Record] | None = None
    """Class of the entries, if they can name one another."""


def _body_names(paper: Paper) -> list[str]:
    return [n for o in paper.contributors.organizations for n in (o.acronym, o.name, o.id) if n]


def _chapter_ids(paper: Paper) -> set[str]:
    return {chapter.id for chapter in paper.chapters}


def _linkable_ids(paper: Paper) -> set[str]:
    anchors = {anchor.id for chapter in paper.chapters for anchor in chapter.anchors}
    return anchors | {chapter.id for chapter in paper.chapters} | {decision.id for decision in paper.decisions}


_NOBODY, _NO_SOURCE = "nobody in contributors.yaml is called '{}'", "no source is called '{}'"
_NO_ORGANIZATION = "no organization in contributors.yaml is called '{}'"
_SOURCE_HINT = "add it to paper/registers/references/"
TARGETS: Mapping[str, NameTarget] = {
    "person": NameTarget(lambda paper: paper.people, _NOBODY, "add the person to contributors.yaml"),
    "organization": NameTarget(lambda paper: paper.organizations, _NO_ORGANIZATION, _ADD_HINT),
    "body": NameTarget(_body_names, _NO_ORGANIZATION, _ADD_HINT, Paper.organization),
    "owner": NameTarget(
        _body_names, "the owner '{}' is not an organization in contributors.yaml", _ADD_HINT, Paper.organization
    ),
    "support": NameTarget(
        _body_names,
        "'{}' is not an organization in contributors.yaml",
        "separate names with ';', or add it to contributors.yaml",
        Paper.organization,
    ),
    "party": NameTarget(lambda paper: {*paper.people, *paper.organizations}, _NOBODY, _ADD_HINT),
    "source": NameTarget(lambda paper: paper.references, _NO_SOURCE, _SOURCE_HINT, entry=Reference),
    "sources": NameTarget(lambda paper: {*paper.references, ALL_SOURCES}, _NO_SOURCE, _SOURCE_HINT),
    "fact": NameTarget(lambda paper: paper.facts, "no fact is called '{}'", "add it to paper/registers/facts/"),
    "part": NameTarget(
        lambda paper: [part.title or str(number) for number, part in enumerate(paper.settings.parts, 1)],
        "'{}' is not a part of this paper",
        find=lambda paper, name: paper.settings.part_index(name) is not None,
    ),
    "status": NameTarget(lambda paper: [s.id for s in paper.settings.statuses], "'{}' is not a status of this paper"),
    "category": NameTarget(
        lambda paper: {c.id for c in paper.settings.categories} | (paper.settings.kinds.keys() - {"category"}),
        "'{}' is not a {key} of this paper",
    ),
    "chapter": NameTarget(_chapter_ids, "'{}' is not a chapter", entry=FrontMatter),
    "linkage": NameTarget(
        _chapter_ids, "the linkage leads to '{}', which is not a chapter", "name it: ::: {.linkage to=CHAPTER}"
    ),
    "link": NameTarget(_linkable_ids, "'{}' leads nowhere", entry=Decision),
    "list": NameTarget(lambda _: LIST_NAMES, "'{}' is not a list"),
    "gap": NameTarget(
        lambda paper: {gap.id for gap in paper.items_of_kind("gap")},
        "'{}' is not a gap of the paper",
        "write the gap in a chapter, or name another",
    ),
    "objective": NameTarget(
        lambda paper: {objective.id for objective in paper.items_of_kind("objective")},
        "'{}' is not an objective of the paper",
        "name an objective of the paper",
    ),
    "priority": NameTarget(
        lambda paper: [p.id for p in paper.settings.priorities],
        "'{}' is not a priority of the paper",
        find=lambda paper, name: not paper.settings.priorities or paper.settings.priority(name),
    ),
}
"""Targets by their name in `Limits.refers_to`."""
LOCAL_TARGETS: Mapping[str, tuple[str, Callable[[DeclaredValue], Collection[str]]]] = {
    "section": ("'{}' is not a section of this kind", lambda value: vars(value.owner).get("sections", ())),
    "sending": ("no sending is called '{}'", lambda value: [s.id for s in vars(value.root).get("sendings", ())]),
}
"""Message about a dead name, and the entries in the same file that a key can name."""


def dead_name(paper: Paper) -> Iterator[Finding]:
    """Every name in a key, a field or a list is that of an entry that exists."""
    following: dict[str, dict[str, str]] = defaultdict(dict)
    values = [value for value in paper.declared_values if value.limits.refers_to]
    known = {target: TARGETS[target].names(paper) for target in TARGETS}
    for value in values:
        target = value.limits.refers_to
        names = LOCAL_TARGETS[target][1](value) if target in LOCAL_TARGETS else known[target]
        if not _exists(paper, target, value.value, names):
            yield _dead_name(paper, target, value.value, value.place, names, value.limits.dead_kind or target)
        elif target == "chapter" and vars(value.root).get("id") == value.value:
            yield Finding(value.place, f"'{value.value}' leads to its own chapter", "name another", kind=target)
        elif target in TARGETS and isinstance(value.owner, TARGETS[target].entry or ()):
            following[value.key][vars(value.owner)["id"]] = value.value
    yield from _circles(values, following)
    for target, name, place in _names_in_blocks(paper):
        if not _exists(paper, target, name, known[target]):
            kind = "chapter" if target == "linkage" else target
            yield _dead_name(paper, target, name, place, known[target], kind)
    yield from _unshared_values(paper)


def _exists(paper: Paper, target: str, name: str, names: Collection[str]) -> bool:
    find = TARGETS[target].find if target in TARGETS else None
    return name in names or bool(find and find(paper, name))


def _dead_name(paper: Paper, target: str, name: str, place: Place, names: Collection[str], kind: str) -> Finding:
    message, otherwise = (LOCAL_TARGETS[target][0], "") if target in LOCAL_TARGETS else TARGETS[target][1:3]
    hint = spelling_hint(name, names, "" if target in {"linkage", "objective"} else otherwise) or otherwise
    parts = re.split(r";|,| and | & |/", name) if target == "owner" else ()
    if len(parts) > 1 and any(paper.organization(part.strip()) for part in parts):
        hint = "name one owner; the others go under Support"
    return Finding(place, message.format(name, key=paper.settings.category_key), hint, kind=kind)


def _circles(values: list[DeclaredValue], following: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Yield entries whose names lead back to them: a source seen through itself."""
    for value in values:
        name, links = getattr(value.owner, "id", ""), following.get(value.key, {})
        entry, passed = links.get(name), set[str]()
        while entry and entry != name and entry not in passed:
            passed.add(entry)
            entry = links.get(entry)
        if entry == name:
            message = f"'{value.key.partition('.')[2]}' leads from '{name}' back to it"
            kind = value.limits.dead_kind or value.limits.refers_to
            yield Finding(value.place, message, "name another in one of them", kind=kind)


def _unshared_values(paper: Paper) -> Iterator[Finding]:
    """Yield values of a single line in a field that shares its values: like a shared one, or if all others are."""
    lines: dict[tuple[str, str], list[tuple[str, Place]]] = defaultdict(list)
    for item in (item for chapter in paper.chapters for item in chapter.items):
        for field in (name for name, limits in ITEM_FIELDS.get(item.kind, {}).items() if limits.is_shared):
            lines[item.kind, field] += ((part, item.fields[field].place) for part in item.field_parts(field))
    from difflib import get_close_matches  # late: takes 10 ms

    for (kind, field), values in lines.items():
        counts = Counter(value for value, _ in values)
        shared = [value for value, count in counts.items() if count > 1]
        for value, place in values:
            are_others_shared = len(counts) == len(shared) + 1 and len(values) > 2 * len(counts)
            if counts[value] == 1 and (are_others_shared or get_close_matches(value, shared, 1, 0.75)):
                message, hint = f"no other {kind} has '{value}' as its {field}", "write one that others have"
                yield Finding(place, message, spelling_hint(value, shared, hint), kind="value")


def _names_in_blocks(paper: Paper) -> Iterator[tuple[str, str, Place]]:
    """Yield the names in lines of recommendations and other blocks, each with its target."""
    for item in (item for chapter in paper.chapters for item in chapter.items):
        if item.kind == "linkage":
            yield "linkage", item.attributes.get("to", ""), item.place
        for field, limits in ITEM_FIELDS.get(item.kind, {}).items():
            if not (target := limits.refers_to):
                continue
            whole = (item.field_text(field),) if target in {"owner", "priority"} else item.field_parts(field)
            parts = [name for name, _ in paper.bodies(item, field)] if target == "support" else whole
            yield from ((target, name, item.fields[field].place) for name in parts if name)


# --- duplicates -------------------------------------------------------------------------------------------------------


def _normalize_name(name: str) -> str:
    """Return a name without titles, accents, case and punctuation, for comparison."""
    base = "".join(c for c in unicodedata.normalize("NFKD", comparable(name)) if not unicodedata.combining(c))
    words = re.sub(r"[^\w\s]", " ", base.casefold()).split()
    first = next((index for index, word in enumerate(words) if not _TITLE.fullmatch(word)), len(words) - 1)
    return " ".join(sorted(words[first:]))


def _normalize_body(name: str) -> str:
    """Return the words of a body's name in any order: those with a capital, if there are any, without an article."""
    words = re.findall(r"[^\W_]+", comparable(name))
    main = [word for word in words if not word.islower() and word != "The"] or words
    return " ".join(sorted(_normalize_name(word) for word in main))


EQUALITIES: Mapping[str, Callable[[Paper, DeclaredValue], str]] = {
    "": lambda _, value: comparable(str(value.value)).casefold(),
    "name": lambda _, value: _normalize_name(value.value),
    "body": lambda paper, value: getattr(paper.organization(value.value), "id", value.value),
    "body-name": lambda _, value: _normalize_body(value.value),
    "category": lambda paper, value: value.value if value.value in {c.id for c in paper.settings.categories} else "",
    "role": lambda _, value: f"{value.value} {vars(value.owner)['role']}",
    "source": lambda _, value: str(value.value).casefold(),
    "term": lambda _, value: term_id(value.owner) if isinstance(value.owner, Term) and value.owner.definition else "",
}
"""For each name in `Limits.equal_as` a function to a text that equal values share; an empty one equals nothing."""
_DUPLICATES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("entry", "value"), ("'{value}' is the {label} of two {things}", "change one, or delete it")),
    **dict.fromkeys(("person", "register", "path"), ("'{value}' is listed twice", "keep one")),
    "chapter": ("'{value}' is the {label} of two chapters", "change one"),
    "category": ("'{key}: {value}' is the {key} of two chapters", "make one of them 'cross-cutting'"),
    "role": ("'{value}' is the {role} here twice", "delete one, or name somebody else"),
    "comment": ("'{value}' is the id of two {things}", "give one another id, or delete it if they are the same"),
    "answer": ("two answers to '{value}' differ", "this one holds; delete one"),
    "alias": ("'{value}' belongs to another entry too", "keep one"),
    "term": ("'{value}' is defined twice", "delete one"),
}
"""Message and hint by the kind of the finding."""
_LABELS: Mapping[str, str] = {
    "on": "day",
    "acronym": "abbreviation",
    "to": "chapter",
    "leaves": "status",
    "long": "long form",
    "who": "person",
    "use": "term",
}


def duplicate(paper: Paper) -> Iterator[Finding]:
    """Every name, number and entry is given once."""
    values = [value for value in paper.declared_values if value.limits.unique_in]
    keys = [source.id.casefold() for source in paper.references_file.references]
    # An exported library may hold twice what nothing cites.
    watched = {s.id for s in watched_references(paper).references} if len({*keys}) < len(keys) else set[str]()
    first: dict[object, DeclaredValue] = {}
    # A list of other names comes after the names themselves.
    for value in sorted(values, key=lambda value: len(value.loc)):
        form = EQUALITIES[value.limits.equal_as](paper, value)
        if not form or (value.limits.equal_as == "source" and value.value not in watched):
            continue
        place = (value.scope, value.key) if value.limits.unique_in == "list" else value.limits.unique_in
        other = first.setdefault((place, form), value)
        # A person's own name without its accents is another name of that person.
        is_own = other.owner is value.owner and (other.key, str(other.value)) != (value.key, str(value.value))
        if other is not value and not (is_own and value.limits.equal_as in ("name", "body-name")):
            yield _duplicate(paper, value, other)
    named = set[tuple[str, str, Place]]()
    for target, name, line in _names_in_blocks(paper):
        body = paper.organization(name) if target == "support" else None
        entry = (target, body.id if body else name, line)
        if entry in named:
            yield Finding(line, f"'{name}' is named twice in this line", "delete one", kind="value")
        named.add(entry)


def _duplicate(paper: Paper, value: DeclaredValue, other: DeclaredValue) -> Finding:
    place, there = value.place, other.place
    message, act = _DUPLICATES["answer" if value.things == "answers" else value.limits.duplicate_kind]
    if len(value.loc) > 1 and value.limits.duplicate_kind == "value":
        message = "'{value}' is twice under '{things}'"
    elif value.limits.equal_as in ("", "source") and value.value != other.value:
        message = f"'{{value}}' and '{other.value}' differ in capitals only"
    label, role = str(value.loc[0]), vars(value.owner).get("role", "")
    label, key = _LABELS.get(label, label), paper.settings.category_key
    things = "comments" if value.limits.unique_in == "points" else value.things or "chapters"
    text = message.format(value=value.value, label=label, things=things, key=key, role=role)
    record, _, name = value.key.partition(".")
    is_one_id = (name, value.key, value.value) == ("id", other.key, other.value)
    if is_one_id and value.limits.duplicate_kind in ("person", "register") and value.limits.equal_as != "source":
        act = f"keep one, or make one of both: {command_line(f'unify {record.lower()} {value.value}')}"
    line = f"line {there.line}" if there.path == place.path else f"{there.path}, line {there.line}"
    return Finding(place, text, f"the other is in {line}; {act}", kind=value.limits.duplicate_kind)


# --- order ------------------------------------------------------------------------------------------------------------


def out_of_order(paper: Paper) -> Iterator[Finding]:
    """Dates and sections have the order that the paper gives them."""
    groups: dict[object, list[DeclaredValue]] = defaultdict(list)
    for value in paper.declared_values:
        if value.limits.not_before in ("list", "statuses"):
            groups[value.scope, value.key].append(value)
        elif key := value.limits.not_before:
            before = getattr(value.owner, key)
            if before is not None and value.value < before:
                message = f"'{value.loc[-1]}' is {value.value}, before '{key}', {before}"
                yield Finding(value.place, message, "correct one of the two", kind=value.limits.order_kind)
        elif value.limits.not_after and _is_later(paper, value):
            message = f"'{value.loc[-1]}' is {value.value}, after the paper's own date, {paper.settings.as_of}"
            hint = "correct it, or give its source 'post: true'"
            yield Finding(value.place, message, hint, kind=value.limits.order_kind)
    for group in groups.values():
        yield from _find_disordered(paper, group)


def _is_later(paper: Paper, value: DeclaredValue) -> bool:
    """Whether a year, month or day is after the paper's own date, and its source is not meant to be."""
    source, day = paper.references.get(vars(value.owner).get("source", "")), str(value.value)
    own_day = str(paper.settings.as_of or "")[: len(day)]
    return bool(own_day) and day[:4].isdigit() and day > own_day and not (source and source.post)


def _find_disordered(paper: Paper, group: list[DeclaredValue]) -> Iterator[Finding]:
    """Yield the values of a list, or of a mapping by statuses, that precede the one before."""
    rank = {status.id: index for index, status in enumerate(paper.settings.statuses)}
    things, kind = group[0].things, group[0].limits.order_kind
    order: Callable[[DeclaredValue], Any] = lambda value: value.value  # noqa: E731 - one of two
    message, hint = "the {noun} '{label}' is on {value}, before '{other}' on {before}", "their dates"
    if isinstance(group[0].value, int):
        message, hint = "the {noun} '{label}' has {value}, and '{other}' before it {before}", "their numbers"
    if group[0].limits.not_before == "statuses":
        hint = "the statuses"
        if isinstance(group[0].value, str):
            group, order = [v for v in group if v.value in rank], lambda value: rank[value.value]
            message = "'{value}' comes after '{before}', a later status"
        else:
            group = sorted((v for v in group if v.loc[-1] in rank), key=lambda value: rank[str(value.loc[-1])])
            things, message = "dates", "the date for '{label}', {value}, is before that for '{other}', {before}"
    for before, value in pairwise(group):
        if order(value) < order(before):
            words = {"noun": type(value.owner).__name__.lower(), "label": _label(value), "other": _label(before)}
            text = message.format(value=value.value, before=before.value, **words)
            yield Finding(value.place, text, f"put the {things} in the order of {hint}", kind=kind)


def _label(value: DeclaredValue) -> str:
    """Return the name of an entry in a mapping, or of a record in a list."""
    entry = dict(value.owner.items())
    return str(value.loc[-1] if len(value.loc) > 1 else entry.get("title") or entry.get("id") or entry.get("chapter"))
