"""Notes and key numbers in the margin: a note that has no room there is moved to the foot of the page.

A key number without room is left out: the text has it. Both are positioned absolutely, so that they move no line and no
page break. They may therefore meet something as wide as the page, the note above, or the end of the page.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import Element

from msgspec import Struct, field

from nioc_paper.render.pdf.worker_messages import MARGIN_COPY, MARGIN_NOTE, NOTE_CALL

if TYPE_CHECKING:
    from weasyprint.formatting_structure.boxes import Box, PageBox, ParentBox
    from weasyprint.layout import LayoutContext


_MAX_LINES = 6
_SOLID_BOXES = frozenset(
    ("BlockBox", "TableBox", "FlexBox", "GridBox", "BlockReplacedBox", "TextBox", "FootnoteAreaBox")
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
"""Boxes as wide as the page, with text that is seldom so."""


def is_margin_note(element: Element | None) -> bool:
    """Return whether an element is a note in the margin."""
    return element is not None and MARGIN_NOTE in classes(element)


def is_call(element: Element | None) -> bool:
    """Return whether an element calls a note in the margin."""
    return element is not None and NOTE_CALL in classes(element)


def remove(holder: Element, child: Element) -> None:
    """Remove an element; the text behind it stays."""
    index = list(holder).index(child)
    if index:
        holder[index - 1].tail = (holder[index - 1].tail or "") + (child.tail or "")
    else:
        holder.text = (holder.text or "") + (child.tail or "")
    holder.remove(child)


def move_to_foot(root: Element) -> None:
    """Make each note in the margin a note of the foot, for an engine that cannot be patched; key numbers go."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in [element for element in root.iter("span") if is_margin_note(element) or is_call(element)]:
        if is_call(element) or MARGIN_COPY in classes(element):
            remove(parents[element], element)
        else:
            element.set("class", " ".join(name for name in classes(element) if name != MARGIN_NOTE))


def classes(element: Element) -> list[str]:
    """Return the classes of an element."""
    return (element.get("class") or "").split()


def is_note_box(box: Box) -> bool:
    """Return whether a box is a note in the margin, not a part of one."""
    return is_margin_note(box.element) and box.element_tag == "span"


def misplaced_on_page(sheet: PageBox, parents: dict[Element, Element]) -> Iterator[Element]:
    """Yield the notes that are longer than six lines, or meet something else or the end of their page."""
    areas = (child for child in sheet.children if type(child).__name__ != "MarginBox")
    all_boxes = (box for area in areas for box in area.descendants(placeholders=True))
    boxes = [box for box in all_boxes if type(box).__name__ in _SOLID_BOXES]
    notes = [box for box in boxes if is_note_box(box)]
    for index, note in enumerate(notes):
        element = cast("Element", note.element)
        around = set(_ancestors(element, parents))
        others = [box for box in boxes if box.element not in around and not _is_in_note(box, notes[index:], parents)]
        is_long = sum(type(box).__name__ == "LineBox" for box in note.descendants()) > _MAX_LINES
        page_end = sheet.position_y + sheet.margin_top + sheet.height
        if is_long or note.position_y + note.height > page_end + 1 or any(_meets(note, box) for box in others):
            yield element


def _ancestors(element: Element, parents: dict[Element, Element]) -> Iterator[Element]:
    while element in parents:
        element = parents[element]
        yield element


def _is_in_note(box: Box, notes: Sequence[Box], parents: dict[Element, Element]) -> bool:
    """Return whether a box is one of the notes, or in one."""
    elements = {note.element for note in notes}
    return box.element is not None and not elements.isdisjoint((box.element, *_ancestors(box.element, parents)))


def _meets(note: Box, box: Box) -> bool:
    if box.element_tag in _HEADINGS and type(box).__name__ != "TextBox":
        return False
    left = box.position_x + box.margin_left
    is_beside = left > note.position_x + note.width - 1 or left + box.width < note.position_x + 1
    is_above = box.position_y + box.height <= note.position_y
    return not (is_beside or is_above or box.position_y >= note.position_y + note.height)


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
        notes = [element for element in root.iter("span") if is_margin_note(element)]
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
