"""Read charts that are drawn from records: timelines of sources."""

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
    Place,
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
    if not diagnostics and not diagram.entries:
        message, hint = "the timeline has no entries", "add '- {source: KEY}' to entries"
        diagnostics.append(Diagnostic(diagram.place("entries"), "broken-chart", message, hint=hint))
    if problem := csv_data.missing_id_problem(id, "chart", "fig", "figure"):
        diagnostics.append(Diagnostic(place, "broken-chart", problem.message, hint=problem.hint))
    for diagnostic in diagnostics:
        context.report(diagnostic)
    if diagnostics:
        return None
    table = DataTable(id, (), (), (), place)
    wording = tuple((text, text_place) for text, text_place in _texts(diagram) if text)
    references = (*facts, *(Citation(entry.source, entry.place("source")) for entry in diagram.entries))
    return Chart(id, to_dict(diagram), table, diagram.description or "", place, references, wording, diagram=diagram)


def _texts(timeline: TimelineChart) -> Iterator[tuple[str, Place]]:
    """Yield every printed text with its place."""
    yield from ((getattr(timeline, key) or "", timeline.place(key)) for key in _TEXT_KEYS)
    for entry in timeline.entries:
        yield from ((getattr(entry, key) or "", entry.place(key)) for key in ("text", "group"))
