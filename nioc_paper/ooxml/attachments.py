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

from lxml import etree

from nioc_paper.model import format_count
from nioc_paper.ooxml.package import CONTENT_TYPES_PART, read_zip, write_zip
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
_OPTIONAL_REFERENCES = ("embed", "link")
"""Attributes that may be missing; an element with another reference goes with it."""


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
    kinds = tuple(format_count(number, kind) for kind, number in sorted(dropped.items()))
    return write_zip(parts, 0), kinds


def _drop_from(parts: dict[str, bytes]) -> Counter[str]:
    """Drop the attachments from the parts of a file; returns their number by kind."""
    dropped: Counter[str] = Counter()
    for name in filter(_RELATIONSHIPS.search, list(parts)):
        source = _source_part(name)
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
    target = str(entry.get("Target", ""))
    if str(entry.get("TargetMode", "")).casefold() == "external":
        return _EXTERNAL_KINDS.get(posixpath.basename(str(entry.get("Type", ""))), "")
    path = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target))
    return _EMBEDDED_FILE if _EMBEDDED.search(path) else ""


def _drop_references(parts: dict[str, bytes], source: str, ids: set[str]) -> None:
    """Drop the references of a part to dropped relationships."""
    if source not in parts:
        return
    root = _parse(parts[source])
    for node, attribute in list(_references(root, ids)):
        if etree.QName(attribute).localname in _OPTIONAL_REFERENCES:
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


def _source_part(relationships: str) -> str:
    """Return the part that a part of relationships belongs to; "" for those of the file."""
    folder, file = posixpath.split(relationships)
    return posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))


def _parse(data: bytes) -> Element:
    """Return the root of a part. Raises ValueError for a document type: writing the part again would hide it."""
    root = parse(data)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError
    return root


def _serialize(root: Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
