"""Hands: typefaces for scripts that the paper's own lack, where their files are, and how the outputs come by them.

They come with the system (Debian's fonts-noto-core), for no package index has them; they are under the Open Font
License, so that an output may hold them. Whole faces go into it: a subset of Nastaliq is hardly smaller, and takes six
seconds to make.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache as once
from functools import cached_property
from pathlib import Path

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import TYPEFACES
from nioc_paper.model import Diagnostic, Document, Place, Severity
from nioc_paper.packages import release
from nioc_paper.render.theme import Theme
from nioc_paper.wording import direction, primary

INSTALL = "sudo apt-get install --no-install-recommends fonts-noto-core"


@dataclass(frozen=True)
class Hand:
    """A family with two faces. `leading` is the height of its lines in ems, `size` its size beside Latin letters."""

    family: str
    stem: str
    leading: float
    size: float
    like: str
    """Families of the same hand that a reader's machine may have, as style sheets list them."""

    @property
    def screen_leading(self) -> float:
        """The height of lines where it is not the size that is changed but the face."""
        return round(self.leading * self.size, 2)

    @cached_property
    def faces(self) -> Mapping[str, Path]:
        """The files of `Regular` and `Bold`; empty where this machine lacks one."""
        found = {face: _find(f"{self.stem}-{face}.ttf") for face in ("Regular", "Bold")}
        return {face: file for face, file in found.items() if file} if all(found.values()) else {}


HANDS: Mapping[str, Hand] = {
    "nastaliq": Hand("Noto Nastaliq Urdu", "NotoNastaliqUrdu", 2.2, 1.2, "Jameel Noori Nastaleeq, Urdu Typesetting"),
    "naskh": Hand("Noto Naskh Arabic", "NotoNaskhArabic", 1.75, 1.15, "Geeza Pro, Traditional Arabic"),
}
_USUAL: Mapping[str, str] = {"ur": "nastaliq", "ks": "nastaliq"}
"""The hand in which readers of a language expect it; others in Arabic letters are set in naskh."""
_WEIGHTS = {"Regular": 400, "Bold": 700}
_RANGE = "U+600-6FF, U+750-77F, U+8A0-8FF, U+200C-200F, U+FB50-FDFF, U+FE70-FEFF"
"""Arabic letters: for Latin ones a browser then asks the next family."""
_OTHER_LETTERS = frozenset(("dv", "he", "yi"))
"""Languages that are written from right to left, and not in Arabic letters."""


def hand(document: Document) -> Hand | None:
    """The hand for what a document says in Arabic letters, if it says so that it does."""
    for tag in (document.language, *document.languages):
        name = primary(tag)
        if direction(tag) == "rtl" and name not in _OTHER_LETTERS:
            return HANDS[document.fonts.get(name) or _USUAL.get(name, "naskh")]
    return None


def lacking(document: Document) -> Iterator[Diagnostic]:
    """A finding where this machine lacks the hand of a document."""
    wanted = hand(document)
    if wanted and not wanted.faces:
        message = f"this machine has no {wanted.family}: the PDF lacks letters, and other outputs take another typeface"
        yield Diagnostic(Place("paper/paper.yaml"), "missing-tool", message, Severity.WARNING, INSTALL)


def with_hand(theme: Theme, wanted: Hand | None) -> Theme:
    """The theme with the hand behind its families: letters that these lack are taken from there."""
    if wanted is None:
        return theme
    families = {name: f"{theme[name]}, {wanted.family}" for name in ("font-text", "font-head")}
    sizes = {f"hand-{name}": _scaled(theme[f"size-{name}"], wanted.size) for name in ("text", "small")}
    stack = f"{wanted.family}, {wanted.like}, serif"
    return {**theme, **families, **sizes, "font-hand": stack, "hand-leading": str(wanted.leading)}


def faces(wanted: Hand, address: Callable[[str, bytes], str], cache: Cache = NO_CACHE) -> str:
    """Style rules with the faces of a hand, if there are any; `address` takes the name and the bytes of one."""
    return "".join(
        f'@font-face {{ font-family: "{wanted.family}"; font-weight: {_WEIGHTS[face]}; size-adjust: {wanted.size:.0%}; '
        f"src: url({address(file.stem, compressed(file, cache))}); unicode-range: {_RANGE} }}\n"
        for face, file in wanted.faces.items()
    )


def sheet(wanted: Hand, look: Theme, address: Callable[[str, bytes], str], cache: Cache = NO_CACHE) -> str:
    """What a page with Arabic letters adds to its style: their faces, behind those of the Latin ones."""
    families = "".join(
        f"--{name}: {look[name]}, {wanted.family}, {wanted.like}; " for name in ("font-text", "font-head")
    )
    return f"{faces(wanted, address, cache)}:root {{ {families}--hand-leading: {wanted.screen_leading} }}\n"


def _scaled(length: str, factor: float) -> str:
    return f"{float(length.removesuffix('pt')) * factor:.4g}pt"


@once
def compressed(file: Path, cache: Cache = NO_CACHE) -> bytes:
    """A face as WOFF2. It takes seconds, and is kept."""
    named = key("whole face", release("fonttools"), release("brotli"), file.read_bytes())
    return cache.made(named, lambda: _compressed(file))


@once
def _compressed(file: Path) -> bytes:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none

    font, out = TTFont(file, recalcTimestamp=False), io.BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return out.getvalue()


def _find(name: str) -> Path | None:
    folders = (Path(folder).expanduser() for folder in TYPEFACES)
    return next((file for folder in folders for file in sorted(folder.rglob(name))), None)
