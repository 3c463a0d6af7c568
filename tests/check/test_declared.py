"""Every key with a declared relation, for each of its properties: a violation is found at its place, and only that.

The keys come from the types of all records, so that a new key is tested by its declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import pytest
import yaml
from msgspec.structs import replace

from nioc_paper.check.finding import Finding
from nioc_paper.check.rule_tables import KINDS
from nioc_paper.check.rules import dead_and_duplicate, unused_and_incomplete
from nioc_paper.check.rules.dead_and_duplicate import EQUALITIES, LOCAL_TARGETS, TARGETS
from nioc_paper.check.rules.unused_and_incomplete import FILES, USES
from nioc_paper.load import load
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import (
    Chapter,
    FrontMatter,
    Item,
    ItemField,
    Limits,
    Paper,
    Place,
    Priority,
    Record,
    Reviews,
    Settings,
    SourceCopy,
    field_types,
)
from nioc_paper.model.record import Printed
from nioc_paper.model.register_files import RECORDS
from nioc_paper.model.value_notations import NOTATIONS
from nioc_paper.tree.strategy_items import ITEM_FIELDS, ITEM_PREFIXES

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
FIELDS = {
    "paper": "settings",
    "timeline": "timeline",
    "contributors": "contributors",
    "references": "references_file",
    "facts": "facts_file",
    "decisions": "decisions_file",
    "approvals": "approvals_file",
    "consultations": "consultations_file",
    "acronyms": "acronyms_file",
    "terms": "terms_file",
}
"""Field of a paper with the record of each schema; chapters and reviews have several."""
ROOTS: Mapping[type[Record], str] = {record: FIELDS.get(name, "chapters") for name, (record, _) in RECORDS.items()} | {
    Reviews: "reviews"
}
RULES = (
    *(dead_and_duplicate.dead_name, dead_and_duplicate.duplicate, dead_and_duplicate.out_of_order),
    *(unused_and_incomplete.unused_entry, unused_and_incomplete.missing_file),
)
"""Rules about the keys of a file. `unlisted_file` is about the others."""
TEXTS = ("AB", "a1", "0" * 40, "0" * 64, "2020-01-02", "en-GB", "fr", "0000-0002-1825-0097", "https://x.org", "a@x.org")


class Key(NamedTuple):
    """A key with a relation: the record of its file, the way to it, and its limits. In a way, `[]` is any entry."""

    root: type[Record]
    way: tuple[str, ...]
    limits: Limits
    owner: type[Record]

    def __str__(self) -> str:
        return f"{self.root.__name__}.{'.'.join(self.way)}"


def keys(root: type[Record], cls: type[Record], way: tuple[str, ...] = ()) -> Iterator[Key]:
    for key, kind in field_types(cls).items():
        yield from keys_in(root, cls, kind, (*way, key))


def keys_in(root: type[Record], owner: type[Record], kind: Any, way: tuple[str, ...]) -> Iterator[Key]:
    inner = get_args(kind)
    if get_origin(kind) is Annotated:
        if inner[1].is_relation:
            yield Key(root, way, inner[1], owner)
    elif isinstance(kind, type) and issubclass(kind, Record):
        yield from keys(root, kind, way)
    elif NoneType in inner:
        yield from keys_in(root, owner, inner[0], way)
    elif get_origin(kind) is tuple:
        yield from keys_in(root, owner, inner[0], (*way, "[]"))
    elif get_origin(kind) not in (None, Literal):
        yield from keys_in(root, owner, inner[0], (*way, "{key}"))
        yield from keys_in(root, owner, inner[1], (*way, "{}"))


KEYS = [key for root in ROOTS for key in keys(root, root)]


class Maker:
    """Makes values of types that differ from one another."""

    def __init__(self, paper: Paper) -> None:
        self.numbers = count(1)
        self.paper = paper

    def value(self, kind: Any) -> Any:
        inner = get_args(kind)
        match get_origin(kind):
            case None if kind is str:
                return f"word{next(self.numbers)}"
            case None if kind is int:
                return str(1000 + next(self.numbers))
            case None if kind is date:
                return str(date(2020, 1, 1) + timedelta(next(self.numbers)))
            case None if kind is bool:
                return "false"
            case origin if origin is Literal:
                return inner[0]
            case origin if origin is Annotated:
                return self.limited(inner[0], inner[1])
        return self.value(inner[0]) if NoneType in inner else None

    def limited(self, kind: Any, limits: Limits) -> Any:
        if limits.refers_to in TARGETS:
            return max(TARGETS[limits.refers_to].names(self.paper))
        if limits.pattern or limits.notation:
            texts = [text for text in TEXTS if re.fullmatch(limits.pattern or ".*", text)]
            return next(text for text in texts if not limits.notation or not NOTATIONS[limits.notation][0](text))
        if kind is int and limits.most is not None:
            return str(next(self.numbers) % (limits.most + 1))
        return self.value(kind)

    def record(self, cls: type[Record]) -> dict[str, Any]:
        """A record with all required keys, and all others that are texts of no relation."""
        plain = {
            key: kind for key, kind in field_types(cls).items() if kind in (str, str | None, Printed, Printed | None)
        }
        needed = {key: field_types(cls)[key] for key in cls.required_keys}
        needed |= {cls.key_of(name): field_types(cls)[cls.key_of(name)] for name in cls.required_fields}
        values = {key: self.value(kind) for key, kind in {**plain, **needed}.items()}
        return {key: value for key, value in values.items() if value is not None}

    def data(self, key: Key, *values: Any) -> dict[str, Any]:
        """A file with these values of a key, each in an entry of its own."""
        whole = self.record(key.root)
        for value in values:
            self.insert(whole, key.root, key.way, value)
        return whole

    def insert(self, at: dict[str, Any], cls: type[Record], way: tuple[str, ...], value: Any) -> None:
        first, *rest = way
        kind = field_types(cls)[first]
        record = next((k for k in every_type(kind) if isinstance(k, type) and issubclass(k, Record)), None)
        match rest:
            case []:
                at[first] = value
            case ["[]"]:
                at.setdefault(first, []).extend(value if isinstance(value, list) else [value])
            case ["{key}"]:
                at.setdefault(first, {})[value] = self.value(get_args(kind)[1])
            case ["{}"]:
                at.setdefault(first, {}).update([value])
            case ["[]" | "{}" as bracket, *inner] if record:
                entry = self.record(record)
                if bracket == "[]":
                    at.setdefault(first, []).append(entry)
                else:
                    at.setdefault(first, {})[self.value(str)] = entry
                self.insert(entry, record, tuple(inner), value)
            case _ if record:
                self.insert(at.setdefault(first, self.record(record)), record, tuple(rest), value)

    def insert_beside(self, at: Any, key: Key, value: Any) -> None:
        """Put the value of the key that a key must not precede into the same record."""
        for part in key.way[:-1]:
            at = at[-1] if part == "[]" else next(iter(at.values())) if part == "{}" else at[part]
        at[key.limits.not_before] = value


def every_type(kind: Any) -> Iterator[Any]:
    yield kind
    for part in get_args(kind):
        yield from every_type(part)


@pytest.fixture(scope="module")
def healthy() -> Paper:
    return load(HEALTHY, lambda _: None)


def check_files(paper: Paper, key: Key, *files: dict[str, Any]) -> tuple[list[tuple[str, Place]], list[str], Paper]:
    """The findings of the rules of relations in generated files, the texts of these, and the paper with them."""
    texts = [yaml.safe_dump(file, sort_keys=False, allow_unicode=True) for file in files]
    faults: list[object] = []
    records = [
        build_record(key.root, read_yaml(text, f"{n}.yaml", faults.append), f"{n}.yaml", faults.append)
        for n, text in enumerate(texts)
    ]
    assert faults == []
    field = ROOTS[key.root]
    made: Any = records[0]
    if field == "chapters":
        made = (*paper.chapters, *(Chapter(r.path, r, "") for r in records if isinstance(r, FrontMatter)))
    elif field == "reviews":
        made = tuple(records)
    changed = replace(paper, **{field: made})
    rules = {rule.__name__.replace("_", "-"): rule for rule in RULES}
    findings: list[tuple[str, Finding]] = [(name, f) for name, rule in rules.items() for f in rule(changed)]
    return [(f"{name}/{f.kind}", f.place) for name, f in findings if f.place.path[0].isdigit()], texts, changed


def place_of(texts: list[str], value: Any) -> Place:
    """The last place of a value in the files."""
    number = max(n for n, text in enumerate(texts) if re.search(rf"(?<![\w-]){re.escape(str(value))}\b", text))
    at = [m.start() for m in re.finditer(rf"(?<![\w-])'?{re.escape(str(value))}\b", texts[number])][-1]
    return Place(f"{number}.yaml", texts[number].count("\n", 0, at) + 1, at - texts[number].rfind("\n", 0, at))


def wanted(rule: str, key: Key) -> str:
    limits = key.limits
    kinds = {
        "dead-name": limits.dead_kind or limits.refers_to,
        "duplicate": limits.duplicate_kind,
        "out-of-order": limits.order_kind,
        "unused-entry": limits.used_as,
        "missing-file": limits.file,
        "unlisted-file": limits.file,
    }
    assert f"{rule}/{kinds[rule]}" in KINDS
    return f"{rule}/{kinds[rule]}"


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.refers_to], ids=str)
def test_a_name_that_nothing_has_is_found(key: Key, healthy: Paper) -> None:
    assert key.limits.refers_to in {*TARGETS, *LOCAL_TARGETS}
    maker = Maker(healthy)
    findings, texts, changed = check_files(healthy, key, maker.data(key, "nosuchname"))
    place = place_of(texts, "nosuchname")
    if key.way[-1] == "{key}":  # the place is that of the value
        place = replace(place, column=place.column + len("nosuchname: "))
    assert [f for f in findings if f[1] == place] == [(wanted("dead-name", key), place)]
    target = TARGETS.get(key.limits.refers_to)
    if name := max({*target.names(changed)} & {*target.names(healthy)} if target else (), default=""):
        findings, texts, _ = check_files(healthy, key, maker.data(key, name))
        assert wanted("dead-name", key) not in {rule for rule, place in findings if place == place_of(texts, name)}


def kind_of(key: Key) -> Any:
    """The type of a key's values."""
    kind = field_types(key.owner)[next(part for part in reversed(key.way) if part[0] not in "[{")]
    while get_origin(kind) is not Annotated:
        kind = get_args(kind)[key.way[-1] == "{}"]
    return kind


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.unique_in], ids=str)
def test_a_value_that_is_given_twice_is_found(key: Key, healthy: Paper) -> None:
    assert key.limits.equal_as in EQUALITIES
    maker = Maker(healthy)
    value = maker.value(kind_of(key))
    if "[]" in key.way:
        files = [maker.data(key, *([[value, value]] if key.way[-1] == "[]" else [value, value]))]
    else:
        files = [maker.data(key, value), maker.data(key, value)]
    findings, texts, _ = check_files(healthy, key, *files)
    assert (wanted("duplicate", key), place_of(texts, value)) in findings
    findings, _, _ = check_files(healthy, key, maker.data(key, value))
    if key.root is not FrontMatter:  # the paper has a chapter of this category
        assert [rule for rule, _ in findings if rule == wanted("duplicate", key)] == []


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.not_before], ids=str)
def test_a_value_before_the_one_that_precedes_it_is_found(key: Key, healthy: Paper) -> None:
    maker, before = Maker(healthy), key.limits.not_before
    statuses = [status.id for status in healthy.settings.statuses]
    early, late = (maker.value(kind_of(key)) for _ in range(2))
    good: tuple[Any, ...]
    bad: tuple[Any, ...]
    if before == "statuses" and key.way[-1] == "{}":
        good, bad = ((statuses[0], early), (statuses[1], late)), ((statuses[0], late), (statuses[1], early))
    elif before == "statuses":
        early, good, bad = statuses[0], (statuses[0], statuses[1]), (statuses[1], statuses[0])
    elif before == "list":
        good, bad = (early, late), (late, early)
    else:
        good, bad = (late,), (early,)
    files = [maker.data(key, *values) for values in (good, bad)]
    if before not in ("list", "statuses"):
        for file, other in zip(files, (early, late), strict=True):
            maker.insert_beside(file, key, other)
    assert [rule for rule, _ in check_files(healthy, key, files[0])[0] if rule.startswith("out-of-order")] == []
    findings, texts, _ = check_files(healthy, key, files[1])
    assert [f for f in findings if f[0].startswith("out-of-order")] == [
        (wanted("out-of-order", key), place_of(texts, early))
    ]


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.not_after], ids=str)
@pytest.mark.parametrize(("late", "early"), [("2031", "2020"), ("2020-03", "2020-02"), ("2020-02-02", "2020-02-01")])
def test_a_value_after_the_papers_own_date_is_found(key: Key, late: str, early: str, healthy: Paper) -> None:
    dated = replace(healthy, settings=healthy.settings.replace(as_of=date(2020, 2, 1)))
    for value, is_late in {late: True, early: False}.items():
        findings, texts, _ = check_files(dated, key, Maker(dated).data(key, value))
        is_found = (wanted("out-of-order", key), place_of(texts, value)) in findings
        assert is_found == is_late


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.used_as], ids=str)
def test_an_entry_that_nothing_uses_is_found(key: Key, healthy: Paper) -> None:
    maker = Maker(healthy)
    findings, texts, changed = check_files(healthy, key, maker.data(key, "nosuchname"))
    changed = replace(changed, chapters=healthy.chapters)
    place = place_of(texts, "nosuchname")
    assert (wanted("unused-entry", key), place) in findings
    for name in USES[key.limits.used_as].names(changed):
        findings, texts, _ = check_files(healthy, key, maker.data(key, name))
        assert (wanted("unused-entry", key), place_of(texts, name)) not in findings


