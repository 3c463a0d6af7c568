"""Read charts that are drawn from records: timelines of sources, and diagrams of routes."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.load import csv_data, fact_references
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import (
    DIAGRAM_KINDS,
    Chart,
    Citation,
    DataTable,
    Diagnostic,
    Diagram,
    Place,
    RoutesChart,
    TimelineChart,
    spelling_hint,
    to_dict,
)

_TEXT_KEYS = ("title", "subtitle", "description")


def read_diagram(context: LoadContext, chapter: str, id: str, code: str, place: Place) -> Chart | None:
    """Read a chart with a `kind`. Returns None, and reports, if it is broken."""
    diagnostics: list[Diagnostic] = []
    yaml_data = read_yaml(code, chapter, diagnostics.append, context.cache, line=place.line)
    kind = str(yaml_data.value["kind"])
    if kind not in DIAGRAM_KINDS:
        hint = f"{spelling_hint(kind, DIAGRAM_KINDS)}; without 'kind' it is Vega-Lite"
        kind_place = Place(chapter, *yaml_data.value_positions[("kind",)])
        context.report(Diagnostic(kind_place, "broken-chart", f"there is no kind of chart '{kind}'", hint=hint))
        return None
    yaml_data, facts = fact_references.fill_yaml(yaml_data, context.facts, chapter)
    diagram = build_record(DIAGRAM_KINDS[kind], yaml_data, chapter, diagnostics.append)
    if not diagnostics:
        diagnostics += _problems(diagram)
    if problem := csv_data.missing_id_problem(id, "chart", "fig", "figure"):
        diagnostics.append(Diagnostic(place, "broken-chart", problem.message, hint=problem.hint))
    for diagnostic in diagnostics:
        context.report(diagnostic)
    if diagnostics:
        return None
    table = DataTable(id, (), (), (), place)
    wording = tuple((text, text_place) for text, text_place in _texts(diagram) if text)
    references = (*facts, *(Citation(key, key_place) for key, key_place in _sources(diagram)))
    return Chart(id, to_dict(diagram), table, diagram.description or "", place, references, wording, diagram=diagram)


def _texts(diagram: Diagram) -> Iterator[tuple[str, Place]]:
    """Yield every printed text with its place."""
    yield from ((getattr(diagram, key) or "", diagram.place(key)) for key in _TEXT_KEYS)
    if isinstance(diagram, TimelineChart):
        for entry in diagram.entries:
            yield from ((getattr(entry, key) or "", entry.place(key)) for key in ("text", "group"))
    else:
        yield from ((node.title, node.place("title")) for node in diagram.nodes)
        yield from ((arrow.text, arrow.place("text")) for arrow in diagram.arrows)


def _sources(diagram: Diagram) -> Iterator[tuple[str, Place]]:
    """Yield the key of the source of each entry or arrow, with its place."""
    parts = diagram.entries if isinstance(diagram, TimelineChart) else diagram.arrows
    return ((part.source, part.place("source")) for part in parts)


def _problems(diagram: Diagram) -> Iterator[Diagnostic]:
    """Yield what keeps a diagram of valid values from being drawn."""
    if isinstance(diagram, TimelineChart):
        if not diagram.entries:
            yield _fault(diagram.place("entries"), "the timeline has no entries", "add '- {source: KEY}' to entries")
        return
    yield from _route_problems(diagram)


def _route_problems(diagram: RoutesChart) -> Iterator[Diagnostic]:
    """Yield ids that are given twice, nodes without arrows, and arrows to nowhere."""
    yield from _node_problems(diagram)
    yield from _arrow_problems(diagram)
    if not diagram.arrows:
        yield _fault(
            diagram.place("arrows"), "the diagram has no arrows", "add '- {from: …, to: …, text: …, source: …}'"
        )


def _node_problems(diagram: RoutesChart) -> Iterator[Diagnostic]:
    ids = [node.id for node in diagram.nodes]
    used = {end for arrow in diagram.arrows for end in (arrow.from_, arrow.to)}
    for index, node in enumerate(diagram.nodes):
        if node.id in ids[:index]:
            yield _fault(node.place("id"), f"there are two nodes '{node.id}'", "give them two ids")
        elif node.id not in used:
            yield _fault(node.place("id"), f"no arrow begins or ends at '{node.id}'", "add one, or delete the node")


def _arrow_problems(diagram: RoutesChart) -> Iterator[Diagnostic]:
    ids = [node.id for node in diagram.nodes]
    for arrow in diagram.arrows:
        for key, end in (("from", arrow.from_), ("to", arrow.to)):
            if end not in ids:
                yield _fault(arrow.place(key), f"there is no node '{end}'", spelling_hint(end, ids, "add it to nodes"))
        if arrow.from_ == arrow.to:
            yield _fault(arrow.place("to"), f"the arrow ends where it begins, at '{arrow.to}'", "name another node")


def _fault(place: Place, message: str, hint: str) -> Diagnostic:
    return Diagnostic(place, "broken-chart", message, hint=hint)
