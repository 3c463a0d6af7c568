"""Path of keys at a place in YAML. PyYAML's scanner reads only the text before it, so the rest may be broken."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from msgspec import Struct, field

_PROBE = "PROBE"
_MAPPINGS = (yaml.BlockMappingStartToken, yaml.FlowMappingStartToken)
_STARTS = (*_MAPPINGS, yaml.BlockSequenceStartToken, yaml.FlowSequenceStartToken)
_ENDS = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


class _Level(Struct):
    """An open list or mapping, with the key of the next value."""

    is_mapping: bool
    key: str | None = None
    keys: list[str] = field(default_factory=list)


class YamlPath(Struct, frozen=True):
    """The keys that lead to a place, without list indices, and whether the next word is a key."""

    keys: tuple[str, ...] = ()
    is_key: bool = True
    sibling_keys: tuple[str, ...] = ()
    """Keys of the same mapping before this place."""


def find_yaml_path(text: str) -> YamlPath | None:
    """Return the path of a word after this text; None if the text cannot be scanned."""
    # Probe with a value; if the scanner asks for a colon, with a key.
    for probe in (_PROBE, f"{_PROBE}: x"):
        try:
            return _follow_tokens(list(yaml.scan(text + probe, Loader=yaml.SafeLoader)))
        except (yaml.YAMLError, ValueError, OverflowError):  # "\UFFFFFFFF" is not a character
            continue
    return None


def _follow_tokens(tokens: Sequence[yaml.Token]) -> YamlPath | None:
    levels: list[_Level] = []
    is_key = False
    for token in tokens:
        if isinstance(token, _STARTS):
            levels.append(_Level(isinstance(token, _MAPPINGS)))
        elif isinstance(token, _ENDS):
            del levels[-1:]
        elif isinstance(token, yaml.KeyToken | yaml.FlowEntryToken) and levels:
            levels[-1].key, is_key = None, isinstance(token, yaml.KeyToken)
        elif isinstance(token, yaml.ScalarToken):
            if token.value == _PROBE:
                return _make_path(levels, is_key=is_key)
            if is_key and levels:
                levels[-1].key, is_key = token.value, False
                levels[-1].keys.append(token.value)
    return None


def _make_path(levels: Sequence[_Level], *, is_key: bool) -> YamlPath:
    keys = tuple(level.key for level in levels if level.key is not None)
    if not levels:
        return YamlPath()
    # Between braces a key needs no colon yet.
    return YamlPath(keys, is_key or (levels[-1].is_mapping and levels[-1].key is None), tuple(levels[-1].keys))
