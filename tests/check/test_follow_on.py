"""One fault is one finding: consequences of a file that could not be read are not reported as well."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_papers import appended, changed

from nioc_paper.check import check
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.load import load
from nioc_paper.model import Diagnostic


def findings_of(root: Path) -> list[Diagnostic]:
    reading: list[Diagnostic] = []
    return check(load(root, reading.append), date(2020, 1, 30), reading)


@pytest.mark.parametrize(
    "path",
    ["contributors.yaml", "paper/references.yaml", "paper/registers/facts.yaml", "chapters/tunnels.md"],
)
def test_a_file_that_is_no_yaml_is_one_error(root: Path, path: str) -> None:
    file = root / path
    text = file.read_text(encoding="utf-8")
    file.write_text(f'---\n"open\n{text[4:]}' if text.startswith("---") else f'"open\n{text}', encoding="utf-8")
    findings = findings_of(root)
    errors = [d.rule for d in findings if d.severity.name == "ERROR"]
    assert errors == ["bad-yaml"], findings


@pytest.mark.parametrize(
    ("path", "old", "new", "error"),
    [
        *(("tunnels", f"\n{key}: ", f"\n{key}: [", "bad-yaml") for key in ("subtitle", "description", "data", "mark")),
        ("tunnels", "mark: bar", "mark: pie", "broken-chart known are: arc, area, bar, "),
        (
            "bridges",
            ".svg)",
            "%20x.svg)",
            "missing-file/picture put the file into paper/figures and write 'paper/figures/span x",
        ),
        ("tunnels", "status: ", "allow: [evidence/number]\nstatus: ", "bad-value/type write {rule: evidence/number, "),
        ("new", "", "The tunnel is old.", "no-front-matter begin the file with '---'"),
    ],
)
def test_a_slip_of_an_author_is_one_error_with_a_hint(root: Path, path: str, old: str, new: str, error: str) -> None:
    file = root / f"chapters/{path}.md"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1) if old else new, encoding="utf-8")
    findings = findings_of(root)
    (fault,) = [f"{d.rule} {d.hint}" for d in findings if d.severity.name == "ERROR"]
    assert fault.startswith(error), fault


@pytest.mark.parametrize("text", ["- a", "text", "5", "2020-01-01", "[[a]]"])
@pytest.mark.parametrize(
    "path", ["contributors.yaml", "paper/registers/facts.yaml", "paper/timeline.yaml", "chapters/tunnels.md"]
)
def test_a_file_without_keys_is_one_error_and_every_finding_has_a_place(root: Path, path: str, text: str) -> None:
    _, _, body = (root / path).read_text(encoding="utf-8").rpartition("\n---\n")
    (root / path).write_text(f"---\n{text}\n---\n{body}" if path.endswith(".md") else text, encoding="utf-8")
    findings = findings_of(root)
    assert [d.rule for d in findings if d.severity.name == "ERROR" and d.place.path == path] == ["bad-yaml"], findings
    assert [d for d in findings if not d.place.path] == []
    assert "not-one-lead" not in {d.rule for d in findings}


@pytest.mark.parametrize(
    ("opening", "fault"),
    [("::: {#fnd-tu-none .finding}\nIt leaks [@survey2019].", "unclosed-block"), ("", "no-front-matter")],
)
def test_content_after_an_unclosed_block_is_not_reported_as_missing(root: Path, opening: str, fault: str) -> None:
    file = root / "chapters" / "tunnels.md"
    top, end, text = file.read_text(encoding="utf-8").partition("\n---\n")
    file.write_text(f"{top}{end}\n{opening}\n{text}" if opening else f"{top}\n{text}", encoding="utf-8")
    findings = findings_of(root)
    assert {d.rule for d in findings if d.place.path == "chapters/tunnels.md"} & {
        fault,
        "missing-section",
        "unread-mark/swallowed",
    } == {fault}


def test_other_faults_are_still_found(root: Path) -> None:
    (root / "paper" / "references.yaml").write_text('"open\n', encoding="utf-8")
    appended(root / "chapters" / "tunnels.md", "\nSee @fig-none.\n")
    findings = findings_of(root)
    assert {d.rule for d in findings if d.severity.name == "ERROR"} == {"bad-yaml", "dead-reference"}


BROKEN_ENTRIES = {
    # Register, words in it, words in their place: the entry is there, and is not read.
    "a source without a type": ("paper/references.yaml", "type: ", "typ: "),
    "a source with a list for its title": ("paper/references.yaml", "title: ", "title: [one]\n    note: "),
    "sources under another name": ("paper/references.yaml", "references:", "reference:"),
    "a source with another name for its id": ("paper/references.yaml", "- id: ", "- key: "),
    "a fact without a value": ("paper/registers/facts.yaml", "value: ", "valeu: "),
    "an abbreviation without words": ("paper/registers/acronyms.yaml", "long: ", "longer: "),
    "a person without a name": ("contributors.yaml", "name: ", "nam: "),
    "a status without a title": ("paper/paper.yaml", "title: ", "titel: "),
}


@pytest.mark.parametrize("case", BROKEN_ENTRIES.values(), ids=BROKEN_ENTRIES)
def test_an_existing_entry_is_never_reported_as_missing(root: Path, case: tuple[str, str, str]) -> None:
    path, words, others = case
    changed(root / path, words, others)
    findings = findings_of(root)
    missing = re.compile(r"^no source is called|leads nowhere|is not in paper/reg|nobody in|is no (org|status)")
    assert [d for d in findings if missing.search(d.message)] == []
    assert any(d.place.path == path for d in findings)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("paper/references.yaml", None),
        ("paper/references.yaml", '"open\n'),
        ("paper/registers/facts.yaml", '"open\n'),
        ("contributors.yaml", '"open\n'),
        ("paper/references.yaml", "references:\n".encode("utf-16")),
    ],
)
def test_a_chapter_shows_the_cause_in_a_register(
    root: Path, path: str, text: str | bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = root / path
    before = file.read_text(encoding="utf-8")
    new = before.replace("type: ", "typ: ", 1) if text is None else text
    file.write_bytes(new if isinstance(new, bytes) else new.encode())
    monkeypatch.chdir(root)
    result = CliRunner().invoke(nioc, ["check", "chapters"])
    assert result.exit_code == 1
    assert path in result.output
    assert "no source is called" not in result.output


def test_a_chapter_without_a_part_in_it_does_not_show_a_broken_entry(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = root / "paper" / "references.yaml"
    file.write_text(
        f"{file.read_text(encoding='utf-8')}  - id: uncited2019\n    title: Nobody cites it\n", encoding="utf-8"
    )
    monkeypatch.chdir(root)
    assert "references.yaml" not in CliRunner().invoke(nioc, ["check", "chapters/bridges.md"]).output


def test_an_id_in_a_chapter_that_cannot_be_read_is_not_said_to_be_missing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = {
        "bridges": "See @sec-tunnels and @sec-tu-deep.",
        "tunnels": f"{'> ' * 300}words\n\n### Deep {{#sec-tu-deep}}",
    }
    for name, words in added.items():
        file = root / "chapters" / f"{name}.md"
        file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{words}\n", encoding="utf-8")
    monkeypatch.chdir(root)
    output = CliRunner().invoke(nioc, ["check", "chapters/bridges.md"]).output
    assert "leads nowhere" not in output


CIRCLES = [["a"], ["a", "b"], ["b", "c", "a"]]
DECISION = "  - {id: ID, meeting: first, on: 2020-01-06, kind: decision, text: It is so., who: [council], link: TO}\n"
SOURCE = "  - {id: ID, type: report, title: ID, author: [{literal: ID}], issued: '2019', KEY: TO}\n"


@pytest.mark.parametrize("circle", CIRCLES, ids=len)
@pytest.mark.parametrize(
    ("path", "entry", "rule"),
    [
        ("paper/registers/decisions.yaml", DECISION, "dead-name/link"),
        ("paper/references.yaml", SOURCE.replace("KEY", "primary"), "dead-name/primary"),
        ("paper/references.yaml", SOURCE.replace("KEY", "seen-through"), "dead-name/primary"),
    ],
)
def test_entries_that_lead_to_each_other_are_reported(
    root: Path, path: str, entry: str, rule: str, circle: list[str]
) -> None:
    names = {name: f"entry-{name}" for name in (*circle, "z")}
    links = {**dict(zip(circle, (*circle[1:], circle[0]), strict=True)), "z": circle[0]}
    text = (root / path).read_text(encoding="utf-8").rstrip() + "\n"
    lines = [entry.replace("ID", names[one]).replace("TO", names[to]) for one, to in links.items()]
    (root / path).write_text(text + "".join(lines), encoding="utf-8")
    findings = findings_of(root)
    assert [(d.place.path, d.place.line) for d in findings if d.rule == rule] == [
        (path, text.count("\n") + 1 + index) for index in range(len(circle))
    ]
