"""Every output repeats a text as its words: none is lost, cut in silence, a mark of another format, or for others."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import shared
from command_kit import nioc, without_office
from probe_kit import AS_WORDS, HIDDEN, SIGNS, WITHHELD, Probes, texts_of, write_paper
from test_papers import changed, read_tables

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Document, History, OwnWords, Paper
from nioc_paper.wording import ENGLISH, wording_for

DAY = ("--today", "2020-02-18")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "status": ("status", *DAY),
    "status.json": ("status", "--format", "json", *DAY),
    "status.md": ("status", "--format", "md", *DAY),
    "comments": ("comments",),
    "remind": ("remind", *DAY),
    "letters": ("remind", "--to", "txt,eml", "--out", "dist/letters", *DAY),
    "calendar": ("calendar", *DAY),
    "board": ("board", "--to", "docx,html", *DAY),
    "newsletter": ("newsletter", "--month", "2020-02", *DAY),
    "paper": ("build", *DAY),
    "public": ("build", "--public", "--to", "docx,html", *DAY),
    "brief": ("build", "--brief", "dams", "--to", "docx,html", *DAY),
    "review": ("build", "--chapter", "dams", "--review-copy", "--to", "docx,html", *DAY),
    "sheet": ("build", "--comments", "--to", "docx,html", *DAY),
    "site": ("site", "--downloads", "none", *DAY),
    "registers": ("export", "--to", "csv,xlsx"),
    "public registers": ("export", "--public", "--to", "csv,xlsx", "--out", "dist/public"),
    "redline": ("redline", "HEAD~1..HEAD", "--public", "--to", "html"),
}
PRINTED = {"status", "status.json", "status.md", "comments", "remind"}
"""Commands whose output is on the terminal."""
PUBLIC = re.compile(r"public|^site/|redline")
"""Outputs that the public may see."""
PICTURES = {"event", "gate", "last gate"}
"""Fields that a chart shows: a picture in Word files and e-books."""
TABLES = read_tables("every_output")
HOLDS = TABLES["holds"]


@pytest.fixture(scope="module")
def probed_paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a paper with probes and all of its outputs."""

    def make(folder: Path) -> None:
        write_paper(folder)
        (folder / "dist").mkdir()
        for name, command in COMMANDS.items():
            with without_office():
                run = nioc(folder, *command)
            assert run.returncode == 0, (name, run.stdout, run.stderr)
            if name in PRINTED:
                (folder / "dist" / (name if "." in name else f"{name}.txt")).write_text(run.stdout, encoding="utf-8")

    return shared.once(tmp_path_factory, "probes", make)


@pytest.fixture(scope="module")
def texts(probed_paper: Path) -> dict[str, str]:
    """The text of every output by its name; those of the terminal have no suffix."""
    suffixes = {".pdf", ".docx", ".html", ".epub", ".xlsx", ".csv", ".ics", ".json", ".md", ".txt", ".eml"}
    files = [
        f for f in sorted((probed_paper / "dist").rglob("*")) if f.suffix in suffixes and "pagefind" not in f.parts
    ]
    names = {file: file.relative_to(probed_paper / "dist").as_posix().removesuffix(".txt") for file in files}
    names = {
        f: name if name in PRINTED else f.relative_to(probed_paper / "dist").as_posix() for f, name in names.items()
    }
    return {name: "\n".join(texts_of(file)) for file, name in names.items() if name != "manifest.json"}


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Probes:
    return write_paper(tmp_path_factory.mktemp("probes") / "paper")


def comparable(text: str) -> str:
    """A text without blanks and invisible signs, with straight quotes and plain digits."""
    plain = text.translate(str.maketrans("“”‘’₂³", "\"\"''23"))
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2060-\u206f]", "", plain)


def is_right(between: str) -> bool:
    """Whether the words of a probe are right, or cut with a sign; a source may have HTML, which is set as such."""
    words = comparable(re.sub(r"\(https:\S*\)", "", between))
    source = SIGNS.replace("<b>", "").replace("</b>", "")
    return words in {comparable(t) for t in (SIGNS, AS_WORDS, source, source.replace('"', "'"))} or "…" in words


