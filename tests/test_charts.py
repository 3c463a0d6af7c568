"""Charts are drawn in a process of their own: one that cannot be drawn is said so, and the others are drawn."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from nioc_paper.model import Chart, DataTable, Diagnostic, Place
from nioc_paper.render.common import chart_worker, charts
from nioc_paper.render.common.theme import read_theme
from nioc_paper.system import processes, workers
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
THEME = read_theme(TEMPLATES)
SPEC = {
    "data": {"values": [{"year": "2017", "tonnes": 9}, {"year": "2018", "tonnes": 6}]},
    "mark": "bar",
    "encoding": {"x": {"field": "year"}, "y": {"field": "tonnes", "type": "quantitative"}},
}


def chart(**more: Any) -> Chart:
    return Chart("fig-a", {**SPEC, **more}, DataTable("fig-a", (), (), (), Place("a.md")), "", Place("a.md"))


def test_a_chart_is_drawn_in_our_typefaces_twice_the_same() -> None:
    drawn = charts.draw_svg(chart(), THEME)
    assert b"Source Sans" in drawn
    assert drawn == charts.draw_svg(chart(), THEME)
    assert charts.draw_png(chart(), THEME).startswith(b"\x89PNG")


def test_a_row_without_its_value_keeps_its_name_and_has_no_mark() -> None:
    drawn = charts.draw_svg(chart(data={"values": [{"year": "2017", "tonnes": 9}, {"year": "2018"}]}), THEME).decode()
    assert ">2018</text>" in drawn
    assert drawn.count('aria-roledescription="bar"') == 1


def test_an_endless_chart_is_cancelled_and_the_next_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = chart(transform=[{"calculate": "sequence(1e9)", "as": "q"}, {"flatten": ["q"]}])
    charts.draw_svg(chart(), THEME)  # its process has started
    reasons = r"takes more than 0.2 s of processor time|no result within 2 s|asks for more than can be drawn"
    with monkeypatch.context() as patch:
        patch.setattr(charts, "_SECONDS", 0.2)
        patch.setattr(processes, "_POLL_SECONDS", 0.05)
        with pytest.raises(ValueError, match=reasons):
            charts.draw_svg(endless, THEME)
    assert charts.draw_svg(chart(), THEME).startswith(b"<svg")


def test_a_chart_beyond_the_memory_limit_is_cancelled_and_the_next_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = chart(transform=[{"calculate": "sequence(2e7)", "as": "q"}, {"flatten": ["q"]}])
    charts.draw_svg(chart(), THEME)  # its process has started
    with monkeypatch.context() as patch:
        held = processes.memory_bytes(processes.process_tree(charts._shared_worker().process.pid))
        patch.setattr(processes, "MEMORY_BYTES", int(held) + 2**26)
        patch.setattr(processes, "_POLL_SECONDS", 0.05)
        with pytest.raises(ValueError, match="GiB of memory"):
            charts.draw_svg(greedy, THEME)
    assert charts.draw_svg(chart(), THEME).startswith(b"<svg")


def test_a_drawing_worker_that_ends_is_retried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [workers.WorkerError(), chart_worker.DRAWN + b"<svg/>"]
    asked = mock.Mock(side_effect=answers)
    monkeypatch.setattr(charts, "_ask_worker", asked)
    assert charts.draw_svg(chart(), THEME) == b"<svg/>"
    asked.side_effect = [workers.WorkerError(), workers.WorkerError()]
    with pytest.raises(ValueError, match="asks for more than can be drawn"):
        charts.draw_svg(chart(), THEME)


def test_an_urdu_drawing_beyond_the_limit_is_reported_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "_ask_worker", mock.Mock(side_effect=ValueError("drawing it takes more than 30 s")))
    pictures = {"a.svg": ("image/svg+xml", "<svg><text>اردو</text></svg>".encode())}
    theme = {**THEME, "font-hand": "Noto Nastaliq Urdu, serif"}
    findings: list[Diagnostic] = []
    assert charts.rasterize_arabic(pictures, theme, {"a.svg": Place("a.svg")}, findings.append, NO_CACHE) == pictures
    assert [(d.place.path, d.rule, d.hint) for d in findings] == [("a.svg", "render-failed", charts.DRAWING_HINT)]


def test_an_invalid_chart_gives_a_reason_of_one_line() -> None:
    with pytest.raises(ValueError, match="Error: ") as raised:
        charts.draw_svg(chart(mark="nothing"), THEME)
    assert "\n" not in str(raised.value)


ASKING = """
import os
from nioc_paper.render.common import chart_worker, charts
if __name__ == "__main__":
    print(charts._shared_worker().process.pid, flush=True)
    input()
"""


def test_the_worker_ends_with_a_build_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "asking.py").write_text(ASKING, encoding="utf-8")
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, tmp_path / "asking.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=where
    ) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline().strip().isdigit()
        asking.kill()
        # The worker has the same standard output: it is at its end only when both are gone.
        assert select.select([asking.stdout], [], [], 60)[0]
        assert asking.stdout.read() == b""


def test_a_damaged_drawing_is_drawn_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    drawn = charts.draw_png(chart(), THEME, cache=cache)
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(entry.read_bytes()[:-9])
    assert charts.draw_png(chart(), THEME, cache=cache) == drawn
