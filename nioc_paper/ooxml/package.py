"""A Word file in memory: its parts, relationships and settings, saved as the same bytes each time."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime

from lxml import etree
from msgspec import Struct

from nioc_paper.ooxml.xml import Element, parse, parse_element, qn

_EARLIEST_TIMESTAMP, _LATEST_TIMESTAMP = 315532800, 4354819198  # zip has the days from 1980 to 2107


def read_zip(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(members: Mapping[str, bytes], timestamp: int, *, stored: tuple[str, ...] = ()) -> bytes:
    """Return a zip of these members in this order, all of one second (UTC); `stored` ones are left uncompressed."""
    moment = datetime.fromtimestamp(min(max(timestamp, _EARLIEST_TIMESTAMP), _LATEST_TIMESTAMP), UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same on Windows, where the default differs
            archive.writestr(info, data)
    return buffer.getvalue()


SETTINGS_PART = "word/settings.xml"
CONTENT_TYPES_PART = "[Content_Types].xml"
_RELATIONSHIPS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_OFFICE_TYPE_PREFIX = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_WORD_TYPE_PREFIX = "application/vnd.openxmlformats-officedocument.wordprocessingml."


class Package:
    """Parts of a .docx by name ("word/document.xml"). XML parts are parsed once, and serialized by `save`."""

    def __init__(self, data: bytes) -> None:
        self._parts = read_zip(data)
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
        return self._parts[name]

    def related_parts(self, kind: str) -> Iterator[tuple[str, str]]:
        """Return id and part name of each relationship of this kind from the document."""
        relations = read_relationships(self, "word/document.xml")
        return ((each.id, each.target) for each in relations if each.kind == kind and not each.external)

    @property
    def body(self) -> Element:
        """Body of the document."""
        # The colour of the page, if there is one, comes before it.
        return next(self.xml_root("word/document.xml").iterchildren(qn("w:body")))

    def set_part(self, name: str, data: bytes) -> None:
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

    def add_part(self, name: str, data: bytes, content: str) -> None:
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
        used_ids = {entry.get("Id") for entry in self.xml_root(name)}
        new_id = next(f"rId{n}" for n in range(1, len(used_ids) + 2) if f"rId{n}" not in used_ids)
        self.add_relationship_as(source, new_id, kind, target)
        return new_id

    def add_relationship_as(self, source: str, id: str, kind: str, target: str, *, external: bool = False) -> None:
        """Add a relationship with a free id to a part, or to an external address."""
        path = target if external else posixpath.relpath(target, posixpath.dirname(source))
        mode = {"TargetMode": "External"} if external else {}
        attributes = {"Id": id, "Type": kind if "://" in kind else _OFFICE_TYPE_PREFIX + kind, "Target": path, **mode}
        etree.SubElement(
            self.xml_root(relationships_part_name(source)), f"{{{_RELATIONSHIPS_NAMESPACE}}}Relationship", attributes
        )

    def put_setting(self, setting: str | Element) -> Element:
        """Add a setting, such as `<w:trackRevisions/>`, or replace the one of its name."""
        settings = self.xml_root(SETTINGS_PART)
        new = parse_element(setting) if isinstance(setting, str) else deepcopy(setting)
        for old in settings.findall(new.tag):
            settings.remove(old)
        before = set(_SETTINGS_ORDER[: _SETTINGS_ORDER.index(new.tag)])
        settings.insert(sum(node.tag in before for node in settings), new)
        return new

    def remove_settings(self, *names: str) -> None:
        """Remove settings by their prefixed names."""
        settings = self.xml_root(SETTINGS_PART)
        for old in [node for name in names for node in settings.findall(qn(name))]:
            settings.remove(old)

    def save(self, timestamp: int, *, compressed: bool = True) -> bytes:
        """Return the file, its members dated `timestamp`, in an order that depends on their names only.

        Not `compressed`, it is fast to write, for a file that is soon read again.
        """
        for name, tree in self._trees.items():
            self._parts[name] = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
        first = (CONTENT_TYPES_PART, "_rels/.rels", "word/document.xml")
        order = sorted(self._parts, key=lambda name: (first.index(name) if name in first else len(first), name))
        stored = () if compressed else tuple(order)
        return write_zip({name: self._parts[name] for name in order}, timestamp, stored=stored)


def relationships_part_name(part: str) -> str:
    """Return the name of the part with the relationships of a part; "" is the file itself."""
    folder, file = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{file}.rels")


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
            if (relation := by_id.get(str(entry.get("Id", "")))) is None:
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


_SETTINGS_ORDER = tuple(map(qn, (
    "w:writeProtection", "w:view", "w:zoom", "w:removePersonalInformation", "w:removeDateAndTime",
    "w:doNotDisplayPageBoundaries", "w:displayBackgroundShape", "w:printPostScriptOverText",
    "w:printFractionalCharacterWidth", "w:printFormsData", "w:embedTrueTypeFonts", "w:embedSystemFonts",
    "w:saveSubsetFonts", "w:saveFormsData", "w:mirrorMargins", "w:alignBordersAndEdges",
    "w:bordersDoNotSurroundHeader", "w:bordersDoNotSurroundFooter", "w:gutterAtTop", "w:hideSpellingErrors",
    "w:hideGrammaticalErrors", "w:activeWritingStyle", "w:proofState", "w:formsDesign", "w:attachedTemplate",
    "w:linkStyles", "w:stylePaneFormatFilter", "w:stylePaneSortMethod", "w:documentType", "w:mailMerge",
    "w:revisionView", "w:trackRevisions", "w:doNotTrackMoves", "w:doNotTrackFormatting", "w:documentProtection",
    "w:autoFormatOverride", "w:styleLockTheme", "w:styleLockQFSet", "w:defaultTabStop", "w:autoHyphenation",
    "w:consecutiveHyphenLimit", "w:hyphenationZone", "w:doNotHyphenateCaps", "w:showEnvelope", "w:summaryLength",
    "w:clickAndTypeStyle", "w:defaultTableStyle", "w:evenAndOddHeaders", "w:bookFoldRevPrinting",
    "w:bookFoldPrinting", "w:bookFoldPrintingSheets", "w:drawingGridHorizontalSpacing",
    "w:drawingGridVerticalSpacing", "w:displayHorizontalDrawingGridEvery", "w:displayVerticalDrawingGridEvery",
    "w:doNotUseMarginsForDrawingGridOrigin", "w:drawingGridHorizontalOrigin", "w:drawingGridVerticalOrigin",
    "w:doNotShadeFormData", "w:noPunctuationKerning", "w:characterSpacingControl", "w:printTwoOnOne",
    "w:strictFirstAndLastChars", "w:noLineBreaksAfter", "w:noLineBreaksBefore", "w:savePreviewPicture",
    "w:doNotValidateAgainstSchema", "w:saveInvalidXml", "w:ignoreMixedContent", "w:alwaysShowPlaceholderText",
    "w:doNotDemarcateInvalidXml", "w:saveXmlDataOnly", "w:useXSLTWhenSaving", "w:saveThroughXslt",
    "w:showXMLTags", "w:alwaysMergeEmptyNamespace", "w:updateFields", "w:hdrShapeDefaults", "w:footnotePr",
    "w:endnotePr", "w:compat", "w:docVars", "w:rsids", "w:attachedSchema", "w:themeFontLang",
    "w:clrSchemeMapping", "w:doNotIncludeSubdocsInStats", "w:doNotAutoCompressPictures", "w:forceUpgrade",
    "w:captions", "w:readModeInkLockDown", "w:smartTagType", "w:shapeDefaults", "w:doNotEmbedSmartTags",
    "w:decimalSymbol", "w:listSeparator",
)))  # fmt: skip
"""Settings in the order of the schema (ECMA-376 part 1, 17.15.1.78), but those of other namespaces."""
