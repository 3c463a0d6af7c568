"""One PDF of the pieces of a paper: pages, links, contents, structure and typefaces as if it had been made in one."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from nioc_paper.cache import Cache
from nioc_paper.render.print import typefaces
from nioc_paper.render.print.apart import LaidOut
from nioc_paper.render.print.child import Printed
from nioc_paper.render.print.finish import label
from nioc_paper.render.print.running import Sheet, Under

_BOXES = ("/MediaBox", "/TrimBox", "/BleedBox")


class UnfilledError(Exception):
    """The number of a page that cannot be filled in where it was left blank."""


@dataclass
class Stitch:
    """A paper being joined; its first piece is the file that the others are added to."""

    laid: LaidOut
    under: Mapping[int, Under]
    sheets: Mapping[str, Printed]
    shift: float
    """Points by which pages of the left hand are shifted: chapters are laid out as if all were of the right."""
    hands: Sequence[str]
    memory: Cache
    stack: ExitStack = field(default_factory=ExitStack)
    fonts: dict[str, Any] = field(default_factory=dict)
    colours: dict[str, Any] = field(default_factory=dict)
    streams: dict[bytes, Any] = field(default_factory=dict)
    forms: dict[Sheet, Any] = field(default_factory=dict)
    opened: dict[str, pikepdf.Pdf] = field(default_factory=dict)
    next_key: int = 0
    parents: list[Any] = field(default_factory=list)
    names: list[Any] = field(default_factory=list)

    def made(self) -> bytes:
        """The whole paper as PDF."""
        with self.stack:
            self.faces = typefaces.merged(told["faces"] for told, _ in (*self.laid.printed, *self.sheets.values()))
            self.pdf = self._open(self.laid.printed[0][1])
            self._pages(self.laid.firsts)
            self._catalog()
            for name, font in self.fonts.items():
                typefaces.put_in(self.pdf, font, self.faces[name], self.hands, self.memory)
            out = io.BytesIO()
            self.pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()

    def _open(self, data: bytes) -> pikepdf.Pdf:
        return self.stack.enter_context(pikepdf.open(io.BytesIO(data)))

    # --- pages --------------------------------------------------------------------------------------------------------

    def _pages(self, firsts: Sequence[int]) -> None:
        root = self.pdf.Root.StructTreeRoot
        self.document = root.K[0]
        self.homes: dict[bool, Any] = {True: self.document.K[-1]}
        for number, (piece, (told, data)) in enumerate(zip(self.laid.pieces, self.laid.printed, strict=True)):
            if number:
                while len(self.pdf.pages) < firsts[number]:
                    self._blank_page()
                with pikepdf.open(io.BytesIO(data)) as source:
                    for page in source.pages:
                        self.pdf.pages.append(page)
                    root = self.pdf.copy_foreign(source.Root.StructTreeRoot)
            pages = [self.pdf.pages[firsts[number] + n] for n in range(told["pages"])]
            self._piece(pages, told, firsts[number])
            self._structure(root, pages, is_front=piece.front, first=not number)

    def _blank_page(self) -> None:
        left, bottom, right, top = (float(side) for side in self.pdf.pages[-1].obj.MediaBox.as_list())
        self.pdf.add_blank_page(page_size=(right - left, top - bottom))

    def _piece(self, pages: Sequence[pikepdf.Page], told: Mapping[str, Any], first: int) -> None:
        resources = pages[0].Resources
        self._fonts(resources.Font, told["faces"])
        self._colours(resources)
        self._pictures(resources)
        self._fill(pages, told)
        for number, page in enumerate(pages):
            if first + number in self.under:
                left = (first + number) % 2 == 1 and told["sizes"][number][0] < told["sizes"][number][1]
                self._dress(page, resources, self.under[first + number], self.shift if left else 0.0)

    def _fonts(self, inside: Any, faces: Mapping[str, Any]) -> None:
        """One font of each kind for all pages."""
        for name in faces:
            key = f"/{name}"
            if key in inside:
                inside[key] = self.fonts.setdefault(name, inside[key])

    def _colours(self, resources: Any) -> None:
        """One profile of colours for all pages."""
        for name in list(resources.ColorSpace.keys()):
            resources.ColorSpace[name] = self.colours.setdefault(name, resources.ColorSpace[name])

    def _pictures(self, resources: Any) -> None:
        """One copy of a picture that stands in several chapters, and of the digits beside lines."""
        pictures = resources.get("/XObject", Dictionary())
        for name in list(pictures.keys()):
            if pictures[name].get("/Subtype") == Name.Image:
                pictures[name] = self._once(pictures[name], pictures[name])
            elif name.startswith("/Lines"):
                self._colours(pictures[name].Resources)
                own = pictures[name].Resources.Font
                for key in list(own.keys()):
                    about = own[key].DescendantFonts[0].FontDescriptor
                    own[key] = self._once(about.get("/FontFile3", about.get("/FontFile2")), own[key])

    def _once(self, stream: Any, thing: Any) -> Any:
        """The first thing that had the same bytes in a stream."""
        return self.streams.setdefault(hashlib.sha256(stream.read_raw_bytes()).digest(), thing)

    def _dress(self, page: pikepdf.Page, resources: Any, under: Under, shift: float) -> None:
        """Lay head and number under a page, and shift it to its side of the sheet."""
        steps = []
        for sheet in (under.head, under.number):
            name = f"/{sheet.job}-{sheet.page}"
            if "/XObject" not in resources:
                resources.XObject = Dictionary()
            resources.XObject[name] = self._form(sheet)
            steps.append(f"q 1 0 0 1 {shift:.4f} 0 cm {name} Do Q")
        # An artifact of the page is nothing that a screen reader would read out (ISO 14289-1, 7.1).
        laid = f"/Artifact <</Type /Pagination>> BDC {' '.join(steps)} EMC\n".encode()
        page.obj.Contents = Array([self.pdf.make_stream(laid), page.obj.Contents])
        if shift:
            for name in _BOXES:
                if name in page.obj:
                    left, bottom, right, top = (float(side) for side in page.obj[name])
                    page.obj[name] = Array([left + shift, bottom, right + shift, top])

    def _form(self, sheet: Sheet) -> Any:
        if sheet not in self.forms:
            told, data = self.sheets[sheet.job]
            if sheet.job not in self.opened:
                self.opened[sheet.job] = self._open(data)
            source = self.opened[sheet.job].pages[sheet.page]
            self.forms[sheet] = self.pdf.copy_foreign(source.as_form_xobject())
            self._fonts(self.forms[sheet].Resources.Font, told["faces"])
            self._colours(self.forms[sheet].Resources)
        return self.forms[sheet]

    # --- numbers ------------------------------------------------------------------------------------------------------

    def _fill(self, pages: Sequence[pikepdf.Page], told: Mapping[str, Any]) -> None:
        """Write the numbers of pages where they were left blank."""
        blanks: dict[int, list[tuple[int, int]]] = {}
        for page, mark, target in told["blanks"]:
            number = self.laid.pages.of[target] - self.laid.pages.main + 1
            blanks.setdefault(page, []).append((mark, number))
        faces = [self.faces[name] for name in told["faces"]]
        for index, wanted in blanks.items():
            content = pages[index].obj.Contents
            data = content.read_bytes()
            for mark, number in wanted:
                data = self._filled(data, mark, str(number), faces)
            content.write(data)

    def _filled(self, content: bytes, mark: int, number: str, faces: Sequence[typefaces.Face]) -> bytes:
        piece = re.search(rb"/MCID %d\s*>>\s*BDC(.*?)\bEMC" % mark, content, re.DOTALL)
        for face in faces if piece else ():
            glyphs = typefaces.digits(face, self.hands)
            if piece and glyphs and str(glyphs[0]) in face["letters"]:
                # Between two digits the engine may write by how much they are moved, which is the same for all.
                blank = rb"(>[^<]*<|)".join([b"%04x" % glyphs[0]] * len(number))
                if at := re.search(blank, piece[1]):
                    typefaces.add_digits(face, glyphs)
                    moves = (*at.groups(), b"")
                    filled = b"".join(b"%04x" % glyphs[int(n)] + move for n, move in zip(number, moves, strict=True))
                    start = piece.start(1)
                    return content[: start + at.start()] + filled + content[start + at.end() :]
        raise UnfilledError(number)

    # --- structure ----------------------------------------------------------------------------------------------------

    def _structure(self, root: Any, pages: Sequence[pikepdf.Page], *, is_front: bool, first: bool) -> None:
        """Hang the structure of a piece where it would be had the paper been laid out in one."""
        numbers = root.ParentTree.Nums
        owners = {int(numbers[n]): numbers[n + 1] for n in range(0, len(numbers), 2)}
        start = self.next_key
        for key in sorted(owners):
            self.parents += (start + key, owners[key])
        self.next_key = start + max(owners, default=-1) + 1
        for page in pages:
            page.obj.StructParents = int(page.obj.StructParents) + start
            for link in page.obj.get("/Annots", ()):
                if "/StructParent" in link:
                    link.StructParent = int(link.StructParent) + start
        named = root.IDTree.Names
        self.names += [(bytes(named[n]), named[n], named[n + 1]) for n in range(0, len(named), 2)]
        if not first:
            self._hang(root.K[0], is_front=is_front)

    def _hang(self, document: Any, *, is_front: bool) -> None:
        for kid in list(document.K):
            home = self.homes.get(is_front)
            if home is None or kid.S != home.S:
                kid.P = self.document
                self.document.K.append(kid)
                self.homes.setdefault(is_front, kid)
                continue
            for inner in list(kid.K):
                inner.P = home
                home.K.append(inner)

    # --- catalog ------------------------------------------------------------------------------------------------------

    def _catalog(self) -> None:
        root = self.pdf.Root
        root.StructTreeRoot.ParentTree.Nums = Array(self.parents)
        root.StructTreeRoot.ParentTreeNextKey = self.next_key
        sorted_names = sorted(self.names, key=lambda entry: entry[0])
        root.StructTreeRoot.IDTree = Dictionary(Names=Array([part for _, *pair in sorted_names for part in pair]))
        root.Names = Dictionary(Dests=Dictionary(Names=Array(list(self._destinations()))))
        with self.pdf.open_outline() as outline:
            outline.root.clear()
            outline.root.extend(self._bookmarks())
        label(self.pdf, self.laid.pages.main)

    def _told(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The first page of each piece, and what is known of it."""
        return zip(self.laid.firsts, (told for told, _ in self.laid.printed), strict=True)

    def _destinations(self) -> Iterator[Any]:
        found: dict[str, Any] = {}
        objects = [page.obj for page in self.pdf.pages]
        for first, told in self._told():
            for name, page, x, y in told["anchors"]:
                found.setdefault(name, (objects[first + page], x, y))
        for name in sorted(found, key=str.encode):
            page, x, y = found[name]
            yield String(name)
            yield Array([page, Name.XYZ, x, y, 0])

    def _bookmarks(self) -> Iterator[OutlineItem]:
        objects = [page.obj for page in self.pdf.pages]

        def item(first: int, title: str, place: Sequence[float], below: Sequence[Any], state: str) -> OutlineItem:
            page, x, y = place
            made = OutlineItem(title, Array([objects[first + int(page)], Name.XYZ, x, y, 0]))
            made.is_closed = state == "closed"
            made.children.extend(item(first, *each) for each in below)
            return made

        for first, told in self._told():
            yield from (item(first, *each) for each in told["bookmarks"])
