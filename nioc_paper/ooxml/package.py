"""A Word file in memory: its parts and relationships, saved as the same bytes each time."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from nioc_paper.ooxml import zips
from nioc_paper.ooxml.xml import Element, parse, qn
from nioc_paper.ooxml.zips import CompressedMember

CONTENT_TYPES_PART = "[Content_Types].xml"
_RELATIONSHIPS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_OFFICE_TYPE_PREFIX = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_WORD_TYPE_PREFIX = "application/vnd.openxmlformats-officedocument.wordprocessingml."


class Package:
    """Parts of a .docx by name ("word/document.xml"). XML parts are parsed once, and serialized by `save`."""

    def __init__(self, data: bytes) -> None:
        self._parts: dict[str, bytes | CompressedMember] = {**zips.read_zip(data)}
        self._trees: dict[str, Element] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def xml_root(self, name: str) -> Element:
        """Return the root element of a part; changes to it are saved."""
        if name not in self._trees:
            self._trees[name] = parse(self.part_bytes(name))
        return self._trees[name]

    def part_names(self, prefix: str = "", suffixes: str | tuple[str, ...] = ".xml") -> list[str]:
        """Return the sorted names of the parts with this prefix and these suffixes."""
        return sorted(name for name in self._parts if name.startswith(prefix) and name.endswith(suffixes))

    def part_bytes(self, name: str) -> bytes:
        """Return a part as it is in the file."""
        return zips.decompress_member(self._parts[name])

    def related_parts(self, kind: str, *, source: str = "word/document.xml") -> Iterator[tuple[str, str]]:
        """Yield id and part name of each relationship of this kind from `source`."""
        folder = posixpath.dirname(source)
        if (name := relationships_part_name(source)) in self._parts:
            for entry in self.xml_root(name):
                if entry.get("Type") == _OFFICE_TYPE_PREFIX + kind and entry.get("TargetMode") != "External":
                    target = posixpath.join("/", folder, entry.get("Target", ""))
                    yield entry.get("Id", ""), posixpath.normpath(target).lstrip("/")

    @property
    def body(self) -> Element:
        """Body of the document."""
        # The colour of the page, if there is one, comes before it.
        return next(self.xml_root("word/document.xml").iterchildren(qn("w:body")))

    def set_part(self, name: str, data: bytes | CompressedMember) -> None:
        """Set a part's content."""
        self._parts[name] = data
        self._trees.pop(name, None)

    def rename_parts(self, names: Mapping[str, str]) -> None:
        """Rename parts, old name to new, with their lists of relationships; references to them are not updated."""
        lists = {relationships_part_name(old): relationships_part_name(new) for old, new in names.items()}
        renamed = {**names, **lists}
        unused = {*renamed.values()} - renamed.keys()
        for old in unused & self._parts.keys():
            del self._parts[old]  # a list of relationships of no part
        self._parts = {renamed.get(name, name): data for name, data in self._parts.items()}
        self._trees = {renamed.get(name, name): tree for name, tree in self._trees.items() if name not in unused}

    def add_related_part(
        self, name: str, kind: str, data: bytes, *, source: str = "word/document.xml", content: str = ""
    ) -> str:
        """Add a part and a relationship of this kind from `source` to it; returns its id.

        `content` is the content type if it does not follow from the kind: "application/xml".
        """
        self.set_part(name, data)
        if kind == "font":
            types, extension = self.xml_root(CONTENT_TYPES_PART), name.rpartition(".")[2]
            if not any(entry.get("Extension") == extension for entry in types):
                font = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
                etree.SubElement(types, f"{{{CONTENT_TYPES_NAMESPACE}}}Default", Extension=extension, ContentType=font)
        else:
            self.add_part(name, data, content or f"{_WORD_TYPE_PREFIX}{kind}+xml")
        return self.add_relationship(source, kind, name)

    def add_part(self, name: str, data: bytes | CompressedMember, content: str) -> None:
        """Add a part of this type, without a relationship to it."""
        self.set_part(name, data)
        self.declare_type(name, content)

    def declare_type(self, name: str, content: str) -> None:
        """Declare the type of a part."""
        override = f"{{{CONTENT_TYPES_NAMESPACE}}}Override"
        etree.SubElement(self.xml_root(CONTENT_TYPES_PART), override, PartName=f"/{name}", ContentType=content)

    def add_relationship(self, source: str, kind: str, target: str) -> str:
        """Add a relationship between existing parts; returns its id."""
        name = relationships_part_name(source)
        if name not in self._parts:
            self.set_part(name, f'<Relationships xmlns="{_RELATIONSHIPS_NAMESPACE}"/>'.encode())
        relationships = self.xml_root(name)
        used_ids = {entry.get("Id") for entry in relationships}
        new_id = next(f"rId{n}" for n in range(1, len(used_ids) + 2) if f"rId{n}" not in used_ids)
        self.add_relationship_as(source, new_id, kind, target)
        return new_id

    def add_relationship_as(self, source: str, id: str, kind: str, target: str, *, external: bool = False) -> None:
        """Add a relationship with a free id to a part, or to an external address."""
        path = target if external else posixpath.relpath(target, posixpath.dirname(source))
        mode = {"TargetMode": "External"} if external else {}
        attributes = {"Id": id, "Type": _full_type(kind), "Target": path, **mode}
        etree.SubElement(
            self.xml_root(relationships_part_name(source)), f"{{{_RELATIONSHIPS_NAMESPACE}}}Relationship", attributes
        )

    def compress_binary_parts(self, compress: Callable[[bytes], CompressedMember]) -> None:
        """Compress everything but XML now; `compress` is `zips.compress_member`, or a cached form of it."""
        for name, data in self._parts.items():
            if isinstance(data, bytes) and not name.endswith((".xml", ".rels")):
                self._parts[name] = compress(data)

    def save(self, timestamp: int, *, compressed: bool = True) -> bytes:
        """Return the file, its members dated `timestamp`, in an order that depends on their names only.

        Not `compressed`, it is fast to write, for a file that is soon read again.
        """
        for name, tree in self._trees.items():
            self._parts[name] = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
        first = (CONTENT_TYPES_PART, "_rels/.rels", "word/document.xml")
        order = sorted(self._parts, key=lambda name: (first.index(name) if name in first else len(first), name))
        stored = () if compressed else tuple(order)
        return zips.write_zip({name: self._parts[name] for name in order}, timestamp, stored=stored)


def relationships_part_name(part: str) -> str:
    """Return the name of the part with the relationships of a part; "" is the file itself."""
    folder, file = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{file}.rels")


def _full_type(kind: str) -> str:
    """Return the full name of a kind of relationship; a bare word is one of Office's first standard."""
    return kind if "://" in kind else _OFFICE_TYPE_PREFIX + kind
