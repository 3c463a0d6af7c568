"""Merge of the structure trees of pieces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

from nioc_paper.render.pdf.object_groups import PieceObjects
from nioc_paper.render.pdf.pdf_file import PdfFile, reference


class _Division(Struct, dict=True):
    """Element of the document that takes the elements of several chapters."""

    role: str
    number: int = 0
    elements: list[bytes] = field(default_factory=list)


class NumberedPiece(Struct, frozen=True, dict=True):
    """Numbers of a piece's objects, and values of the marks in its structure. Objects that are skipped have none."""

    numbers: Sequence[int]
    skipped: Collection[int]
    divisions: Sequence[_Division]
    first_parent: int
    values_of_all: Mapping[str, bytes]

    def values(self, piece: PieceObjects) -> dict[str, bytes]:
        """Return the values of the marks. Call after the last piece is numbered."""
        kids = {f"kids-{n}": b"[ %s ]" % b" ".join(each.elements) for n, each in enumerate(self.divisions)}
        parents = {f"parent-{n}": b"%d" % (self.first_parent + n) for n in range(piece.parent_count)}
        return {**self.values_of_all, **kids, **parents}


class StructureMerger:
    """Structure tree of the paper, which takes the elements of the pieces."""

    def __init__(self, pdf: PdfFile) -> None:
        self.pdf = pdf
        self.root, self.document = pdf.allocate(), pdf.allocate()
        self.divisions: list[_Division] = []
        self.open_divisions: dict[bool, _Division] = {}
        """Element that takes the chapters of the front, and that of the text."""
        self.next_parent = 0
        self.parent_tree: list[bytes] = []
        self.named_elements: list[tuple[bytes, bytes]] = []

    def number_piece(self, piece: PieceObjects, *, is_front: bool) -> NumberedPiece:
        """Number the objects of a piece, and attach its structure at the place that one layout would give it."""
        divisions = self._find_divisions(piece, is_front=is_front)
        indices = [index for _, index, _ in piece.kids]
        joined = {index for index, division in zip(indices, divisions, strict=True) if division.number}
        skipped = {*joined, piece.parent_tree}
        free = iter(range(self.pdf.allocate(piece.group.count - len(skipped)), self.pdf.next_number))
        numbers = [0 if index in skipped else next(free) for index in range(piece.group.count)]
        for (_, index, elements), division in zip(piece.kids, divisions, strict=True):
            division.number = numbers[index] = division.number or numbers[index]
            division.elements += [reference(numbers[element]) for element in elements]
        self.named_elements += [(key.encode(), reference(numbers[index])) for key, index in piece.ids]
        first_parent, self.next_parent = self.next_parent, self.next_parent + piece.parent_count
        return NumberedPiece(numbers, skipped, divisions, first_parent, {"document": reference(self.document)})

    def _find_divisions(self, piece: PieceObjects, *, is_front: bool) -> list[_Division]:
        """Return the element of the document for each of a piece: an earlier one, or a new one without a number."""
        chosen, is_first = [], not self.divisions
        for position, (role, _, _) in enumerate(piece.kids):
            division = self.open_divisions.get(is_front)
            is_divisible = f"kids-{position}" in piece.group.marks
            if is_first or division is None or division.role != role or not is_divisible:
                division = _Division(role)
                self.divisions.append(division)
                if is_first or (is_divisible and is_front not in self.open_divisions):
                    self.open_divisions[is_front] = division
            chosen.append(division)
        return chosen

    def add_parents(self, owners: bytes) -> None:
        """Add the owners of a piece's marked content, an array with numbers."""
        self.parent_tree.append(owners.removeprefix(b"[").removesuffix(b"]"))

    def write(self) -> bytes:
        """Write the root and the document; return the reference to the root. Call after the last piece."""
        kids = b" ".join(reference(division.number) for division in self.divisions)
        document = b"<< /Type /StructElem /S /Document /P %d 0 R /K [ %s ] >>" % (self.root, kids)
        parents = self.pdf.add(b"<< /Nums [ %s ] >>" % b" ".join(self.parent_tree))
        names = b" ".join(b"<%s> %s" % entry for entry in sorted(self.named_elements))
        root = b"<< /Type /StructTreeRoot /K [ %d 0 R ] /ParentTree %s /ParentTreeNextKey %d"
        root += b" /IDTree << /Names [ %s ] >> >>"
        self.pdf.texts.append((self.document, document))
        self.pdf.texts.append((self.root, root % (self.document, parents, self.next_parent, names)))
        return reference(self.root)