@pytest.mark.parametrize("key", [key for key in KEYS if key.limits.file], ids=str)
def test_a_file_that_is_not_there_and_one_that_nothing_names_are_found(key: Key, healthy: Paper) -> None:
    maker, kind = Maker(healthy), FILES[key.limits.file]
    missing = replace(healthy, missing=((0, 0, "nosuchfile"),))
    findings, texts, _ = check_files(missing, key, maker.data(key, "nosuchfile"))
    assert (wanted("missing-file", key), place_of(texts, "nosuchfile")) in findings
    whole = replace(healthy, source_copies={"paper/sources/a.pdf": SourceCopy()})
    named = {value.value for value in whole.declared_values if value.limits.file == key.limits.file}
    paths = [path for path in kind.files(whole) if path not in named] or [next(iter(kind.files(whole)))]
    bare = replace(whole, settings=Settings()) if key.root is Settings else whole
    assert kind.files(whole)[paths[0]] in {f.place for f in unused_and_incomplete.unlisted_file(bare)}
    _, _, listed = check_files(whole, key, maker.data(key, paths[0]))
    assert kind.files(whole)[paths[0]] not in {f.place for f in unused_and_incomplete.unlisted_file(listed)}


FIELDS_OF_BLOCKS = [(kind, name) for kind, fields in ITEM_FIELDS.items() for name in fields]


