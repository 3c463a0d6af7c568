"""Outputs and letters in the language of the paper: a probe replaces every word of the tool, and none is left."""

from __future__ import annotations

import html
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_kit import nioc, without_office
from test_papers import changed

from nioc_paper import Project, wording
from nioc_paper.app.new_paper import PaperRequest, start_paper
from nioc_paper.app.own_words import write_missing_words
from nioc_paper.wording import ENGLISH, wording_for

FULL = Path(__file__).parent / "papers" / "full"
STARTER_WORDS = Path(wording.__file__).with_name("starter.json")
SIGNS = {"digits", "decimal", "thousands", "letters", "counter", "front_counter", "date_form", "day_form"}
"""Keys whose values are signs, forms and names of counters."""
NAMES = {"Word", "PDF", "EPUB", "HTML", "JavaScript", "DOCX", "Juni", "Source", "Sans", "Serif", "Pro"}
"""Names of formats and fonts, which are the same in every language, and a month in a source, as its style has it."""
_TEXT_ATTRIBUTES = re.compile(r' (?:alt|title|aria-label|placeholder)="([^"]*)"')
_TEXT_PARTS = re.compile(r"(?:document|notes|header\d*|footer\d*)\.xml$|\.xhtml$")
_MARKUP = re.compile(r"<(style|script|w:instrText)\b.*?</\1>|<[^>]*>|<!--.*?-->", re.DOTALL)


