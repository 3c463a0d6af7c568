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
from command_kit import nioc, succeed
from test_papers import read_tables

from nioc_paper.app.errors import RequestError
from nioc_paper.app.import_project import ImportedProject, read_foreign_project, save_as_paper
from nioc_paper.app.project import Project
from nioc_paper.model import Place, Severity

TODAY = date(2020, 1, 6)
Files = Mapping[str, str | bytes]
FOLDER = Path(__file__).parents[1] / "projects"
"""Small invented projects of other tools."""


def files_of(project: Path) -> Files:
    """The files of a project by path."""
    files = {file.relative_to(project).as_posix(): file.read_bytes() for file in sorted(project.rglob("*.*"))}
    return {path: data if path.endswith(".png") else data.decode() for path, data in files.items()}


PROJECTS = {project.name: files_of(project) for project in sorted(FOLDER.iterdir())}


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
    r"<!--[\s\S]*?-->",
    r"^(?:knitr::include_graphics[^\n]*\n)",  # shown pictures
    r"^(?:```|:::)\{?[\w-]*\}?$|\{[#.-][^}\n]*\}|^::: \{[^}\n]*\}",
    r"\[(?:Figure|fig\.|equation) \(?[\d.]+\)?\]\([^)]*\)|</?\w+[^>]*>",
    r"(?:Section|Chapter|Figure|Table) (?=\\@|@)|\\@ref\([^)]*\)|\(\\#[\w:]+\)",
    r"-?@[\w:./-]+|\]\([^)]*\)|^\d+\.(?= )",
    r"&amp;|^# \(PART\)|^Table:|^\[\^?\w+\](?=:)|\[\^\w+\]|\[!\w+\]",
)


def seen_words(text: str) -> Counter[str]:
    """The words that a reader of the original sees, found without the code of the importer."""
    for pattern in _UNSEEN:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    return words(text)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", re.sub(r"[*’'~\\]|(?<!\w)_|_(?!\w)", "", text).casefold()))


@pytest.mark.parametrize("name", PROJECTS)
def test_every_word_is_in_the_chapter_or_in_a_finding_about_its_file(name: str) -> None:
    project = imported(name)
    words_by_file: dict[str, Counter[str]] = {}
    for finding in project.findings:
        words_by_file[finding.place.path] = words_by_file.get(finding.place.path, Counter()) + words(finding.message)
    for (path, part, _), chapter in zip(project.converted.project.chapters, project.converted.chapters, strict=True):
        source = PROJECTS[name][path]
        assert isinstance(source, str)
        there = words(f"{chapter.title} {chapter.text} {part}")
        assert not seen_words(source) - there - words_by_file.get(path, Counter()), path


@pytest.mark.parametrize("name", PROJECTS)
def test_a_word_that_a_conversion_drops_is_reported_at_its_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nioc_paper.load.foreign import tree_rewriting

    spared = tree_rewriting.Rewriter._word
    monkeypatch.setattr(
        tree_rewriting.Rewriter, "_word", lambda self, node: [] if "unmissable" in node["c"] else spared(self, node)
    )
    files = dict(PROJECTS[name])
    path = next(p for p in files if p.endswith(("wells.qmd", "wells.Rmd", "wells.md", "wells/README.md")))
    text = files[path]
    assert isinstance(text, str)
    files[path] = f"{text}\n\nAn unmissable sentence.\n"
    line = text.count("\n") + 3
    assert f"{path}:{line} 1 word not in the chapter: unmissable" in findings(
        read_foreign_project(lay(tmp_path, files)), "lost-words"
    )


def test_a_word_of_a_finding_hides_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nioc_paper.load.foreign import tree_rewriting

    monkeypatch.setattr(
        tree_rewriting.Rewriter, "_link", lambda self, node: self._draft.note(Place("a.md"), "kept", "") or []
    )
    project = read_foreign_project(lay(tmp_path, {"a.md": "# A\n\nWords are [kept](https://example.org) here.\n"}))
    assert findings(project, "lost-words") == ["a.md:3 1 word not in the chapter: kept"]


def test_no_comment_in_html_becomes_words(tmp_path: Path) -> None:
    shapes = ("<p>{}words</p>", "<p>words{}</p>", "<div>\n<p>words</p>\n{}</div>", "{}<p>words</p>")
    notes = ("<!-- note -->", "<!-- note\n<b>note</b> -->", "<!-- a > b note -->", "<!-- <script>note</script> -->")
    blocks = [shape.format(note) for shape in shapes for note in notes]
    text = "\n\n".join(f"```{{=html}}\n{block}\n```" for block in blocks)
    project = read_foreign_project(lay(tmp_path, {"a.md": f"# A\n\n{text}\n"}))
    (chapter,) = texts(project).values()
    assert (chapter.count("words"), "note" in chapter, "--" in chapter) == (len(blocks), False, False)


def test_nothing_of_the_samples_is_lost_for_no_known_reason() -> None:
    assert {name: findings(imported(name), "lost-words") for name in PROJECTS} == {name: [] for name in PROJECTS}


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROJECTS)
def test_the_result_has_no_errors(name: str, tmp_path: Path) -> None:
    save_as_paper(imported(name), tmp_path / "paper", TODAY, wants_commit=False)
    findings = Project(tmp_path / "paper", today=TODAY).check().findings
    assert [d for d in findings if d.severity == Severity.ERROR] == []
    assert not {d.rule for d in findings} & {
        "unread-mark/citation",
        "unread-mark/swallowed",
        "unread-mark/attribute",
        "unread-mark/class",
    }
    # Values in a line are kept as code, with a finding of the import.
    assert {d.message for d in findings if d.rule == "unread-mark/foreign"} <= {
        "'r mean(depth)' is a value of Quarto or R Markdown, and means nothing here"
    }


