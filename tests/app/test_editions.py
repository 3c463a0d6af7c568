"""Findings that leave a draft alone and stop an edition: of every kind of place, for every kind of copy."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from test_papers import read_tables

from nioc_paper.app.preconditions import find_blockers
from nioc_paper.app.project import Project
from nioc_paper.assemble import assemble
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, History, OutputOptions, Severity

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
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


def search_copies(root: Path, rule: str) -> tuple[list[Diagnostic], Mapping[str, list[Diagnostic]]]:
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
TABLES = read_tables("editions")
CHART = TABLES["chart"]
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


def test_a_picture_without_description_stops_a_final_edition_only(tmp_path: Path) -> None:
    texts = [
        text.replace("fig-tu-", f"fig-tu-{n}").replace("[^x]", f"[^{n}]")
        for n, (text, _) in enumerate(PICTURES.values())
    ]
    root = paper_with(tmp_path, "\n\n".join(texts))
    lines = (root / CHAPTER).read_text(encoding="utf-8")
    starts = {n: lines[: lines.index(f"\n\n{text}")].count("\n") + 3 for n, text in zip(PICTURES, texts, strict=True)}
    checked, stops = search_copies(root, "image-without-alt")
    names = [max((name for name in starts if starts[name] <= d.place.line), key=starts.__getitem__) for d in checked]
    assert names == [name for name, (_, is_described) in PICTURES.items() if not is_described]
    assert {d.severity for d in checked} == {Severity.WARNING}
    assert {name for name, findings in stops.items() if findings} == {"final"}
    assert [(d.place, d.severity) for d in stops["final"]] == [(d.place, Severity.ERROR) for d in checked]


@pytest.mark.parametrize("kind", ["a dash", "described by a fact"])
def test_what_a_file_claims_of_its_pictures_agrees_with_the_finding(kind: str, tmp_path: Path) -> None:
    text, is_described = PICTURES[kind]
    assert assemble(load(paper_with(tmp_path, text), lambda _: None), History()).described is is_described


# --- personal data ----------------------------------------------------------------------------------------------------

DATA = ("ada.north@roads.ardale", "35202-1234567-1", "0300 1234567")
KINDS = ["this is a telephone number", "this is an e-mail address", "this is an identity number"]
PLACES: Mapping[str, tuple[str, str, str]] = {
    # file, text with a datum, and the text that it replaces; none is at the end
    "running text": (CHAPTER, "Write to DATUM, or wait.", ""),
    "heading": (CHAPTER, "## DATUM\n\nA text.", ""),
    "list": (CHAPTER, "- one\n- DATUM", ""),
    "cell": (CHAPTER, "| a | b |\n|---|---|\n| x | DATUM |\n", ""),
    "note": (CHAPTER, "A note.[^x]\n\n[^x]: Ask DATUM.", ""),
    "quotation": (CHAPTER, "> Ask DATUM.", ""),
    "alternative text": (CHAPTER, f"![Ask DATUM]({PICTURE}){{#fig-tu-x}}", ""),
    "address of a link": (CHAPTER, "[Write](<mailto:a?to=DATUM>) to them.", ""),
    "comment": (CHAPTER, "<!-- theirs: DATUM -->", ""),
    "description of a chart": (CHAPTER, CHART.format(description='description: "Ask DATUM"\n'), ""),
    "after the same in code": (CHAPTER, "Type `DATUM`, or ask DATUM.", ""),
    "summary": (CHAPTER, "summary: Ask DATUM", "summary: The tunnel is closed more often each year"),
    "settings": ("paper/paper.yaml", "subtitle: Ask DATUM", "subtitle: Bridges and tunnels"),
    "register": ("contributors.yaml", "post: Ask DATUM", "post: Bridge Engineer"),
    "title of a source": ("paper/references.yaml", "title: Ask DATUM", "title: Survey of crossings, 2019"),
}
IDENTIFIERS = ("number", "ISBN", "ISSN", "DOI", "URL", "call-number", "volume", "page")
NOBODY: Mapping[str, tuple[str, str, str]] = {
    "code": (CHAPTER, "Type `DATUM`.", ""),
    "code over two lines": (CHAPTER, "Type `write DATUM\nnow`.", ""),
    "code in a quotation": (CHAPTER, "> ```\n> one\n> DATUM\n> ```", ""),
    "block of code": (CHAPTER, "```sh\nwrite DATUM\n```", ""),
    "indented code": (CHAPTER, "A text.\n\n    write DATUM", ""),
    **{f"{key} of a source": ("paper/references.yaml", f'{key}: "DATUM"', "title: Survey of crossings, 2019")
       for key in IDENTIFIERS},
}  # fmt: skip


def test_personal_data_stop_an_edition_and_no_draft(root: Path) -> None:
    for number, (path, text, old) in enumerate((*PLACES.values(), *NOBODY.values())):
        before = (root / path).read_text(encoding="utf-8")
        mine = text.replace("DATUM", f"{' or '.join(DATA)} ({number})").replace("[^x]", f"[^{number}]")
        mine = mine.replace("fig-tu-", f"fig-tu-{number}")
        assert old in before
        after = before.replace(old, f"{mine}\n    {old}" if path.endswith("references.yaml") else mine, 1)
        (root / path).write_text(after if old else f"{before}\n{mine}\n", encoding="utf-8")
    checked, stops = search_copies(root, "personal-data")
    lines = {path: (root / path).read_text(encoding="utf-8").split("\n") for path, _, _ in PLACES.values()}
    numbers = [re.search(r"\((\d+)\)", lines[d.place.path][d.place.line - 1]) for d in checked]
    assert Counter(int(match[1]) for match in numbers if match) == dict.fromkeys(range(len(PLACES)), len(DATA))
    assert_stops(checked, stops, len(PLACES))


def assert_stops(checked: list[Diagnostic], stops: Mapping[str, list[Diagnostic]], places: int) -> None:
    """Every kind of personal data is found once at each place, and stops what readers outside get."""
    assert Counter(d.message for d in checked) == dict.fromkeys(KINDS, places)
    assert {d.severity for d in checked} == {Severity.WARNING}
    counts = {name: len(findings) for name, findings in stops.items()}
    assert counts == dict.fromkeys(COPIES, 0) | {"public": len(checked), "final": len(checked)}
    assert all(d.severity == Severity.ERROR for findings in stops.values() for d in findings)


def test_personal_data_in_a_chart_stop_an_edition(tmp_path: Path) -> None:
    root = paper_with(tmp_path, f"{' or '.join(DATA)},4", "paper/data/closures.csv", instead_of="2017,4")
    assert_stops(*search_copies(root, "personal-data"), 1)


WRITTEN = TABLES["written"]


@pytest.mark.parametrize("case", WRITTEN)
def test_public_and_reserved_addresses_stop_nothing(case: str, tmp_path: Path) -> None:
    text, expected = WRITTEN[case]
    root = paper_with(tmp_path, text)
    settings = root / "paper" / "paper.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}site: {{contact: crossings@council.ardale}}\n", "utf-8")
    checked, stops = search_copies(root, "personal-data")
    assert len(checked) == expected
    assert {name: len(findings) for name, findings in stops.items() if findings} == (
        {"public": expected, "final": expected} if expected else {}
    )


def test_an_isbn_in_any_field_of_a_library_is_no_telephone_number(tmp_path: Path) -> None:
    root = paper_with(tmp_path, "A text [@bridges1998].")
    entry = "@techreport{bridges1998, author={{Council}}, title={Bridges}, institution={Council}, year={1998}, "
    fields = "number={0306406152}, isbn={0300 1234567}, url={https://council.ardale/35202-1234567-1}}"
    (root / "paper" / "library.bib").write_text(entry + fields, encoding="utf-8")
    assert search_copies(root, "personal-data")[0] == []
    (root / "paper" / "library.bib").write_text(entry + "note={0300 1234567}, " + fields, encoding="utf-8")
    assert [d.place.path for d in search_copies(root, "personal-data")[0]] == ["paper/library.bib"]
