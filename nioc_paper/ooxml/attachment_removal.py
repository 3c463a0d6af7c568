"""Drop the attached template, embedded files and linked media of a foreign Word file, so that the rest can be read.

Offices have a template of their own, and a chart pasted from Excel brings its workbook. Neither is needed for reading.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from urllib.parse import unquote

from lxml import etree

from nioc_paper.model import format_count
from nioc_paper.ooxml.package import (
    CONTENT_TYPES_PART,
    Package,
    read_relationships,
    read_zip,
    relationships_part_name,
    write_zip,
)
from nioc_paper.ooxml.safety import is_readable_zip
from nioc_paper.ooxml.xml import NAMESPACES, Element, parse

_EMBEDDED = re.compile(r"(^|/)embeddings/", re.IGNORECASE)
_RELATIONSHIPS = re.compile(r"(^|/)_rels/[^/]*\.rels$")
_EXTERNAL_KINDS: Mapping[str, str] = {
    "attachedTemplate": "attached template",
    "mailMergeSource": "address list",
    "mailMergeHeaderSource": "address list",
    "image": "linked picture",
    "oleObject": "linked object",
    "package": "linked object",
    "video": "linked film",
    "audio": "linked sound",
    "media": "linked film",
}
"""Kinds of relationships that may lead out of the file, with their names for people."""
_EMBEDDED_FILE = "embedded file"


def drop_attachments(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a Word file without its attachments, and a phrase on each kind: "2 embedded files".

    Returns the same bytes if there is nothing to drop, or if the file cannot be read safely.
    """
    if not is_readable_zip(data):
        return data, ()
    try:
        parts = read_zip(data)
        dropped = _drop_from(parts)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, KeyError, OSError, RuntimeError, ValueError):
        return data, ()
    if not dropped:
        return data, ()
    return write_zip(parts, 0), tuple(format_count(number, kind) for kind, number in sorted(dropped.items()))


def _drop_from(parts: dict[str, bytes]) -> Counter[str]:
    """Drop the attachments from the parts of a file; returns their number by kind."""
    dropped: Counter[str] = Counter()
    for name in filter(_RELATIONSHIPS.search, list(parts)):
        folder, file = posixpath.split(name)
        source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        root = _parse(parts[name])
        entries = [(entry, kind) for entry in root if (kind := _attachment_kind(entry, source))]
        for entry, kind in entries:
            root.remove(entry)
            dropped[kind] += kind != _EMBEDDED_FILE
        if entries:
            parts[name] = _serialize(root)
            _drop_references(parts, source, {str(entry.get("Id", "")) for entry, _ in entries})
    embedded = [name for name in parts if _EMBEDDED.search(name)]
    dropped[_EMBEDDED_FILE] += sum(not name.endswith(".rels") for name in embedded)
    for name in embedded:
        del parts[name]
    if embedded:
        _drop_types(parts, embedded)
    return +dropped


def _attachment_kind(entry: Element, source: str) -> str:
    """Return the kind of attachment that a relationship leads to; empty if it leads to none."""
    if str(entry.get("TargetMode", "")).casefold() == "external":
        return _EXTERNAL_KINDS.get(posixpath.basename(str(entry.get("Type", ""))), "")
    path = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), str(entry.get("Target", ""))))
    return _EMBEDDED_FILE if _EMBEDDED.search(path) else ""


def _drop_references(parts: dict[str, bytes], source: str, ids: set[str]) -> None:
    """Drop the references of a part to dropped relationships."""
    if source not in parts:
        return
    root = _parse(parts[source])
    for node, attribute in list(_references(root, ids)):
        if etree.QName(attribute).localname in ("embed", "link"):
            del node.attrib[attribute]
        elif (parent := node.getparent()) is not None:
            parent.remove(node)
    parts[source] = _serialize(root)


def _references(root: Element, ids: set[str]) -> Iterator[tuple[Element, str]]:
    for node in root.iter(etree.Element):
        for name, value in node.attrib.items():
            if str(value) in ids and str(name).startswith(f"{{{NAMESPACES['r']}}}"):
                yield node, str(name)


def _drop_types(parts: dict[str, bytes], embedded: list[str]) -> None:
    """Drop the content types of dropped parts, and those of name extensions that no other part has."""
    left = {name.rpartition(".")[2].casefold() for name in parts}
    root = _parse(parts[CONTENT_TYPES_PART])
    for entry in list(root):
        extension = str(entry.get("Extension", "")).casefold()
        if str(entry.get("PartName", "")).lstrip("/") in embedded or (extension and extension not in left):
            root.remove(entry)
    parts[CONTENT_TYPES_PART] = _serialize(root)


def _parse(data: bytes) -> Element:
    """Return the root of a part. Raises ValueError for a document type: writing the part again would hide it."""
    root = parse(data)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError
    return root


def _serialize(root: Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


# --- standard names of parts: Word on the web and other programs use others -------------------------------------------


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
