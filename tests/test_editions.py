"""Findings that leave a draft alone and stop an edition: of every kind of place, for every kind of copy."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.app.gates import find_blockers
from nioc_paper.app.project import Project
from nioc_paper.assemble import assemble
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, History, OutputOptions, Severity
from nioc_paper.render.common.document_pictures import are_described

HEALTHY = Path(__file__).parent / "papers" / "healthy"
CHAPTER = "chapters/tunnels.md"
TODAY = date(2020, 1, 10)
COPIES: Mapping[str, OutputOptions] = {
    "draft": OutputOptions(),
    "review copy": OutputOptions(review=True),
    "limited": OutputOptions(audience="limited"),
    "public": OutputOptions(audience="public"),
    "final": OutputOptions(final=True),
}


def paper_with(folder: Path, text: str, path: str = CHAPTER, *, instead_of: str = "") -> Path:
    """The healthy paper with a text at the end of a file, or in place of another text."""
    root = Path(shutil.copytree(HEALTHY, folder / "paper"))
    old = (root / path).read_text(encoding="utf-8")
    assert instead_of in old
    new = old.replace(instead_of, text, 1) if instead_of else f"{old}\n{text}\n"
    (root / path).write_text(new, encoding="utf-8")
    return root


def found(root: Path, rule: str) -> tuple[list[Diagnostic], Mapping[str, list[Diagnostic]]]:
    """The findings of a rule in a check, and those that stop each copy."""
    project = Project(root, today=TODAY)
    loaded = project.load()
    checked = project.check(loaded).findings
    stops = {name: find_blockers(project, loaded, checked, options) for name, options in COPIES.items()}
    return [d for d in checked if d.rule == rule], {
        name: [d for d in findings if d.rule == rule] for name, findings in stops.items()
    }


# --- pictures without alternative text --------------------------------------------------------------------------------

PICTURE = "../paper/figures/span.svg"
CHART = """\
::: {{#fig-tu-more .figure}}
```{{.chart}}
title: Closed more often
subtitle: Days
{description}data: {{url: paper/data/closures.csv}}
mark: bar
encoding: {{x: {{field: year, type: nominal}}, y: {{field: days, type: quantitative}}}}
```

Days on which the tunnel was closed [@survey2019].
:::
"""
PICTURES: Mapping[str, tuple[str, bool]] = {
    # the text with a picture, and whether it is described
    "in running text": (f"Here ![]({PICTURE}) it stands.", False),
    "linked": (f"Here [![]({PICTURE})](https://example.org/) it stands.", False),
    "on its own": (f"![]({PICTURE})", False),
    "a figure without caption": (f"![]({PICTURE}){{#fig-tu-x}}", False),
    "in a cell": (f"| a | b |\n|---|---|\n| x | ![]({PICTURE}) |\n", False),
    "in a note": (f"A note.[^x]\n\n[^x]: Here ![]({PICTURE}) it stands.", False),
    "in a heading": (f"## Here ![]({PICTURE})\n\nIt stands.", False),
    "a blank": (f"Here ![ ]({PICTURE}) it stands.", False),
    "a dash": (f"Here ![–]({PICTURE}) it stands.", False),
    "a source alone": (f"Here ![[@survey2019]]({PICTURE}) it stands.", False),
    "the name of a file": (f"![A deck.]({PICTURE}){{#fig-tu-x alt=span.svg}}", False),
    "a chart": (CHART.format(description=""), False),
    "a chart with a blank": (CHART.format(description='description: " "\n'), False),
    "described": (f"Here ![A deck]({PICTURE}) it stands.", True),
    "described by a caption": (f"![A deck [@survey2019].]({PICTURE}){{#fig-tu-x}}", True),
    "described by a fact": (f"![A deck.]({PICTURE}){{#fig-tu-x alt='-@fact-bridges'}}", True),
    "a chart that is described": (CHART.format(description="description: A bar chart.\n"), True),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_without_description_stops_a_final_edition_only(kind: str, tmp_path: Path) -> None:
    text, is_described = PICTURES[kind]
    root = paper_with(tmp_path, text)
    checked, stops = found(root, "image-without-alt")
    counts = {name: len(findings) for name, findings in stops.items()}
    assert [d.severity for d in checked] == [Severity.WARNING] * (not is_described)
    assert counts == dict.fromkeys(COPIES, 0) | {"final": int(not is_described)}
    assert [(d.place, d.severity) for d in stops["final"]] == [(d.place, Severity.ERROR) for d in checked]
    assert all(d.place.path == CHAPTER and d.place.line > HEALTHY_LINES for d in checked)
    # What a file claims of itself agrees with the finding.
    assert are_described(assemble(load(root, lambda _: None), History())) is is_described


HEALTHY_LINES = len((HEALTHY / CHAPTER).read_text(encoding="utf-8").splitlines())
