"""Files of sources: four kinds give the same, every fault has its place, and nothing of a reader's disk gets out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from test_papers import read_tables, written

from nioc_paper import tree
from nioc_paper.load import bibliography
from nioc_paper.load.bibliography.bibtex_and_ris import scan_bibtex, scan_ris
from nioc_paper.load.bibliography.csl import scan_csl_json
from nioc_paper.load.bibliography.entries import NAME_VARIABLES
from nioc_paper.load.bibliography.faults import date_problem
from nioc_paper.load.bibliography.parsing import convert_bibtex
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import SHIPPED_STYLES, CitationStyle, Diagnostic, Node, Reference, Settings
from nioc_paper.system import pandoc
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.pandoc import csl_text

DEFAULTS = Settings()
NAMES = {"bib": "paper/a.bib", "ris": "paper/a.ris", "json": "paper/references-a.json", "yaml": "paper/references.yaml"}


def read(
    root: Path, texts: Mapping[str, str], cache: Cache = NO_CACHE, settings: Settings = DEFAULTS
) -> tuple[bibliography.Bibliography, list[Diagnostic]]:
    for path, text in texts.items():
        written(root / path, text)
    findings: list[Diagnostic] = []
    return bibliography.load_bibliography(LoadContext(PaperFiles(root), cache, findings.append), settings), findings


def by_key(read_files: bibliography.Bibliography) -> dict[str, Reference]:
    return {reference.id: reference for reference in read_files.references}


def cite(key: str) -> Node:
    mode = {"citationMode": {"t": "NormalCitation"}, "citationNoteNum": 0, "citationHash": 0}
    return {"t": "Cite", "c": [[{"citationId": key, "citationPrefix": [], "citationSuffix": [], **mode}], []]}


def printed(references: Mapping[str, Mapping[str, Any]], style: str = SHIPPED_STYLES[0]) -> list[str]:
    """The entries of the list of references, in the order of the keys."""
    cites = [{"t": "Para", "c": [cite(key)]} for key in references]
    blocks, _ = pandoc.run_citeproc(cites, list(references.values()), language="en-GB", style=CitationStyle(style))
    entries = {tree.identifier(node): node for node in tree.walk(blocks) if node["t"] == "Div"}
    return [tree.plain_text(entries[f"ref-{key}"]["c"][1]) for key in references]


def printed_alone(reference: Reference) -> str:
    """The entry of a reference, which has the same key as any other: pandoc writes equal ones once."""
    return printed({"x": {**reference.csl(), "id": "x"}})[0]


# --- one source, four kinds of file -----------------------------------------------------------------------------------


def whole_file(kind: str, entries: list[str]) -> str:
    if kind == "json":
        return "[" + ",\n".join(entries) + "]"
    return ("references:\n" if kind == "yaml" else "") + "\n".join(entries) + "\n"


DATES = {"Spring 2019": "2019", "2012_2013": "2012–2013", "October 2019": "2019", "ca. 1920": "ca. 1920"}
"""Dates with words around the year, as they are printed."""


@pytest.mark.parametrize("date", DATES)
def test_words_around_a_year_are_printed_in_every_kind_of_file(date: str, tmp_path: Path) -> None:
    rest = '"type": "book", "title": "T", "author": [{"family": "A", "given": "B"}]'
    texts = {
        "json": f'{{"id": "KEY", {rest}, "issued": {{"literal": "{date}"}}}}',
        "yaml": f'- {{"id": "KEY", {rest}, "issued": "{date}"}}',
        "ris": f"TY  - BOOK\nID  - KEY\nAU  - A, B\nTI  - T\nPY  - {date}\nER  - \n",
    }
    files = {NAMES[kind]: whole_file(kind, [text.replace("KEY", kind)]) for kind, text in texts.items()}
    references = by_key(read(tmp_path, files)[0])
    for key, reference in references.items():
        assert printed_alone(reference) == f"A, B. {DATES[date]}. T.", key


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("json", '{"id": "a", "type": "document", "title": "T", "issued": "2019", "year": 2019}'),
        ("bib", "@book{a, author={A, B}, title={T}, date={2019}, number={3}, zmnumber={Z}, editoratype={reviser}}"),
        ("bib", "@misc{a, title={T}, howpublished={\\url{https://a.org/x}}}"),
        ("bib", "@online{a, title={T}, url={https://a.org/x\\_y\\%20z\\#a}}"),
    ],
)
def test_what_programs_export_is_no_fault(kind: str, entry: str, tmp_path: Path) -> None:
    bibliography_read, findings = read(tmp_path, {NAMES[kind]: whole_file(kind, [entry])})
    assert (findings, bibliography_read.faults) == ([], ())
    assert "\\" not in str(by_key(bibliography_read)["a"].csl())


@pytest.mark.parametrize("kind", ["book", "interview"])
def test_names_of_every_role_are_printed_as_pandoc_prints_them_from_a_file(kind: str, tmp_path: Path) -> None:
    roles = sorted(NAME_VARIABLES - {"author"})
    entries: list[dict[str, Any]] = [
        {
            "id": role,
            "type": kind,
            "title": "<i>T</i> of B",
            "container-title": "C",
            role: [{"family": "Ash", "given": role}],
        }
        for role in roles
    ]
    references = by_key(read(tmp_path, {NAMES["json"]: json.dumps(entries)})[0])
    cites = [tree.para([tree.cite(role)]) for role in roles]
    files = {"style.csl": csl_text(CitationStyle()).encode(), "all.json": json.dumps(entries).encode()}
    args = ["-f", "json", "-t", "json", "--citeproc", "--csl=style.csl", "--bibliography=all.json"]
    output = pandoc.run(args, pandoc.to_json_document(cites, {"lang": "en-GB"}), files=files)
    nodes = [node for node in tree.walk(pandoc.read_document(output.stdout)["blocks"]) if node["t"] == "Div"]
    expected = {
        tree.identifier(node): tree.plain_text(node["c"][1]) for node in nodes if tree.is_div(node, "csl-entry")
    }
    assert (
        dict(zip((f"ref-{role}" for role in roles), printed({r: references[r].csl() for r in roles}), strict=True))
        == expected
    )


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\nTY  - BOOK\nID  - c\nTI  - C\nER  - \n"])
@pytest.mark.parametrize("start", ["", "TY  - BOOK\nID  - a\nTI  - A\nER  - \n\n"])
def test_a_ris_entry_without_an_end_is_reported_and_read(start: str, end: str) -> None:
    scan = scan_ris(f"{start}TY  - BOOK\nID  - b\nTI  - B{end}")
    keys = [key for key, text in (("a", start), ("b", "b"), ("c", end.strip())) if text]
    assert [entry.id for entry in scan.entries] == keys
    (problem,) = scan.problems
    assert f"line {5 if start else 1} " in problem.message.replace("line 6 ", "line 5 ")
    assert "ER  -" in problem.hint


# --- places of faults -------------------------------------------------------------------------------------------------

TABLES = read_tables("bibliography")
FAULTS = TABLES["faults"]


def position(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def test_every_fault_has_its_place_in_the_file_and_the_right_word_as_hint(tmp_path: Path) -> None:
    marked = {kind: whole_file(kind, [entry for k, entry, _, _ in FAULTS if k == kind]) for kind in NAMES}
    expected = []
    for kind, text in marked.items():
        parts = text.split("▶")
        ends = [len("".join(parts[: n + 1])) for n in range(len(parts) - 1)]
        rows = [(rule, hint) for k, _, rule, hint in FAULTS if k == kind]
        plain = "".join(parts)
        expected += [
            (NAMES[kind], *position(plain, end), rule, hint) for end, (rule, hint) in zip(ends, rows, strict=True)
        ]
    bibliography_read, findings = read(tmp_path, {NAMES[kind]: text.replace("▶", "") for kind, text in marked.items()})
    reported: list[Any] = [*bibliography_read.faults, *findings]
    faults = {
        (f.place.path, f.place.line, f.place.column, f.rule.removeprefix("bad-source/")): f.hint for f in reported
    }
    assert sorted(faults) == sorted(row[:4] for row in expected)
    assert [row for row in expected if row[4] not in faults[row[:4]]] == []


def test_usual_export_fields_are_silent_and_paths_do_not_leak(tmp_path: Path) -> None:
    path = "/home/ada/Zotero/storage/secret.pdf"
    texts = {
        NAMES["bib"]: f"@book{{b, author={{A, B}}, title={{T}}, date={{2019}}, file={{{path}}}, abstract={{{path}}}, "
        f"langid={{english}}, keywords={{{path}}}, annotation={{{path}}}, timestamp={{2019}}, owner={{ada}}, "
        f"mendeley-tags={{{path}}}, bdsk-file-1={{{path}}}, local-url={{file://{path}}}, date-added={{2019}}}}",
        NAMES[
            "ris"
        ]: f"TY  - BOOK\nID  - r\nAU  - A, B\nTI  - T\nPY  - 2019\nL1  - {path}\nN2  - {path}\nKW  - {path}\n"
        f"N1  - {path}\nER  - \n",
        NAMES["json"]: json.dumps(
            [
                {"id": "j", "type": "document", "title": "T", "abstract": path, "keyword": path, "custom": {"p": path}},
                {"id": "k", "type": "document", "title": "T", "annote": path, "categories": [path], "file": path},
            ]
        ),
        NAMES[
            "yaml"
        ]: f"references:\n- {{id: y, type: document, title: T, file: {path}, abstract: {path}, langid: en}}\n",
    }
    bibliography_read, findings = read(tmp_path, texts)
    assert (findings, bibliography_read.faults) == ([], ())
    assert "secret" not in repr(bibliography_read.references) + repr([r.csl() for r in bibliography_read.references])


# --- unreadable entries -----------------------------------------------------------------------------------------------

BROKEN = TABLES["broken"]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_entry_affects_no_other_entry(broken: str, tmp_path: Path) -> None:
    text = f"@book{{before, title={{B}}}}\n{broken}\n@book{{after, title={{A}}}}\n@book{{last, title={{L}}}}\n"
    bibliography_read, findings = read(tmp_path, {NAMES["bib"]: text.replace("▶", "")})
    titles = {key: source.title for key, source in by_key(bibliography_read).items()}
    assert {"before": "B", "after": "A", "last": "L"}.items() <= titles.items()
    assert [(d.rule, d.place.line) for d in findings] == [("bad-bibliography", 2)] * ("▶" in text)


@pytest.mark.parametrize("count", [1, 3, 21])
def test_entries_that_pandoc_refuses_are_named_and_the_others_are_read(count: int) -> None:
    pairs = [f"@book{{good{i}, title={{T}}}}\n@book{{bad{i}, title={{T}} year=2019}}\n" for i in range(count)]
    scan = scan_bibtex("@string(road = {Roads})\n" + "".join(pairs))
    converted, problems = convert_bibtex(scan, scan.entries)
    wanted = {f"good{i}": "T" for i in range(count)} if count <= 20 else {}
    assert {key: value.csl["title"] for key, value in converted.items()} == wanted
    places = [(2 * i + 3, 7) for i in range(20)]
    assert [problem.position for problem in problems] == [*places[:count], *[(1, 1)] * (count > 20)]


MARK = "\ufeff"


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("bib", "@book{a, title={T}}"),
        ("ris", "TY  - BOOK\nID  - a\nTI  - T\nER  - \n"),
        ("json", '{"id": "a", "type": "book", "title": "T"}'),
    ],
)
def test_a_byte_order_mark_is_read(kind: str, entry: str, tmp_path: Path) -> None:
    text = whole_file(kind, [entry])
    plain, marked = (read(tmp_path / name, {NAMES[kind]: start + text}) for name, start in (("x", ""), ("y", MARK)))
    assert marked[1] == []
    assert by_key(marked[0])["a"].csl() == by_key(plain[0])["a"].csl()


def test_a_file_of_web_of_science_has_one_finding_that_names_it(tmp_path: Path) -> None:
    text = "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Ash, A\nTI Bridges\nER\n\nEF\n"
    for start in ("", MARK, "\n"):
        _, (finding,) = read(tmp_path, {NAMES["ris"]: start + text})
        assert (finding.rule, finding.place.line) == ("bad-bibliography", 1)
        assert "Web of Science" in finding.message
        assert "RIS or BibTeX" in finding.hint


@pytest.mark.parametrize("kind", NAMES)
def test_a_file_of_too_many_sources_is_not_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nioc_paper.load.bibliography.parsing._MAX_ENTRIES", 2)
    entries = {
        "bib": "@book{{{0}, title={{T}}, author={{A, B}}, year=2019}}",
        "ris": "TY  - BOOK\nID  - {0}\nTI  - T\nER  - \n",
        "json": '{{"id": "{0}", "type": "book", "title": "T"}}',
        "yaml": "- {{id: {0}, type: book, title: T}}",
    }
    text = whole_file(kind, [entries[kind].format(key) for key in "abc"])
    sources, findings = read(tmp_path, {NAMES[kind]: text})
    assert ([*by_key(sources)], [d.message for d in findings]) == ([], ["the file has 3 sources; 2 are allowed"])


def test_lines_in_no_entry_have_one_finding(tmp_path: Path) -> None:
    _, (finding,) = read(tmp_path, {NAMES["ris"]: "Search of 2019\nPMID- 1\n\nTY  - BOOK\nTI  - T\nER  - \nend\n"})
    assert (finding.place.line, finding.message) == (1, "the line is in no entry, and 2 more")


def test_works_without_an_id_get_letters_if_they_would_share_a_key(tmp_path: Path) -> None:
    entry = "TY  - BOOK\n{}AU  - Ash, Ada\nTI  - {}\nPY  - {}\nER  - \n"
    rows = [("", "A", 2019), ("", "B", 2019), ("ID  - ash2019b\n", "C", 2019), ("", "D", 2018), ("", "A", 2019)]
    bibliography_read, _ = read(tmp_path, {NAMES["ris"]: "".join(entry.format(*row) for row in rows)})
    keys = [(source.id, source.title) for source in bibliography_read.references]
    # The last is the first one, listed twice.
    assert keys == [("ash2019a", "A"), ("ash2019c", "B"), ("ash2019b", "C"), ("ash2018", "D"), ("ash2019a", "A")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"id": "a"},\n {"id": }]', (2, 8)),
        ("[1]", (1, 2)),
        ('[{"title": "T"}]', (1, 2)),
        ("nothing", (1, 1)),
        ("[" * 99999, (1, 1)),
        ('[{"a": ' * 501, (1, 1)),
        (f'[{{"id": "{"[" * 9999}"}}, 1]', (1, 10016)),
    ],
)
def test_json_without_sources_is_reported_at_its_place(text: str, place: tuple[int, int]) -> None:
    (problem,) = scan_csl_json(text).problems
    assert problem.position[0] == place[0]
    assert problem.message
    assert problem.hint


SOUP = [*'@{}",=a#\\\n%()[:é', "@book{", "title = ", "TY  - ", "ER  - "]


@few(100)
@given(st.lists(st.sampled_from(SOUP)).map("".join))
def test_any_text_gives_entries_or_problems_with_places_in_it(text: str) -> None:
    lines = text.split("\n")
    for scan in (scan_bibtex(text), scan_ris(text), scan_csl_json(text)):
        positions = [p.position for p in scan.problems] + [e.position for e in scan.entries]
        assert all(1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1 for line, column in positions)


def test_files_are_those_in_the_folder_and_never_links(tmp_path: Path) -> None:
    root = tmp_path / "paper of a stranger"
    (tmp_path / "elsewhere.bib").write_text("@book{secret, title={T}}", encoding="utf-8")
    texts = {"paper/b.bib": "@book{b, title={B}}", "paper/below/c.bib": "@book{c, title={C}}", "paper/notes.json": "{}"}
    (root / "paper" / "below").mkdir(parents=True)
    (root / "paper" / "a.bib").symlink_to(tmp_path / "elsewhere.bib")
    bibliography_read, findings = read(root, texts)
    assert list(by_key(bibliography_read)) == ["b"]
    assert [(d.rule, d.place.path) for d in findings] == [("unreadable-file", "paper/a.bib")]
    listed = Settings(bibliography=("paper/below/c.bib", "../elsewhere.bib", "paper/none.bib", "paper/notes.txt"))
    bibliography_read, findings = read(root, {}, settings=listed)
    assert list(by_key(bibliography_read)) == ["c"]
    assert {d.rule for d in findings} == {"unreadable-file", "missing-file/bibliography", "unlisted-file/bibliography"}


def test_no_file_of_sources_is_passed_over_without_a_word(tmp_path: Path) -> None:
    texts = {"refs.bib": "", "export.ris": "", "paper/Library.BIB": "@book{b, title={B}}", "paper/notes.json": "[]"}
    bibliography_read, findings = read(tmp_path, texts)
    assert list(by_key(bibliography_read)) == ["b"]
    assert [(d.rule, d.place.path) for d in findings] == [
        ("unlisted-file/bibliography", "export.ris"),
        ("unlisted-file/bibliography", "refs.bib"),
    ]
    listed = Settings(bibliography=("refs.bib", "paper/Library.BIB"))
    assert [d.place.path for d in read(tmp_path, {}, settings=listed)[1]] == ["export.ris"]


def test_foreign_markup_is_plain_text(tmp_path: Path) -> None:
    texts = {
        NAMES["bib"]: "@book{b, title={T \\href{javascript:alert(1)}{go} \\includegraphics{/etc/passwd} <b>}}",
        NAMES["yaml"]: "references:\n- id: y\n  type: document\n  title: T <script>x</script>\n"
        "  note: {t: MetaInlines, c: [{t: RawInline, c: [html, <script>]}]}\n",
        NAMES["json"]: '[{"id": "j", "type": "document", "title": "a\\u0000b\\u202ec \\ud800"}]',
    }
    references = by_key(read(tmp_path, texts)[0])
    shown = json.dumps([reference.csl() for reference in references.values()])
    assert "RawInline" not in shown
    assert "javascript" not in shown
    assert "/etc/passwd" not in shown
    assert references["j"].title.replace("\ufffd", "?") == "a?b?c ?"


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("Half, or 50% of trees", "Half, or 50% of trees"),
        ("Half, or 50\\% of trees", "Half, or 50% of trees"),
        ("The map #1 of trees", "The map #1 of trees"),
        ("Of order $n^2$", "Of order n^2"),
        ("A \\emph{new} tree", "A new tree"),
        ('Ash \\& {\\"O}ak', "Ash & Öak"),
    ],
)
def test_special_characters_of_a_title_lose_no_words(tmp_path: Path, value: str, title: str) -> None:
    bibliography_read, _ = read(tmp_path, {NAMES["bib"]: f"@book{{k, title={{{value}}}}}"})
    assert bibliography_read.references[0].title == title


# --- several files ----------------------------------------------------------------------------------------------------


def test_own_keys_extend_the_entry_of_another_file(tmp_path: Path) -> None:
    texts = {
        NAMES["bib"]: "@book{ash2019, author={A, B}, title={T}, date={2019}}",
        NAMES[
            "yaml"
        ]: "references:\n  - {id: ash2019, verify: true, seen-through: oak2020}\n  - {id: ash2018, press: true}\n",
    }
    bibliography_read, findings = read(tmp_path, texts)
    (source,) = bibliography_read.references
    assert (source.title, source.verify, source.seen_through) == ("T", True, "oak2020")
    assert str(source.place("id")) == "paper/a.bib:1:7"
    assert str(source.place("seen-through")) == "paper/references.yaml:2:47"
    assert not {"verify", "seen-through", "seen_through"} & source.csl().keys()
    assert [(str(d.place), d.rule, d.hint) for d in findings] == [
        ("paper/references.yaml:3:10", "missing-key", "did you mean 'ash2019'?")
    ]


GOOD_DATES = ["2019", "2019-10", "2019-10-31", "2019~", "2019-10/2019-12", "2019/..", "-0050", "199X", "2020-02-29"]
BAD_DATES = TABLES["bad_dates"]


def test_dates_that_cannot_be_are_reported() -> None:
    assert [value for value in (*GOOD_DATES, "October 2019", *BAD_DATES) if date_problem(value)] == [*BAD_DATES]


# --- the manual -------------------------------------------------------------------------------------------------------


PAGES = {
    Path(__file__).parents[2] / "docs/chapters/sources.md": 1,
    Path(__file__).parents[1] / "tables/same_sources.md": 8,
}
"""Files with the same sources in each kind of file, and how many."""


@pytest.mark.parametrize("page_file", PAGES, ids=lambda file: file.stem)
@pytest.mark.parametrize("style", SHIPPED_STYLES)
def test_sources_are_printed_alike_from_every_kind_of_file(style: str, page_file: Path, tmp_path: Path) -> None:
    page = page_file.read_text(encoding="utf-8")
    lists = {}
    for kind, fence in (("bib", "bibtex"), ("ris", "ris"), ("json", "json"), ("yaml", "yaml")):
        text = re.findall(rf"^```{fence}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[-1]
        bibliography_read, findings = read(tmp_path / kind, {NAMES[kind]: text})
        assert (findings, bibliography_read.faults) == ([], ())
        lists[kind] = printed({key: reference.csl() for key, reference in by_key(bibliography_read).items()}, style)
    assert len(lists["yaml"]) == PAGES[page_file]
    for kind, entries in lists.items():
        assert entries == lists["yaml"], kind
