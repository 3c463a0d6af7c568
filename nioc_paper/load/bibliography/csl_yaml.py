"""Scan YAML for entries in the terms of CSL, with our own keys beside them."""

from __future__ import annotations

from nioc_paper.load.bibliography.scanned import Field, Position, Scan, ScannedEntry
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_data import YamlData
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Reference, References, Reporter
from nioc_paper.system.cache import Cache


def scan_csl_yaml(text: str, path: str, report: Reporter, cache: Cache) -> Scan:
    """Return the entries under `references`; an entry with a value of the wrong kind is reported and left out."""
    data = read_yaml(text, path, report, cache)
    record = build_record(References, data, path, report)
    scan = Scan()
    for reference in record.references:
        scan.entries.append(_to_entry(reference, reference.key_path, data))
    return scan


def _to_entry(reference: Reference, loc: tuple[str | int, ...], data: YamlData) -> ScannedEntry:
    def position(*inner: str) -> Position:
        return data.value_positions.get((*loc, *inner)) or data.value_positions.get(loc, (1, 1))

    def make_field(name: str, value: object) -> Field:
        return Field(name, value, data.key_positions.get((*loc, name), position(name)), position(name))

    values = vars(reference)
    own = [make_field(key, values[name]) for name, key in _own_names() if name in values]
    fields = [make_field(name, value) for name, value in reference.extra.items()]
    if reference.title:
        fields.insert(0, make_field("title", reference.title))
    return ScannedEntry(
        reference.id, reference.type, position("id"), position("type"), fields, text=reference.id, own=own
    )


def _own_names() -> list[tuple[str, str]]:
    return [(name, key) for name in Reference.names if (key := Reference.key_of(name)) in Reference.own_keys]
