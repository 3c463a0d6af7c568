"""A page that sums up what changed: words and status of each chapter, and what became of recommendations. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nioc_paper import tree
from nioc_paper.changes import changes
from nioc_paper.model import MOVED, PUT_IN, TAKEN_OUT, Block, Chapter, Document, Node, Paper
from nioc_paper.wording import Words, digits, head

PAGE = "changes"
"""The id of the heading of the page."""
_COUNTED = (PUT_IN, TAKEN_OUT, MOVED)
_SHARES = {"chapter": 0.37, "words": 0.15, "removed": 0.12, "moved": 0.12, "status": 0.24}
_UNREAD = ("Image", "Code", "Math")
"""What holds words that are not of the text."""
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Standing:
    """A version, or one chapter of it: what stands in it, and what it is called."""

    paper: Paper
    document: Document
    chapter: str | None = None

    @property
    def chapters(self) -> Mapping[str, Chapter]:
        """By id, as far as they are printed here."""
        return {c.id: c for c in self.told.chapters if c.path in self.paper.listed}

    @property
    def told(self) -> Paper:
        """The paper with the chapters that it is about."""
        own = (c for c in self.paper.chapters if self.chapter in (None, c.id))
        return replace(self.paper, chapters=tuple(own))

    @property
    def recommendations(self) -> Mapping[str, Block]:
        """By id."""
        return {block.id: block for c in self.chapters.values() for block in c.of("recommendation")}

    @property
    def labels(self) -> Mapping[str, str]:
        """What recommendations are called, by id."""
        return {entry.id: entry.label or entry.number for entry in self.document.recommendations}

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts of recommendations as they are printed, by id."""
        divs = (node for node in tree.walk(self.document.blocks) if tree.is_div(node, "recommendation"))
        return {tree.identifier(div): _said(div) for div in divs}

    def status(self, chapter: str) -> str:
        """The printed status of a chapter."""
        status = self.chapters[chapter].front.status
        return next((s.title for s in self.paper.settings.statuses if s.id == status), status)


def summary(then: Standing, now: Standing, blocks: Sequence[Node], title: str, words: Words) -> Node:
    """The page, for a place before the text."""
    counted = _by_chapter(then, now, blocks)
    said = [tree.header(1, tree.text(title), "unnumbered", id=PAGE), _legend(words)]
    if not any(c.total() for c in counted.values()):
        said.append(tree.para(tree.text(words["changes_same"])))
    said.append(_table(then, now, counted, words))
    for kind, items in _recommendations(then, now, words).items():
        said += _list(kind, items, words)
    return tree.div(said, "front", id=f"chapter-{PAGE}")


def _legend(words: Words) -> Node:
    """How changes look. Underlined and struck out as letters are, and no change itself, which could be accepted."""
    samples = {
        "{new}": {"t": "Underline", "c": tree.text(words["changes_legend_new"])},
        "{gone}": {"t": "Strikeout", "c": tree.text(words["changes_legend_gone"])},
    }
    inlines: list[Node] = []
    for inline in tree.text(words["changes_legend"]):
        sample = next((s for s in samples if inline["t"] == "Str" and inline["c"].startswith(s)), "")
        rest = inline["c"].removeprefix(sample) if sample else ""
        inlines += [samples[sample], *([{"t": "Str", "c": rest}] if rest else [])] if sample else [inline]
    return tree.div([tree.para(inlines)], "legend")


# --- chapters ---------------------------------------------------------------------------------------------------------


def _by_chapter(then: Standing, now: Standing, blocks: Sequence[Node]) -> Mapping[str, Counter[str]]:
    """The words of each chapter that were put in, taken out and moved. What is gone has its old text for count."""
    divs = {tree.identifier(block): block for block in blocks if block["t"] == "Div"}
    found = {name: count(divs.get(f"chapter-{name}", [])) for name in now.chapters}
    old = {tree.identifier(block): block for block in then.document.blocks}
    for name in then.chapters.keys() - found.keys():
        found[name] = Counter({TAKEN_OUT: tree.words(old.get(f"chapter-{name}", []))})
    return found


