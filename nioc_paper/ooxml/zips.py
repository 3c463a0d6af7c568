"""Zip files that are the same bytes whenever and wherever they are written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

_EARLIEST = 315532800  # zip knows no day before 1980


def read(data: bytes) -> dict[str, bytes]:
    """The members of a zip in its order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(members: Mapping[str, bytes], timestamp: int, *, stored: tuple[str, ...] = ()) -> bytes:
    """A zip of these members in this order, all of one second (UTC); `stored` ones are left uncompressed."""
    moment = datetime.fromtimestamp(max(timestamp, _EARLIEST), UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same on Windows, where the default differs
            archive.writestr(info, data)
    return buffer.getvalue()
