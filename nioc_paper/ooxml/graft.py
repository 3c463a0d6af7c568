"""Parts of one Word file copied into another, with all that they relate to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from nioc_paper.ooxml.package import Package

_TYPES = "[Content_Types].xml"
_CONTENT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part relates to: its own name for it, the kind of relation, and the part or address."""

    id: str
    kind: str
    target: str
    external: bool = False


def relations(package: Package, source: str) -> Iterator[Relation]:
    """What a part relates to; "" stands for the file itself."""
    name = _rels(source)
    for entry in package.xml(name) if name in package else ():
        external = entry.get("TargetMode") == "External"
        target = str(entry.get("Target", ""))
        if not external:
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/")
        yield Relation(str(entry.get("Id", "")), posixpath.basename(str(entry.get("Type", ""))), target, external)


def main_part(package: Package) -> str:
    """The name of the part that holds the text."""
    return next((r.target for r in relations(package, "") if r.kind == "officeDocument"), "word/document.xml")


@dataclass(frozen=True, slots=True)
class Graft:
    """Copies parts from one file into a folder of another that holds nothing else; each is copied once."""

    source: Package
    target: Package
    folder: str

    def copy(self, name: str) -> str:
        """Copy a part with what it relates to; gives its new name. Its own names for those stay."""
        new = f"{self.folder}/{name.replace('/', '-')}"
        if new not in self.target:
            self._declare(name, new)
            self.replace(new, name)
        return new

    def replace(self, ours: str, theirs: str) -> None:
        """Put a part of the one file in the place of one of the other."""
        self.target.put(ours, self.source.part(theirs))
        found = [r for r in relations(self.source, theirs) if r.external or r.target in self.source]
        if found:
            self.target.put(_rels(ours), self._related(theirs, ours, found))

    def _related(self, name: str, new: str, found: list[Relation]) -> bytes:
        kept = {relation.id: relation for relation in found}
        root = etree.fromstring(self.source.part(_rels(name)))
        for entry in list(root):
            relation = kept.get(str(entry.get("Id", "")))
            if relation is None:
                root.remove(entry)
            elif not relation.external:
                entry.set("Target", posixpath.relpath(self.copy(relation.target), posixpath.dirname(new)))
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)

    def _declare(self, name: str, new: str) -> None:
        types = self.target.xml(_TYPES)
        etree.SubElement(types, f"{_CONTENT}Override", PartName=f"/{new}", ContentType=self._type(name))

    def _type(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        for entry in self.source.xml(_TYPES):
            if str(entry.get("PartName", "")).lstrip("/") == name:
                return str(entry.get("ContentType", ""))
        found = (e for e in self.source.xml(_TYPES) if str(e.get("Extension", "")).lower() == extension)
        return next((str(entry.get("ContentType", "")) for entry in found), "application/octet-stream")


def _rels(source: str) -> str:
    folder, file = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{file}.rels")
