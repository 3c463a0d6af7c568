"""Marks that withhold a passage: each that would be printed is an error, wherever and however it is written.

The table is a product: places of text by ways of writing a mark that nobody reads there.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
import yaml
from command_kit import nioc
from msgspec import Struct
from rule_pages import lay
from sample_history import git, start_repository
from test_papers import changed, copy, read_tables
from test_rules import HEALTHY

from nioc_paper import check, load, model
from nioc_paper.check.rules.audience_marks import find_unread_attributes, likely_marking, unread_marking
from nioc_paper.check.rules.privacy import find_audience_leaks
from nioc_paper.check.rules.privacy import unread_marking as in_values
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Paper, Record, Severity, field_types
from nioc_paper.model.reviews import LineChange
from nioc_paper.system.cache import Cache

TODAY = date(2020, 1, 30)
SPOT = "SPOT"

TABLES = read_tables("audience_marks")
UNREAD = TABLES["unread"]
VALID = TABLES["valid"]
CLASSES = TABLES["classes"]
ATTRIBUTES = TABLES["attributes"]
WORDS = TABLES["words"]
STRINGS = TABLES["strings"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay((), HEALTHY, tmp_path_factory.mktemp("marks") / "paper")


LIKELY = TABLES["likely"]


def findings_in(root: Path, cache: Cache, path: str = "", text: str = "") -> list[Diagnostic]:
    """Findings on unread marks in the paper, with a text in place of a file."""
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache, {path: text} if path else {})
    return [d for d in check.check(paper, TODAY, reading) if d.rule == "unread-mark/audience"]


def appended(text: str, status: str = "drafting") -> str:
    chapter = (HEALTHY / "chapters" / "tunnels.md").read_text(encoding="utf-8")
    return f"{chapter.replace('status: drafting', f'status: {status}')}\n{text}\n"


def line(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def assert_errors(root: Path, cache: Cache, place: str, marks: Iterable[str]) -> None:
    """Each mark, put where `place` says SPOT, is an error in its line; all in one chapter, which is read once."""
    text, lines = appended(""), set()
    for number, mark in enumerate(marks):
        block = place.replace("[^n]", f"[^n{number}]")
        lines.add(text.count("\n") + 2 + block[: block.index(SPOT)].count("\n"))
        text += f"\n{block.replace(SPOT, mark)}\n"
    findings = findings_in(root, cache, "chapters/tunnels.md", text)
    assert {(d.place.path, d.place.line) for d in findings} == {("chapters/tunnels.md", line) for line in lines}
    assert {d.severity for d in findings} == {Severity.ERROR}


@pytest.mark.parametrize("place", WORDS)
def test_an_unread_mark_in_text_is_an_error(root: Path, cache: Cache, place: str) -> None:
    assert_errors(root, cache, WORDS[place], UNREAD.values())


def test_a_valid_mark_in_text_is_no_error(root: Path, cache: Cache) -> None:
    blocks = [place.replace(SPOT, mark) for place in WORDS.values() for mark in VALID.values()]
    text = appended("\n\n".join(block.replace("[^n]", f"[^n{number}]") for number, block in enumerate(blocks)))
    assert findings_in(root, cache, "chapters/tunnels.md", text) == []


@pytest.mark.parametrize(("number", "place"), list(enumerate([*WORDS, "row"])))
def test_what_looks_like_a_mark_withholds_a_passage_or_stops_the_copy(
    root: Path, cache: Cache, place: str, number: int
) -> None:
    level = model.AUDIENCES[1:][number % 2]
    block = {**WORDS, "row": "| a |\n|---|\n| secret | SPOT"}[place]
    forms = {**LIKELY, **({"end": "{.LEVEL}"} if place == "row" else {})}
    text, lines = appended(""), dict[int, str]()
    for note, (name, form) in enumerate(forms.items()):
        if "\n" in form and place not in ("paragraph", "strong", "note"):
            continue
        lines[text.count("\n") + 2] = name
        text += f"\n{block.replace('[^n]', f'[^n{note}]').replace(SPOT, form.replace('LEVEL', level))}\n"
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache, {"chapters/tunnels.md": text})

    def found(diagnostics: Iterable[Diagnostic]) -> set[str]:
        marks = [d for d in diagnostics if d.rule.startswith("unread-mark/") and "tunnels" in d.place.path]
        return {lines[max(line for line in lines if line <= d.place.line)] for d in marks}

    likely = [d for d in check.check(paper, TODAY, reading) if d.rule == "unread-mark/likely"]
    assert {d.severity for d in likely} == {Severity.WARNING}
    assert found(find_audience_leaks(paper, "public")) == {*lines.values()}


@pytest.mark.parametrize("place", STRINGS)
def test_a_mark_in_a_text_that_is_no_markdown_is_an_error(root: Path, cache: Cache, place: str) -> None:
    marks = [mark for mark in (*UNREAD.values(), *VALID.values(), *CLASSES.values()) if '"' not in mark]
    assert_errors(root, cache, STRINGS[place], marks)


@pytest.mark.parametrize("place", ["One [secret]SPOT two.", "::: SPOT\nSecret.\n:::"], ids=["words", "block"])
def test_braces_with_only_a_mark_are_an_error(root: Path, cache: Cache, place: str) -> None:
    assert_errors(root, cache, place, ["{" + braces + "}" for braces in ATTRIBUTES.values()])


STRAY = TABLES["stray"]


@pytest.mark.parametrize("case", STRAY)
def test_colons_that_begin_or_end_no_block_are_an_error(root: Path, cache: Cache, case: str) -> None:
    text = appended(STRAY[case].replace("STRAY", ""))
    at = line(appended(STRAY[case]), "STRAY")
    findings = findings_in(root, cache, "chapters/tunnels.md", text)
    assert at in {d.place.line for d in findings} or "indented" in case
    assert findings
    assert {d.severity for d in findings} == {Severity.ERROR}


HONEST = TABLES["honest"]


def test_ordinary_text_gives_no_findings(root: Path, cache: Cache) -> None:
    text = appended("\n\n".join(HONEST.values()))
    assert findings_in(root, cache, "chapters/tunnels.md", text) == []
    paper = load.load(root, lambda _: None, cache, {"chapters/tunnels.md": text})
    assert [f for chapter in paper.chapters for f in likely_marking(paper, ChapterText(chapter))] == []


# --- records ----------------------------------------------------------------------------------------------------------

FILES: Mapping[str, type[Record]] = {
    "settings": model.Settings,
    "timeline": model.Timeline,
    "contributors": model.Contributors,
    "references_file": model.References,
    "decisions_file": model.Decisions,
    "facts_file": model.Facts,
    "acronyms_file": model.Acronyms,
    "terms_file": model.Terms,
    "approvals_file": model.Approvals,
    "consultations_file": model.Consultations,
    "reviews": model.Reviews,
    "front": model.FrontMatter,
}


def filled(kind: Any, mark: str, texts: list[str]) -> Any:
    """A value of a kind whose every text is a mark; `texts` learns of each."""
    origin, inner = get_origin(kind), get_args(kind)
    if types.NoneType in inner:
        return filled(inner[0], mark, texts)
    if origin is Annotated:
        limits = inner[1]
        return filled(inner[0], mark, texts) if not (limits.pattern or limits.notation) else None
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return [filled(inner[0], mark, texts)]
    if origin is not None:
        # The value below a key of a mapping has a place of its own; the key has none.
        key = "key" if inner[1] is model.settings.Kind else f"{len(texts)} {mark}"
        texts += [key] * (key != "key")
        return {key: filled(inner[1], mark, texts)}
    if isinstance(kind, type) and issubclass(kind, Record):
        texts, mark = ([*texts], "") if kind is LineChange else (texts, mark)  # Markdown, which no output has
        values = {key: filled(inner, mark, texts) for key, inner in field_types(kind).items()}
        return {key: value if value is not None else _PATTERNED[key] for key, value in values.items()}
    if kind is str:
        texts.append(f"{len(texts)} {mark}")
        return texts[-1]
    return {int: "1", bool: "true", date: "2020-01-06"}[kind]


_PATTERNED = {
    "as_of": "2019-12-31",
    "contact": "paper@example.org",
    "content": "a" * 64,
    "one": "Measure",
    "many": "Measures",
    "commit": "a" * 40,
    "copied": "2020-01-06",
    "id": "crossings",
    "copy-sha256": "a" * 64,
    "language": "en",
    "letters": "AB",
    "handle": "@ada-north",
    "orcid": "0000-0002-1825-0097",
    "point": "k7fq2m",
    "sending": "k7fq2m",
    "source": "a" * 64,
    "url": "https://example.org",
    "words": "a" * 16,
}
"""Values that cannot be a mark."""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", [*UNREAD, *VALID, *CLASSES])
def test_a_mark_in_any_text_of_any_record_is_an_error_at_its_line(name: str, way: str) -> None:
    texts: list[str] = []
    value = filled(FILES[name], {**UNREAD, **VALID, **CLASSES}[way], texts)
    source = yaml.safe_dump(value, allow_unicode=True, width=10_000, sort_keys=False)
    faults: list[Diagnostic] = []
    record = build_record(FILES[name], read_yaml(source, "file.yaml", faults.append), "file.yaml", faults.append)
    assert {d.rule for d in faults} <= {"bad-character/lookalike"}
    records: dict[str, Any] = {name: (record,) if name == "reviews" else record}
    paper = _chapter(record) if name == "front" else Paper(**records)
    if way in CLASSES and isinstance(record, model.Settings):  # guides are Markdown
        texts = [text for text in texts if text not in {*chain(*record.kinds["key"].guide.items())}]
    lines = {t: n for n, written in enumerate(source.split("\n"), 1) for t in texts if _in(t, written)}
    marked_lines = {f.place.line for f in in_values(paper)}
    assert len(texts) > 1
    assert marked_lines == set(lines.values())


def _in(text: str, written: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(text)}", written.replace("''", "'").replace('\\"', '"')) is not None


def _chapter(front: Record) -> Paper:
    assert isinstance(front, model.FrontMatter)
    return Paper(chapters=(model.Chapter("file.yaml", front, ""),))


@pytest.mark.parametrize("text", ["The {one} of {a: .b}", "[1] {2}", "x[3]{y}", "a{.5}b", "[a]{}", "{see .x}", "a :::"])
def test_braces_of_another_form_are_no_attributes(text: str) -> None:
    assert find_unread_attributes(text) == ""


def test_the_class_of_a_source_is_read() -> None:
    source = "references:\n  - {id: a, type: book, title: 'One [Two]{.nocase}, {.nocase .x}'}\n"
    record = build_record(model.References, read_yaml(source, "file.yaml", lambda _: None), "file.yaml", lambda _: None)
    assert [f.message[:13] for f in in_values(Paper(references_file=record))] == ["'{.nocase .x}"]


def test_every_file_of_a_paper_is_in_the_table() -> None:
    records = {name for name in Paper.__struct_fields__ if "_file" in name or name in ("settings", "timeline")}
    assert {*FILES} == records | {"contributors", "reviews", "front"}


# --- charts, tables, data, pictures -----------------------------------------------------------------------------------

CHART = """::: {#fig-tu-x .figure}
```{.chart}
description: SPOT1
data: {url: paper/data/closures.csv}
title: {text: One, subtitle: SPOT2}
mark: bar
encoding:
  x: {field: year, type: nominal, title: SPOT3}
  y: {field: days, type: quantitative, axis: {title: SPOT4}}
```

Days [@survey2019].
:::
"""
TABLE = """::: {#tbl-tu-x .table}
```{.table}
data: {url: paper/data/closures.csv}
columns:
  - {field: year, title: SPOT1}
  - {field: days, unit: SPOT2}
total: {title: SPOT3, fields: [days]}
```

Days [@survey2019].
:::
"""


@pytest.mark.parametrize("text", [CHART, TABLE], ids=["chart", "table"])
def test_a_mark_in_a_block_of_data_is_an_error(
    root: Path, cache: Cache, text: str, request: pytest.FixtureRequest
) -> None:
    marks, count = (*UNREAD.values(), *VALID.values(), *CLASSES.values()), text.count("SPOT")
    step = 1 if request.config.getoption("--long") else count  # each mark at one of the places
    for number in range(1, count + 1):
        place = re.sub(r"SPOT\d", "x", text.replace(f"SPOT{number}", "'SPOT'")).replace("'x'", "'SPOT'")
        assert_errors(root, cache, place, marks[(number - 1) % step :: step])


def test_a_mark_in_a_cell_is_an_error_at_its_line(tmp_path: Path, cache: Cache) -> None:
    marks = [mark.replace('"', '""') for mark in (*UNREAD.values(), *VALID.values(), *CLASSES.values())]
    paper = lay((), HEALTHY, tmp_path / "paper")
    unused = "".join(f',"{mark}"' for mark in marks)  # heads of columns that are in no output
    rows = "".join(f'"{mark}",9{",y" * len(marks)}\n' for mark in marks)
    (paper / "paper" / "data" / "closures.csv").write_text(f"year,days{unused}\n{rows}")
    findings = findings_in(paper, cache)
    assert [str(at.place) for at in findings] == [f"paper/data/closures.csv:{n}:1" for n in range(2, len(marks) + 2)]
    assert {at.severity for at in findings} == {Severity.ERROR}


def test_a_mark_in_a_drawing_is_an_error_at_its_line(tmp_path: Path, cache: Cache) -> None:
    marks = [
        mark.replace('"', "&quot;").replace("<", "&lt;")
        for mark in (*UNREAD.values(), *VALID.values(), *CLASSES.values())
    ]
    paper = lay((), HEALTHY, tmp_path / "paper")
    file = paper / "paper" / "figures" / "span.svg"
    texts = "".join(f'  <text y="{90 + 20 * n}">{mark}</text>\n' for n, mark in enumerate(marks))
    changed(file, "</svg>", f"{texts}</svg>")
    changed(file, "0 0 240 80", f"0 0 240 {90 + 20 * len(marks)}")
    findings = findings_in(paper, cache)
    assert [str(at.place) for at in findings] == [f"paper/figures/span.svg:{n}:1" for n in range(6, len(marks) + 6)]
    assert {at.severity for at in findings} == {Severity.ERROR}


def test_a_build_for_the_public_finds_them_all(root: Path, cache: Cache) -> None:
    text = appended("One [secret] {.limited}.").replace("title: Tunnels", "title: Tunnels [secret]{.limited}")
    paper = load.load(root, lambda _: None, cache, {"chapters/tunnels.md": text})
    in_texts = [f for chapter in paper.chapters for f in unread_marking(paper, ChapterText(chapter))]
    assert len([*in_texts, *in_values(paper)]) == 2
    assert [d.rule for d in find_audience_leaks(paper, "public")] == ["unread-mark/audience"] * 2


TEXTS: Mapping[str, tuple[str, ...]] = {
    "words and attributes of the tree": (
        *("Heading.title", "Heading.id", "Citation.key", "Anchor.id", "Link.target", "Image.alt", "Image.target"),
        *("ItemField.value", "Item.id", "Item.text", "Suggestion.text"),
    ),
    "text of a chart, data": (
        *("Chart.id", "Chart.alt", "Chart.wording"),
        *("DataTable.id", "DataTable.heads", "DataTable.rows", "DataTable.groups"),
    ),
    "made of the others": (
        *("ListEntry.number", "ListEntry.title", "ListEntry.id", "ListEntry.label", "ListEntry.language"),
        *("ListEntry.summary", "Document.nocite", "Outline.tree_names"),
        *("Revision.author", "Revision.date"),
        *("Credit.role", "Credit.name", "Credit.post"),
        *(f"Document.{name}" for name in ("id", "title", "subtitle", "edition", "publisher", "rights", "language")),
        *(f"Document.{name}" for name in ("authors", "part_of", "keywords", "languages", "version", "form")),
    ),
    "set by the program": ("Anchor.kind", "Suggestion.kind", "Item.kind", "OutputOptions.audience", "Image.problem"),
    "names of files": ("Asset.path", "Asset.mime", "Chapter.path", "Chapter.text", "Chapter.language"),
    "tags of git": ("Version.tag", "Version.subject", "History.tag", "OpenBranch.name"),
}
"""Texts outside of records, by the holder of their words; the tests above go through each holder."""


def test_every_text_of_the_model_is_in_a_table() -> None:
    """A new text is to be asked first: could somebody write a mark there, and who would read it?"""
    known = {name for names in TEXTS.values() for name in names}
    assert {*_texts_of_what_is_printed()} == known


def _texts_of_what_is_printed() -> Iterator[str]:
    for module in (model.chapter, model.document, model.history):
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, Struct) and cls.__module__ == module.__name__:
                for name, kind in cls.__annotations__.items():
                    if re.search(r"\bstr\b|Literal", kind) and "Mapping" not in kind and name != "commit":
                        yield f"{cls.__name__}.{name}"


@pytest.mark.parametrize(("tag", "message"), [("v1", "First {.restricted}"), ("{.limited}", "First")])
def test_a_mark_in_a_tag_of_git_is_an_error(tmp_path: Path, tag: str, message: str) -> None:
    paper = copy("healthy", tmp_path)
    start_repository(paper, "2020-01-10T12:00:00Z")
    git(paper, "tag", "-a", tag, "-m", message)
    for command in ("check", "build --to html", "site --downloads none"):
        run = nioc(paper, *command.split(), "--today", "2020-01-30")
        assert run.returncode == 1
        assert f"in the tag '{tag}' is printed as it is" in run.stdout + run.stderr


@pytest.mark.parametrize("blank", [" ", "  ", "\n"])
@pytest.mark.parametrize("level", model.AUDIENCES[1:])
def test_a_mark_with_a_blank_behind_its_dot_has_one_finding(level: str, blank: str, cache: Cache) -> None:
    text = appended(f"The [lock]{{.{blank}{level}}} is broken.")
    paper = load.load(HEALTHY, lambda _: None, cache, {"chapters/tunnels.md": text})
    marks = [d for d in check.check(paper, TODAY) if d.rule.startswith("unread-mark")]
    assert len(marks) == 1
