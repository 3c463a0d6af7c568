"""What an editor asks about a place: what could stand there, what stands there, and where that is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nioc_paper.lsp.names import Name
from nioc_paper.lsp.spot import Spot
from nioc_paper.model import Paper, Place
from nioc_paper.schema import Schema, schema


@dataclass(frozen=True, slots=True)
class Item:
    """A word that could stand at the cursor: what is shown, a line on it, all about it, what is typed."""

    label: str
    detail: str
    about: str
    text: str
    is_key: bool = False


def complete(paper: Paper, spot: Spot) -> list[Item]:
    """What could stand there: names of the paper, or what the front matter knows."""
    if spot.cursor < spot.start:
        return []
    if spot.kind:
        colon = ": " if spot.is_key else ""
        return [Item(n.id, n.title, n.about, f"{n.id}{colon}", spot.is_key) for n in spot.kind(paper)]
    return list(_known(paper, spot)) if spot.in_front else []


def about(paper: Paper, spot: Spot) -> str:
    """What stands there, in plain text; empty when it is nothing that has a name."""
    if name := _find(paper, spot):
        return name.about
    if not spot.in_front or not spot.is_key:
        return ""
    return str(_inside(schema("chapter", paper.settings), (*spot.path, spot.word)).get("description", ""))


def written(paper: Paper, spot: Spot) -> Place | None:
    """Where that which stands there is written."""
    name = _find(paper, spot)
    return name.place if name else None


def _find(paper: Paper, spot: Spot) -> Name | None:
    names = spot.kind(paper) if spot.kind else iter(())
    return next((n for n in names if n.id == spot.word), None)


# --- front matter -----------------------------------------------------------------------------------------------------


def _known(paper: Paper, spot: Spot) -> Iterator[Item]:
    """Keys where a mapping is, words where there is a choice."""
    found = _inside(schema("chapter", paper.settings), spot.path)
    for key, value in found.get("properties", {}).items():
        if key not in spot.given:
            text = str(value.get("description", ""))
            yield Item(key, text, text, f"{key}: ", is_key=True)
    if not spot.is_key:
        for word in found.get("enum", ()):
            if word is not None:
                yield Item(str(word), str(found.get("description", "")), "", str(word))


def _inside(description: Schema, path: tuple[str, ...]) -> Schema:
    """The part of a schema that holds at the end of some keys; empty where it says nothing."""
    definitions: Mapping[str, Schema] = description.get("$defs", {})
    found = description
    for key in path:
        found = _resolved(found.get("properties", {}).get(key) or found.get("additionalProperties"), definitions)
    return found


def _resolved(value: Any, definitions: Mapping[str, Schema]) -> Schema:
    """The schema of a value, or of the items of a list."""
    if not isinstance(value, dict):
        return {}
    for inner in (value, *value.get("anyOf", ()), *([value["items"]] if "items" in value else [])):
        if "$ref" in inner:
            described = {"description": value["description"]} if "description" in value else {}
            return {**definitions[inner["$ref"].rpartition("/")[2]], **described}
    return value