def test_every_output_has_the_words_of_every_field(texts: dict[str, str], probes: Probes) -> None:
    wrong = {
        (name, field): between
        for name, text in texts.items()
        # Columns of a PDF and of a terminal run into one another; Markdown has marks of its own.
        if not name.endswith(".pdf") and name != "status" and not name.startswith("probed-redline")
        for field, between in probes.read(text)
        if not is_right(between) and not (name.endswith("public.md") and field == "new recommendation")
    }
    assert wrong == {}


@pytest.mark.parametrize("name", HOLDS)
def test_an_output_repeats_its_fields(name: str, texts: dict[str, str], probes: Probes) -> None:
    fields = {field for field, _ in probes.read(texts[name])}
    assert set(HOLDS[name]) - fields == set()


def test_all_formats_of_a_document_repeat_the_same_fields(texts: dict[str, str], probes: Probes) -> None:
    for stem, allowed in (
        ("probed", PICTURES),
        ("probed-public", PICTURES),
        ("probed-board", {"rights"}),
        ("probed-dams-brief", {"rights"}),
        ("probed-comments", {"rights"}),
        ("probed-newsletter-2020-02-public", set[str]()),
    ):
        suffixes = ("pdf", "docx", "html", "epub", "md", "txt")
        formats = {
            s: {field for field, _ in probes.read(texts[f"{stem}.{s}"])} for s in suffixes if f"{stem}.{s}" in texts
        }
        union = set().union(*formats.values())
        assert len(formats) > 1
        assert {s: union - fields - allowed for s, fields in formats.items() if union - fields - allowed} == {}, stem


COVERS = {
    "probed.docx": ("word/document.xml", r'<w:pStyle w:val="TranslatedTitle"\s*/>(?:(?!</w:pPr>).)*<w:bidi\s*/>.*?{}'),
    "probed.epub": ("EPUB/text/title_page.xhtml", r'<p class="translated" lang="he" dir="rtl">{}'),
    "probed.html": ("", r'<p class="translated" lang="he" dir="rtl">{}'),
    "site/index.html": ("", r'<p class="translated" lang="he" dir="rtl">{}'),
}
"""Part of an output that has the cover, and the title in another language there, with its language and direction."""


@pytest.mark.parametrize("name", COVERS)
def test_a_title_in_another_language_is_on_the_cover_in_its_direction(
    name: str, probed_paper: Path, probes: Probes
) -> None:
    member, pattern = COVERS[name]
    data = (probed_paper / "dist" / name).read_bytes()
    page = zipfile.ZipFile(io.BytesIO(data)).read(member) if member else data
    start = f"Zq{probes.names.index('translated title'):02d}a"
    assert re.search(pattern.format(start), page.decode(), re.DOTALL)
    assert start not in (probed_paper / "dist/probed-dams-brief.html").read_text(encoding="utf-8")


def test_no_field_is_lost_in_all_outputs(texts: dict[str, str], probes: Probes) -> None:
    fields = {field for text in texts.values() for field, _ in probes.read(text)}
    assert set(probes.names) - fields == {"category"}  # a chapter has the title of its own


def test_no_output_has_marks_of_another_format(texts: dict[str, str]) -> None:
    marks = re.compile(r"@fact-|\]\{lang|\]\(https|&amp;|&lt;|&quot;|~2~|\^3\^|\\u00a0|\*\*e")
    foreign_marks = {
        name: text[max(match.start() - 20, 0) : match.end() + 20]
        for name, text in texts.items()
        if not name.endswith(".md") and (match := marks.search(text))
    }
    assert foreign_marks == {}


def test_no_public_output_has_withheld_words(texts: dict[str, str]) -> None:
    public = {name: text for name, text in texts.items() if PUBLIC.search(name)}
    assert len(public) > 20
    assert {name for name, text in public.items() if WITHHELD in text or HIDDEN in text} == set()
    assert WITHHELD in texts["probed.html"]


def test_the_number_nought_is_printed(texts: dict[str, str]) -> None:
    for name in ("probed.html", "probed.docx", "probed.epub", "registers/facts.csv", "site/dams.html"):
        assert re.search(r'\b0[\s,"]+Zq', texts[name]), name


