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
    checked, stops = search_copies(root, "image-without-alt")
    counts = {name: len(findings) for name, findings in stops.items()}
    assert [d.severity for d in checked] == [Severity.WARNING] * (not is_described)
    assert counts == dict.fromkeys(COPIES, 0) | {"final": int(not is_described)}
    assert [(d.place, d.severity) for d in stops["final"]] == [(d.place, Severity.ERROR) for d in checked]
    assert all(d.place.path == CHAPTER and d.place.line > HEALTHY_LINES for d in checked)
    # What a file claims of itself agrees with the finding.
    assert assemble(load(root, lambda _: None), History()).described is is_described


HEALTHY_LINES = len((HEALTHY / CHAPTER).read_text(encoding="utf-8").splitlines())


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
    "data": ("paper/data/closures.csv", "DATUM,4", "2017,4"),
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


@pytest.mark.parametrize("place", [*PLACES, *NOBODY])
def test_personal_data_stop_an_edition_and_no_draft(place: str, tmp_path: Path) -> None:
    path, text, old = PLACES[place] if place in PLACES else NOBODY[place]
    root = paper_with(tmp_path, text.replace("DATUM", " or ".join(DATA)), path, instead_of=old)
    checked, stops = search_copies(root, "personal-data")
    assert sorted(d.message for d in checked) == (KINDS if place in PLACES else [])
    assert {d.severity for d in checked} <= {Severity.WARNING}
    counts = {name: len(findings) for name, findings in stops.items()}
    assert counts == dict.fromkeys(COPIES, 0) | {"public": len(checked), "final": len(checked)}
    assert all(d.severity == Severity.ERROR for findings in stops.values() for d in findings)


WRITTEN: Mapping[str, tuple[str, int]] = {
    # a text, and the personal data in it
    "reserved names": ("Write to a@example.com, b@mail.example.org, c@d.test, e@f.example or g@h.invalid.", 0),
    "names that only begin alike": ("Write to a@example.community, b@test.ardale or c@example.com.ardale.", 3),
    "the contact of the paper": ("Write to Crossings@council.ardale.", 0),
    "an address that ends like it": ("Write to my.crossings@council.ardale.", 1),
    "an address of the web": ("<https://council.ardale/35202-1234567-1>, [it](https://a.ardale/35202-1234567-1).", 0),
    "an address of the web with mail": ("See [the form](https://council.ardale/?to=ada@roads.ardale).", 1),
    "a reason in a comment": ("<!-- allow: personal-data because the post is public -->\nWrite to a@roads.ardale.", 0),
}  # fmt: skip


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
