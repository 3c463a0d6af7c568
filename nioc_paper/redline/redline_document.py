"""Redline: one document that shows the changes between two versions, and passages that it may not show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quoted_words import repeats_words
from nioc_paper.model import AUDIENCES, DELETION, Chart, Diagnostic, Document, ListEntry, Node, Paper, Record, Revision
from nioc_paper.model.document import ENTRY_LISTS
from nioc_paper.redline.blocks import canonical_json, redline_blocks
from nioc_paper.redline.summary import PAGE_ID, ComparedVersion, build_summary
from nioc_paper.wording import Wording

R = TypeVar("R", bound=Record)


class PaperVersion(Struct, frozen=True):
    """Version of the paper: its name, its records, and its document with citations resolved."""

    name: str
    paper: Paper
    """Limited to the audience."""
    document: Document
    """Without blocks if this version lacks the chapter."""


def with_current_citations(old: Paper, new: Paper) -> Paper:
    """Return the old paper with the citation style and the short names of the new one.

    Otherwise every citation of a source would count as changed if only its printed form is new.
    """
    short_names = {name: reference.short for name, reference in new.references.items()}
    references = tuple(r.replace(short=short_names.get(r.id, r.short)) for r in old.references_file.references)
    return replace(old, style=new.style, references_file=old.references_file.replace(references=references))


def redline_versions(old: PaperVersion, new: PaperVersion, words: Wording, chapter: str | None = None) -> Document:
    """Return the redline of the whole paper, or of one chapter: the new document with all changes as tracked."""
    revision = Revision(
        new.document.publisher or "nioc",
        datetime.fromtimestamp(new.document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    current = with_new_forms(old.document, new.document, old.paper, new.paper)
    old_document = _with_old_picture_names(current, new.document)
    blocks = redline_blocks(simplify_blocks(old_document.blocks), simplify_blocks(new.document.blocks), revision)
    title = words["changes_between"].format(old=old.name, new=new.name)
    then, now = (ComparedVersion(version.paper, version.document, chapter) for version in (old, new))
    # The document of a chapter that is gone has the text of the old version, and the date of the new one.
    dated = {name: getattr(new.document, name) for name in ("date", "timestamp", "version", "commit")}
    gone = replace(old.document, **dated, **dict.fromkeys((*ENTRY_LISTS, "credits"), ()))
    base_document = new.document if new.document.blocks else gone
    return replace(
        base_document,
        id=f"{base_document.id}-redline",
        edition=title,
        blocks=(build_summary(then, now, blocks, title, words), *blocks),
        contents=(ListEntry(1, "", title, PAGE_ID), *base_document.contents),
        charts={**old_document.charts, **new.document.charts},
        assets={**old_document.assets, **new.document.assets},
        references=(),
        languages=tuple(sorted({*old.document.languages, *new.document.languages})),
        marking=max(old.document.marking, new.document.marking),
        revision=revision,
    )


def _with_old_picture_names(old: Document, new: Document) -> Document:
    """Return the old document with new names for pictures that differ in the new one."""
    changed = {
        t for t, c in old.charts.items() if t in new.charts and _chart_content(c) != _chart_content(new.charts[t])
    }
    changed |= {t for t, a in old.assets.items() if t in new.assets and a.data != new.assets[t].data}

    def new_target(target: str) -> str:
        # The new version may have another picture under the same target.
        return "before:" + target if target in changed else target

    def rename_image(node: Node) -> Node:
        return tree.with_target(node, new_target(tree.target(node))) if node["t"] == "Image" else node

    return replace(
        old,
        blocks=tuple(tree.rewrite(rename_image, old.blocks)),
        charts={new_target(target): chart for target, chart in old.charts.items()},
        assets={new_target(target): asset for target, asset in old.assets.items()},
    )


def _chart_content(chart: Chart) -> object:
    """Return the visible content of a chart; the path of its file does not count."""
    return chart.spec, chart.data.heads, chart.data.rows


def simplify_blocks(blocks: Sequence[Node]) -> list[Node]:
    """Return a tree of passages and words only, without the citations around them and without links to the glossary."""
    return tree.rewrite(_simplify_node, blocks)


def _simplify_node(node: Node) -> Node | list[Node]:
    kind, content = node["t"], node.get("c", [])
    if kind == "Cite" or (kind == "Link" and "term" in tree.classes(node)):
        return list(content[1])
    if kind == "LineBlock":
        return tree.para([inline for line in content for inline in ({"t": "LineBreak"}, *line)][1:])
    if kind == "DefinitionList":
        return [
            {**b, "t": "Para"} if b["t"] == "Plain" else b
            for term, meanings in content
            for b in (tree.para([tree.strong(term)]), *chain(*meanings))
        ]
    return {key: value for key, value in node.items() if key != "pos"}


# --- printed forms of citations in the old version: a new source renumbers others, which changes no text --------------
# Pure.


_FORM_KEYS = ("citationHash", "citationNoteNum")
"""Keys of a citation that depend on the other ones."""
_ENTRY_PREFIX = "ref-"


def with_new_forms(old: Document, new: Document, old_paper: Paper, new_paper: Paper) -> Document:
    """Return the old document with citations and entries of unchanged sources in the form of the new document.

    A citation that the new document prints in several forms, as notes do, keeps its own. So does one whose words are
    others, such as 2010 for 2010b: only numbers of sources are places in a list.
    """
    unchanged = {name for name, source in old_paper.references.items() if new_paper.references.get(name) == source}
    forms = _unique_forms(new.blocks)

    def take_form(node: Node) -> Node:
        form = forms.get(_identity(node)) if _cited_sources(node) <= unchanged else None
        is_same = form is not None and (new_paper.style.is_numeric or _printed_form(form) == _printed_form(node))
        return form if form is not None and is_same else node

    return replace(old, blocks=tuple(tree.rewrite(take_form, old.blocks))) if forms else old


def _unique_forms(blocks: Sequence[Node]) -> Mapping[str, Node]:
    """Return each citation and entry of a list of sources by its identity, if all with this one are printed alike."""
    forms: dict[str, Node] = {}
    ambiguous: set[str] = set()
    for node in tree.walk(blocks):
        if identity := _identity(node):
            first = forms.setdefault(identity, node)
            if first is not node and _printed_form(first) != _printed_form(node):
                ambiguous.add(identity)
    return {identity: node for identity, node in forms.items() if identity not in ambiguous}


def _identity(node: Node) -> str:
    """Return the text that says what a citation or an entry cites; empty for any other node."""
    if node["t"] == "Cite":
        return canonical_json([{k: v for k, v in each.items() if k not in _FORM_KEYS} for each in tree.citations(node)])
    return tree.identifier(node) if tree.is_div(node, "csl-entry") else ""


def _cited_sources(node: Node) -> set[str]:
    if node["t"] == "Cite":
        return {each["citationId"] for each in tree.citations(node)}
    return {tree.identifier(node).removeprefix(_ENTRY_PREFIX)} if tree.is_div(node, "csl-entry") else set()


def _printed_form(node: Node) -> str:
    return canonical_json(tree.content(node))


def with_current_restrictions(old: Paper, new: Paper) -> Paper:
    """Return the old paper with the restrictions of the new one applied: to chapters, decisions and names."""
    chapters = {c.id: c.front.sensitivity for c in new.chapters}
    decisions = {d.id: d.sensitivity for d in new.decisions}
    people = {p.id: p.attribution for p in new.contributors.people}
    order, old_people = ("named", "role", "none"), old.contributors.people
    restricted_decisions = tuple(_restrict(d, "sensitivity", decisions.get(d.id)) for d in old.decisions)
    restricted_people = tuple(_restrict(p, "attribution", people.get(p.id), order) for p in old_people)
    return replace(
        old,
        chapters=tuple(replace(c, front=_restrict(c.front, "sensitivity", chapters.get(c.id))) for c in old.chapters),
        decisions_file=old.decisions_file.replace(decisions=restricted_decisions),
        contributors=old.contributors.replace(people=restricted_people),
    )


def _restrict(record: R, field: str, new: str | None, order: Sequence[str] = AUDIENCES) -> R:
    """Return a record with the stricter of its own value and the new one."""
    own = getattr(record, field)
    return record.replace(**{field: max(own, new or own, key=order.index)})


def find_disclosed(new: Paper, blocks: Sequence[Node], audience: str) -> Iterator[Diagnostic]:
    """Yield a finding for each passage restricted now that a redline shows as deleted."""
    spans = (node for node in tree.walk(list(blocks)) if node["t"] == "Span" and DELETION in tree.classes(node))
    deleted_texts = [tree.plain_text(node, with_notes=True) for node in spans]
    level = AUDIENCES.index(audience)
    for chapter in new.chapters:
        for node in tree.walk(list(chapter.blocks)):
            is_withheld = node["t"] in ("Div", "Span") and sensitivity_level(node) > level
            if is_withheld and repeats_words(deleted_texts, tree.plain_text(node, with_notes=True)):
                message = f"the passage is withheld from the audience '{audience}', but not in the old version"
                yield Diagnostic(chapter.place(node), "told-by-redline", message, hint="compare without --audience")