def test_the_result_builds(tmp_path: Path) -> None:
    done = nioc(tmp_path, "import", str(lay(tmp_path / "book", PROJECTS["quarto"])), "paper", "--no-commit")
    assert "'Water in the Valley' (Quarto): 4 chapters" in done.stdout
    assert nioc(tmp_path / "paper", "build", "--to", "html", "--out", str(tmp_path / "out")).returncode == 0
    page = next((tmp_path / "out").glob("*.html")).read_text()
    assert "Deep wells last longer" in page
    assert "Wells of the Valley" in page, "the list of sources"


def test_chapters_parts_and_titles_come_in_their_order(tmp_path: Path) -> None:
    chapters = {name: [(c.id, c.part, c.matter) for c in imported(name).converted.chapters] for name in PROJECTS}
    assert chapters["quarto"] == [
        ("preface", "", "main"),
        ("wells", "Sources", "main"),
        ("rivers", "Sources", "main"),
        ("methods", "Appendices", "back"),
    ]
    assert [row[1] for row in chapters["bookdown"]] == ["", "Sources", "Sources"]
    assert chapters["mdbook"] == [
        ("preface", "", "front"),
        ("wells", "Sources", "main"),
        ("shafts", "Sources", "main"),
        ("rivers", "Sources", "main"),
        ("thanks", "", "back"),
    ]
    save_as_paper(imported("mdbook"), tmp_path / "paper", TODAY, wants_commit=False)
    paper = Project(tmp_path / "paper", today=TODAY).load().paper
    assert [c.id for c in paper.chapters] == ["preface", "wells", "shafts", "rivers", "thanks"]
    assert (paper.settings.title, paper.settings.language) == ("Water book", "en")


CONVERTED = {
    ("quarto", "preface"): ["The town `{{< var town >}}` has", "`{{< include _shared.qmd >}}`"],
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
        'and ~low~ water, @fig-two and [پانی]{lang="ur"}.',
        "<!-- a note to colleagues -->",
    ],
    ("quarto", "methods"): [
        "@fig-map and @fig-map, [1990](#sec-rivers); by @eq-flow:\n\n$$a = b$$ {#eq-flow}",
        "Words in the middle.\n\nOther words there.",
    ],
    ("bookdown", "wells"): [
        "@sec-depth and @sec-rivers belong together; @fig-map shows a map.",
        "@tbl-depths counts, Figure `fig:drawn` is computed, and equation `eq:flow` is a number.",
        "![A map of *wells*, by @well2019](paper/figures/map.png){#fig-map}",
        "``` r\nplot(1:10)\n```",
        "Depths of the wells {#tbl-depths}",
        "`\\begin{equation}\na = b (\\#eq:flow)\n\\end{equation}`",
        "Deep water is clean [@pump2020].",
    ],
    ("bookdown", "rivers"): ["See [depth](#sec-depth) or a page.[^1]"],
    ("myst", "intro"): ["Read `` {doc}`wells` `` and [the wells](#sec-wells)."],
    ("myst", "wells"): ["last `` {cite}`well2019` ``; the flow is $a = b$.", "Old wells are deep."],
    ("mdbook", "preface"): ["Start with the [wells](#sec-wells), or [shafts](#sec-how-deep)."],
    ("mdbook", "wells"): [
        "::: warning\nMind the step.\n\n- and the rope\n:::",
        "Before a list:\n\n- one well",
        "![A map](paper/figures/map.png)",
    ],
    ("mdbook", "rivers"): [
        "Rivers flow & stay, see gif \\[picture: a.gif\\]; set *\\$HOME/x*, not `$PATH`, for 5\\$.",
        "R. Brook wrote H\\~2\\~O.",
        "``` rust\n{{#include flow.rs}}\n```",
    ],
    ("plain", "rivers"): ["- [ ] measure\n- [x] drink", "The banks are steep."],
}


