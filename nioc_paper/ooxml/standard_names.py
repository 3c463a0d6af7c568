"""Read Word files with Word's standard names of parts: Word on the web and other programs use others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import count
from urllib.parse import unquote

from nioc_paper.ooxml.package import CONTENT_TYPES_PART, Package, read_relationships, relationships_part_name

_STANDARD_NAMES: Mapping[str, str] = {
    "officeDocument": "word/document.xml",
    **{
        kind: f"word/{kind}.xml"
        for kind in ("styles", "numbering", "settings", "footnotes", "endnotes", "comments", "commentsExtended")
    },
    "header": "word/header{}.xml",
    "footer": "word/footer{}.xml",
    "image": "word/media/{name}",
    "chart": "word/charts/chart{}.xml",
    "diagramData": "word/diagrams/data{}.xml",
    "customXml": "customXml/item{}.xml",
    "core-properties": "docProps/core.xml",
    "extended-properties": "docProps/app.xml",
}
"""Name of a part by its kind; `{}` is a number, `{name}` the file's own name, as lists of pictures show it."""


def read_with_standard_names(data: bytes) -> Package:
    """Return a Word file with its text in `word/document.xml`, its comments in `word/comments.xml`, and so on.

    Only relationships tell which part is which, as in Word. Raises XMLSyntaxError if a list of them cannot be read.
    """
    package = Package(data)
    targets = dict(_find_targets(package))
    names = _choose_names(targets, package)
    _rewrite_references(package, names, targets)
    package.rename_parts(names)
    return package


def _find_targets(package: Package) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield source part and id of each relationship inside the file, with its kind and its target; nearest first."""
    parts = {name.casefold(): name for name in package.part_names(suffixes="")}
    sources = [""]
    for source in sources:
        for relation in read_relationships(package, source):
            names = (parts.get(target.casefold()) for target in (relation.target, unquote(relation.target)))
            target = next(filter(None, names), "")
            if target and not relation.external:
                yield (source, relation.id), (relation.kind, target)
                sources += [] if target in sources else [target]


def _choose_names(targets: Mapping[tuple[str, str], tuple[str, str]], package: Package) -> dict[str, str]:
    """Return the new names of parts by their old ones; a part that has the new name of another gives way."""
    names: dict[str, str] = {}
    numbers = {kind: count(1) for kind in _STANDARD_NAMES}
    for kind, target in targets.values():
        if kind in _STANDARD_NAMES and target not in names:
            number, file = next(numbers[kind]), posixpath.basename(target)
            forms = (_STANDARD_NAMES[kind].format(number, name=name) for name in (file, f"{number}-{file}"))
            if name := next((name for name in forms if name not in names.values()), ""):
                names[target] = name
    parts = package.part_names(suffixes="")
    for name in [name for name in parts if name in {*names.values()} and name not in names]:
        names[name] = next(free for n in count() if (free := f"other{n}/{name}") not in parts)
    return names


def _rewrite_references(
    package: Package, names: Mapping[str, str], targets: Mapping[tuple[str, str], tuple[str, str]]
) -> None:
    """Make relationships and content types lead to the new names."""
    for source in {source for source, _ in targets}:
        folder = posixpath.dirname(names.get(source, source))
        for entry in package.xml_root(relationships_part_name(source)):
            _, target = targets.get((source, str(entry.get("Id", ""))), ("", ""))
            if target:
                entry.set("Target", posixpath.relpath(names.get(target, target), folder or "."))
    parts = {name.casefold(): name for name in names}
    for entry in package.xml_root(CONTENT_TYPES_PART):
        if old := parts.get(str(entry.get("PartName", "")).lstrip("/").casefold()):
            entry.set("PartName", f"/{names[old]}")