def probe(text: str) -> str:
    """A text whose words are in a script that the paper does not have; braces stay."""
    return re.sub(r"\{\w*\}|[A-Za-z]+", lambda m: m[0] if m[0][0] == "{" else "ж" * len(m[0]), text)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Texts of the outputs and letters of a German paper by file."""
    root = Path(shutil.copytree(FULL, tmp_path_factory.mktemp("german") / "paper"))
    changed(root / "paper" / "paper.yaml", "language: en-GB-oxendict", "language: de")
    words = root / "paper" / "wording" / "de.yaml"
    words.parent.mkdir()
    lines = (f'"{key}": {json.dumps(probe(text))}\n' for key, text in ENGLISH.items() if key not in SIGNS)
    words.write_text("".join(lines), encoding="utf-8")
    with without_office():
        day = ("--today", "2020-02-07")
        for command in (
            ["build", "--to", "html,docx,epub"],
            ["build", "--comments", "--to", "html"],
            ["site", "--downloads", "none"],
            ["board", "--to", "html"],
            ["newsletter", "--month", "2020-01", "--audience", "restricted", "--to", "html,md,txt"],
            ["remind", "--out", str(root / "dist" / "letters")],
            ["calendar", "--out", str(root / "dist")],
        ):
            done = nioc(root, *command, *day)
            assert done.returncode in (0, 1), (command, done.stderr)
    return {file.relative_to(root).as_posix(): text for file in root.glob("dist/**/*") for text in [*texts_in(file)]}


def texts_in(file: Path) -> Iterator[str]:
    """The words of a file that a reader meets."""
    if file.suffix in (".docx", ".epub"):
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if _TEXT_PARTS.search(name)]
            yield " ".join(plain(archive.read(name).decode()) for name in names)
    elif file.suffix == ".html":
        yield plain(file.read_text(encoding="utf-8"))
    elif file.suffix == ".ics":
        text = file.read_text(encoding="utf-8").replace("\n ", "")
        yield " ".join(re.findall(r"^(?:SUMMARY|DESCRIPTION|X-WR-CALNAME)[^:]*:(.*)$", text, re.MULTILINE))
    elif file.suffix in (".md", ".txt"):
        yield file.read_text(encoding="utf-8")


def plain(markup: str) -> str:
    attributes = " ".join(_TEXT_ATTRIBUTES.findall(markup))
    return html.unescape(f"{_MARKUP.sub(' ', markup)} {attributes}")


def test_no_word_of_the_tool_is_left(outputs: dict[str, str]) -> None:
    sources = " ".join(f.read_text(encoding="utf-8") for f in FULL.rglob("*") if f.suffix in (".md", ".yaml", ".csv"))
    own = {word.casefold() for word in re.findall(r"[A-Za-z]+", sources)} | {name.casefold() for name in NAMES}
    left = {
        name: sorted({w for w in re.findall(r"[A-Za-z]{2,}", text) if w.casefold() not in own})
        for name, text in outputs.items()
    }
    assert len(outputs) > 8
    left_words = [f"{name}: {' '.join(words)}" for name, words in left.items() if words]
    assert left_words == []


def test_a_new_paper_lists_the_words_that_its_language_lacks_and_makes_ids_as_it_does(tmp_path: Path) -> None:
    german = tmp_path / "de"
    request = PaperRequest("Klima", "de", categories=["Gebäude", "Straße"])
    assert [note for note in start_paper(german, request, None, wants_commit=False).notes if "wording" in note] == []
    assert {"gebaeude", "strasse"} <= {file.stem for file in (german / "chapters").iterdir()}
    assert not (german / "paper" / "wording").exists()
    paper = Project(german).load().paper
    titled = (*paper.settings.annexes, *paper.settings.parts, *paper.settings.statuses, *paper.timeline.gates)
    printed = {vars(each).get("title", "") for each in (*titled, *(chapter.front for chapter in paper.chapters))}
    printed |= {paper.settings.edition, *(name for kind in paper.settings.kinds.values() for name in kind.sections)}
    assert printed & {*ENGLISH.values(), *json.loads(STARTER_WORDS.read_text(encoding="utf-8"))} == set()
    french = tmp_path / "fr"
    notes = start_paper(french, PaperRequest("Climat", "fr"), None, wants_commit=False).notes
    file = french / "paper" / "wording" / "fr.yaml"
    text = file.read_text(encoding="utf-8")
    assert "paper/wording/fr.yaml" in notes[-1]
    assert ('# contents: "Contents"\n' in text, "# months:" in text) == (True, False)
    text = text.replace('# contents: "Contents"', 'contents: "Sommaire"')
    file.write_text(f'{text}cited_in: 3\nread_as: "sans"\nfigur: "Fig."\n', encoding="utf-8")
    project, line = Project(french), text.count("\n") + 1
    loaded = project.load()
    faults = [(d.rule, d.place.line) for d in loaded.findings if d.place.path.endswith("fr.yaml")]
    assert faults == [("bad-value/type", line + 1), ("unknown-key", line + 2)]
    assert wording_for("fr", loaded.paper.settings.own_words)["contents"] == "Sommaire"
    write_missing_words(project, "")
    again = file.read_text(encoding="utf-8")
    assert again.startswith('contents: "Sommaire"\n')
    assert again.count("contents:") == 1


SENTENCES = {
    "de": "Am 22.11.2019 sagte sie „nein“ und ‚ja‘, an a und die die das wissen: 3,5 Meter, color.",
    "fr": "Il a dit « oui » ; pourquoi ? Le 22/11/2019, “vraiment” : 3,5 mètres !",
    "sv": "Han sade ”nej” den 3 mars och ”ja” den 4 mars.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_rules_on_english_forms_are_off_in_other_languages(language: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(FULL.with_name("healthy"), tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    cost = "Cost: 40 Mio. EUR im Jahr (2026)\n- Funding: Haushalt"
    text = (
        chapter.read_text(encoding="utf-8").replace("- Owner:", f"- {cost}\n- Owner:", 1) + f"\n{SENTENCES[language]}\n"
    )
    chapter.write_text(text.replace("status:", f"language: {language}\nstatus:", 1), encoding="utf-8")
    last = text.count("\n") + 1
    findings = Project(root).check().findings
    assert [str(d) for d in findings if d.place.line == last or d.rule == "bad-value/cost"] == []
