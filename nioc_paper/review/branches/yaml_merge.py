"""Three-way merge of YAML by records and fields; what neither side touched keeps every character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import dedent, indent
from typing import Any, Final, NamedTuple

import yaml
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.load.yaml_composer import YAML_LOADER
from nioc_paper.review.branches.merge_questions import Questions
from nioc_paper.review.branches.sequence_merge import Unit, merge_units

_NULL_TEXTS: Final = ("", "~", "null", "[]", "{}")
RecordKey = tuple[str, str]
"""Name of a list of a register, and the name of a record in it."""
_ID, _DAY = "id", "on"
"""Keys of the name of a record, and of the day by which records are in order."""


def merge_yaml(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged YAML of three versions. Raises YAMLError if one is not YAML, ValueError for the result."""
    if base in (ours, theirs) or ours == theirs:
        return theirs if ours == base else ours
    merged = _merge([_read_document(text) for text in (base, ours, theirs)], (), questions)
    try:
        yaml.compose(merged, YAML_LOADER)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return merged


class _Value(Struct, frozen=True):
    """Entry: a range of a text with the comments above it, its key, and its value."""

    source: str = ""
    start: int = 0
    end: int = 0
    node: Any = None
    """Node of the value; None for the base of what both sides have added."""
    key_end: int = 0
    """End of the key, or of the dash, before the value."""
    name: str = ""

    @property
    def text(self) -> str:
        """Whole text of the entry."""
        return self.source[self.start : self.end]

    @property
    def parts(self) -> tuple[str, str, str]:
        """Text before the value, the value, and what follows it."""
        if self.node is None:
            return "", "", ""
        start, end = self.node.start_mark.index, _node_end(self.source, self.node)
        return self.source[self.start : start], self.source[start:end], self.source[end : self.end]

    @property
    def is_empty(self) -> bool:
        """Whether the value may become a list or a mapping."""
        return self.parts[1] in _NULL_TEXTS

    @property
    def is_block(self) -> bool:
        """Whether the value is a list or a mapping on lines of its own."""
        return isinstance(self.node, yaml.CollectionNode) and not self.node.flow_style


class _Entries(NamedTuple):
    """Entries of a list or a mapping, with the text before the first and behind the last."""

    head: str
    entries: Sequence[_Value]
    tail: str


def find_records(text: str) -> dict[RecordKey, str]:
    """Return the text of each record of a register. Raises YAMLError if it is not YAML."""
    return {key: dedent(entry.text) for key, entry in _locate_records(text).items()}


def replace_records(text: str, records: Mapping[RecordKey, str | None]) -> str:
    """Return a register with other texts of some of its records; None takes one out."""
    located = [(entry, records[key]) for key, entry in _locate_records(text).items() if key in records]
    for entry, new in sorted(located, key=lambda each: -each[0].start):
        spaces = text[text.rfind("\n", 0, entry.key_end) + 1 : entry.key_end].partition("-")[0]
        text = text[: entry.start] + indent(new or "", spaces) + text[entry.end :]
    return text


def _locate_records(text: str) -> dict[RecordKey, _Value]:
    document, records = _read_document(text), dict[RecordKey, _Value]()
    for register in _split_block(document).entries if document.is_block else ():
        if register.is_block and isinstance(register.node, yaml.SequenceNode):
            entries = _split_block(register).entries
            values = [_data(entry.node) for entry in entries]
            names = [str(next(iter(each.values()), "") if isinstance(each, dict) else each) for each in values]
            unique = [
                name if names.count(name) == 1 else entry.text for name, entry in zip(names, entries, strict=True)
            ]
            records |= {(register.name, name): entry for name, entry in zip(unique, entries, strict=True)}
    return records


def _read_document(text: str) -> _Value:
    source = text if text.endswith("\n") or not text else f"{text}\n"
    return _Value(source, 0, len(source), yaml.compose(source, YAML_LOADER))


def _merge(versions: Sequence[_Value], path: tuple[str, ...], questions: Questions) -> str:
    """Return the merged text of an entry: base, ours, theirs."""
    base, ours, theirs = versions
    if theirs.text in (ours.text, base.text):
        return ours.text
    if ours.text == base.text:
        return theirs.text
    if base.is_empty and ours.is_empty is not theirs.is_empty:
        return theirs.text if ours.is_empty else ours.text
    full = [version for version in versions if not version.is_empty]
    if len({type(version.node) for version in full}) == 1 and isinstance(full[0].node, yaml.CollectionNode):
        if all(version.is_block for version in full):
            return _merge_entries([_split_block(version) for version in versions], path, questions)
        if not any(version.is_block or "#" in version.parts[1] for version in full):
            before, _, behind = zip(*(version.parts for version in versions), strict=True)
            merged = _merge_entries([_split_flow(version) for version in versions], path, questions, ", ")
            opening, closing = full[0].parts[1][0], full[0].parts[1][-1]
            return f"{_pick(before, questions)}{opening}{merged}{closing}{_pick(behind, questions)}"
    return _merge_value(versions, path, questions)


