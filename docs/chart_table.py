"""Make the table of the keys and values of charts from the JSON Schema of Vega-Lite, which altair ships.

    pip download altair==6.3.0 --no-deps -d /tmp/altair
    python3 docs/chart_table.py /tmp/altair/altair-6.3.0-py3-none-any.whl

The table is `nioc_paper/load/data/vega-lite.json`. A node of it says what a value may be; alternatives of the schema
are one node: `k` are keys with the number of their node, `o` the node of any other key, `i` that of items in a list,
`e` words, `t` other kinds of values: s text, n number, b true or false, 0 null, * any.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "nioc_paper" / "load" / "data" / "vega-lite.json"
_FREE_KEYS = frozenset(("config", "datasets", "usermeta", "data"))
"""Keys that are not followed: data are read by us, and settings of the look are for experts."""
_LETTERS = {"string": "s", "number": "n", "integer": "n", "boolean": "b", "null": "0"}
_JSON_NAMES = {bool: "boolean", int: "number", float: "number", type(None): "null"}
Schema = Mapping[str, Any]


class Table:
    """Nodes of the table; the first is a whole chart."""

    def __init__(self, schema: Schema) -> None:
        """Add the node of a whole chart, and with it all others."""
        self._definitions: Schema = schema["definitions"]
        self._numbers: dict[str, int] = {}
        self.nodes: list[dict[str, Any]] = []
        self._number_of([schema["definitions"]["TopLevelSpec"]])

    def _number_of(self, schemas: list[Schema]) -> int:
        """Return the number of the node for a value of one of some schemas."""
        branches = [branch for schema in schemas for branch in self._branches(schema)]
        key = json.dumps(sorted({json.dumps(branch, sort_keys=True) for branch in branches}))
        if key not in self._numbers:
            self._numbers[key] = number = len(self.nodes)
            self.nodes.append({})
            self.nodes[number] = self._node(branches)
        return self._numbers[key]

    def _branches(self, schema: Schema) -> Iterator[Schema]:
        """Yield the alternatives of a schema."""
        if "$ref" in schema:
            yield from self._branches(self._definitions[schema["$ref"].removeprefix("#/definitions/")])
        elif "anyOf" in schema:
            for branch in schema["anyOf"]:
                yield from self._branches(branch)
        else:
            yield {key: value for key, value in schema.items() if key != "description"}

    def _node(self, branches: list[Schema]) -> dict[str, Any]:
        keys: dict[str, list[Schema]] = {}
        others, items, words, letters = list[Schema](), list[Schema](), set[str](), set[str]()
        for branch in branches:
            values = branch.get("enum", [branch["const"]] if "const" in branch else [])
            words |= {value for value in values if isinstance(value, str)}
            letters |= {_LETTERS[_JSON_NAMES[type(v)]] for v in values if not isinstance(v, str)}
            kinds = branch.get("type", [])
            for kind in [] if values else [kinds] if isinstance(kinds, str) else kinds:
                letters |= {_LETTERS[kind]} if kind in _LETTERS else set()
            for key, value in branch.get("properties", {}).items():
                keys.setdefault(key, []).append(value)
            if branch.get("type") == "object" and branch.get("additionalProperties", True) is not False:
                other = branch.get("additionalProperties", True)
                others.append({} if other is True else other)
            inner = branch.get("items", {} if branch.get("type") == "array" else None)
            items += [] if inner is None else inner if isinstance(inner, list) else [inner]
            letters |= {"*"} if not branch else set()
        node = {
            "k": {key: self._number_of([{}] if key in _FREE_KEYS else keys[key]) for key in sorted(keys)},
            "o": self._number_of(others) if others else None,
            "i": self._number_of(items) if items else None,
            "e": [] if "s" in letters else sorted(words),
            "t": "".join(sorted(letters)),
        }
        return {name: value for name, value in node.items() if value not in (None, [], {}, "")}


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith("/vega-lite-schema.json"))
        about = wheel.read(f"{name.rpartition('/')[0]}/__init__.py").decode()
        nodes = Table(json.loads(wheel.read(name))).nodes
    version = about.partition('SCHEMA_VERSION = "v')[2].partition('"')[0]
    lines = ",\n".join(json.dumps(node, separators=(",", ":")) for node in nodes)
    TABLE.write_text(f'{{"version":"{version}","nodes":[\n{lines}\n]}}\n', encoding="utf-8")
