"""Copy parts of one Word file into another, with all their relationships."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree
from msgspec import Struct

from nioc_paper.ooxml.package import CONTENT_TYPES_PART, Package, relationships_part_name


class Relationship(Struct, frozen=True):
    """Relationship of a part: id, kind, and target part or address."""

    id: str
    kind: str
    target: str
    external: bool = False


def read_relationships(package: Package, part: str) -> Iterator[Relationship]:
    """Yield the relationships of a part; "" is the file itself."""
    name = relationships_part_name(part)
    for entry in package.xml_root(name) if name in package else ():
        external = entry.get("TargetMode") == "External"
        target = str(entry.get("Target", ""))
        if not external:
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
        yield Relationship(str(entry.get("Id", "")), posixpath.basename(str(entry.get("Type", ""))), target, external)


def main_part_name(package: Package) -> str:
    """Return the name of the part that holds the text."""
    return next((r.target for r in read_relationships(package, "") if r.kind == "officeDocument"), "word/document.xml")


class PartCopier(Struct, frozen=True):
    """Copies parts from one file into an empty folder of another; each part once."""

    source: Package
    target: Package
    folder: str

    def copy_part(self, name: str) -> str:
        """Copy a part with its related parts; returns its new name. Relationship ids stay."""
        new_name = f"{self.folder}/{name.replace('/', '-')}"
        if new_name not in self.target:
            self.target.declare_type(new_name, self._content_type(name))
            self.replace_part(new_name, name)
        return new_name

    def replace_part(self, target_name: str, source_name: str) -> None:
        """Replace a part of the target by a part of the source, with its related parts."""
        self.target.set_part(target_name, self.source.part_bytes(source_name))
        related = [r for r in read_relationships(self.source, source_name) if r.external or r.target in self.source]
        if related:
            relationships = self._copy_related_parts(target_name, source_name, related)
            self.target.set_part(relationships_part_name(target_name), relationships)

    def _copy_related_parts(self, target_name: str, source_name: str, relationships: list[Relationship]) -> bytes:
        """Copy the parts that a part is related to. Returns its relationships, with their new names."""
        by_id = {relation.id: relation for relation in relationships}
        root = etree.fromstring(self.source.part_bytes(relationships_part_name(source_name)))
        for entry in list(root):
            relation = by_id.get(str(entry.get("Id", "")))
            if relation is None:
                root.remove(entry)
            elif not relation.external:
                entry.set("Target", posixpath.relpath(self.copy_part(relation.target), posixpath.dirname(target_name)))
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)

    def _content_type(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        for entry in self.source.xml_root(CONTENT_TYPES_PART):
            if str(entry.get("PartName", "")).lstrip("/") == name:
                return str(entry.get("ContentType", ""))
        defaults = (
            e for e in self.source.xml_root(CONTENT_TYPES_PART) if str(e.get("Extension", "")).lower() == extension
        )
        return next((str(entry.get("ContentType", "")) for entry in defaults), "application/octet-stream")
