"""Twins of the notes in the margin: each is built as a note of the foot too, so that a page can move it there.

Without them, a chapter with a note that has no room in the margin is laid out once more.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import Element

from msgspec import Struct, field

from nioc_paper.render.pdf.markers import MARGIN_COPY, MARGIN_NOTE
from nioc_paper.render.pdf.worker.margin_notes import (
    classes,
    find_margin_notes,
    is_call,
    is_note_box,
    misplaced_on_page,
    remove,
)

if TYPE_CHECKING:
    from weasyprint.formatting_structure.boxes import Box, PageBox, ParentBox
    from weasyprint.layout import LayoutContext

_SAME_NUMBER = "counter-increment: footnote -1"
"""Style of a twin: the call in the text has counted the note already, and the engine counts each footnote."""


class _Twin(Struct, frozen=True):
    """Note of the foot that takes the place of a note in the margin; without id until then."""

    element: Element
    name: str
    """Id of the note."""


class NoteTwins(Struct):
    """Notes in the margin of one document while it is laid out. Empty if no page has to move one."""

    twins: dict[Element, _Twin] = field(default_factory=dict)
    parents: dict[Element, Element] = field(default_factory=dict)
    holders: dict[Element, ParentBox] = field(default_factory=dict)
    """Box that has each note, by the note's element."""
    calls: dict[Element, Box] = field(default_factory=dict)
    """Box that calls each twin, by the twin's element."""
    moved: list[Element] = field(default_factory=list)

    def add(self, root: Element) -> None:
        """Add a twin behind each note in the margin. Call before the engine reads the style of elements."""
        notes = find_margin_notes(root)
        parents = {child: parent for parent in root.iter() for child in parent} if notes else {}
        for note in notes:
            if MARGIN_COPY in classes(note):
                continue
            twin = copy.deepcopy(note)
            twin.set("class", " ".join(name for name in classes(note) if name != MARGIN_NOTE))
            twin.set("style", _SAME_NUMBER)
            self.twins[note] = _Twin(twin, twin.attrib.pop("id", ""))
            twin.tail, note.tail = note.tail, None
            parents[note].insert(list(parents[note]).index(note) + 1, twin)
        self.parents = parents | {twin.element: parents[note] for note, twin in self.twins.items()}
        self.parents |= {c: p for twin in self.twins.values() for p in twin.element.iter() for c in p}

    def take_calls(self, root_box: Box) -> None:
        """Take the calls of all twins out of the tree of boxes."""
        twins = {twin.element for twin in self.twins.values()}
        for box in [root_box, *root_box.descendants()] if self.parents else ():
            holder, calls = cast("ParentBox", box), []
            for child in getattr(box, "children", ()):
                if child.footnote and child.element in twins:
                    calls.append(child)
                elif is_note_box(child):
                    self.holders.setdefault(child.element, holder)  # lines in a note belong to its element too
            if calls:
                self.calls |= {call.element: call for call in calls}
                holder.children = [child for child in holder.children if child not in calls]

    def find_misplaced(self, sheet: PageBox, context: LayoutContext) -> list[Element]:
        """Return the notes of a page that have no room in its margin, or that its end breaks."""
        if not self.holders:
            return []
        broken = [box.element for box, *_ in context.broken_out_of_flow.values() if is_note_box(box)]
        misplaced = dict.fromkeys([*broken, *misplaced_on_page(sheet, self.parents)])
        return [note for note in misplaced if note in self.holders]

    def move(self, notes: Iterable[Element]) -> None:
        """Give notes their twins' place in the tree of boxes; a key number is left out."""
        for note in notes:
            holder = self.holders.pop(note)
            holder.children = list(self._children_without(note, holder.children))
            self.moved.append(note)

    def _children_without(self, note: Element, children: Iterable[Box]) -> Iterator[Box]:
        """Yield the boxes of a note's holder: the call of its twin in place of it and of its own call."""
        twin = self.twins.get(note)
        for child in children:
            if child.element is note and twin:
                twin.element.set("id", twin.name)
                call = self.calls[twin.element]
                assert call.footnote
                call.footnote.style["anchor"] = twin.name
                yield call
            elif child.element is not note and not (twin and is_call(child.element)):
                yield child

    def settle(self) -> None:
        """Leave in the document what its pages show: twins in place of the notes that were moved."""
        for note in self.moved:
            twin, holder = self.twins.pop(note, None), self.parents[note]
            calls = [kid for kid in holder if is_call(kid)] if twin else []
            for each in (note, *calls):
                remove(holder, each)
            if twin:
                del twin.element.attrib["style"]
        for note, twin in self.twins.items():
            remove(self.parents[note], twin.element)
