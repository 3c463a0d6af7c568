"""Objects of a PDF as text, and the file that is written of them.

The pieces of a paper are joined without reading each object: a slot in their text is the number of an object, or a
mark, a name for what the merge decides. The file has texts in compressed object streams, data as they are (ISO 32000-1,
7.5.7 and 7.5.8).
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Self

from msgspec import Struct, field, msgpack

from nioc_paper.system.cache import decoder
from nioc_paper.system.concurrency import parallel_map

SLOT = b"\0"
"""Place of a slot; the text of an object has no such character."""


class ObjectGroup(Struct, frozen=True):
    """Some objects of a file, with all objects that they refer to."""

    text: bytes = b""
    """Text of the objects, each on a line."""
    slots: Sequence[int] = ()
    """Index of the object that each slot refers to. Marks follow the objects."""
    marks: Sequence[str] = ()
    streams: Mapping[int, bytes] = field(default_factory=dict)
    """Compressed data of the objects that have such, by index; the text has the dictionary up to its last key."""
    count: int = 0
    """Number of the objects."""

    def fill(self, numbers: Sequence[int], values: Mapping[str, bytes]) -> list[bytes]:
        """Return the text of each object, with these numbers of the objects and values of the marks."""
        table = [b"%d 0 R" % number for number in numbers] + [values[mark] for mark in self.marks]
        filled = [b""] * (2 * len(self.slots) + 1)
        filled[::2] = self.text.split(SLOT)
        filled[1::2] = [table[slot] for slot in self.slots]
        return b"".join(filled).split(b"\n")


class PieceObjects(Struct, frozen=True):
    """Objects of a piece for the merge."""

    group: ObjectGroup
    """Pages, or forms of sheets, with everything that they show, and elements of the structure."""
    shared: Mapping[str, ObjectGroup]
    """Fonts by their mark, and what other pieces may have too by its hash; the first object is the root."""
    pages: Sequence[int]
    """Index of each page, or of its form."""
    contents: Sequence[bytes] = ()
    """Compressed content of each page."""
    boxes: Sequence[Mapping[str, Sequence[float]]] = ()
    """Boxes of each page by name."""
    kids: Sequence[tuple[str, int, Sequence[int]]] = ()
    """Role and index of each element of the document, and the indices of the elements in it."""
    parent_tree: int = 0
    """Index of an array: the owners of marked contents and links. It is no object of the finished file."""
    parent_count: int = 0
    """Number of the entries of the parent tree."""
    ids: Sequence[tuple[str, int]] = ()
    """Id as hexadecimal digits, and index, of each element that has one."""
    catalog: ObjectGroup = ObjectGroup()
    info: ObjectGroup = ObjectGroup()

    def encode(self) -> bytes:
        """Return the piece as bytes."""
        return msgpack.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` has written."""
        record: Self = decoder(cls).decode(data)
        return record


_HEADER = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
_OBJECTS_PER_STREAM = 100


