"""Labels of a foreign project, and the ids of ours that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.model import Node, short_slug

_KINDS = {"Header": "sec", "Figure": "fig", "Image": "fig", "Table": "tbl"}
_PREFIX = re.compile(r"(?:fig|tbl|tab|sec|eq|table|figure|equation)[-:]")


def normalize_label(label: str) -> str:
    """Return a label as all tools write it: fig:a and fig-a are one, and so are tab-a and tbl-a."""
    return re.sub(r"^tab-", "tbl-", re.sub(r"[^\w]+", "-", label.strip().lstrip("#")).strip("-").lower())


class ForeignLabels(Struct, dict=True):
    """Ids of ours by label: those of each file, and those of all files."""

    by_file: dict[str, dict[str, str]] = field(default_factory=dict)
    everywhere: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    """Ids that no other thing may get."""
    referenced_ids: set[str] = field(default_factory=set)
    """Ids that something refers to."""

    def add_file(
        self, path: str, chapter_id: str, blocks: Sequence[Node], is_shown: Callable[[str], bool]
    ) -> Iterator[str]:
        """Note the ids in a file; yield those of pictures that are not shown.

        A label of anything but a heading, figure or table leads to the heading above.
        """
        own = self.by_file.setdefault(path, {})
        above = f"sec-{chapter_id}"
        for node in tree.walk(list(blocks)):
            if node["t"] not in tree.TYPES_WITH_ATTR:
                continue
            kind, labels = _kind(node), _labels(node)
            if kind == "fig" and not any(is_shown(n["c"][2][0]) for n in tree.walk(node) if n["t"] == "Image"):
                yield from labels
                continue
            if node["t"] == "Header" and labels:
                above = self._new_id("sec", labels[0]) if "title" not in tree.classes(node) else f"sec-{chapter_id}"
            known = next((own[normalize_label(label)] for label in labels if normalize_label(label) in own), "")
            target = above if kind in ("sec", "") else known or (self._new_id(kind, labels[0]) if labels else "")
            for label in labels:
                own.setdefault(normalize_label(label), target)
                self.everywhere.setdefault(normalize_label(label), target)

    def add_equations(self, path: str, labels: Sequence[str]) -> None:
        """Note the labels of the equations in a file."""
        own = self.by_file.setdefault(path, {})
        for label in filter(normalize_label, labels):
            own[normalize_label(label)] = self._new_id("eq", label)
            self.everywhere.setdefault(normalize_label(label), own[normalize_label(label)])

    @property
    def equation_ids(self) -> set[str]:
        """Ids of the equations."""
        return {anchor for anchor in self.ids if anchor.startswith("eq-")}

    def _new_id(self, kind: str, label: str) -> str:
        name = short_slug(_PREFIX.sub("", label))[:60].strip("-") or "part"
        candidates = (f"{kind}-{name}{f'-{n}' if n > 1 else ''}" for n in range(1, len(self.ids) + 3))
        free = next(anchor for anchor in candidates if anchor not in self.ids)
        self.ids.add(free)
        return free

    def find(self, label: str, path: str) -> str | None:
        """Return the id of ours for a label in a file, and note that it is used."""
        forms = (normalize_label(label), normalize_label(f"sec-{label}"), normalize_label(label).removeprefix("sec-"))
        places = (self.by_file.get(path, {}), self.everywhere)
        anchor = next((place[form] for form in forms for place in places if form and form in place), None)
        if anchor:
            self.referenced_ids.add(anchor)
        return anchor


def _kind(node: Node) -> str:
    if node["t"] != "Div":
        return _KINDS.get(node["t"], "")
    inside = {child["t"] for child in tree.walk(node["c"][1])}
    return "fig" if inside & {"Figure", "Image"} else "tbl" if "Table" in inside else ""


def _labels(node: Node) -> list[str]:
    """Return the id of a node, and the label that a directive gave it."""
    labels = (tree.identifier(node), tree.attributes(node).get("label", ""))
    return [label for label in labels if label]
