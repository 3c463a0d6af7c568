"""Edit handwritten YAML: change one value, and no other character; make files of records. Pure: text to text."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from nioc_paper.model import slugify

# The same fences as in load/source_text.py, before line ends are normalized.
FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*(?:\r\n?|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
_NULL_TEXTS = ("", "~", "null")
_YAML_SPACE = " \t\r\n"
"""White space of YAML. Python strips more, such as no-break spaces, which belong to a value."""


class EditError(Exception):
    """The text cannot be changed without touching more of it."""


def set_front_matter_value(text: str, key: str, value: str) -> str:
    """Return a chapter's text with another value of a front matter key. Raises EditError if it has none."""
    if not (match := FRONT_MATTER.match(text)):
        raise EditError("the front matter does not begin or does not end")
    try:
        return text[: match.start(1)] + set_value(match[1], key, value) + text[match.end(1) :]
    except yaml.YAMLError as error:
        raise EditError("the front matter is not YAML") from error


def set_value(text: str, key: str, value: str) -> str:
    """Return YAML with another value of a key of its outermost mapping. Raises EditError if it cannot be changed."""
    root = yaml.compose(text, yaml.SafeLoader)  # Python's own, not libyaml's, because its marks count characters
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    old = next((node for name, node in pairs if name.value == key and isinstance(node, yaml.ScalarNode)), None)
    if old is None:
        raise EditError(f"there is no '{key}' in it")
    # A block's value ends on the next line: later content, the fence too, stays on its own line.
    start = old.start_mark.index
    end = max(start, len(text[: old.end_mark.index].rstrip(_YAML_SPACE)))
    # Quotes, a tag or an anchor around the word stay.
    head, _, tail = text[start:end].rpartition(old.value) if old.value else ("", "", "")
    expected = {**_load_texts(text), key: value}
    for new in (f"{head}{value if old.style else to_scalar(value)}{tail}", to_quoted(value)):
        changed = text[:start] + new + text[end:]
        with contextlib.suppress(yaml.YAMLError):
            if _load_texts(changed) == expected:
                return changed
    raise EditError(f"the value of '{key}' is written in a way that cannot be changed safely")


def _load_texts(text: str) -> Any:
    """Return the data of YAML, with all scalars as texts."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes texts only


def to_scalar(text: str) -> str:
    """Return a text as YAML: plain if it reads back as itself, otherwise in quotes."""
    try:
        is_plain = _load_texts(f"key: {text}") == {"key": text}
    except yaml.YAMLError:
        is_plain = False
    return text if is_plain and text not in _NULL_TEXTS else to_quoted(text)


def to_quoted(text: str) -> str:
    """Return a text in YAML's double quotes, which are those of JSON; unprintable characters as escapes."""
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False))


def append_to_list(
    text: str, path: Sequence[str | int], item: str | Mapping[str, object], *, on_lines: bool = False
) -> str:
    """Return a YAML text with one more item at the end of the list at `path`, in the layout of the items before it.

    An item is a text, or a record: of texts, which is written on one line, or `on_lines` of its own. Raises EditError
    if there is no list, or none that can grow without touching more.
    """
    node = _compose_list(text, path)
    expected = [*(_load_list(text, path) if isinstance(node, yaml.SequenceNode) else ()), item]
    # Between brackets, more words need quotes.
    one_line = ([to_flow_item(item, to_yaml)] for to_yaml in (to_scalar, to_quoted))
    for lines in [_record_lines(item)] if on_lines and not isinstance(item, str) else one_line:
        for changed in _appended_variants(text, node, lines, is_block=on_lines):
            if _changes_only_list(text, changed, path, expected):
                return changed
    raise EditError("the list is written in a way that cannot be changed safely")


def remove_record(text: str, key: str, index: int) -> str:
    """Return a YAML text without an item of a list of its outermost mapping, and without the item's own lines.

    Raises EditError if it cannot be taken out without touching more.
    """
    items: Any = _compose_list(text, (key,)).value
    expected = [item for number, item in enumerate(_load_list(text, (key,))) if number != index]
    starts = [max(text.rfind(mark, 0, item.start_mark.index) for mark in "\r\n") + 1 for item in items]
    last = starts[index] + len(text[starts[index] : items[index].end_mark.index].rstrip(_YAML_SPACE))
    line_end = _LINE_END.search(text, last)
    end = starts[index + 1] if index + 1 < len(items) else line_end.end() if line_end else len(text)
    changed = text[: starts[index]] + text[end:]
    if _changes_only_list(text, changed, (key,), expected):
        return changed
    raise EditError("the list is written in a way that cannot be changed safely")


def _record_lines(record: Mapping[str, Any]) -> list[str]:
    """Return the lines of a record: one for each key, and for each name in a list."""
    lines: list[str] = []
    for key, value in record.items():
        if isinstance(value, list):
            lines += (f"{key}:", *(f"  - {to_flow_item(item, to_quoted_if_needed)}" for item in value))
        else:
            lines.append(f"{key}: {to_quoted_if_needed(value)}")
    return lines


