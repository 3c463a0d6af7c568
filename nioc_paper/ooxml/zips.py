"""Reproducible zip files: the same bytes at any time, on any machine."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_EARLIEST_TIMESTAMP = 315532800  # zip has no day before 1980


def read_zip(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class CompressedMember(NamedTuple):
    """Member as compressed in a zip, so that it need not be compressed each time."""

    data: bytes
    size: int
    """Uncompressed size in bytes."""
    crc: int
    """Checksum of the uncompressed bytes."""


def deflate(data: bytes) -> bytes:
    """Return bytes compressed as in a zip."""
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def compress_member(data: bytes, compress: Callable[[bytes], bytes] = deflate) -> CompressedMember:
    """Return a member made of bytes. `compress` is `deflate`, or a cached form of it."""
    return CompressedMember(compress(data), len(data), zlib.crc32(data))


def decompress_member(member: bytes | CompressedMember) -> bytes:
    """Return the bytes of a member."""
    return zlib.decompress(member.data, -zlib.MAX_WBITS) if isinstance(member, CompressedMember) else member


def write_zip(
    members: Mapping[str, bytes | CompressedMember], timestamp: int, *, stored: tuple[str, ...] = ()
) -> bytes:
    """Return a zip of these members in this order, all of one second (UTC); `stored` ones are left uncompressed."""
    moment = datetime.fromtimestamp(max(timestamp, _EARLIEST_TIMESTAMP), UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same on Windows, where the default differs
            if isinstance(data, CompressedMember):
                _write_compressed(archive, buffer, info, data)
            else:
                archive.writestr(info, data)
    return buffer.getvalue()


def _write_compressed(
    archive: zipfile.ZipFile, buffer: io.BytesIO, info: zipfile.ZipInfo, member: CompressedMember
) -> None:
    """Write a compressed member: the standard library stores it, then its header is corrected."""
    info.compress_type = zipfile.ZIP_STORED
    with archive.open(info, "w") as file:
        file.write(member.data)
    info.compress_type, info.CRC, info.file_size = zipfile.ZIP_DEFLATED, member.crc, member.size
    end = buffer.tell()
    buffer.seek(info.header_offset)
    buffer.write(info.FileHeader(zip64=False))
    buffer.seek(end)
