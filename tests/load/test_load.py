"""Reading a paper: no text of an author makes it fail, and every finding has the right place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import fields
from rounds import few
from rule_pages import lay
from sample_paper import FULL
from test_papers import appended, changed, read_tables, written

from nioc_paper.check import check
from nioc_paper.check.rules.audience_marks import find_strings
from nioc_paper.load import load
from nioc_paper.load.records import build_record
from nioc_paper.load.source_text import decode_text, split_front_matter
from nioc_paper.load.yaml_composer import describe_fault
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import (
    Acronyms,
    Contributors,
    Decisions,
    Diagnostic,
    Facts,
    FrontMatter,
    Paper,
    Record,
    Settings,
    Terms,
    Timeline,
    Words,
    spelling_hint,
)
from nioc_paper.system.cache import Cache

HERE = Path(__file__).parents[1]
HEALTHY = HERE / "papers" / "healthy"
SOUP = "id title: status : - [ ] { } & * ! | > ' # ~ null 2020-02-30 no 010 contributors role lead ? , % @ ` \\ é اردو"
YAML_SOUP = st.lists(st.sampled_from([*SOUP.split(), '"', chr(10), "   ", chr(9), "---", "..."])).map(" ".join)


def reading(text: str) -> tuple[FrontMatter, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    head, _, _ = split_front_matter(text, "c.md", findings.append)
    return build_record(FrontMatter, read_yaml(head, "c.md", findings.append), "c.md", findings.append), findings


def copy_of_healthy(folder: Path) -> Path:
    return Path(shutil.copytree(HEALTHY, folder / "paper with spaces"))


def load_all(root: Path) -> tuple[Paper, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    return load(root, findings.append), findings


@given(st.binary(max_size=2000))
def test_any_bytes_are_text_or_findings_with_a_line(data: bytes) -> None:
    findings: list[Diagnostic] = []
    text = decode_text(data, "c.md", findings.append)
    assert text is not None or findings
    assert all(d.place.line >= 1 and d.place.column >= 1 for d in findings)


@given(st.one_of(st.text(max_size=400), YAML_SOUP))
def test_any_front_matter_gives_a_record(text: str) -> None:
    front, findings = reading(f"---\n{text}\n---\n\nText.\n")
    lines = text.count("\n") + 2
    assert isinstance(front, FrontMatter)
    assert all(1 <= d.place.line <= lines + 1 for d in findings), findings


@given(st.one_of(st.text(max_size=300), YAML_SOUP))
@pytest.mark.parametrize("cls", [Contributors, Timeline])
def test_any_register_gives_a_record(cls: type[Contributors | Timeline], text: str) -> None:
    findings: list[Diagnostic] = []
    assert isinstance(build_record(cls, read_yaml(text, "r.yaml", findings.append), "r.yaml", findings.append), cls)


@few(12, suppress=(HealthCheck.function_scoped_fixture,))
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode), YAML_SOUP.map(str.encode)))
def test_any_bytes_as_a_chapter_leave_the_others_readable(tmp_path: Path, data: bytes) -> None:
    root = tmp_path / "paper"
    if not root.exists():
        shutil.copytree(HEALTHY, root)
    (root / "chapters" / "tunnels.md").write_bytes(data)
    paper, findings = load_all(root)
    assert check(paper, date(2020, 1, 10), findings)
    assert next(c for c in paper.chapters if c.path == "chapters/bridges.md").words > 50


RECORDS_BY_PATH: Mapping[str, type[Record]] = {
    "contributors.yaml": Contributors,
    "chapters/harbours.md": FrontMatter,
    "paper/paper.yaml": Settings,
    "paper/timeline.yaml": Timeline,
    "paper/registers/acronyms.yaml": Acronyms,
    "paper/registers/decisions.yaml": Decisions,
    "paper/registers/facts.yaml": Facts,
    "paper/registers/terms.yaml": Terms,
}


def with_invalid_items(value: object) -> object:
    """A value whose lists begin with an item that they may not have."""
    if isinstance(value, dict):
        return {key: with_invalid_items(inner) for key, inner in value.items()}
    if isinstance(value, list):
        wrong = "no item" if value and isinstance(value[0], dict) else {"no": "item"}
        return [wrong, *map(with_invalid_items, value)]
    return value


@pytest.mark.parametrize("path", RECORDS_BY_PATH)
def test_values_behind_an_invalid_item_have_their_places(path: str) -> None:
    source = (FULL / path).read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")[0]
    values = with_invalid_items(yaml.load(source, yaml.BaseLoader))  # noqa: S506 - makes texts only
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10**6)
    record = build_record(RECORDS_BY_PATH[path], read_yaml(text, path, lambda _: None), path, lambda _: None)
    lines, texts = text.split("\n"), find_strings(record)
    assert len(texts) > 5
    for words, keys in texts:
        place = record.place(*keys)
        written = lines[place.line - 1][place.column - 1 :].removeprefix("'")
        if words != keys[-1] and place != record.place(*keys[:-1]):  # neither a key nor a default
            assert written.startswith((words[:9], words[:9].replace("'", "''"))), place


def test_an_invalid_value_is_dropped_alone() -> None:
    front, findings = reading(
        "---\nid: a\nlanguage: ur_PK\ncontributors:\n  - {id: , role: lead}\n  - {id: b, role: author}\n"
        "words: {target: -1, max: 9}\nlinks: b\ndue:\n  draft: 2020-02-01\n  final: soon\n---\n"
    )
    assert [(d.place.line, d.rule, d.message) for d in sorted(findings)] == [
        (3, "bad-value/type", "'ur_PK' is not a language tag such as en-GB or ur"),
        (5, "missing-key", "the key 'id' is missing"),
        (7, "bad-value/type", "'-1' is too small: 0 is the least"),
        (8, "bad-value/type", "'b' is not a list"),
        (11, "bad-value/type", "'soon' is not a date"),
    ]
    assert [c.id for c in front.contributors] == ["b"]
    assert (front.language, front.words, front.links, front.due) == (
        None,
        Words(max=9),
        (),
        {"draft": date(2020, 2, 1)},
    )


def test_scalars_are_read_as_text() -> None:
    findings: list[Diagnostic] = []
    data = read_yaml("a: no\nb: 010\nc: 12:30:45\nd: 1.10\ne: 2020-01-01\nf:\n", "x", findings.append)
    assert data.value == {"a": "no", "b": "010", "c": "12:30:45", "d": "1.10", "e": "2020-01-01", "f": None}
    assert not findings


@pytest.mark.parametrize("bomb", ["[" * 5000, "{a: " * 5000, "- " * 5000, "a: &x [*x, *x]"])
def test_nesting_and_aliases_end_in_a_finding(bomb: str) -> None:
    findings: list[Diagnostic] = []
    read_yaml(bomb, "x.yaml", findings.append)
    assert findings


def test_a_chapter_with_broken_front_matter_keeps_its_id(tmp_path: Path) -> None:
    root = copy_of_healthy(tmp_path)
    changed(root / "chapters" / "tunnels.md", "title: ", 'title: "')
    paper, findings = load_all(root)
    assert [d.rule for d in findings] == ["bad-yaml"]
    assert {d.rule for d in check(paper, date(2020, 1, 10), findings)} & {
        "loose-end/category",
        "dead-name/status",
    } == set()


def test_a_link_out_of_the_paper_is_not_followed(tmp_path: Path) -> None:
    root = copy_of_healthy(tmp_path)
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><desc>canary</desc></svg>')
    (root / "paper" / "figures" / "way-out.svg").symlink_to(secret)
    chapter = root / "chapters" / "tunnels.md"
    targets = [
        "paper/figures/way-out.svg",
        "../../secret.svg",
        str(secret),
        f"file://{secret}",
        "https://example.org/a.svg",
    ]
    appended(chapter, "".join(f"\n![Words]({t})\n" for t in targets))
    paper, _ = load_all(root)
    images = [i for c in paper.chapters if c.path == "chapters/tunnels.md" for i in c.images]
    assert [i.asset for i in images][-5:] == [None] * 5
    assert all("canary" not in str(i) for i in images)


def test_inputs_are_files_that_were_read_or_looked_for(tmp_path: Path) -> None:
    root = copy_of_healthy(tmp_path)
    changed(root / "paper" / "paper.yaml", "- chapters/tunnels.md", "- chapters/tunnels.md\n      - texts/a.md")
    written(root / "texts" / "a.md", "Words.\n\n![Words](later.png) [Words](../notes/b.txt) [Words](../../c.txt)\n")
    paper, _ = load_all(root)
    assert paper.inputs >= {"paper/paper.yaml", "contributors.yaml", "chapters/tunnels.md", "paper/data/closures.csv"}
    assert paper.inputs >= {"texts/a.md", "texts/later.png", "later.png", "notes/b.txt"}
    assert not any(path.startswith(("/", "..")) for path in paper.inputs)


def vars_of(paper: Paper) -> Mapping[str, object]:
    return {field.name: getattr(paper, field.name) for field in fields(paper)}


def places(value: object) -> list[object]:
    """Return the classes of the records in a value, and the place of each of their keys."""
    if isinstance(value, Record):
        own = [(type(value), key, value.place(key), value.extra) for key, _ in value.items()]
        return [*own, *(place for _, inner in value.items() for place in places(inner))]
    inner_values = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return [place for inner in inner_values for place in places(inner)]


def test_cached_findings_equal_new_ones(tmp_path: Path) -> None:
    root = copy_of_healthy(tmp_path)
    chapter = root / "chapters" / "tunnels.md"
    (root / "paper" / "figures" / "no.png").write_text("no picture")
    wrong = "\n![Words](../paper/figures/no.png)\n\n::: {#fig-tn-x .figure}\n```{.chart}\nmark: [\n```\n\nWords.\n:::\n"
    chapter.write_text(chapter.read_text().replace("title:", "titel: 1\ntitle:", 1) + wrong)
    terms = root / "paper" / "registers" / "terms.yaml"
    terms.write_text("terms:\n  - use: [a\n")

    def reading(cache: Cache) -> tuple[object, ...]:
        findings: list[Diagnostic] = []
        paper = load(root, findings.append, cache)
        chapters = [(c.front, c.images, c.charts, c.items, c.blocks) for c in paper.chapters]
        files = [value for value in vars_of(paper).values() if isinstance(value, Record)]
        records = [*files, *paper.reviews, *(c.front for c in paper.chapters)]
        assert len(files) > 8
        return findings, chapters, records, [*map(places, records)], paper.terms

    cold, cache = reading(Cache()), Cache(tmp_path / "cache")
    assert all(rule in str(cold[0]) for rule in ("unknown-key", "bad-yaml"))
    assert [reading(cache), reading(cache)] == [cold, cold]
    for entry in (tmp_path / "cache").iterdir():
        entry.write_bytes(b"foreign")
    assert reading(cache) == cold


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("unodc2031", ("unodc2013", "unodc2015ht", "unodc2013ts"), "unodc2013"),
        ("unodc2015", ("unodc2013", "unodc2015ht"), "unodc2015ht"),
        ("intrnal", ("final", "internal-review"), "internal-review"),
        ("tunnles", ("tunnel-lamps", "tunnels"), "tunnels"),
    ],
)
def test_the_name_that_is_nearest_is_suggested(word: str, known: tuple[str, ...], meant: str) -> None:
    assert spelling_hint(word, known) == f"did you mean '{meant}'?"


# --- texts in YAML that a comment cuts short -------------------------------------------------------------------------

CUT = {
    "title: Chapter #4": (1, 16),
    "title: Chapter # 4": (1, 16),
    "a: b\ntitle: Chapter\t#4": (2, 16),
    "title: #4": (1, 8),
    "list:\n  - one #two": (2, 9),
    "- {title: a} #b": None,
}
WHOLE = (
    "title: 'Chapter #4'",
    'title: "Chapter #4"',
    "title: Chapter#4",
    "title: one # a comment",
    "# a\ntitle: one",
    "title: |\n  one #4",
    "title: >\n  one #4",
    "title: # nothing yet",
    "a: 'b' #c",
)


@pytest.mark.parametrize("text", CUT)
def test_a_text_that_is_cut_short_is_found(text: str) -> None:
    findings: list[Diagnostic] = []
    read_yaml(text, "a.yaml", findings.append)
    at = CUT[text]
    assert [(d.rule, d.place.line, d.place.column) for d in findings] == ([("cut-text", *at)] if at else [])


@pytest.mark.parametrize("text", WHOLE)
def test_a_complete_text_is_not_reported(text: str) -> None:
    findings: list[Diagnostic] = []
    read_yaml(text, "a.yaml", findings.append)
    assert findings == []


# --- faults of YAML in our words, with libyaml and without ------------------------------------------------------------

LOADERS = {name: loader for name in ("SafeLoader", "CSafeLoader") if (loader := getattr(yaml, name, None))}
TABLES = read_tables("load")
FAULTS = TABLES["faults"]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_described_where_they_are(text: str, loader: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        LOADERS[loader](text).get_single_node()
    line, column, message, hint = describe_fault(caught.value, text.split("\n"))
    if loader == "CSafeLoader":
        assert f"{line}:{column} {message}" == FAULTS[text]
    # The other loader has other words of its own, and the same line.
    assert line == int(FAULTS[text].partition(":")[0])
    assert hint
    assert not {"expected", "scanning", "parsing", "mapping", "token"} & {*message.split()}


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\r", "\r\n"])
@pytest.mark.parametrize(
    ("text", "line"), [("a: 'p{0}{0}{0}q'\nb:\n !- {{x: 1}}\n  - y\n", 4), ("# x{0}{0}\nb: {{x: 1, y}}\nc: @x\n", 3)]
)
def test_lines_are_those_of_an_editor(text: str, line: int, end: str) -> None:
    """YAML ends lines at more characters than editors do."""
    faults: list[Diagnostic] = []
    read_yaml(text.format(end), "paper/paper.yaml", faults.append)
    more = (3 if text.startswith("a") else 2) if end == "\r\n" else 0
    assert [fault.place.line for fault in faults] == [line + more]


# --- names of chapters that some system cannot hold or distinguish ----------------------------------------------------

ODD: dict[str, bytes] = {
    **{
        name: f"{name}.md".encode()
        for name in ("con", "PRN", "aux", "nul", "com1", "COM9", "lpt1", "com\u00b2", "nul.x")
    },
    "blank at the end": b"drug.md ",
    "blank before the ending": b"drug .md",
    "blank at the beginning": b" drug.md",
    "full stop at the end": b"drug.md.",
    "control character": b"dr\x07ug.md",
    "end of a line": b"dr\nug.md",
    "tab at the end": b"drug.md\t",
    "letters apart from their accents": "re\u0301sume\u0301.md".encode(),
    "dash at the beginning": b"-rf.md",
    "no UTF-8": b"dr\xffug.md",
    "too long": b"a" * 120 + b".md",
    "large ending": b"drug.MD",
    "colon": b"drug:x.md",
    "question mark": b"drug?.md",
    "bar": b"drug|x.md",
    "star": b"drug*.md",
    "quotation mark": b'drug".md',
    "backslash": b"drug\\x.md",
    "unseen character": "dr\u200bug.md".encode(),
    "direction": "dr\u202eug.md".encode(),
}
GOOD = ("drug", "Drug-2", "con-man", "console", "a.b", "\u062f\u0648\u0627", "r\u00e9sum\u00e9", "communication", "lpt")


def load_bad_names(root: Path) -> tuple[list[Diagnostic], set[str]]:
    findings: list[Diagnostic] = []
    paper = load(root, findings.append)
    return [d for d in findings if d.rule == "bad-file-name"], {chapter.path for chapter in paper.chapters}


@pytest.fixture(scope="module")
def text() -> bytes:
    return (HEALTHY / "chapters" / "tunnels.md").read_bytes()


@pytest.mark.parametrize("case", ODD)
def test_an_invalid_name_is_shown_in_an_error(tmp_path: Path, case: str, text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    (tmp_path / "paper" / "chapters" / os.fsdecode(ODD[case])).write_bytes(text)
    findings, read = load_bad_names(root)
    assert [d.place.path for d in findings] == [ascii(f"chapters/{os.fsdecode(ODD[case])}")[1:-1]]
    assert str(findings[0]).isascii()
    assert read == {"paper/front/summary.md", "chapters/bridges.md", "chapters/tunnels.md"}


@pytest.mark.parametrize("pair", [("Drug", "drug"), ("\u00c9t\u00e9", "\u00e9t\u00e9"), ("stra\u00dfe", "strasse")])
def test_two_names_that_differ_in_case_alone_are_an_error(tmp_path: Path, pair: tuple[str, str], text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    for name in pair:
        (root / "chapters" / f"{name}.md").write_bytes(text)
    findings, _ = load_bad_names(root)
    if len({name.name.casefold() for name in (root / "chapters").iterdir()}) < len([*(root / "chapters").iterdir()]):
        assert len(findings) == 1
        assert "tell it from" in findings[0].message


def test_good_names_are_read(tmp_path: Path, text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    for name in GOOD:
        (root / "chapters" / f"{name}.md").write_bytes(text)
    findings, read = load_bad_names(root)
    assert findings == []
    assert {f"chapters/{name}.md" for name in GOOD} <= read


def test_hidden_files_and_folders_are_no_chapters(tmp_path: Path) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    (root / "chapters" / ".drug.md").write_text("x", encoding="utf-8")
    (root / "chapters" / "notes.txt").write_text("x", encoding="utf-8")
    (root / "chapters" / "con.d").mkdir()
    assert load_bad_names(root)[0] == []