def to_quoted_if_needed(text: str) -> str:
    """Return a text as YAML, in quotes if it does not begin with a letter: a number would be read as one."""
    return to_scalar(text) if text[:1].isalpha() and not re.search(r"[\[\]{},]", text) else to_quoted(text)


def to_flow_item(item: str | Mapping[str, Any], to_yaml: Callable[[str], str] = to_scalar) -> str:
    """Return an item of a list as YAML, a record on one line; `to_yaml` writes its texts."""
    return to_yaml(item) if isinstance(item, str) else f"{{{', '.join(f'{k}: {to_yaml(v)}' for k, v in item.items())}}}"


def _load_list(text: str, path: Sequence[str | int]) -> Any:
    """Return the data of the list at `path`."""
    data = _load_texts(text)
    for step in path:
        data = data[step]
    return data


def _compose_list(text: str, path: Sequence[str | int]) -> yaml.Node:
    node: object = yaml.compose(text, yaml.SafeLoader)
    for step in path:
        content = node.value if isinstance(node, yaml.CollectionNode) else []
        children = enumerate(content) if isinstance(node, yaml.SequenceNode) else ((k.value, v) for k, v in content)
        node = next((child for name, child in children if name == step), None)
    if not isinstance(node, yaml.SequenceNode) and not (
        isinstance(node, yaml.ScalarNode) and node.value in _NULL_TEXTS
    ):
        raise EditError("there is no list to add to")
    return node


def _changes_only_list(text: str, changed: str, path: Sequence[str | int], expected: Sequence[object]) -> bool:
    """Whether a changed text has the expected list at `path`, and everything else as it was."""
    with contextlib.suppress(yaml.YAMLError, KeyError):
        same_rest = _load_without_list(changed, path) == _load_without_list(text, path)
        return same_rest and (_load_list(changed, path) or []) == [*expected]
    return False


def _load_without_list(text: str, path: Sequence[str | int]) -> object:
    """Return the data without the list at `path`."""
    data = inner = _load_texts(text)
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return data


def _appended_variants(text: str, node: Any, lines: Sequence[str], *, is_block: bool) -> Iterator[str]:
    """Yield ways to write the longer list, best first; an item of several lines goes into a block."""
    start, end = node.start_mark.index, node.end_mark.index
    item, new_end = lines[0], next(iter(_LINE_END.findall(text)), "\n")
    is_null = isinstance(node, yaml.ScalarNode)
    if (is_block and not node.value) or (is_null and (is_block or item.startswith("{"))):
        block = f"{new_end}  - {f'{new_end}    '.join(lines)}"
        yield text[:start].rstrip(_YAML_SPACE) + block + (text[end:] or new_end)
    if is_null:
        space = " " if start == end else ""
        yield f"{text[:start]}{space}[{item}]{text[end:]}"
        return
    if not node.value:
        yield text[: start + 1] + item + text[start + 1 :]
        return
    last = node.value[-1].start_mark.index
    end = last + len(text[last : node.value[-1].end_mark.index].rstrip(_YAML_SPACE))
    line = max(text.rfind(mark, 0, last) for mark in "\r\n") + 1
    line_end = _LINE_END.search(text, end)
    line_end_index = line_end.start() if line_end else len(text)
    mark = text[line:last]
    new_line = new_end + mark + f"{new_end}{' ' * len(mark)}".join(lines)
    if not node.flow_style:
        yield text[:line_end_index] + new_line + (text[line_end_index:] or new_end)
    elif not mark.strip(_YAML_SPACE):
        # One item per line: a comma may exist, and a comment stays with its item.
        yield text[:line_end_index] + new_line + "," + text[line_end_index:]
        yield text[:end] + "," + text[end:line_end_index] + new_line + text[line_end_index:]
        yield text[:end] + "," + new_line + text[end:]
    yield f"{text[:end]}, {item}{text[end:]}"


# --- files that hold what one command added to a register -------------------------------------------------------------


_HASH_LENGTH, _MARK_LENGTH, _MOST_MARKS = 8, 62, 6
_LONG_LINE = 48
"""Characters of a line that two records hardly share, such as a title or an address."""


class RecordFile(NamedTuple):
    """Path of a new file, and its text."""

    path: str
    text: str


def make_record_file(folder: str, name: str, text: str) -> RecordFile:
    """Return a file of the folder for a record with this name and text, below a mark of its own.

    Its name holds a hash of the content: two people who add the same id write two files, and the same record one.

    Git takes a deleted file and a new one for the same if half of their lines are equal, and would put a correction
    of one into the other. The mark makes up for the lines that records share.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = f"{folder}/{slugify(name)[:60].strip('-') or 'record'}-{digest[:_HASH_LENGTH]}.yaml"
    shared = sum(len(line) if len(line) < _LONG_LINE else -len(line) for line in text.splitlines())
    marks = (
        hashlib.sha512(f"{digest}{n}".encode()).hexdigest()[:_MARK_LENGTH]
        for n in range(min(max(1, -(-shared // _MARK_LENGTH)), _MOST_MARKS))
    )
    return RecordFile(path, "".join(f"# {mark}\n" for mark in marks) + text)
