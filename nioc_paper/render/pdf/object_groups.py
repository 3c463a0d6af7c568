"""Objects of a PDF as text with slots: the pieces of a paper are joined without reading each object.

A slot is the number of an object, or a mark: a name for what the merge decides, such as the numbers of a page.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from msgspec import Struct, field

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
        blobs: list[bytes] = []

        def encode_field(value: object) -> object:
            if isinstance(value, ObjectGroup):
                slots = array("I", value.slots).tobytes()
                blobs.extend((value.text, slots, *value.streams.values()))
                return {"marks": value.marks, "streams": list(value.streams), "count": value.count}
            if isinstance(value, bytes):
                blobs.append(value)
                return None
            if isinstance(value, Mapping):
                return {name: encode_field(part) for name, part in value.items()}
            if isinstance(value, list | tuple):
                return [encode_field(part) for part in value]
            return value

        fields = {name: encode_field(getattr(self, name)) for name in self.__struct_fields__}
        header = json.dumps([fields, [len(blob) for blob in blobs]]).encode()
        return b"".join((len(header).to_bytes(8, "big"), header, *blobs))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` has written."""
        start = 8 + int.from_bytes(data[:8], "big")
        fields, sizes = json.loads(data[8:start])
        blobs = _split(data, start, sizes)
        # In the order of the fields, as they were written.
        return cls(
            group=_decode_group(fields["group"], blobs),
            shared={name: _decode_group(entry, blobs) for name, entry in fields["shared"].items()},
            pages=fields["pages"],
            contents=[next(blobs) for _ in fields["contents"]],
            boxes=fields["boxes"],
            kids=fields["kids"],
            parent_tree=fields["parent_tree"],
            parent_count=fields["parent_count"],
            ids=fields["ids"],
            catalog=_decode_group(fields["catalog"], blobs),
            info=_decode_group(fields["info"], blobs),
        )


def _split(data: bytes, start: int, sizes: Sequence[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[start : start + size]
        start += size


def _decode_group(entry: Mapping[str, Any], blobs: Iterator[bytes]) -> ObjectGroup:
    text, slots = next(blobs), array("I")
    slots.frombytes(next(blobs))
    streams = {index: next(blobs) for index in entry["streams"]}
    return ObjectGroup(text, slots, entry["marks"], streams, entry["count"])