@pytest.mark.parametrize(("kind", "name"), FIELDS_OF_BLOCKS, ids="/".join)
def test_a_line_of_a_block_has_what_its_declaration_asks_for(kind: str, name: str, healthy: Paper) -> None:
    limits, place = ITEM_FIELDS[kind][name], Place("x.md", 3)
    lines = {field: ItemField("value", (), Place("x.md", n)) for n, field in enumerate(ITEM_FIELDS[kind], 5)}
    others = tuple(item for chapter in healthy.chapters for item in chapter.items)

    def check_block(identifier: str, fields: dict[str, ItemField]) -> list[tuple[str, Place]]:
        objective = Item("objective", "obj-x", "", (), {}, {}, Place("y.md"))
        items = (*others, objective, Item(kind, identifier, "Light it.", (), fields, {}, place))
        priorities = (Priority(id="first", title="First"),)
        paper = replace(
            healthy,
            settings=healthy.settings.replace(priorities=priorities),
            chapters=(Chapter("x.md", FrontMatter(title="X", status="", category=""), "", items=items),),
        )
        rules = {"incomplete-block": unused_and_incomplete.incomplete_block, "dead-name": dead_and_duplicate.dead_name}
        findings = [(rule, f) for rule, find in rules.items() for f in find(paper) if f.place.path == "x.md"]
        return [(f"{rule}/{f.kind}", f.place) for rule, f in findings if f.kind != "category"]

    named = f"{ITEM_PREFIXES[kind]}-x"
    without = {field: line for field, line in lines.items() if field != name}
    needed = {"always": kind, "entries": kind, "plan": "action-plan", "": ""}[limits.needed]
    findings = [rule for rule, at in check_block(named, without) if at == place]
    assert findings == [f"incomplete-block/{needed}"] * bool(needed)
    empty = check_block(named, lines | {name: ItemField("not yet published", (), lines[name].place)})
    assert (("incomplete-block/empty-field", lines[name].place) in empty) == limits.must_say
    dead = f"dead-name/{limits.refers_to}"
    assert ((dead, lines[name].place) in check_block(named, lines)) == bool(limits.refers_to)
    assert ("incomplete-block/id", place) in check_block("", lines)


