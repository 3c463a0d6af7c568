"""Charts that are drawn from records, completed for a document: drawing, table, and sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.route_diagram import draw_routes
from nioc_paper.assemble.lists.sources_timeline import draw_timeline, format_partial_date
from nioc_paper.assemble.lists.vega_layers import ALIGN_LEFT, Spec
from nioc_paper.domain.diagrams import dated_entries, name_sources
from nioc_paper.model import Chart, DataTable, RoutesChart, TimelineChart

_ROUTE_HEADS = ("route_from", "route_to", "what", "source_head")
_TIMELINE_HEADS = ("on", "group", "what", "source_head")


def complete_chart(context: ListContext, chart: Chart) -> Chart:
    """Return a chart with its drawing and its table; one with a data file has them already."""
    match chart.diagram:
        case TimelineChart() as timeline:
            return context.draw_once(chart.id, chart, lambda: _complete_timeline(context, chart, timeline))
        case RoutesChart() as routes:
            return context.draw_once(chart.id, chart, lambda: _complete_routes(context, chart, routes))
    return chart


def diagram_sources(chart: Chart | None) -> Iterator[str]:
    """Yield the keys of the sources that a diagram names."""
    if chart and chart.diagram:
        diagram = chart.diagram
        parts = diagram.entries if isinstance(diagram, TimelineChart) else diagram.arrows
        yield from dict.fromkeys(part.source for part in parts)


def _complete_timeline(context: ListContext, chart: Chart, timeline: TimelineChart) -> Chart:
    entries = dated_entries(timeline, context.paper.references)
    if not entries:
        return chart
    rows = [(format_partial_date(e.on, context.words), e.group or "–", e.text, e.source) for e in entries]
    heads = [context.words[key] for key in _TIMELINE_HEADS]
    wide, narrow = draw_timeline(entries, context.words)
    return _with_drawing(chart, wide, narrow, heads, rows)


def _complete_routes(context: ListContext, chart: Chart, routes: RoutesChart) -> Chart:
    references, titles = context.paper.references, {node.id: node.title for node in routes.nodes}
    names = name_sources((arrow.source for arrow in routes.arrows), references)
    rows = [(titles[a.from_], titles[a.to], a.text, names[a.source]) for a in routes.arrows]
    wide, narrow = draw_routes(routes, references)
    return _with_drawing(chart, wide, narrow, [context.words[key] for key in _ROUTE_HEADS], rows)


def _with_drawing(
    chart: Chart, wide: Spec, narrow: Spec, heads: Sequence[str], rows: Sequence[tuple[str, ...]]
) -> Chart:
    titles = {key: text for key, text in (("title", chart.title), ("subtitle", chart.subtitle)) if text}
    table = DataTable(chart.id, tuple(heads), tuple(rows), (ALIGN_LEFT,) * len(heads), chart.place)
    listed = "; ".join(", ".join(row) for row in rows)
    alt = f"{chart.alt} {listed}"
    return replace(chart, spec={**titles, **wide}, narrow=narrow, data=table, alt=alt, is_worded=True)