def count(part: Any) -> Counter[str]:
    """Words put in, taken out and moved in a compared tree: what was moved counts once, and as nothing else."""
    found: Counter[str] = Counter()
    stack: list[tuple[Any, str]] = [(part, "")]
    while stack:
        item, kind = stack.pop()
        if isinstance(item, dict) and item.get("t") == "Str":
            if kind in _COUNTED:
                found[kind] += tree.words(item)
        elif isinstance(item, dict) and item.get("t") not in _UNREAD:
            stack.append((item.get("c"), _kind(item) or kind))
        elif isinstance(item, list | tuple):
            stack += [(each, kind) for each in item]
    return found


def _kind(node: Node) -> str:
    """What a span says of the words in it. Of what was moved the old place does not count."""
    names = tree.classes(node) if node["t"] == "Span" else []
    if MOVED in names:
        return MOVED if PUT_IN in names else "moved from"
    return next((kind for kind in (PUT_IN, TAKEN_OUT) if kind in names), "")


def _table(then: Standing, now: Standing, counted: Mapping[str, Counter[str]], words: Words) -> Node:
    order = [*now.chapters, *(name for name in then.chapters if name not in now.chapters)]
    rows = [_row(then, now, name, counted[name], words) for name in order]
    if len(rows) > 1:
        total = sum(counted.values(), Counter[str]())
        rows.append([[tree.strong(tree.text(words["changes_total"]))], *_numbers(total, words), []])
    columns = [(words[f"changes_{name}"], share) for name, share in _SHARES.items()]
    cells = [[[tree.plain_block(cell)] for cell in row] for row in rows]
    aligns = ("left", "right", "right", "right", "left")
    return tree.table(columns, cells, "generated", PAGE, aligns=aligns)


def _row(then: Standing, now: Standing, name: str, counted: Counter[str], words: Words) -> list[list[Node]]:
    chapter = now.chapters.get(name) or then.chapters[name]
    title = tree.text(chapter.front.title)
    linked = [tree.link(title, f"#sec-{name}")] if name in now.chapters else title
    return [linked, *_numbers(counted, words), tree.text(_status(then, now, name, words))]


def _numbers(counted: Counter[str], words: Words) -> list[list[Node]]:
    return [tree.text(digits(f"{counted[kind]:,}", words) if counted[kind] else _NONE) for kind in _COUNTED]


def _status(then: Standing, now: Standing, name: str, words: Words) -> str:
    """The status of a chapter, and what it was before if that was another."""
    if name not in now.chapters:
        return words["changes_gone_chapter"]
    status = now.status(name)
    if name not in then.chapters:
        return f"{status} ({words['changes_new_chapter']})"
    before = then.status(name)
    return status if before == status else f"{before} → {status}"


# --- recommendations --------------------------------------------------------------------------------------------------


def _recommendations(then: Standing, now: Standing, words: Words) -> Mapping[str, list[list[Node]]]:
    """What became of recommendations: a line for each that is new, changed or gone."""
    lines: dict[str, list[list[Node]]] = {"new": [], "changed": [], "dropped": []}
    for each in changes(then.told, now.told).recommendations:
        name, more = each.block.id, ""
        if each.how == "changed":
            more = words["changes_what"].format(_differences(then.recommendations[name], each.block, words))
        of = then if each.how == "dropped" else now
        lines[each.how].append(_line(of, name, more, link=of is now))
    return lines


def _differences(old: Block, new: Block, words: Words) -> str:
    """What of a recommendation is another: its text, and the names of its fields."""
    fields = [f for f in dict.fromkeys((*new.fields, *old.fields)) if old.value(f) != new.value(f)]
    said = [words["changes_text"]] if old.text != new.text else []
    said += [words.get(name, name).lower() for name in fields]
    return f"{words['comma']} ".join(said)


def _line(standing: Standing, name: str, more: str = "", *, link: bool = True) -> list[Node]:
    label, text = standing.labels.get(name, name), f"{standing.texts.get(name, '')} {more}"
    called = [tree.xref(label, name)] if link and name in standing.labels else [tree.strong(tree.text(label))]
    return [*called, {"t": "Str", "c": ":"}, {"t": "Space"}, *tree.text(text)]


def _said(div: Node) -> str:
    own = [b for b in div["c"][1] if not (tree.is_div(b, "title") or tree.is_div(b, "fields"))]
    return tree.plain(own)


def _list(kind: str, items: Sequence[list[Node]], words: Words) -> list[Node]:
    if not items:
        return []
    return [tree.header(2, tree.text(head(words, f"changes_{kind}")), id=f"{PAGE}-{kind}"), tree.bullets(items)]
