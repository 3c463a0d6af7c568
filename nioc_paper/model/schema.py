"""JSON Schema (2020-12) of the YAML files, for completion, help and checks in editors.

A schema accepts the same as reading, except that whole numbers and booleans must be written as such: 4500, true.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from nioc_paper import __version__
from nioc_paper.model import LIST_NAMES, FrontMatter, Limits, Record, Settings, field_types
from nioc_paper.model.record import nested_types
from nioc_paper.model.register_files import SCHEMAS

Schema = dict[str, Any]
_SCALAR_SCHEMAS: Mapping[object, Schema] = {
    str: {"type": ["string", "number"]},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
}
RELEASE_KEY = "$comment"
"""Key of the release that wrote a schema."""


def build_schema(name: str, settings: Settings | None = None) -> Schema:
    """Return the schema of one of SCHEMAS; with the choices of a paper if its settings are given."""
    record, _ = SCHEMAS[name]
    nested = sorted({*_nested_records(record)}, key=lambda cls: cls.__name__)
    definitions = {cls.__name__: _record_schema(cls) for cls in nested}
    heads = {"$schema": "https://json-schema.org/draft/2020-12/schema", RELEASE_KEY: f"nioc_paper {__version__}"}
    built = heads | ({"$defs": definitions} if definitions else {}) | _record_schema(record)
    for description in (built, *definitions.values()):
        _insert_choices(description, settings or Settings())
    if record is FrontMatter and settings:
        _rename_key(built, "category", settings.category_key)
    return built


def schema_text(name: str, settings: Settings | None = None) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(build_schema(name, settings), ensure_ascii=False, indent=2) + "\n"


def _nested_records(cls: type[Record]) -> Iterator[type[Record]]:
    """Yield the records inside a record, at any depth."""
    for kind in field_types(cls).values():
        for part in nested_types(kind):
            if isinstance(part, type) and issubclass(part, Record):
                yield part
                yield from _nested_records(part)


def _record_schema(cls: type[Record]) -> Schema:
    """Return the schema of a record; its key descriptions come from its source, which only this command reads."""
    descriptions: dict[str, str] = {}
    for base in cls.__mro__:
        if issubclass(base, Record):
            descriptions |= _field_docstrings(base)  # type: ignore[arg-type] # as in field_types
    required_keys = [*dict.fromkeys((*cls.required_keys, *filter(cls.required_fields.__contains__, cls.names)))]
    properties = {}
    for key, name in zip(field_types(cls), cls.names, strict=True):
        value = _value_schema(field_types(cls)[key])
        default = getattr(cls, name, None)
        if default and not isinstance(default, Mapping | Record):
            value["default"] = list(default) if isinstance(default, tuple) else default
        properties[key] = {"description": descriptions[name], **(value if key in required_keys else _nullable(value))}
    return {
        "title": cls.__name__,
        "description": inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0],
        "type": "object",
        "properties": properties,
        **({"required": required_keys} if required_keys else {}),
        "additionalProperties": cls.open_ended,
    }


def _value_schema(kind: Any) -> Schema:
    """Return the schema of a type. Reading takes a number for a text, as it is written."""
    inner = get_args(kind)
    if NoneType in inner:
        return _value_schema(inner[0])
    match get_origin(kind):
        case None:
            return dict(_SCALAR_SCHEMAS[kind]) if kind in _SCALAR_SCHEMAS else {"$ref": f"#/$defs/{kind.__name__}"}
        case origin if origin is Annotated:
            return _limited_schema(*inner)
        case origin if origin is Literal:
            return {"type": "string", **({"const": inner[0]} if len(inner) == 1 else {"enum": [*inner]})}
        case origin if origin is tuple:
            return {"type": "array", "items": _value_schema(inner[0])}
    return {"type": "object", "additionalProperties": _nullable(_value_schema(inner[1]))}


def _limited_schema(kind: object, limits: Limits) -> Schema:
    """Return the schema of a type with limits; one without a limit of its form is that of the type."""
    bounds = {"minimum": limits.least, "maximum": limits.most, "maxLength": limits.longest, "pattern": limits.pattern}
    set_bounds = {name: bound for name, bound in bounds.items() if bound not in (None, "")}
    if kind is not str or not (set_bounds or limits.notation):
        return {**_value_schema(kind), **set_bounds}
    return {"type": "string", **set_bounds}


@cache
def _field_docstrings(cls: type[Record]) -> Mapping[str, str]:
    """Return the keys of a record itself, each with the docstring below it. Reading the source takes a while."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(body, ast.ClassDef)
    docstrings = {}
    for key, below in pairwise(body.body):
        match key, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docstrings[name] = inspect.cleandoc(text)
    return docstrings


def _nullable(value: Schema) -> Schema:
    """Allow null for optional keys: a key without a value counts as missing."""
    if "$ref" in value:
        return {"anyOf": [value, {"type": "null"}]}
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return {**value, "type": [*types, "null"]} | ({"enum": [*value["enum"], None]} if "enum" in value else {})


def _insert_choices(description: Schema, settings: Settings) -> None:
    """Add the choices that this paper defines, if it defines any."""
    statuses = [s.id for s in settings.statuses]
    categories = [c.id for c in settings.categories] + [k for k in settings.kinds if k != "category"]
    choices: Mapping[tuple[str, str], Sequence[str]] = {
        ("FrontMatter", "status"): statuses,
        ("FrontMatter", "category"): categories,
        ("Gate", "leaves"): statuses,
        ("Annex", "list"): LIST_NAMES,
    }
    for (title, key), values in choices.items():
        if description["title"] == title and values:
            value = description["properties"][key]
            description["properties"][key] = {**value, "enum": [*values, *([None] if "null" in value["type"] else [])]}
    if description["title"] == "FrontMatter" and statuses:
        description["properties"]["due"]["propertyNames"] = {"enum": statuses}


def _rename_key(description: Schema, key: str, name: str) -> None:
    """Rename a key to the paper's name for it."""
    description["properties"] = {name if k == key else k: v for k, v in description["properties"].items()}
    description["required"] = [name if k == key else k for k in description["required"]]
