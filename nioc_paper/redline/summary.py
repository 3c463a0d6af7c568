"""Summary page of changes: words and status of each chapter, and changes of recommendations. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.citations_as_text import plain_text_without_citations
from nioc_paper.domain.paper_diff import compare_papers
from nioc_paper.model import DELETION, INSERTION, MOVED, Chapter, Document, Item, Node, Paper, Reference
from nioc_paper.wording import Wording, column_head, format_number

PAGE_ID = "changes"
"""Id of the page's heading."""
_COUNTED = (INSERTION, DELETION, MOVED)
_COLUMN_WIDTHS = {"chapter": 0.37, "words": 0.15, "removed": 0.12, "moved": 0.12, "status": 0.24}
_UNCOUNTED_TYPES = ("Image", "Code", "Math")
"""Types of nodes whose words are not counted."""


class ComparedVersion(Struct, frozen=True):
    """One of the two versions that the page compares: the whole paper, or one chapter of it."""

    paper: Paper
    document: Document
    chapter: str | None = None
    """Id of the only chapter that is compared."""

    @property
    def chapters(self) -> Mapping[str, Chapter]:
        """Printed chapters by id."""
        return {c.id: c for c in self.selected_paper.chapters if c.path in self.paper.listed_paths}

    @property
    def selected_paper(self) -> Paper:
        """Paper, limited to the chapter if only one is compared."""
        return replace(self.paper, chapters=tuple(c for c in self.paper.chapters if self.chapter in (None, c.id)))

    @property
    def recommendations(self) -> Mapping[str, Item]:
        """Recommendations by id."""
        return {item.id: item for c in self.chapters.values() for item in c.items_of_kind("recommendation")}

    @property
    def recommendation_labels(self) -> Mapping[str, str]:
        """Labels of recommendations by id."""
        return {entry.id: entry.label or entry.number for entry in self.document.recommendations}

    @property
    def recommendation_texts(self) -> Mapping[str, str]:
        """Printed texts of recommendations by id."""
        divs = (node for node in tree.walk(self.document.blocks) if tree.is_div(node, "recommendation"))
        return {tree.identifier(div): _body_text(div, self.paper.references) for div in divs}

    def status_title(self, chapter: str) -> str:
        """Return the printed status of a chapter."""
        status = self.chapters[chapter].front.status
        return next((s.title for s in self.paper.settings.statuses if s.id == status), status)


def build_summary(
    then: ComparedVersion, now: ComparedVersion, blocks: Sequence[Node], title: str, words: Wording
) -> Node:
    """Return the summary page, which comes before the text; `blocks` are the compared text."""
    divs = {tree.identifier(block): block for block in blocks if block["t"] == "Div"}
    counted = {name: count_changes(divs.get(f"chapter-{name}", [])) for name in now.chapters}
    old = {tree.identifier(block): block for block in then.document.blocks}
    for name in then.chapters.keys() - counted.keys():
        counted[name] = Counter({DELETION: tree.count_words(old.get(f"chapter-{name}", []))})
    page_blocks = [tree.header(1, tree.text_inlines(title), "unnumbered", id=PAGE_ID), _legend(words)]
    if not any(c.total() for c in counted.values()):
        page_blocks.append(tree.para(tree.text_inlines(words["changes_same"])))
    order = [*now.chapters, *(name for name in then.chapters if name not in now.chapters)]
    rows = [_make_row(then, now, name, counted[name], words) for name in order]
    if len(rows) > 1:
        total = sum(counted.values(), Counter[str]())
        rows.append([[tree.strong(tree.text_inlines(words["changes_total"]))], *_count_cells(total, words), []])
    columns = [(words[f"changes_{name}"], share) for name, share in _COLUMN_WIDTHS.items()]
    cells = [[[tree.plain_block(cell)] for cell in row] for row in rows]
    aligns = ("left", "right", "right", "right", "left")
    page_blocks.append(tree.table(columns, cells, "generated", PAGE_ID, aligns=aligns))
    for kind, items in _list_recommendations(then, now, words).items():
        page_blocks += _make_list(kind, items, words)
    return tree.div(page_blocks, "front", id=f"chapter-{PAGE_ID}")


def _legend(words: Wording) -> Node:
    """Return the legend; its underline and strike-out are formatting, not changes that could be accepted."""
    samples = {
        "{new}": {"t": "Underline", "c": tree.text_inlines(words["changes_legend_new"])},
        "{gone}": {"t": "Strikeout", "c": tree.text_inlines(words["changes_legend_gone"])},
    }
    inlines: list[Node] = []
    for inline in tree.text_inlines(words["changes_legend"]):
        sample = next((s for s in samples if inline["t"] == "Str" and inline["c"].startswith(s)), "")
        rest = inline["c"].removeprefix(sample) if sample else ""
        inlines += [samples[sample], *([{"t": "Str", "c": rest}] if rest else [])] if sample else [inline]
    return tree.div([tree.para(inlines)], "legend")


