"""`nioc source`, and where sources are said to be cited."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sample_document
import yaml
from click.testing import CliRunner
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from test_papers import copy

from nioc_paper import tree
from nioc_paper.cli.commands import nioc as commands
from nioc_paper.domain.sources import citing_chapters
from nioc_paper.edit.yaml import EditError, append_record
from nioc_paper.load import load
from nioc_paper.model import Paper
from nioc_paper.render.site.cited_in import with_citing_chapters

NEW = {
    "bib": '@article{new2020, author={Ash, Ada and {World Bank}}, title={The \\emph{Big} {NPA}, a #1 "story"},'
    " journaltitle={J: x}, date={2020-01-02}, pages={1--3}, file={/home/ada/x.pdf}}",
    "ris": 'TY  - JOUR\nID  - new2020\nAU  - Ash, Ada\nAU  - World Bank\nTI  - The <i>Big</i> NPA, a #1 "story"\n'
    "T2  - J: x\nDA  - 2020/01/02\nSP  - 1\nEP  - 3\nL1  - /home/ada/x.pdf\nER  - \n",
    "json": json.dumps(
        [
            {
                "id": "new2020",
                "type": "article-journal",
                "author": [{"family": "Ash", "given": "Ada"}, {"literal": "World Bank"}],
                "title": 'The <i>Big</i> NPA, a #1 "story"',
                "container-title": "J: x",
                "issued": {"date-parts": [[2020, 1, 2]]},
                "page": "1-3",
            }
        ]
    ),
}


def add(paper: Path, text: str, *args: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.chdir(paper)
    run = CliRunner().invoke(commands, ["source", "add", *args], input=text, prog_name="nioc")
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run.exit_code, run.output


def load_paper(root: Path) -> Paper:
    return load(root, lambda d: pytest.fail(str(d)))


@pytest.mark.parametrize("kind", NEW)
def test_a_pasted_source_is_in_the_paper_as_it_was(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = copy("healthy", tmp_path)
    before = (paper / "paper" / "references.yaml").read_text(encoding="utf-8")
    code, said = add(paper, NEW[kind], monkeypatch=monkeypatch)
    assert (code, said) == (0, "paper/references.yaml: 'new2020' is added; cite it with [@new2020]\n")
    after = (paper / "paper" / "references.yaml").read_text(encoding="utf-8")
    assert after.startswith(before.rstrip())
    assert "/home/ada" not in after
    source = load_paper(paper).references["new2020"]
    # A .bib file writes titles small that no braces protect.
    assert re.sub('[‘’“”"]', "", source.title).lower() == "the big npa, a #1 story"
    assert source.extra == {
        "author": [{"family": "Ash", "given": "Ada"}, {"literal": "World Bank"}],
        "container-title": "J: x",
        "issued": "2020-01-02",
        "page": "1-3",
    }
    assert "Emph" in source.rich


@pytest.mark.parametrize(
    ("text", "args", "words"),
    [
        ("hello", (), "no BibTeX, RIS or CSL-JSON"),
        ("@book{a b, title={T}}", (), "bad-bibliography"),
        ("@book{survey2019, title={T}}", (), "there already: paper/references.yaml:2:9"),
        ("@book{a, title={T}}\n@book{b, title={T}}", ("--key", "c"), "--key names one source"),
        ("[]", (), "no source"),
        ("", (), "no BibTeX"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    text: str, args: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    before = (paper / "paper" / "references.yaml").read_bytes()
    code, said = add(paper, text, *args, monkeypatch=monkeypatch)
    assert code
    assert words in said
    assert (paper / "paper" / "references.yaml").read_bytes() == before


def test_the_list_of_sources_tells_who_cites_them(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    library = "@book{ash2019, author={Ash, Ada}, title={Bridges}, date={2019}}\n@book{oak2019, title={Pipes}}\n"
    (paper / "paper" / "library.bib").write_text(library, encoding="utf-8")
    chapter = paper / "chapters" / "tunnels.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\nOld [@ash2019].\n", encoding="utf-8")
    own = "  - {id: oak2019, verify: true}\n"
    register = paper / "paper" / "references.yaml"
    register.write_text(register.read_text(encoding="utf-8") + own, encoding="utf-8")
    ash = "paper/library.bib:1:7: ash2019: Ash, 2019: Bridges (cited in tunnels)\n"
    oak = "paper/library.bib:2:7: oak2019: Pipes (not cited; not checked)\n"
    assert ash in (listed := nioc(paper, "source", "list").stdout)
    assert oak in listed
    assert nioc(paper, "source", "list", "--uncited").stdout == oak
    assert nioc(paper, "source", "list", "--unverified").stdout == oak
    assert ash in nioc(paper, "source", "list", "--cited-in", "tunnels").stdout
    assert ash not in nioc(paper, "source", "list", "--cited-in", "bridges").stdout
    assert nioc(paper, "source", "list", "--cited-in", "bridgs").returncode


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
VALUES = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
LISTS = (
    "references:\n",
    "references: []\n",
    "references:\n  - id: a\n    title: b # c\n",
    "# x\nreferences:\n- {id: a}\nother: 1\n",
)


@few(100)
@given(VALUES, VALUES, st.sampled_from(LISTS))
def test_any_record_is_appended_as_it_is(title: str, name: str, text: str) -> None:
    record = {"id": "new", "title": title, "author": [{"family": name}, {"literal": title}]}
    try:
        changed = append_record(text, ("references",), record)
    except EditError:
        return
    data = yaml.load(changed, yaml.BaseLoader)  # noqa: S506 - it makes texts only
    assert data["references"][-1] == record


def test_the_site_links_each_source_to_the_chapters_that_cite_it() -> None:
    paper = load(Path(__file__).parent / "papers" / "healthy", lambda d: pytest.fail(str(d)))
    chapters = {key: [chapter.id for chapter in found] for key, found in citing_chapters(paper).items()}
    assert chapters["survey2019"] == ["summary", "bridges", "tunnels"]
    document = sample_document.document()
    entry = tree.div([tree.para(tree.text_inlines("Ash. 2019."))], "csl-entry", id="ref-ash2019")
    sources = tree.div([tree.div([entry], id="refs")], "references", id="chapter-references")
    target = next(line for line in document.contents if line.id.startswith("sec-"))
    name = target.id.removeprefix("sec-")
    named = {"ash2019": [name, "withheld"]}
    (block,) = with_citing_chapters(replace(document, blocks=(sources,)), named).blocks
    (link,) = [node for node in tree.walk(block) if node["t"] == "Link"]
    assert link["c"][2][0] == f"#{target.id}"
    assert tree.plain_text(block).endswith("Cited in: " + f"{target.number} {target.title}".strip())
