"""Zip files that are the same bytes whenever and wherever they are written."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

_EARLIEST = 315532800  # zip knows no day before 1980


def read(data: bytes) -> dict[str, bytes]:
    """The members of a zip in its order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def deflated(data: bytes) -> bytes:
    """Bytes as a zip holds them."""
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def write(
    members: Mapping[str, bytes],
    timestamp: int,
    *,
    stored: tuple[str, ...] = (),
    pack: Callable[[bytes], bytes] = deflated,
) -> bytes:
    """A zip of these members in this order, all of one second (UTC); `stored` ones are left uncompressed.

    `pack` is `deflated`, or knows what that gives: it is asked for members that are not XML.
    """
    moment = datetime.fromtimestamp(max(timestamp, _EARLIEST), UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same on Windows, where the default differs
            if name in stored or name.endswith((".xml", ".rels")):
                archive.writestr(info, data)
            else:
                _put(archive, buffer, info, data, pack(data))
    return buffer.getvalue()


def _put(archive: zipfile.ZipFile, buffer: io.BytesIO, info: zipfile.ZipInfo, data: bytes, packed: bytes) -> None:
    """Write a member that is packed already: the standard library stores it, and its header is mended."""
    info.compress_type = zipfile.ZIP_STORED
    with archive.open(info, "w") as member:
        member.write(packed)
    info.compress_type, info.CRC, info.file_size = zipfile.ZIP_DEFLATED, zlib.crc32(data), len(data)
    end = buffer.tell()
    buffer.seek(info.header_offset)
    buffer.write(info.FileHeader(zip64=False))
    buffer.seek(end)
