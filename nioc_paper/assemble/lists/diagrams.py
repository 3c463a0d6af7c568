"""Charts that are drawn from records, completed for a document: drawing, table, and sources."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.sources_timeline import draw_timeline, format_partial_date
from nioc_paper.assemble.lists.vega_layers import ALIGN_LEFT
from nioc_paper.domain.diagrams import dated_entries
from nioc_paper.model import Chart, DataTable, TimelineChart

_TIMELINE_HEADS = ("on", "group", "what", "source_head")


def complete_chart(context: ListContext, chart: Chart) -> Chart:
    """Return a chart with its drawing and its table; one with a data file has them already."""
    if timeline := chart.diagram:
        return context.draw_once(chart.id, chart, lambda: _complete_timeline(context, chart, timeline))
    return chart


def diagram_sources(chart: Chart | None) -> Iterator[str]:
    """Yield the keys of the sources that a diagram names."""
    if chart and chart.diagram:
        yield from dict.fromkeys(entry.source for entry in chart.diagram.entries)


def _complete_timeline(context: ListContext, chart: Chart, timeline: TimelineChart) -> Chart:
    entries = dated_entries(timeline, context.paper.references)
    if not entries:
        return chart
    rows = [(format_partial_date(e.on, context.words), e.group or "–", e.text, e.source) for e in entries]
    heads = [context.words[key] for key in _TIMELINE_HEADS]
    titles = {key: text for key, text in (("title", chart.title), ("subtitle", chart.subtitle)) if text}
    table = DataTable(chart.id, tuple(heads), tuple(rows), (ALIGN_LEFT,) * len(heads), chart.place)
    listed = "; ".join(", ".join(row) for row in rows)
    spec = {**titles, **draw_timeline(entries, context.words)}
    return replace(chart, spec=spec, is_drawn=True, data=table, alt=f"{chart.alt} {listed}", is_worded=True)
