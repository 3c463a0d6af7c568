"""The files that people write in YAML, as JSON Schema (2020-12): what editors complete, explain and check them by.

A schema accepts what reading accepts, except that whole numbers and booleans must be written as such: 4500, true.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from nioc_paper.model import (
    LISTS,
    Acronyms,
    Approvals,
    Contributors,
    Decisions,
    Facts,
    FrontMatter,
    Record,
    References,
    Settings,
    Terms,
    Timeline,
)

Schema = dict[str, Any]
RECORDS: Mapping[str, tuple[type[Record], str]] = {
    "chapter": (FrontMatter, "the front matter of every chapter"),
    "contributors": (Contributors, "contributors.yaml"),
    "paper": (Settings, "paper/paper.yaml"),
    "timeline": (Timeline, "paper/timeline.yaml"),
    "references": (References, "paper/references.yaml"),
    "facts": (Facts, "paper/registers/facts.yaml"),
    "decisions": (Decisions, "paper/registers/decisions.yaml"),
    "approvals": (Approvals, "paper/registers/approvals.yaml"),
    "acronyms": (Acronyms, "paper/registers/acronyms.yaml"),
    "terms": (Terms, "paper/registers/terms.yaml"),
}
"""The record that a schema describes, and where it is written."""


def schema(name: str, settings: Settings | None = None) -> Schema:
    """One of RECORDS as a schema; in the words of a paper where its settings are given."""
    record, _ = RECORDS[name]
    made = record.model_json_schema(schema_generator=_Generator)
    made["required"] = [*record.required, *(k for k in made.get("required", ()) if k not in record.required)]
    for description in (made, *made.get("$defs", {}).values()):
        _open(description)
        _choose(description, settings or Settings())
    if record is FrontMatter and settings:
        _rename(made, "category", settings.category_key)
    return {"$schema": GenerateJsonSchema.schema_dialect, **{k: v for k, v in made.items() if v != []}}


def text(name: str, settings: Settings | None = None) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema(name, settings), ensure_ascii=False, indent=2) + "\n"


class _Generator(GenerateJsonSchema):
    """Pydantic's own, without titles that repeat a key and defaults that say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def model_schema(self, schema: Any) -> Schema:
        """A record with what its source says of each key: reading that source would slow down every other command."""
        made, record = super().model_schema(schema), schema["cls"]
        for cls in (c for c in reversed(record.__mro__) if c is not Record and issubclass(c, Record)):
            for name, text in _said(cls):
                made["properties"][record.model_fields[name].alias or name]["description"] = text
        return made

    def str_schema(self, schema: Any) -> Schema:
        """Reading takes a number for a text, as it is written."""
        made = super().str_schema(schema)
        return {"type": ["string", "number"]} if made == {"type": "string"} else made

    def default_schema(self, schema: Any) -> Schema:
        made = super().default_schema(schema)
        if not made.get("default") or isinstance(made["default"], dict):
            made.pop("default", None)
        return made


def _said(cls: type[Record]) -> Iterator[tuple[str, str]]:
    """The keys that a record has of its own, each with the text that stands below it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(body, ast.ClassDef)
    for key, below in pairwise(body.body):
        match key, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


def _open(description: Schema) -> None:
    """A key without a value is one that is not given, so null stands wherever a value is not needed."""
    description["description"] = description["description"].partition("\n\n")[0]
    for key, value in description.get("properties", {}).items():
        if key not in description.get("required", ()):
            description["properties"][key] = _or_null(value)
        inner = description["properties"][key].get("additionalProperties")
        if isinstance(inner, dict):
            description["properties"][key]["additionalProperties"] = _or_null(inner)


def _or_null(value: Schema) -> Schema:
    inner = [v for v in value.get("anyOf", ()) if v != {"type": "null"}]
    if len(inner) == 1:
        value = {**inner[0], **{k: v for k, v in value.items() if k != "anyOf"}}
    if "$ref" in value:
        rest = {k: v for k, v in value.items() if k != "$ref"}
        return {"anyOf": [{"$ref": value["$ref"]}, {"type": "null"}], **rest}
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return {**value, "type": [*kinds, "null"]} | ({"enum": [*value["enum"], None]} if "enum" in value else {})


def _choose(description: Schema, settings: Settings) -> None:
    """Name the words that this paper knows, where it knows any."""
    statuses = [s.id for s in settings.statuses]
    categories = [c.id for c in settings.categories] + [k for k in settings.kinds if k != "category"]
    words: Mapping[tuple[str, str], Sequence[str]] = {
        ("FrontMatter", "status"): statuses,
        ("FrontMatter", "category"): categories,
        ("Gate", "leaves"): statuses,
        ("Annex", "list"): LISTS,
    }
    for (title, key), known in words.items():
        if description["title"] == title and known:
            value = description["properties"][key]
            null = [None] if "null" in value["type"] else []
            description["properties"][key] = {**value, "enum": [*known, *null]}
    if description["title"] == "FrontMatter" and statuses:
        description["properties"]["due"]["propertyNames"] = {"enum": statuses}


def _rename(description: Schema, key: str, name: str) -> None:
    """Give a key the name that the paper has for it."""
    description["properties"] = {name if k == key else k: v for k, v in description["properties"].items()}
    description["required"] = [name if k == key else k for k in description["required"]]