# --- chapters ---------------------------------------------------------------------------------------------------------


def count_changes(part: object) -> Counter[str]:
    """Return the inserted, deleted and moved words of a compared tree; a moved word counts once, as moved."""
    counts: Counter[str] = Counter()
    stack: list[tuple[object, str]] = [(part, "")]
    while stack:
        item, kind = stack.pop()
        if isinstance(item, dict) and item.get("t") == "Str":
            if kind in _COUNTED:
                counts[kind] += tree.count_words(item)
        elif isinstance(item, dict) and item.get("t") not in _UNCOUNTED_TYPES:
            stack.append((item.get("c"), _change_kind(item) or kind))
        elif isinstance(item, list | tuple):
            stack += [(child, kind) for child in item]
    return counts


def _change_kind(node: Node) -> str:
    """Return the change that a span marks; the old place of a move does not count."""
    names = tree.classes(node) if node["t"] == "Span" else []
    if MOVED in names:
        return MOVED if INSERTION in names else "moved from"
    return next((kind for kind in (INSERTION, DELETION) if kind in names), "")


def _make_row(
    then: ComparedVersion, now: ComparedVersion, name: str, counted: Counter[str], words: Wording
) -> list[list[Node]]:
    title = tree.text_inlines((now.chapters.get(name) or then.chapters[name]).front.title)
    linked = [tree.link(title, f"#sec-{name}")] if name in now.chapters else title
    return [linked, *_count_cells(counted, words), tree.text_inlines(_status_text(then, now, name, words))]


def _count_cells(counted: Counter[str], words: Wording) -> list[list[Node]]:
    return [tree.text_inlines(format_number(counted[kind], words) if counted[kind] else "–") for kind in _COUNTED]


def _status_text(then: ComparedVersion, now: ComparedVersion, name: str, words: Wording) -> str:
    """Return the status of a chapter, with the former status if that differs."""
    if name not in now.chapters:
        return words["changes_gone_chapter"]
    status = now.status_title(name)
    if name not in then.chapters:
        return f"{status} ({words['changes_new_chapter']})"
    before = then.status_title(name)
    return status if before == status else f"{before} → {status}"


# --- recommendations --------------------------------------------------------------------------------------------------


def _list_recommendations(
    then: ComparedVersion, now: ComparedVersion, words: Wording
) -> Mapping[str, list[list[Node]]]:
    """Return lines by kind of change, for each recommendation that is new, changed or dropped."""
    lines: dict[str, list[list[Node]]] = {"new": [], "changed": [], "dropped": []}
    items = compare_papers(then.selected_paper, now.selected_paper).items
    for change in (each for each in items if each.item.kind == "recommendation"):
        name, details = change.item.id, ""
        if change.kind == "changed":
            details = words["changes_what"].format(
                _describe_differences(then.recommendations[name], change.item, words)
            )
        version = then if change.kind == "dropped" else now
        lines[change.kind].append(_recommendation_line(version, name, details, link=version is now))
    return lines


def _describe_differences(old: Item, new: Item, words: Wording) -> str:
    """Return the changed parts of a recommendation: its text, and the names of its fields."""
    fields = [f for f in dict.fromkeys((*new.fields, *old.fields)) if old.field_text(f) != new.field_text(f)]
    names = [words["changes_text"]] if old.text != new.text else []
    names += [words.get(field, field).lower() for field in fields]
    return f"{words['comma']} ".join(names)


def _recommendation_line(version: ComparedVersion, name: str, details: str = "", *, link: bool = True) -> list[Node]:
    label, text = version.recommendation_labels.get(name, name), version.recommendation_texts.get(name, "")
    is_linked = link and name in version.recommendation_labels
    title = tree.cross_reference(label, name) if is_linked else tree.strong(tree.text_inlines(label))
    return [title, {"t": "Str", "c": ":"}, {"t": "Space"}, *tree.text_inlines(f"{text} {details}")]


def _body_text(div: Node, references: Mapping[str, Reference]) -> str:
    own = [b for b in tree.content(div) if not (tree.is_div(b, "title") or tree.is_div(b, "fields"))]
    return plain_text_without_citations(own, references)


def _make_list(kind: str, items: Sequence[list[Node]], words: Wording) -> list[Node]:
    heading = tree.header(2, tree.text_inlines(column_head(words, f"changes_{kind}")), id=f"{PAGE_ID}-{kind}")
    return [heading, tree.bullet_list(items)] if items else []
