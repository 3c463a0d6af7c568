"""Read a record from YAML, or take it from the cache as an object: to build it takes five times as long."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar, cast

from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.records import build_record, missing_keys
from nioc_paper.load.yaml_data import YamlData
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Record
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

R = TypeVar("R", bound=Record)
_RECORD_MODULES = "nioc_paper.model."


class ReadRecord(NamedTuple, Generic[R]):
    """Record of a text, with the keys that it lacks and the findings of reading it."""

    record: R
    missing_keys: Sequence[str]
    findings: Sequence[Diagnostic]


def read_record(
    cls: type[R], text: str, path: str, context: LoadContext, category_key: str = "category"
) -> ReadRecord[R]:
    """Return the record in a YAML text, and report its findings. `category_key` is the paper's key for categories."""
    key = cache_key("record", source_hash(), installed_version("PyYAML"), cls.__name__, category_key, path, text)
    cached = context.cache.get(key)
    if cached is None:
        result = _build(cls, text, path, category_key)
        context.cache.put(key, pickle.dumps(result))
    else:
        result = cast("ReadRecord[R]", unpickle_record(cached))
    for finding in result.findings:
        context.report(finding)
    return result


def _build(cls: type[R], text: str, path: str, category_key: str) -> ReadRecord[R]:
    findings: list[Diagnostic] = []
    data = read_yaml(text, path, findings.append)
    _rename_category_key(data, category_key)
    record = build_record(cls, data, path, findings.append)
    return ReadRecord(record, missing_keys(cls, data), findings)


def _rename_category_key(data: YamlData, category_key: str) -> None:
    """Give the paper's own key for the category the model's name, in place."""
    if isinstance(data.value, dict) and category_key in data.value:
        data.value["category"] = data.value.pop(category_key)
        for positions in (data.value_positions, data.key_positions):
            if (category_key,) in positions:
                positions["category",] = positions[category_key,]


def unpickle_record(data: bytes) -> object:
    """Return the objects in an entry. Raises UnpicklingError if it names anything but classes of the model."""
    return _RecordUnpickler(io.BytesIO(data)).load()


class _RecordUnpickler(pickle.Unpickler):
    """Makes objects of the model's classes alone: an entry of the cache cannot name code to run."""

    def find_class(self, module: str, name: str) -> type:
        """Return a class that an entry names. Raises UnpicklingError for anything else."""
        if (module, name) == ("datetime", "date"):
            return date
        if module.startswith(_RECORD_MODULES) or (module, name) == (__name__, "ReadRecord"):
            cls = super().find_class(module, name)
            if isinstance(cls, type) and cls.__module__ == module:
                return cls
        raise pickle.UnpicklingError(f"{module}.{name} is no record")
