"""Broken inputs made of sound ones: each mutator changes bytes in a way that files are damaged, or attacked."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence

Mutator = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
"""Bytes, the source of chance, and the words of the format."""

NUMBERS = (b"0", b"-1", b"1e999", b"NaN", b"1" * 400, b"2147483648", b"0x10", b"9" * 5000, b"1_0", "٣".encode())
ODD = (
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    "\U000e0041".encode(),
    b"\r",
    b"\x1b[2J",
)


def flip(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Change some bits."""
    out = bytearray(data)
    for _times in range(min(len(out), chance.choice((1, 1, 2, 8)))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def cut(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Take out a piece, or all from some place on."""
    start, end = _piece(data, chance)
    return data[:start] + (data[end:] if chance.random() < 0.7 else b"")


def double(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Repeat a piece, some times many times."""
    start, end = _piece(data, chance)
    times = chance.choice((2, 2, 3, max(1, 3000 // (end - start + 1))))
    return data[:start] + data[start:end] * times + data[end:]


def exchange(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Exchange two pieces."""
    (a, b), (c, d) = sorted((_piece(data, chance), _piece(data, chance)))
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def insert(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Put in words of the format, or odd characters."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + b"".join(chance.choices((*words, *ODD), k=chance.choice((1, 1, 3)))) + data[at:]


def lines(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Exchange, repeat, take out or replace whole lines."""
    rows = data.split(b"\n")
    here, there = chance.randrange(len(rows)), chance.randrange(len(rows))
    act = chance.randrange(4)
    if act == 0:
        rows[here], rows[there] = rows[there], rows[here]
    elif act == 1:
        rows.insert(here, rows[there])
    elif act == 2:
        del rows[here]
    else:
        rows[here] = chance.choice((*words, b""))
    return b"\n".join(rows)


def nest(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Repeat one word of the format as often as deep nesting would."""
    at, word = chance.randrange(len(data) + 1), chance.choice((*words, b"(", b"[", b"{", b"> ", b"- "))
    return data[:at] + word * chance.choice((20, 60, 200)) + data[at:]


def enlarge(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Put another number in the place of one, or anywhere if there is none."""
    places = [at for at, byte in enumerate(data) if chr(byte).isdigit()]
    if not places:
        return insert(data, chance, (*words, *NUMBERS))
    start = end = chance.choice(places)
    while end < len(data) and chr(data[end]).isdigit():
        end += 1
    return data[:start] + chance.choice(NUMBERS) + data[end:]


ALL: tuple[Mutator, ...] = (flip, cut, double, exchange, insert, lines, nest, enlarge)


def _piece(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 20, 100, 1000)))


def mutated(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Return bytes after one to three mutations."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(ALL)(data, chance, words)
    return data


def mutated_zip(data: bytes, chance: random.Random, words: Sequence[bytes]) -> bytes:
    """Return a zip with one member mutated, or, now and then, with its own bytes mutated."""
    if chance.random() < 0.1:
        return mutated(data, chance, words)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    if chance.random() < 0.1:
        del members[name]
    else:
        members[name] = mutated(members[name], chance, words)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for each, member in members.items():
            archive.writestr(each, member)
    return buffer.getvalue()