SHARED = [(kind, name) for kind, name in FIELDS_OF_BLOCKS if ITEM_FIELDS[kind][name].is_shared]


@pytest.mark.parametrize("kind", ITEM_PREFIXES)
def test_an_id_has_the_prefix_of_its_block(kind: str, healthy: Paper) -> None:
    for prefix, is_right in {ITEM_PREFIXES[kind]: True, "xyz": False}.items():
        item = Item(kind, f"{prefix}-x", "", (), {}, {}, Place("x.md", 3))
        front = FrontMatter(title="X", status="", category="")
        paper = replace(healthy, chapters=(Chapter("x.md", front, "", items=(item,)),))
        assert ("id" in {f.kind for f in unused_and_incomplete.incomplete_block(paper)}) != is_right


@pytest.mark.parametrize(("kind", "name"), SHARED, ids="/".join)
@pytest.mark.parametrize(
    ("values", "stray"),
    [
        ("prevent prevent protect prevnt", "prevnt"),
        ("prevent prevent protect", ""),
        ("a-a a-a a-a b-b b-b b-b b-b other", "other"),
        ("a-a a-a a-a b-b b-b b-b one two", ""),
        ("prevent prevent", ""),
    ],
)
def test_a_value_that_others_share_is_spelled_alike(
    kind: str, name: str, values: str, stray: str, healthy: Paper
) -> None:
    items = tuple(
        Item(kind, f"{ITEM_PREFIXES[kind]}-x{n}", "", (), {name: ItemField(value, (), Place("x.md", n))}, {}, Place(""))
        for n, value in enumerate(values.split(), 1)
    )
    front = FrontMatter(title="X", status="", category="")
    paper = replace(healthy, chapters=(Chapter("x.md", front, "", items=items),))
    findings = [f.place.line for f in dead_and_duplicate.dead_name(paper) if f.kind == "value"]
    assert findings == [n for n, value in enumerate(values.split(), 1) if value == stray]


