"""Merge of the structure trees of pieces."""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Dictionary, Object


class StructureMerger:
    """Structure tree of the first piece, which takes the elements of the others."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.root = pdf.Root.StructTreeRoot
        self.document = self.root.K[0]
        self.part_elements: dict[bool, Object] = {True: self.document.K[-1]}
        """Element that takes the chapters of the front, and that of the text."""
        self.next_struct_parent = 0
        self.parent_tree: list[int | Object] = []
        self.named_elements: list[tuple[bytes, Object, Object]] = []

    def add_piece(self, root: Object, pages: Sequence[pikepdf.Page], *, is_front: bool, is_first: bool) -> None:
        """Attach the structure of a piece, with this root, at the place that one layout would give it."""
        parent_numbers = root.ParentTree.Nums
        owners = {int(parent_numbers[n]): parent_numbers[n + 1] for n in range(0, len(parent_numbers), 2)}
        start = self.next_struct_parent
        for key in sorted(owners):
            self.parent_tree += (start + key, owners[key])
        self.next_struct_parent = start + max(owners, default=-1) + 1
        for page in pages:
            page.obj.StructParents = int(page.obj.StructParents) + start
            for link in page.obj.get("/Annots", ()):
                if "/StructParent" in link:
                    link.StructParent = int(link.StructParent) + start
        id_entries = root.IDTree.Names
        self.named_elements += [
            (bytes(id_entries[n]), id_entries[n], id_entries[n + 1]) for n in range(0, len(id_entries), 2)
        ]
        if not is_first:
            self._attach_elements(root.K[0], is_front=is_front)

    def _attach_elements(self, document: Object, *, is_front: bool) -> None:
        for kid in list(document.K):
            part_element = self.part_elements.get(is_front)
            if part_element is None or kid.S != part_element.S:
                kid.P = self.document
                self.document.K.append(kid)
                self.part_elements.setdefault(is_front, kid)
                continue
            for inner in list(kid.K):
                inner.P = part_element
                part_element.K.append(inner)

    def write(self) -> None:
        """Write the owners of marked content, and the elements with an id. Call after the last piece."""
        self.root.ParentTree.Nums = Array(self.parent_tree)
        self.root.ParentTreeNextKey = self.next_struct_parent
        sorted_names = sorted(self.named_elements, key=lambda entry: entry[0])
        self.root.IDTree = Dictionary(Names=Array([part for _, *pair in sorted_names for part in pair]))
