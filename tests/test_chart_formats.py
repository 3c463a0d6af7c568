"""Every kind of chart in every format: finding, unit and period, words for the picture, and the sources as a line."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import shared
from command_kit import without_office

from nioc_paper import BuildRequest, Project, build

SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
kinds: {cross-cutting: {}}
parts: [{chapters: [chapters/floods.md]}]
"""
SOURCES = """references:
  - {id: survey, type: report, title: Survey, author: [{literal: River Board}], issued: "2019-05-01"}
  - {id: census, type: report, title: Census, author: [{literal: Dam Office}], issued: "2017-03"}
  - {id: act, type: legislation, title: River Act, issued: "2004"}
"""
HEAD = "---\nid: floods\ntitle: Floods\ncategory: cross-cutting\nstatus: drafting\n---\n"
DATA = "year,state,dams\n2017,kept,9\n2017,lost,2\n2018,kept,7\n2018,lost,4\n"
ENCODING = "encoding: {y: {field: year, type: nominal}, x: {field: dams, type: quantitative}"
KINDS: Mapping[str, str] = {
    "bars": f"data: {{url: paper/data/dams.csv}}\nmark: bar\n{ENCODING}}}",
    "stacked": f"data: {{url: paper/data/dams.csv}}\nmark: bar\n{ENCODING}, color: {{field: state, type: nominal}}}}",
    "timeline": """kind: timeline
entries:
  - {source: act, group: Laws}
  - {source: survey, group: Counts, date: 2018-06, text: Dams were counted on every river of the whole land}
  - {source: census, group: Counts}""",
    "line": f"data: {{url: paper/data/dams.csv}}\nmark: line\n{ENCODING}, color: {{field: state, type: nominal}}}}",
}
"""Kinds of charts, each with its YAML."""
CHART = """
See @fig-{kind}.

::: {{#fig-{kind} .figure}}
```{{.chart}}
title: The {kind} show that dams are lost
subtitle: Dams by year in {kind}
description: Words of the {kind}.
{yaml}
```

Caption of the {kind} [@survey, p. 3; @census].
:::
"""
DIAGRAMS = ("timeline",)
"""Kinds that are drawn from records."""
FORMATS = ("html", "epub", "docx", "pdf")


def write_paper(root: Path, charts: Mapping[str, str] = KINDS) -> Path:
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/references.yaml": SOURCES,
        "paper/data/dams.csv": DATA,
        "chapters/floods.md": HEAD + "".join(CHART.format(kind=kind, yaml=yaml) for kind, yaml in charts.items()),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with every kind of chart, in every format."""

    def make(folder: Path) -> None:
        root = write_paper(folder)
        with without_office():
            build(Project(root, today=date(2020, 1, 20)), BuildRequest(), list(FORMATS), root / "dist")

    return shared.once(tmp_path_factory, "rivers", make) / "dist"


def _plain(markup: str) -> str:
    """Text of HTML or of a Word file, in which only the edges of blocks part words, and the words for pictures."""
    alts = re.findall(r'(?:alt|descr|aria-label)="([^"]+)"', markup)
    text = re.sub(r"<[^>]*>", "", re.sub(r"</(p|div|w:p|figcaption|td|h\d)>", "\n", markup))
    return unescape("\n".join((text, *alts)))


def _members(path: Path, pattern: str) -> str:
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(n).decode() for n in package.namelist() if re.fullmatch(pattern, n))


def _pdf_text(path: Path) -> str:
    import pikepdf  # late: the other formats need none

    with pikepdf.open(path) as pdf:
        alts = [str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    return "\n".join((text, *alts))


READERS: Mapping[str, Callable[[Path], str]] = {
    "html": lambda folder: _plain((folder / "rivers.html").read_text(encoding="utf-8")),
    "epub": lambda folder: _plain(_members(folder / "rivers.epub", r".*/ch\d+\.xhtml")),
    "docx": lambda folder: _plain(_members(folder / "rivers.docx", "word/document.xml")),
    "pdf": lambda folder: _pdf_text(folder / "rivers.pdf"),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_chart_has_its_texts_in_every_format(built: Path, kind: str, format: str) -> None:
    text = " ".join(READERS[format](built).split())
    for words in (
        f"The {kind} show that dams are lost",
        f"Dams by year in {kind}",
        f"Words of the {kind}.",
        f"Caption of the {kind}.",
    ):
        assert words in text, words
    drawn_from_data = len(KINDS) - len(DIAGRAMS)
    assert text.count("Source: River Board (2019, 3); Dam Office (2017).") >= drawn_from_data


@pytest.mark.parametrize("format", FORMATS)
def test_sources_of_a_diagram_are_named_below_it(built: Path, format: str) -> None:
    text = " ".join(READERS[format](built).split())
    line = "Source: River Board (2019, 3); Dam Office (2017); River Act, 2004; River Board (2019)"
    assert line in text  # of the timeline
    assert "River Board (2019); Dam Office (2017)" not in text  # each once


CAPTIONS: Mapping[str, tuple[str, str, str]] = {
    "no source": ("Dams.", "Dams.", ""),
    "in the sentence": ("Dams as @survey counts them.", "Dams as River Board (2019) counts them.", ""),
    "in the middle": ("Dams [@survey] and more.", "Dams (River Board 2019) and more.", ""),
    "at the end": ("Dams [@survey].", "Dams.", "Source: River Board (2019)."),
    "without a stop": ("Dams [@survey]", "Dams", "Source: River Board (2019)."),
    "behind the stop": ("Dams. [@survey]", "Dams.", "Source: River Board (2019)."),
    "two": ("Dams [@survey] [@act].", "Dams.", "Source: River Board (2019); River Act, 2004."),
    "twice the same": ("Dams [@survey; @survey].", "Dams.", "Source: River Board (2019)."),
    "with words before": ("Dams [see @survey].", "Dams.", "Source: (see River Board 2019)."),
}


def test_sources_at_the_end_of_a_caption_are_a_line(tmp_path: Path) -> None:
    root = write_paper(tmp_path, {f"bars{number}": KINDS["bars"] for number in range(len(CAPTIONS))})
    path = root / "chapters/floods.md"
    text = path.read_text(encoding="utf-8")
    for number, (written, _, _) in enumerate(CAPTIONS.values()):
        text = text.replace(f"Caption of the bars{number} [@survey, p. 3; @census].", written)
    path.write_text(text, encoding="utf-8")
    build(Project(root, today=date(2020, 1, 20)), BuildRequest(), ["html"], root / "dist")
    page = (root / "dist" / "rivers.html").read_text(encoding="utf-8")
    below = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in below]
    squeezed = [re.sub(r"\s+([.,;)])|(\()\s+", r"\1\2", each) for each in plain]
    assert squeezed == [
        f"Figure 1.{number}. {caption} {source}".strip()
        for number, (_, caption, source) in enumerate(CAPTIONS.values(), 1)
    ]