def _merge_value(versions: Sequence[_Value], path: tuple[str, ...], questions: Questions) -> str:
    before, values, behind = zip(*(version.parts for version in versions), strict=True)
    base, ours, theirs = (_data(version.node) for version in versions)
    if ours in (theirs, base) or theirs == base:
        value = values[2] if ours == base else values[1] if theirs == base else max(values[1:], key=len)
    else:
        label = ".".join(path)
        value = questions.ask_value(label, *values)
    return f"{_pick(before, questions)}{value}{_pick(behind, questions)}"


def _data(node: Any) -> object:
    if isinstance(node, yaml.SequenceNode):
        return [_data(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key.value: _data(value) for key, value in node.value}
    return None if node is None else str(node.value)


def _pick(versions: Iterable[str], questions: Questions) -> str:
    """Return what is no value: a comment, a key, and white space, of which the longest holds."""
    base, ours, theirs = versions
    if ours.split() == theirs.split() or base in (ours, theirs):
        return ours if theirs == base else theirs if ours == base else max(ours, theirs)
    return questions.ask("a comment", base, ours, theirs) or ""


def _nodes(node: Any) -> Iterator[tuple[int, int, str, Any]]:
    """Yield the entries of a node: start, end of the key, name, value."""
    for item in node.value if isinstance(node, yaml.CollectionNode) else ():
        key, value = item if isinstance(node, yaml.MappingNode) else (None, item)
        if key:
            yield key.start_mark.index, key.end_mark.index + 1, key.value, value
        else:
            yield value.start_mark.index, value.start_mark.index, "", value


def _split_flow(version: _Value) -> _Entries:
    source, nodes = version.source, [*_nodes(version.node)]
    values = [_Value(source, start, start, value, key_end, name) for start, key_end, name, value in nodes]
    return _Entries("", [replace(v, end=v.start + len(v.parts[0] + v.parts[1])) for v in values], "")


def _split_block(version: _Value) -> _Entries:
    source, done = version.source, version.start
    if version.is_empty:
        return _Entries(version.text, (), "")
    entries: list[_Value] = []
    for start, key_end, name, value in _nodes(version.node):
        if not entries and (head_end := _line_end(source, version.key_end)) <= start and version.key_end:
            done = head_end
        end = _line_end(source, max(key_end, _node_end(source, value)))
        entries.append(_Value(source, done, end, value, key_end, name))
        done = end
    return _Entries(source[version.start : entries[0].start], entries, source[done : version.end])


def _node_end(source: str, node: Any) -> int:
    """Return the end of a value without the comments and the white space behind it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return max(int(node.start_mark.index), len(source[: node.end_mark.index].rstrip()))


def _line_end(source: str, start: int) -> int:
    end = source.find("\n", start)
    return len(source) if end < 0 else end + 1


def _merge_entries(
    versions: Sequence[_Entries], path: tuple[str, ...], questions: Questions, joint: str | None = None
) -> str:
    units = [[_entry_unit(entry) for entry in version.entries] for version in versions]
    judge = _EntryJudge([{entry.text: entry for entry in version.entries} for version in versions], path, questions)
    merged = merge_units(units[0], units[1], units[2], judge, joint)
    return (
        _pick((version.head for version in versions), questions)
        + merged
        + _pick((version.tail for version in versions), questions)
    )


def _entry_unit(entry: _Value) -> Unit:
    """Return an entry with its name: its key, or the id of a record."""
    data = _data(entry.node)
    record = data if isinstance(data, dict) else {}
    name = entry.name or str(record.get(_ID, ""))
    is_prose = isinstance(data, str) and not name
    return Unit(entry.text, "", name, "" if is_prose else f"{record.get(_DAY, '')} {name or entry.text}")


class _EntryJudge:
    """Judge of entries: what both sides changed in one is merged by its fields."""

    def __init__(self, entries: Sequence[Mapping[str, _Value]], path: tuple[str, ...], questions: Questions) -> None:
        self.is_ours = questions.is_ours
        self._entries, self._path, self._questions = entries, path, questions

    def choose(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        """Return the merged text of an entry."""
        texts = zip(self._entries, (base, ours, theirs), strict=True)
        versions = [_Value() if text is None else entries[text] for entries, text in texts]
        name = next(_entry_unit(version).name for version in versions if version.node)
        if ours is None or theirs is None:
            return self._questions.ask(f"'{'.'.join((*self._path, name))}'", base, ours, theirs)
        return _merge(versions, (*self._path, name), self._questions)