class PdfFile(Struct, dict=True):
    """Objects of a file with their numbers."""

    next_number: int = 1
    texts: list[tuple[int, bytes]] = field(default_factory=list)
    streams: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    """Number, dictionary without its length and its end, and data."""

    def allocate(self, count: int = 1) -> int:
        """Return the first of some numbers that are not in use."""
        self.next_number += count
        return self.next_number - count

    def add(self, text: bytes) -> bytes:
        """Add an object; return the reference to it."""
        number = self.allocate()
        self.texts.append((number, text))
        return reference(number)

    def add_stream(self, data: bytes, entries: bytes = b"") -> bytes:
        """Add data with entries of their dictionary; return the reference to them."""
        return self.add_compressed(zlib.compress(data), b"%s /Filter /FlateDecode" % entries)

    def add_compressed(self, data: bytes, entries: bytes) -> bytes:
        """Add data that are compressed already; return the reference to them."""
        number = self.allocate()
        self.streams.append((number, b"<<" + entries, data))
        return reference(number)

    def to_bytes(self, catalog: bytes, info: bytes) -> bytes:
        """Return the file, with references to its catalog and to the information about it."""
        batches = [self.texts[n : n + _OBJECTS_PER_STREAM] for n in range(0, len(self.texts), _OBJECTS_PER_STREAM)]
        first_batch = self.allocate(len(batches))
        for number, packed in enumerate(parallel_map(_object_stream, batches), start=first_batch):
            self.streams.append((number, *packed))
        chunks = [_HEADER]
        for number, dictionary, data in self.streams:
            head = b"%d 0 obj\n%s /Length %d >>\nstream\n" % (number, dictionary, len(data))
            chunks.append(b"".join((head, data, b"\nendstream\nendobj\n")))
        *offsets, end = accumulate(map(len, chunks))
        table = self.allocate()
        rows = [(0, 0, 0)] * self.next_number
        rows[table] = (1, end, 0)
        for (number, _, _), offset in zip(self.streams, offsets, strict=True):
            rows[number] = (1, offset, 0)
        for stream, batch in enumerate(batches, start=first_batch):
            for index, (number, _) in enumerate(batch):
                rows[number] = (2, stream, index)
        body = b"".join(chunks)
        digest = hashlib.sha256(body).hexdigest()[:32].encode()
        # Filter 2 of PNG: each byte is the difference from the one above, for neighbouring objects are alike. All are
        # subtracted at once, as one number: the highest bit of each is kept from lending to the next.
        lines = b"".join(struct.pack(">xBIH", *row) for row in rows)
        here, above, high = map(int.from_bytes, (lines, bytes(8) + lines[:-8], b"\x80" * len(lines)))
        difference = ((here | high) - (above & ~high)) ^ ((here ^ ~above) & high)
        differences = bytearray(difference.to_bytes(len(lines)))
        differences[::8] = b"\2" * len(rows)
        data = zlib.compress(differences)
        return b"".join([
            body, b"%d 0 obj\n<< /Type /XRef /W [ 1 4 2 ] /Size %d" % (table, len(rows)),
            b" /Root %s /Info %s" % (catalog, info),
            b" /ID [ <%s> <%s> ] /Filter /FlateDecode /DecodeParms << /Columns 7 /Predictor 12 >>" % (digest, digest),
            b" /Length %d >>\nstream\n" % len(data), data, b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % end,
        ])  # fmt: skip


def reference(number: int) -> bytes:
    """Return the reference to an object."""
    return b"%d 0 R" % number


def pdf_string(text: str) -> bytes:
    """Return a text string: all but ASCII as UTF-16, as WeasyPrint writes the names of targets."""
    if text.isascii() and text.isprintable():
        return b"(%s)" % re.sub(rb"[\\\\()]", rb"\\\g<0>", text.encode())
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def pdf_numbers(numbers: Iterable[float]) -> bytes:
    """Return numbers as text, with six decimals at most."""
    return b" ".join((b"%.6f" % number).rstrip(b"0").rstrip(b".") for number in numbers)


def _object_stream(batch: Sequence[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    """Return the dictionary and the data of some objects in one stream."""
    offsets = accumulate((len(text) + 1 for _, text in batch), initial=0)
    head = b"".join(b"%d %d " % (number, offset) for (number, _), offset in zip(batch, offsets, strict=False))
    data = zlib.compress(head + b"\n".join(text for _, text in batch))
    return b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(batch), len(head)), data


# --- PDF/UA-1 identifier in the metadata of a file --------------------------------------------------------------------


_RDF_ATTRIBUTES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
_PDFUA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A allows the identifier of another standard only if the metadata describes its schema (ISO 19005-3, 6.6.2.3).
_UA_MARK = f"""<rdf:Description {_RDF_ATTRIBUTES}
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>{_PDFUA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description {_RDF_ATTRIBUTES} xmlns:pdfuaid="{_PDFUA_NAMESPACE}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
"""


def without_ua_identifier(pdf: bytes) -> bytes:
    """Return a PDF with blanks in place of the identifier, so that no object moves; metadata are not compressed."""
    written = rb"<rdf:Description [^>]*:pdfaExtension=.*?</pdfuaid:part></rdf:Description>"  # as libraries write it
    return re.sub(written, lambda match: b" " * len(match[0]), pdf, flags=re.DOTALL)


def with_ua_identifier(metadata: bytes) -> bytes:
    """Return the metadata, in XML, with the identifier."""
    return metadata.replace(b"</rdf:RDF>", _UA_MARK.encode() + b"</rdf:RDF>", 1)