# --- words for recommendations, gaps and findings that a paper chooses ------------------------------------------------

HEALTHY = Path(__file__).parent / "papers" / "healthy"
LABELS = """
labels:
  recommendation: {one: Measure, many: Measures}
  gap: {one: Weakness, many: Weaknesses}
  finding: {one: Result, many: Results}
"""
RENAMED = (
    ("recommendation", "Measure", "Measures"),
    ("gap", "Weakness", "Weaknesses"),
    ("finding", "Result", "Results"),
)
OLD = re.compile(r"\b(recommendations?|gaps?|findings)\b", re.IGNORECASE)
LISTS = ("action-plan", "monitoring", "owners", "gaps", "findings", "recommendations")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The healthy paper with labels of its own and an annex for each list of boxes."""
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    with (root / "paper" / "paper.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"  - {{title: Annex, list: {name}}}\n" for name in LISTS)
        file.write(LABELS)
    return root


def read(root: Path) -> tuple[Paper, Document]:
    findings: list[Diagnostic] = []
    paper = load(root, findings.append)
    assert findings == []
    return paper, assemble(paper, History())


def generated(document: Document) -> str:
    """Words that the tool adds to the authors' own: titles of boxes, references, captions and heads of lists."""
    labels = [
        n for n in tree.walk(document.blocks) if n["t"] in ("Span", "Link") and {"label", "xref"} & {*tree.classes(n)}
    ]
    tables = [
        n["c"][part]
        for n in tree.walk(document.blocks)
        if n["t"] == "Table" and "generated" in tree.classes(n)
        for part in (1, 3)
    ]
    return " ".join(tree.plain_text(part) for part in [*labels, *tables])


def test_every_word_of_the_tool_is_renamed() -> None:
    words = wording_for("en-GB", OwnWords("en", RENAMED))
    assert {key: text for key, text in words.items() if OLD.search(text)} == {}
    assert (words["recommendation"], words["gaps"]) == ("Measure", "Weaknesses")
    assert words["all_recommendations"] == "The paper has {} measures in all."
    untouched = {key for key, text in ENGLISH.items() if not OLD.search(text)}
    assert all(words[key] == ENGLISH[key] for key in untouched)


def test_words_that_trade_places_are_renamed_once() -> None:
    words = wording_for(
        "en", OwnWords("en", (("gap", "Recommendation", "Recommendations"), ("recommendation", "Gap", "Gaps")))
    )
    assert (words["gap"], words["recommendations"]) == ("Recommendation", "Gaps")


def test_another_language_keeps_its_words(root: Path) -> None:
    settings = read(root)[0].settings
    assert wording_for("ur", settings.own_words) == wording_for("ur")
    assert settings.own_words.boxes_in("en-US") == RENAMED


def test_labels_references_and_lists_have_the_words_of_the_paper(root: Path) -> None:
    text = generated(read(root)[1])
    assert OLD.findall(text) == []
    assert {"Measure", "Weakness", "Measures"} <= set(re.findall(r"\w+", text))


def test_check_finds_numbers_typed_behind_the_words_of_the_paper(root: Path) -> None:
    changed(root / "chapters" / "bridges.md", "## Gaps", "As measure BR-1 and Weakness BR-G1 say.\n\n## Gaps")
    findings = [d.message for d in check(read(root)[0], date(2020, 3, 1)) if d.rule == "typed/number"]
    assert sorted(findings) == ["'Weakness BR-G1' is typed by hand", "'measure BR-1' is typed by hand"]


def test_messages_use_the_words_that_a_writer_types(root: Path) -> None:
    """A block is typed as `.recommendation` and `.gap` whatever the paper calls it; findings name it so."""
    changed(root / "chapters" / "bridges.md", "- Closes: gap-br-inspect\n", "")
    findings = check(read(root)[0], date(2020, 3, 1))
    messages = " ".join(f"{finding.message} {finding.hint or ''}" for finding in findings)
    assert {"loose-end/recommendation", "loose-end/gap"} <= {finding.rule for finding in findings}
    assert re.findall(r"(?i)\b(?:measures?|weakness(?:es)?|results?)\b", messages) == []
