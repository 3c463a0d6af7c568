"""Projects of other tools as papers: nothing is lost without a word, and nothing outside the folder is read."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command_kit import nioc
from foreign_samples import MDBOOK, MYST, PROJECTS, QUARTO

from nioc_paper.app.errors import RequestError
from nioc_paper.app.import_project import ImportedProject, read_foreign_project, save_as_paper
from nioc_paper.app.project import Project
from nioc_paper.model import Severity

TODAY = date(2020, 1, 6)
Files = Mapping[str, str | bytes]


def lay(root: Path, files: Files) -> Path:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@cache
def imported(name: str) -> ImportedProject:
    with TemporaryDirectory() as folder:
        return read_foreign_project(lay(Path(folder), PROJECTS[name]))


def texts(project: ImportedProject) -> dict[str, str]:
    return {chapter.id: chapter.text for chapter in project.converted.chapters}


def findings(project: ImportedProject, rule: str = "") -> list[str]:
    return [f"{d.place.path}:{d.place.line} {d.message}" for d in project.findings if d.rule == rule or not rule]


# --- words ------------------------------------------------------------------------------------------------------------

_UNSEEN = (
    r"\A---\n[\s\S]*?\n---\n",  # front matter: its keys are findings, see below
    r"<!--[\s\S]*?-->|^% .*$",
    r"^```\{r[^\n]*\n(?:knitr::include_graphics[^\n]*\n)",  # shown pictures
    r"^#\| label: .*$|^\(#eq.*$|^\[@tag.*$|^#\[.*$",
    r"\{\{< (?:include|var) [^\n]*?>\}\}|\{\{#include[^\n]*?\}\}",
    r"^```\{r[^\n]*\}|^```\{block2[^\n]*\}|^(?:```|:::)\{[\w-]+\}(?: (?:images|python)\S*)?",
    r"^---\n(?:\w+: [^\n]*\n)+---$|^:(?:class|name|header-rows|tags|label): .*$|^\(\S+\)=$",
    r"::: \{[^}\n]*\}|\{[#.-][^}\n]*\}|\{width[^}\n]*\}",
    r"\{(?:ref|numref|eq|doc|cite|cite:t)\}`[^`<]*`|\{\w+(?=\}`)|<[a-z]+-label>",
    r"\[(?:Figure|fig\.|equation) \(?[\d.]+\)?\]\([^)]*\)|<div[^>]*>",
    r"(?:Section|Chapter|Figure|Table|equation) (?=\\@|@)|\\@ref\([^)]*\)|\(\\#[\w:]+\)|\(ref:\w+\)",
    r"-?@[\w:./-]+|\]\([^)]*\)|</?\w+>",
    r"&amp;|^# \(PART\)|^Table:|^\[\^?\w+\](?=:)|\[\^\w+\]|\[!\w+\]|!!! \w+|\[\[[\w/]+\|",
    r"\\(?:begin|end)\{equation\}",
)


def seen_words(text: str) -> Counter[str]:
    """The words that a reader of the original sees, found without the code of the importer."""
    for pattern in _UNSEEN:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    return words(text)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", re.sub(r"[*’']|(?<!\w)_|_(?!\w)", "", text).casefold()))


@pytest.mark.parametrize("name", PROJECTS)
def test_every_word_is_in_the_chapter_or_in_a_finding_about_its_file(name: str) -> None:
    project = imported(name)
    words_by_file: dict[str, Counter[str]] = {}
    for finding in project.findings:
        words_by_file[finding.place.path] = words_by_file.get(finding.place.path, Counter()) + words(finding.message)
    shared = "".join(str(PROJECTS[name].get(path, "")) for path in ("_shared.qmd", "src/shared.txt"))
    titles = " ".join(part.title for part in project.converted.project.parts)
    for chapter in project.converted.chapters:
        source = PROJECTS[name][chapter.source]
        assert isinstance(source, str)
        if chapter.source.endswith(".ipynb"):
            continue
        there = words(f"{chapter.title} {chapter.summary} {chapter.text} {titles} {shared}")
        missing = seen_words(source) - there - words_by_file.get(chapter.source, Counter())
        assert not missing, chapter.source


@pytest.mark.parametrize("name", PROJECTS)
def test_a_word_that_a_conversion_drops_is_reported_at_its_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nioc_paper.load.foreign import rewriting

    spared = rewriting.Rewriter._word
    monkeypatch.setattr(
        rewriting.Rewriter, "_word", lambda self, node: [] if "unmissable" in node["c"] else spared(self, node)
    )
    files = dict(PROJECTS[name])
    path = next(p for p in files if p.endswith(("wells.qmd", "wells.Rmd", "wells.md", "README.md")))
    text = files[path]
    assert isinstance(text, str)
    files[path] = f"{text}\n\nAn unmissable sentence.\n"
    line = text.count("\n") + 3
    assert f"{path}:{line} 1 word not in the chapter: unmissable" in findings(
        read_foreign_project(lay(tmp_path, files)), "lost-words"
    )


def test_nothing_of_the_samples_is_lost_for_no_known_reason() -> None:
    assert {name: findings(imported(name), "lost-words") for name in PROJECTS} == {name: [] for name in PROJECTS}


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROJECTS)
def test_the_result_has_no_errors(name: str, tmp_path: Path) -> None:
    save_as_paper(imported(name), tmp_path / "paper", TODAY, wants_commit=False)
    findings = Project(tmp_path / "paper", today=TODAY).check().findings
    assert [d for d in findings if d.severity == Severity.ERROR] == []
    assert not {d.rule for d in findings} & {"unread-citation", "swallowed-mark"}
    # Values in a line are kept as code, with a finding of the import.
    assert {d.message for d in findings if d.rule == "foreign-syntax"} <= {
        "'r mean(depth)' is a value of Quarto or R Markdown, and means nothing here"
    }


def test_the_result_builds(tmp_path: Path) -> None:
    done = nioc(tmp_path, "import", str(lay(tmp_path / "book", QUARTO)), "paper", "--no-commit")
    assert "'Water in the Valley' (Quarto): 4 chapters" in done.stdout
    assert nioc(tmp_path / "paper", "build", "--to", "html", "--out", str(tmp_path / "out")).returncode == 0
    page = next((tmp_path / "out").glob("*.html")).read_text()
    assert "Deep wells last longer" in page
    assert "Wells of the Valley" in page, "the list of sources"


def test_chapters_parts_and_titles_come_in_their_order(tmp_path: Path) -> None:
    project = imported("quarto")
    assert [(c.id, c.title, c.part) for c in project.converted.chapters] == [
        ("preface", "Preface", 0),
        ("wells", "Wells", 1),
        ("rivers", "Rivers", 1),
        ("methods", "Methods", 2),
    ]
    assert [(p.title, p.matter) for p in project.converted.project.parts] == [
        ("", "main"),
        ("Sources", "main"),
        ("Appendices", "back"),
    ]
    mdbook = imported("mdbook").converted
    assert [(c.id, mdbook.project.parts[c.part].matter) for c in mdbook.chapters] == [
        ("preface", "front"),
        ("wells", "main"),
        ("shafts", "main"),
        ("rivers", "main"),
        ("thanks", "back"),
    ]
    save_as_paper(imported("mdbook"), tmp_path / "paper", TODAY, wants_commit=False)
    paper = Project(tmp_path / "paper", today=TODAY).load().paper
    assert [c.id for c in paper.chapters] == ["preface", "wells", "shafts", "rivers", "thanks"]
    assert paper.settings.title == "Water book"


CONVERTED = {
    ("quarto", "wells"): [
        "Deep wells last longer [@well2019, p. 3; see @pump2020], as @well2019 says.",
        '![A map of the wells](paper/figures/map.png){#fig-map alt="Dots on a map" width="60%"}',
        "@fig-map shows them, and so does @fig-map and `fig-drawn`.",
        '::: {.warning title="Careful"}',
        ": Depths of wells {#tbl-depths}",
        "``` r\n#| label: fig-drawn",
        "[^1]: Measured with a rope.",
    ],
    ("quarto", "rivers"): [
        "The [wells](#sec-wells-2) are near; elsewhere are none.",
        "![Both banks of the river](paper/figures/map.png){#fig-two}",
        "and ~low~ water.",
        "<!-- a note to colleagues -->",
    ],
    ("bookdown", "wells"): [
        "@sec-depth and @sec-rivers belong together; @fig-map shows a map.",
        "@tbl-depths counts, Figure `fig:drawn` is computed, and @eq-flow is a number.",
        "$$\na = b\n$$ {#eq-flow}",
        '![A map of *wells*, by @well2019](paper/figures/map.png){#fig-map width="70%"}',
        '::: {.note title="Important"}\nNever drink from the east well.',
        ": Depths of the wells {#tbl-depths}",
        "Deep water is clean [@pump2020].",
    ],
    ("bookdown", "rivers"): ["See [depth](#sec-depth) or [a page](#sec-depth).[^1]"],
    ("myst", "wells"): [
        "[@well2019; @pump2020], as @well2019 says; see\n@sec-depth-label, @fig-map-label.",
        "H~2~O is WHO (World Health Organization) water,\nand `odd words` stay, like [these](#sec-depth-label).",
        '![A map of the *wells*.](paper/figures/map.png){#fig-map-label alt="Dots on a map"}',
        '::: {.note title="Mind the step"}',
        "$$\na = b\n$$ {#eq-flow}\n\nBy @eq-flow water flows, and by @eq-loss some is lost.",
        "$$\nc = d\n$$ {#eq-loss}",
        ": Depths of wells {#tbl-depth-table}",
        "@tbl-depth-table counts.",
    ],
    ("myst", "intro"): ["Read @sec-wells, @sec-shafts and [the shafts](#sec-shafts)."],
    ("myst", "notebook"): ["Words of a notebook.", "``` python\nmeasure(well)\n```"],
    ("manubot", "wells"): [
        "Wells [@pmid-123456], as @arxiv-1901-00001 says, are old [@url-https-example-org-ledger].",
        "See @fig-map and @fig-map, and @tbl-depths.",
        "[Remote](https://example.org/a.png)",
    ],
    ("manubot", "abstract"): ["Water is counted [@doi-10-1234-water-5; @url-https-example-org-ledger]."],
    ("mdbook", "preface"): ["Start with the [wells](#sec-wells), or [shafts](#sec-how-deep)."],
    ("mdbook", "wells"): [
        "::: warning\nMind the step.\n\n- and the rope\n:::",
        "Before a list:\n\n- one well",
        "Shared words of a file.",
    ],
    ("mdbook", "rivers"): ["Rivers flow & [stay](#sec-wells), see gif \\[picture: a.gif\\] and $x^2$."],
    ("quarto", "methods"): ["@fig-map and @fig-map, [1990](#sec-rivers); by @eq-flow:\n\n$$a = b$$ {#eq-flow}"],
    ("plain", "rivers"): ["- [ ] measure\n- [x] drink", '::: {.note title="Mind"}\nThe banks are steep.\n:::'],
}


@pytest.mark.parametrize(("name", "chapter"), CONVERTED)
def test_syntax_is_converted(name: str, chapter: str) -> None:
    text = texts(imported(name))[chapter].replace("\u00a0", " ")
    assert [line for line in CONVERTED[name, chapter] if line not in text] == []


_CELL = "a cell of r: its code is kept, and what it prints or draws is not"
_REMOTE = "the picture 'https://example.org/a.png' is on the web, and is not imported: a link is kept"
REPORTED = {
    "quarto": [
        "wells.qmd:3 'author: Ann Well' of the front matter is left out",
        "wells.qmd:10 no bibliography of the project has 'nobody1999': the words are kept",
        f"wells.qmd:16 {_CELL}; its caption is 'Litres drawn each year'",
        "wells.qmd:26 a block '.column-margin' has no counterpart here: its text is kept",
        "rivers.qmd:3 a link to 'missing.qmd' leads to nothing that is imported: its words are kept",
        "rivers.qmd:4 '{{< fa droplet >}}' is left out",
        "methods.qmd:5 'new' loses its look, .red: there is none here",
        "methods.qmd:5 'old' loses its look, underlined: there is none here",
        """methods.qmd:10 a block 'align="center"' has no counterpart here: its text is kept""",
        "methods.qmd:12 the tag '<center>' is left out; the words in it are kept",
    ],
    "bookdown": [
        f"01-wells.Rmd:14 {_CELL}; its caption is 'A long caption with words'",
        "01-wells.Rmd:34 '\\index{depth}' is LaTeX, and is left out",
    ],
    "myst": [
        "wells.md:7 '{unknown}`odd words`' is a role that has no counterpart here: its words are kept",
        "wells.md:52 '{mystery} :option: kept words' is a directive that has no counterpart here: its text is kept",
    ],
    "manubot": [
        "content/00.front-matter.md:1 '{{manubot.date}}' is filled in by Manubot: it is not in the text",
        f"content/02.wells.md:15 {_REMOTE}",
    ],
    "mdbook": [
        "src/rivers.md:3 '{{#title River}}' is left out",
        "src/rivers.md:4 the picture 'a.gif' is not in the folder: its name is kept",
    ],
}


@pytest.mark.parametrize("name", REPORTED)
def test_the_rest_is_reported_at_its_line(name: str) -> None:
    messages = findings(imported(name))
    assert [line for line in REPORTED[name] if line not in messages] == []


def test_identifiers_become_sources_that_nobody_has_checked(tmp_path: Path) -> None:
    save_as_paper(imported("manubot"), tmp_path / "paper", TODAY, wants_commit=False)
    references = Project(tmp_path / "paper", today=TODAY).load().paper.references
    named = references["doi-10-1234-water-5"]
    assert (named.title, named.verify) == ("doi:10.1234/Water.5", True)
    assert references["url-https-example-org-ledger"].title == "Ledger of wells"


def test_long_addresses_that_begin_alike_are_two_sources(tmp_path: Path) -> None:
    address = "https://example.org/" + "a-long-way/" * 12
    text = f"## Wells\n\nOld [@url:{address}one] and deep [@url:{address}two], and old [@url:{address}one].\n"
    files = {"content/metadata.yaml": "title: A\n", "content/01.wells.md": text}
    project = read_foreign_project(lay(tmp_path, files))
    keys = re.findall(r"\[@([^\]]+)\]", texts(project)["wells"])
    assert (len(keys), len(set(keys)), keys[0]) == (3, 2, keys[2])
    assert {value["URL"] for value in project.converted.named_sources.values()} == {f"{address}one", f"{address}two"}


# --- folders that are no project, or hostile --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "is not a project that can be imported"),
        ({"notes.txt": "x", "LICENSE.md": "x"}, "is not a project that can be imported"),
        ({"paper/paper.yaml": "id: x"}, "is a paper already"),
        ({"_quarto.yml": "book: {chapters: [gone.qmd]}"}, "is not a project that can be imported"),
    ],
)
def test_a_folder_without_a_project_is_refused(tmp_path: Path, files: Files, says: str) -> None:
    done = nioc(lay(tmp_path / "there", {"x": "", **files}).parent, "import", "there", "made")
    assert (done.returncode, says in done.stderr) == (2, True)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("name", "says"), [("a.docx", "nioc receive"), ("a.bib", "nioc source add"), ("a.md", "not a folder")]
)
def test_a_file_is_refused_with_the_command_for_it(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(RequestError, match=says):
        read_foreign_project(tmp_path / name)


def test_nothing_outside_the_folder_is_read_and_nothing_waits(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nhidden words\n")
    (tmp_path / "secret.png").write_bytes(MDBOOK["src/images/map.png"])  # type: ignore[arg-type]
    root = lay(
        tmp_path / "book",
        {
            "_quarto.yml": "book:\n  chapters: [one.qmd, ../secret.md, /etc/passwd, link.qmd, pipe.qmd, huge.qmd]\n"
            "bibliography: [../x.bib, link.bib]\n",
            "one.qmd": "# One\n\n{{< include ../secret.md >}}\n\n![x](../secret.png) ![y](link.png)\n",
            "huge.qmd": b"x" * (3 * 2**20),
        },
    )
    (root / "link.qmd").symlink_to(secret)
    (root / "link.bib").symlink_to(secret)
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(root / "pipe.qmd")
    project = read_foreign_project(root)
    assert [c.id for c in project.converted.chapters] == ["one"]
    assert "hidden" not in str(texts(project))
    assert project.converted.files == {}
    messages = " ".join(findings(project))
    for path in (
        "../secret.md",
        "/etc/passwd",
        "link.qmd",
        "pipe.qmd",
        "huge.qmd",
        "link.bib",
        "../secret.png",
        "link.png",
    ):
        assert path in messages, path


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    files = {"book.toml": "", "src/SUMMARY.md": "- [A](a.md)", "src/a.md": "# A\n\nword\n\n{{#include a.md}}\n"}
    project = read_foreign_project(lay(tmp_path, files))
    assert texts(project)["a"].count("word") < 10


@pytest.mark.parametrize("closings", [0, 60])
def test_directives_without_end_and_deep_ones_are_read(closings: int, tmp_path: Path) -> None:
    lines = ["# A", *(":" * (63 - n) + "{note}" for n in range(60)), "word", *(":" * (4 + n) for n in range(closings))]
    files = {"_toc.yml": "format: jb-book\nroot: a\n", "a.md": "\n".join(lines)}
    assert "word" in texts(read_foreign_project(lay(tmp_path, files)))["a"]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = nioc(tmp_path, "import", str(lay(tmp_path / "book", MYST)), "paper", "--dry-run")
    assert done.returncode == 0
    assert "this was a dry run" in done.stdout
    assert [f.name for f in tmp_path.iterdir()] == ["book"]
