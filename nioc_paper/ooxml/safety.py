"""Safety checks of foreign Word files, made before anything reads them: code, remote content, excessive size."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from lxml import etree

from nioc_paper.ooxml.package import Package, main_part_name
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, local_name

MAX_BYTES = 15 * 2**20
"""Maximum size of a Word file."""
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_PARTS, _MAX_UNPACKED_BYTES, _MAX_RATIO, _MAX_DEPTH = 2000, 80 * 2**20, 200, 120
_MAX_PARAGRAPHS, _MAX_WORDS = 10_000, 5_000
"""Maximum paragraphs of a file, table cells included, and words: a chapter of 300 pages has fewer."""
_ALWAYS_ALLOWED_BYTES = 2**20
"""A part of up to so many bytes may have any compression ratio."""
_ACTIVE_CONTENT = re.compile(r"vbaproject|vbadata|activex|oleobject|/embeddings/|afchunk|macrosheet", re.IGNORECASE)
_XML_SUFFIXES = (".xml", ".rels")
_CHECKED_ELEMENTS = frozenset(("Override", "Default", "altChunk", "Relationship"))
"""Elements that can be a problem, in any part and with any prefix: few of the thousands of a file."""
_ADDRESS = re.compile(r"\s*([A-Za-z][\w+.-]*:|//|\\\\)")
"""Start of an address, which is not a name of a part, whatever the file declares."""


_ODT_TYPE = b"application/vnd.oasis.opendocument.text"
_ODT_PART = re.compile(
    r"mimetype|layout-cache|.*\.(xml|rdf|png|jpe?g|gif|svg|svm|[ew]mf|tiff?|[ot]tf)|ObjectReplacements/[\w ]+",
    re.IGNORECASE,
)
"""Parts of an OpenDocument text: XML, pictures and fonts."""
_ODT_ACTIVE = frozenset(("event-listener", "script", "execute-macro", "applet", "plugin", "floating-frame"))
_ODT_ACTIVE |= {"dde-connection", "dde-connection-decl", "dde-source"}
"""Elements by which an OpenDocument text runs or starts something."""
FindProblems = Callable[[str, dict[str, str]], Iterator[str]]


class _RefusedError(Exception):
    """Reason for a refusal, as the end of a sentence about the file."""


def rejection_reason(data: bytes) -> str:
    """Return the reason why a Word file is not read, as the end of a sentence about it; empty if it is safe."""
    return _find_reason(data, _check_word_file)


def odt_rejection_reason(data: bytes) -> str:
    """Return the same for a text document of OpenDocument."""
    return _find_reason(data, _check_text_document)


def _find_reason(data: bytes, check: Callable[[zipfile.ZipFile], None]) -> str:
    if len(data) > MAX_BYTES:
        return f"has {len(data)} bytes; {MAX_BYTES} are allowed"
    if data.startswith(_OLE_SIGNATURE):
        return "is an old .doc file, or one with a password"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist())
            check(archive)
        if check is _check_word_file:
            _check_package(Package(data))
    except _RefusedError as refused:
        return str(refused)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        return "is damaged, or not a Word file"
    return ""


def _check_word_file(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        if _ACTIVE_CONTENT.search(f"/{name}"):
            raise _RefusedError(f"holds a macro or another program's object ({posixpath.basename(name)})")
    for name in archive.namelist():
        if name.casefold().endswith(_XML_SUFFIXES):
            _check_part(name, archive.read(name), _element_problems)
    if "[Content_Types].xml" not in archive.namelist() or "_rels/.rels" not in archive.namelist():
        raise _RefusedError("is not a Word file inside, despite its name")


def _check_text_document(archive: zipfile.ZipFile) -> None:
    """Check the parts of an OpenDocument file: XML, pictures, and nothing that is run or fetched."""
    names = archive.namelist()
    if "content.xml" not in names or "mimetype" not in names or archive.read("mimetype").strip() != _ODT_TYPE:
        raise _RefusedError("is not an OpenDocument text inside, despite its name")
    for name in (name for name in names if not name.endswith("/")):
        if not _ODT_PART.fullmatch(name) or name.casefold().startswith(("basic/", "scripts/")):
            raise _RefusedError(f"holds a macro or another program's object ({name})")
        if name.casefold().endswith((".xml", ".rdf")) and (data := archive.read(name)):
            _check_part(name, data, _odt_problems)


def _odt_problems(name: str, attributes: dict[str, str]) -> Iterator[str]:
    """Yield the problems of an element by its name, without prefix: links may only be followed by a reader."""
    if name in _ODT_ACTIVE:
        yield f"holds a macro, or a field that starts a program ({name})"
    for attribute, value in attributes.items():
        kind = attribute.rpartition(":")[2]
        if kind == "base" or (
            kind == "href" and name != "a" and (_ADDRESS.match(value) or value.startswith(("/", "..")))
        ):
            yield f"would fetch '{value[:80]}' when it is opened"


def is_readable_zip(data: bytes) -> bool:
    """Return whether a file is a zip whose members may be unpacked: few, small, and none outside of it."""
    return not _find_reason(data, lambda _: None)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.casefold() for member in members]
    if len(names) > _MAX_PARTS or sum(member.file_size for member in members) > _MAX_UNPACKED_BYTES:
        raise _RefusedError("unpacks to more than a Word file should")
    if len(set(names)) < len(names):
        raise _RefusedError("has two parts of one name")
    for member in members:
        name = member.filename
        if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or not name.isprintable():
            raise _RefusedError("has a part with a name that leads out of it")
        if member.flag_bits & 1:
            raise _RefusedError("has a password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _RefusedError("has a part that is packed in another way than Word does")
        if member.file_size > max(_ALWAYS_ALLOWED_BYTES, _MAX_RATIO * member.compress_size):
            raise _RefusedError("unpacks to more than a Word file should")


def _check_package(package: Package) -> None:
    """Check that every part can be read, and that the text is in the part and namespace that Word writes."""
    for name in package.part_names("", _XML_SUFFIXES):
        try:
            package.xml_root(name)
        except etree.XMLSyntaxError as error:
            raise _RefusedError(f"has a part that cannot be read ({name})") from error
    main = main_part_name(package)
    if main in package and package.xml_root(main).tag == "{http://purl.oclc.org/ooxml/wordprocessingml/main}document":
        raise _RefusedError("is a Strict Open XML document; saved as a plain 'Word Document' it can be read")
    if main not in package or find_element(package.xml_root(main), "w:body") is None:
        raise _RefusedError("has no text where Word would look for it")
    for name in package.part_names():
        _check_length(package.xml_root(name))


def _check_length(root: Element) -> None:
    """Refuse a part with more text than can be compared in reasonable time."""
    paragraphs = sum(1 for _ in iter_elements(root, "w:p"))
    if paragraphs > _MAX_PARAGRAPHS:
        raise _RefusedError(f"has {paragraphs:,} paragraphs; {_MAX_PARAGRAPHS:,} are read")
    if sum(len(node.text or "") for node in iter_elements(root, "w:t", "w:delText")) <= _MAX_WORDS:
        return  # as all small parts
    for paragraph in iter_elements(root, "w:p"):
        words = sum(len((node.text or "").split()) for node in iter_elements(paragraph, "w:t"))
        if words > _MAX_WORDS:
            raise _RefusedError(f"has a paragraph of {words:,} words; {_MAX_WORDS:,} are read")


def _check_part(name: str, data: bytes, find_problems: FindProblems) -> None:
    """Parse a part, and refuse document types, deep nesting, macro types and external relationships."""
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise _RefusedError(f"is nested more than {_MAX_DEPTH} deep")
        for problem in find_problems(tag.rpartition(":")[2], attributes):
            raise _RefusedError(problem)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise _RefusedError("declares a document type, which Word files do not need")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:  # LookupError: the encoding is unknown
        raise _RefusedError(f"has a part that is not XML ({name})") from error


def _element_problems(name: str, attributes: dict[str, str]) -> Iterator[str]:
    """Yield the problems of an element by its name, without prefix; one of _CHECKED_ELEMENTS."""
    if name not in _CHECKED_ELEMENTS:
        return
    if name in ("Override", "Default") and "macroenabled" in attributes.get("ContentType", "").casefold():
        yield "holds macros"
    if name in ("Override", "Default") and _is_hidden_xml(attributes):
        yield "has a part of XML under another name"
    if name == "altChunk":
        yield "includes another file"
    target = attributes.get("Target", "")
    outside = attributes.get("TargetMode", "").casefold() == "external" or _ADDRESS.match(target)
    if name == "Relationship" and outside and posixpath.basename(attributes.get("Type", "")) != "hyperlink":
        yield f"would fetch '{target[:80]}' when it is opened"


def _is_hidden_xml(declared: dict[str, str]) -> bool:
    """Whether a content type declares XML for parts whose names do not end as those that are checked."""
    kind = declared.get("ContentType", "").casefold()
    name = f".{declared.get('Extension', '')}" if "Extension" in declared else declared.get("PartName", "")
    return kind.endswith("xml") and not kind.startswith("image/") and not name.casefold().endswith(_XML_SUFFIXES)


_LIVE_FIELDS = {
    *("CONTROL", "DATABASE", "DDE", "DDEAUTO", "EMBED", "HTMLACTIVEX", "IMPORT"),
    *("INCLUDE", "INCLUDEPICTURE", "INCLUDETEXT", "LINK", "PRINT", "RD"),
}
"""Fields that start a program or read a file. Word has a fixed list of fields; the others compute, or mark a place."""
_FIELD_NAME = re.compile(r"\s*([A-Za-z]+)")
_NESTED = "\N{SUBSTITUTE}"
"""Place of a field in the instruction of another: it could spell any name."""
_DRAWN_FROM = ("src", "althref", "href")
"""Attributes of old drawings with the address of a picture."""


def live_content(data: bytes) -> str:
    """Return the content of a Word file that comes from elsewhere, as the end of a sentence about it; empty if none."""
    package = Package(data)
    for part in package.part_names():
        root = package.xml_root(part)
        for instruction in _instructions(root):
            name = _FIELD_NAME.match(instruction)
            if name and name[1].upper() in _LIVE_FIELDS:
                return f"has a field that starts a program or reads another file ({name[1].upper()})"
            if instruction.lstrip().startswith(_NESTED):
                return "has a field whose kind is computed by another field"
        for node in root.iter("{urn:schemas-microsoft-com:vml}*"):
            addresses = (name for name in map(str, node.attrib) if "/relationships}" not in name)
            if local_name(node) != "shape" and any(name.rpartition("}")[2] in _DRAWN_FROM for name in addresses):
                return "has a drawing that fetches a picture"
    return ""


def _instructions(root: Element) -> Iterator[str]:
    """Yield the instructions of the fields in a part."""
    yield from (get_attribute(node, "w:instr") for node in iter_elements(root, "w:fldSimple"))
    pending: list[list[str]] = []
    for node in iter_elements(root, "w:fldChar", "w:instrText", "w:delInstrText"):
        kind = get_attribute(node, "w:fldCharType")
        if local_name(node) != "fldChar":
            if pending:
                pending[-1].append(node.text or "")
        elif kind == "begin":
            if pending:
                pending[-1].append(_NESTED)
            pending.append([])
        elif pending and kind == "end":
            yield "".join(pending.pop())
    yield from ("".join(instruction) for instruction in pending)  # without an end
