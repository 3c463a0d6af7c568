"""Changes to YAML that people write by hand: one value, and not one other character. Pure: text to text."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

# The fences are those that reading accepts (load/text.py), before line ends are made one kind.
_FRONT = re.compile(r"\A\ufeff?---[ \t]*(?:\r\n?|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
_NULLS = ("", "~", "null")
_BLANKS = " \t\r\n"
"""White space of YAML. Python strips more, such as no-break spaces, which belong to a value."""


class EditError(Exception):
    """A text that cannot be changed without touching more of it."""


def set_value(text: str, key: str, value: str) -> str:
    """A chapter's text with another value of a key of its front matter. Raises EditError where there is none."""
    front = _FRONT.match(text)
    if not front:
        raise EditError("the front matter does not begin or does not end")
    try:
        return text[: front.start(1)] + _with_value(front[1], key, value) + text[front.end(1) :]
    except yaml.YAMLError as error:
        raise EditError("the front matter is no YAML") from error


def _with_value(text: str, key: str, value: str) -> str:
    before = _events(text)
    index = _index(before, key)
    old = before[index]
    # A block's value ends behind its line: what follows, the fence too, stays on a line of its own.
    start = old.start_mark.index
    end = max(start, len(text[: old.end_mark.index].rstrip(_BLANKS)))
    wanted = [_words(e) for e in before]
    wanted[index] = (yaml.ScalarEvent, value, old.anchor)
    # Quotes, a tag or an anchor around the word stay.
    head, _, tail = text[start:end].rpartition(old.value) if old.value else ("", "", "")
    for new in (f"{head}{value if old.style else scalar(value)}{tail}", quoted(value)):
        changed = text[:start] + new + text[end:]
        if _reads_as(changed, wanted):
            return changed
    raise EditError(f"the value of '{key}' is written in a way that cannot be changed safely")


def _events(text: str) -> list[Any]:
    """What YAML's parser sees. Python's own, not libyaml's: its marks count characters."""
    return list(yaml.parse(text, Loader=yaml.SafeLoader))


def _words(event: Any) -> tuple[Any, ...]:
    return type(event), getattr(event, "value", None), getattr(event, "anchor", None)


def _reads_as(text: str, words: Sequence[tuple[Any, ...]]) -> bool:
    try:
        return [_words(e) for e in _events(text)] == words
    except yaml.YAMLError:
        return False


def _index(events: Sequence[Any], key: str) -> int:
    """Where the value of a key of the outermost mapping is among the events."""
    depth = nodes = 0
    found = False
    for index, event in enumerate(events):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            if depth == 1:
                if found and nodes % 2 and isinstance(event, yaml.ScalarEvent):
                    return index
                found = isinstance(event, yaml.ScalarEvent) and event.value == key and not nodes % 2
                nodes += 1
            depth += isinstance(event, yaml.CollectionStartEvent)
    raise EditError(f"there is no '{key}' in it")


def scalar(text: str) -> str:
    """A text as YAML: as it is where it reads back as itself, else in quotes."""
    try:
        plain = yaml.load(f"key: {text}", yaml.BaseLoader) == {"key": text}  # noqa: S506 - it makes texts only
    except yaml.YAMLError:
        plain = False
    return text if plain and text not in _NULLS else quoted(text)


def quoted(text: str) -> str:
    """A text as YAML in double quotes, which are those of JSON; what does not print is written with its number."""
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False))


def add_item(text: str, loc: Sequence[str | int], item: str | Mapping[str, str]) -> str:
    """A YAML text with one more item at the end of the list at `loc`, in the layout of those before it.

    An item is a text, or a record of texts, which is written in a line. Raises EditError where there is no list, or
    none that can grow without touching more.
    """
    node = _node(text, loc)
    wanted = [*(_list(text, loc) if isinstance(node, yaml.SequenceNode) else ()), item]
    # Between brackets, more words need quotes.
    for word in (scalar, quoted):
        for changed in _longer(text, node, written(item, word)):
            with contextlib.suppress(yaml.YAMLError):
                if _list(changed, loc) == wanted and _others(changed, loc) == _others(text, loc):
                    return changed
    raise EditError("the list is written in a way that cannot be changed safely")


def written(item: str | Mapping[str, str], word: Callable[[str], str] = scalar) -> str:
    """An item of a list as YAML, a record in one line; `word` writes its texts."""
    return word(item) if isinstance(item, str) else f"{{{', '.join(f'{k}: {word(v)}' for k, v in item.items())}}}"


def _list(text: str, loc: Sequence[str | int]) -> Any:
    """The data of the list at `loc`."""
    data = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes texts only
    for step in loc:
        data = data[step]
    return data


def _node(text: str, loc: Sequence[str | int]) -> yaml.Node:
    node: Any = yaml.compose(text, yaml.SafeLoader)
    for step in loc:
        inside = node.value if isinstance(node, yaml.CollectionNode) else []
        children = enumerate(inside) if isinstance(node, yaml.SequenceNode) else ((k.value, v) for k, v in inside)
        node = next((child for name, child in children if name == step), None)
    if not isinstance(node, yaml.SequenceNode) and not (isinstance(node, yaml.ScalarNode) and node.value in _NULLS):
        raise EditError("there is no list to add to")
    return node


def _others(text: str, loc: Sequence[str | int]) -> Any:
    """The data without the list at `loc`."""
    data = inner = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes texts only
    for step in loc[:-1]:
        inner = inner[step]
    del inner[loc[-1]]
    return data


def _longer(text: str, node: Any, item: str) -> Iterator[str]:
    """Ways to write the longer list, the best first."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        if item.startswith("{"):
            yield f"{text[:start].rstrip(_BLANKS)}\n  - {item}{text[end:]}"
        space = " " if start == end else ""
        yield f"{text[:start]}{space}[{item}]{text[end:]}"
        return
    if not node.value:
        yield text[: start + 1] + item + text[start + 1 :]
        return
    last = node.value[-1].start_mark.index
    end = last + len(text[last : node.value[-1].end_mark.index].rstrip(_BLANKS))
    line = max(text.rfind(mark, 0, last) for mark in "\r\n") + 1
    rest = _LINE_END.search(text, end)
    after = rest.start() if rest else len(text)
    new_line = next(iter(_LINE_END.findall(text)), "\n") + text[line:last] + item
    if not node.flow_style:
        yield text[:after] + new_line + text[after:]
    elif not text[line:last].strip(_BLANKS):
        # A line an item: the comma may be there, and a comment stays with its item.
        yield text[:after] + new_line + "," + text[after:]
        yield text[:end] + "," + text[end:after] + new_line + text[after:]
        yield text[:end] + "," + new_line + text[end:]
    yield f"{text[:end]}, {item}{text[end:]}"