@pytest.mark.parametrize(("name", "chapter"), CONVERTED)
def test_syntax_is_converted(name: str, chapter: str) -> None:
    text = texts(imported(name))[chapter].replace("\u00a0", " ")
    assert [line for line in CONVERTED[name, chapter] if line not in text] == []


TABLES = read_tables("import")
REPORTED = TABLES["reported"]


@pytest.mark.parametrize("name", REPORTED)
def test_the_rest_is_reported_at_its_line(name: str) -> None:
    messages = findings(imported(name))
    assert [line for line in REPORTED[name] if line not in messages] == []


@pytest.mark.parametrize("items", ["- one", "1. one", "1. one\n    - two", "* one\n  more", "> one", "words"])
@pytest.mark.parametrize("settings", ["_quarto.yml", "_bookdown.yml", "book.md"])
def test_a_block_of_code_may_stand_directly_below_a_list(items: str, settings: str, tmp_path: Path) -> None:
    code, fence = "a = b$c\n\nd = e$f", "```{r x, echo=FALSE}" if settings == "_bookdown.yml" else "```r"
    text = f"# A\n\n{items}\n{fence}\n{code}\n```\n1. words\n"
    project = read_foreign_project(lay(tmp_path, {settings: "", "01-a.qmd": text, "01-a.md": text, "index.Rmd": text}))
    assert f"``` r\n{code}\n```" in " ".join(texts(project).values())


FORMS = ["{{< x y >}}", "{{ site.url }}", "{% include x %}", "{ref}`x`", "[[a page]]", "==marked==", ":smile:"]
PLACES = {
    "a heading": "# {}\n\nwords\n",
    "a title with words": "# Wells {}\n\nwords\n",
    "a paragraph": "# A\n\nwords {} words\n",
    "a list": "# A\n\n- words {}\n",
    "a table": "# A\n\n| a | b |\n|---|---|\n| {} | c |\n",
    "a link": "# A\n\n[words {}](https://example.org)\n",
    "a tag": '# A\n\n<span title="{}">words</span>\n',
    "TeX": "# A\n\nSee [@nobody].\n\n\\begin{{x}}\n{}\n\\end{{x}}\n",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_form_that_pandoc_does_not_know_is_kept_or_reported_at_any_place(place: str, tmp_path: Path) -> None:
    files = {f"c{number}.md": PLACES[place].format(form) for number, form in enumerate(FORMS)}
    files |= {"sources.bib": ""} if place == "TeX" else {}
    project = read_foreign_project(lay(tmp_path, files))
    for number, (form, chapter) in enumerate(zip(FORMS, project.converted.chapters, strict=True)):
        messages = " ".join(line for line in findings(project) if line.startswith(f"c{number}.md:"))
        assert form in messages, place
        assert "\ue000" not in f"{chapter.title}{chapter.text}{messages}"
    assert findings(project, "lost-words") == []


# --- folders that are no project, or hostile --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "is not a project that can be imported"),
        ({"notes.txt": "x", "LICENSE.md": "x"}, "is not a project that can be imported"),
        ({"paper/paper.yaml": "id: x"}, "is a paper already"),
        ({"_quarto.yml": "book: {chapters: [gone.qmd]}"}, "it is Quarto, without chapters in Markdown"),
        ({"README.md": "x", "book/a.asc": "= A\n\nwords\n"}, "it is AsciiDoc, without chapters in Markdown"),
        ({"README.md": "x", "index.rst": "A\n=\n\nwords\n"}, "it is reStructuredText, without chapters"),
        ({"main.tex": "\\documentclass{article}"}, "it is LaTeX, without chapters in Markdown"),
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
    (tmp_path / "secret.png").write_bytes(PROJECTS["mdbook"]["src/images/map.png"])  # type: ignore[arg-type]
    root = lay(
        tmp_path / "book",
        {
            "_quarto.yml": "book:\n  chapters: [one.qmd, ../secret.md, /etc/passwd, link.qmd, pipe.qmd, huge.qmd]\n"
            "bibliography: [../x.bib, link.bib]\n",
            "one.qmd": "# One\n\n{{< include ../secret.md >}}\n\n![x](../secret.png) <img src='link.png'>\n",
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


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = succeed(tmp_path, "import", str(lay(tmp_path / "book", PROJECTS["myst"])), "paper", "--dry-run")
    assert "this was a dry run" in done.stdout
    assert [f.name for f in tmp_path.iterdir()] == ["book"]