@pytest.mark.parametrize("paper", ["healthy", "full", "late", "single"])
def test_papers_without_such_faults_have_no_findings(paper: str) -> None:
    whole = load(HEALTHY.parent / paper, lambda _: None)
    assert [f for rule in (*RULES, unused_and_incomplete.unlisted_file) for f in rule(whole)] == []


def test_every_kind_is_declared() -> None:
    kinds = {kind for key in KEYS for kind in kinds_of(key.limits)}
    kinds |= {
        f"dead-name/{limits.refers_to}"
        for limits in (f for fields in ITEM_FIELDS.values() for f in fields.values())
        if limits.refers_to
    } | {"dead-name/value"}
    kinds |= {f"incomplete-block/{name}" for name in ("action-plan", "empty-field", "id")}
    kinds |= {
        f"incomplete-block/{kind}" for kind, fields in ITEM_FIELDS.items() if any(f.needed for f in fields.values())
    }
    rules = {kind.partition("/")[0] for kind in kinds}
    assert {kind for kind in KINDS if kind.partition("/")[0] in rules} == kinds


def kinds_of(limits: Limits) -> Iterator[str]:
    """The kinds of findings that a declaration can have."""
    if limits.refers_to:
        yield f"dead-name/{limits.dead_kind or limits.refers_to}"
    if limits.unique_in:
        yield f"duplicate/{limits.duplicate_kind}"
    if limits.not_before or limits.not_after:
        yield f"out-of-order/{limits.order_kind}"
    if limits.used_as:
        yield f"unused-entry/{limits.used_as}"
    if limits.file:
        yield f"missing-file/{limits.file}"
        yield f"unlisted-file/{limits.file}"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_notation_has_right_and_wrong_texts(notation: str) -> None:
    right = {"language": "en-GB en-GB-oxendict ur ur-PK zh-Hant-TW es-419 pnb", "orcid": "0000-0002-1825-0097"}
    wrong = {"language": "en-UK xx eng en_GB -", "orcid": "0000-0002-1825-0098 0000 x"}
    find_problem = NOTATIONS[notation][0]
    assert [text for text in right[notation].split() if find_problem(text)] == []
    assert [text for text in (*wrong[notation].split(), "") if not find_problem(text)] == []
