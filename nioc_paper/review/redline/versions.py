"""Two documents as one that shows what changed between them, with a page that sums it up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from nioc_paper import tree
from nioc_paper.model import Chart, Document, Entry, Node, Paper, Revision
from nioc_paper.review.redline.blocks import redline
from nioc_paper.review.redline.summary import PAGE, Standing, summary
from nioc_paper.wording import Words

_OLD = "before:"
"""Before the target of a picture that the new version has another of."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the paper: what it is called, as read, and as a document with its citations set."""

    name: str
    paper: Paper
    """As far as the readers may read it."""
    document: Document
    """Without blocks when this version does not have the chapter."""


def compared(old: Version, new: Version, words: Words, chapter: str | None = None) -> Document:
    """The new document, or one chapter of it, with what the old one had besides."""
    revision = Revision(new.document.publisher or "nioc", _moment(new.document))
    former = _renamed(old.document, new.document)
    blocks = redline(_plainly(former.blocks), _plainly(new.document.blocks), revision)
    title = words["changes_between"].format(old=old.name, new=new.name)
    then, now = (Standing(version.paper, version.document, chapter) for version in (old, new))
    own = new.document if new.document.blocks else _gone(old.document, new.document)
    return replace(
        own,
        id=f"{own.id}-redline",
        edition=title,
        blocks=(summary(then, now, blocks, title, words), *blocks),
        contents=(Entry(1, "", title, PAGE), *own.contents),
        charts={**former.charts, **new.document.charts},
        assets={**former.assets, **new.document.assets},
        references=(),
        languages=tuple(sorted({*old.document.languages, *new.document.languages})),
        marking=max(old.document.marking, new.document.marking),
        revision=revision,
    )


def _moment(document: Document) -> str:
    return datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _gone(old: Document, new: Document) -> Document:
    """What the old version had and the new one has not, on the day of the new one."""
    return replace(
        old,
        date=new.date,
        timestamp=new.timestamp,
        version=new.version,
        contents=(),
        figures=(),
        tables=(),
        recommendations=(),
        credits=(),
    )


def _renamed(old: Document, new: Document) -> Document:
    """The old document, with names of their own for the pictures that are others in the new one."""
    changed = {t for t, c in old.charts.items() if t in new.charts and _drawn(c) != _drawn(new.charts[t])}
    changed |= {t for t, a in old.assets.items() if t in new.assets and a.data != new.assets[t].data}

    def name(target: str) -> str:
        return _OLD + target if target in changed else target

    def change(node: Node) -> Node:
        if node["t"] != "Image":
            return node
        attr, inlines, (target, title) = node["c"]
        return {**node, "c": [attr, inlines, [name(target), title]]}

    return replace(
        old,
        blocks=tuple(tree.rewrite(change, old.blocks)),
        charts={name(target): chart for target, chart in old.charts.items()},
        assets={name(target): asset for target, asset in old.assets.items()},
    )


def _drawn(chart: Chart) -> object:
    """What is seen of a chart; where its file says it has moved is not."""
    return chart.spec, chart.data.heads, chart.data.rows


def _plainly(blocks: Sequence[Node]) -> list[Node]:
    """A tree of passages and words alone: citations as they are set, lists of terms as paragraphs."""
    return list(tree.rewrite(_plain, list(blocks)))


def _plain(node: Node) -> Node | list[Node]:
    kind, content = node["t"], node.get("c", [])
    if kind == "Cite":
        return list(content[1])
    if kind == "LineBlock":
        return tree.para([inline for line in content for inline in ({"t": "LineBreak"}, *line)][1:])
    if kind == "DefinitionList":
        return [b for term, meanings in content for b in (tree.para([tree.strong(term)]), *chain(*meanings))]
    return {key: value for key, value in node.items() if key != "at"}
