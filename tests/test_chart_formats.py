"""Every kind of chart in every format: finding, unit and period, words for the picture, and the sources as a line."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shared
from browser import Look, opened
from command_kit import without_office
from test_charts import contrast

from nioc_paper import BuildRequest, Project, build
from nioc_paper.render.common.chart_layout import relative_luminance
from nioc_paper.render.common.inline_charts import replace_images

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


def rivers(factory: pytest.TempPathFactory) -> Path:
    """The paper with every kind of chart, in every format."""

    def make(folder: Path) -> None:
        root = write_paper(folder)
        with without_office():
            build(Project(root, today=date(2020, 1, 20)), BuildRequest(), list(FORMATS), root / "dist")

    return shared.once(factory, "rivers", make) / "dist"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rivers(tmp_path_factory)


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


# --- in a browser ----------------------------------------------------------------------------------------------------

LOOKS = [Look(1280, "light"), Look(700, "dark"), Look(390, "light"), Look(360, "dark")]
LEAST = 11
"""Pixels of the smallest words."""
MEASURE = """svg => {
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
    const own = t.getBoundingClientRect();
    return {
      words: t.textContent, size: parseFloat(getComputedStyle(t).fontSize) * scale,
      fill: getComputedStyle(t).fill, left: own.left - box.left, right: box.right - own.right,
    };
  });
}"""
RGB = re.compile(r"rgba?\((\d+), (\d+), (\d+)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    return rivers(tmp_path_factory).as_uri() + "/"


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look.width}-{look.scheme}")
def page(request: pytest.FixtureRequest, browser: Browser, home: str) -> Iterator[Page]:
    with opened(browser, f"{home}rivers.html", request.param, under=home) as (page, _):
        yield page


def hexadecimal(colour: str) -> str:
    match = RGB.match(colour)
    assert match, colour
    return "#" + "".join(f"{int(part):02x}" for part in match.groups())


def test_one_drawing_of_each_chart_is_shown(page: Page) -> None:
    for kind in KINDS:
        shown = page.locator(f"#fig-{kind} svg.chart >> visible=true")
        assert shown.count() == 1
        assert (shown.get_attribute("aria-label") or "").startswith(f"Words of the {kind}.")


def test_words_are_large_enough_and_inside(page: Page) -> None:
    for kind in KINDS:
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        assert words
        for each in words:
            assert each["size"] >= LEAST, each
            assert each["left"] >= -2, each
            assert each["right"] >= -2, each


def test_words_beside_marks_are_legible_on_the_ground(page: Page) -> None:
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    for kind in ("bars", "line"):
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        for each in words:
            levels = relative_luminance(hexadecimal(each["fill"])), relative_luminance(hexadecimal(ground))
            assert contrast(*levels) >= 4.5, each


def test_a_page_with_charts_has_no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_ids_of_drawings_are_unique(home: str) -> None:
    html = Path(home.removeprefix("file://"), "rivers.html").read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r"url\(#([^)]+)\)", html)} <= set(ids)


def test_words_of_an_image_become_the_words_of_its_chart() -> None:
    html = '<p><img src="a.svg" alt="Bars &amp; {lines}" /> <img src="b.png" alt="x" /></p>'
    drawn = replace_images(html, {"a.svg": '<svg role="img" aria-label="{label}"></svg>'})
    assert drawn == ('<p><svg role="img" aria-label="Bars &amp; {lines}"></svg> <img src="b.png" alt="x" /></p>')
