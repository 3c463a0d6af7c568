"""`nioc source`, and where sources are said to be cited."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
import sample_document
import yaml
from click.testing import CliRunner
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rounds import few
from test_papers import appended, copy, written

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.domain.sources import citing_chapters
from nioc_paper.edit.yaml import EditError, append_to_list
from nioc_paper.load import load
from nioc_paper.model import History, Paper
from nioc_paper.render.site.site_writer import with_citing_chapters
from nioc_paper.system.cache import Cache

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
def test_a_pasted_source_is_stored_unchanged(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = copy("healthy", tmp_path)
    before = (paper / "paper" / "references.yaml").read_text(encoding="utf-8")
    code, output = add(paper, NEW[kind], monkeypatch=monkeypatch)
    assert (code, output) == (0, "paper/references.yaml: 'new2020' is added; cite it with [@new2020]\n")
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
    assert "<i>" in str(source.formatted)


def test_a_pasted_source_keeps_its_short_name_and_gets_no_words_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    text = (
        "@report{unodc, author={{United Nations Office on Drugs and Crime}}, shortauthor={{UNODC}}, title={Drugs},"
        " institution={UN}, date={2019}}\n"
        "@legislation{act, title={Act IV of 1997}, number={IV of 1997}, date={1997}}\n"
    )
    assert add(paper, text, monkeypatch=monkeypatch)[0] == 0
    references = load_paper(paper).references
    assert references["unodc"].short == "UNODC"
    assert references["unodc"].extra["author"] == [{"literal": "United Nations Office on Drugs and Crime"}]
    assert references["act"].title == "Act IV of 1997"
    assert set(references["act"].extra) == {"issued", "number"}


@pytest.mark.parametrize(
    ("text", "args", "words"),
    [
        ("hello", (), "not BibTeX, RIS or CSL-JSON"),
        ("@book{a b, title={T}}", (), "bad-bibliography"),
        ("@book{survey2019, title={T}}", (), "there already: paper/references.yaml:2:9"),
        ("@book{a, title={T}}\n@book{b, title={T}}", ("--key", "c"), "--key names one source"),
        ("[]", (), "no source"),
        ("", (), "not BibTeX"),
        ("", ("10.1000/182",), "'10.1000/182' is a DOI or an address, and nothing is fetched"),
        ("", ("doi:10.1000/182",), "is a DOI or an address"),
        ("", ("https://doi.org/10.1000/182",), "is a DOI or an address"),
        ("", ("gone.bib",), "gone.bib cannot be read"),
    ],
)
def test_an_invalid_source_changes_nothing(
    text: str, args: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    before = (paper / "paper" / "references.yaml").read_bytes()
    code, output = add(paper, text, *args, monkeypatch=monkeypatch)
    assert code
    assert words in output
    assert (paper / "paper" / "references.yaml").read_bytes() == before


def test_the_list_of_sources_names_citing_chapters(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    library = "@book{ash2019, author={Ash, Ada}, title={Bridges}, date={2019}}\n@book{oak2019, title={Pipes}}\n"
    (paper / "paper" / "library.bib").write_text(library, encoding="utf-8")
    appended(paper / "chapters" / "tunnels.md", "\nOld [@ash2019].\n")
    own = "  - {id: oak2019, verify: true}\n"
    appended(paper / "paper" / "references.yaml", own)
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


@few(40)
@given(VALUES, VALUES, st.sampled_from(LISTS))
def test_any_record_is_appended_unchanged(title: str, name: str, text: str) -> None:
    record = {"id": "new", "title": title, "author": [{"family": name}, {"literal": title}]}
    try:
        changed = append_to_list(text, ("references",), record, on_lines=True)
    except EditError:
        return
    data = yaml.load(changed, yaml.BaseLoader)  # noqa: S506 - it makes texts only
    assert data["references"][-1] == record


def test_the_site_links_each_source_to_the_chapters_that_cite_it() -> None:
    paper = load(Path(__file__).parents[1] / "papers" / "healthy", lambda d: pytest.fail(str(d)))
    chapters = {key: [chapter.id for chapter in citing] for key, citing in citing_chapters(paper).items()}
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


# --- kept copies ------------------------------------------------------------------------------------------------------


TODAY = date(2020, 1, 20)


def with_copy(paper: Path, path: str, data: bytes, copied: str) -> None:
    """A copy in a paper, and a source that names one."""
    (paper / path).parent.mkdir(parents=True, exist_ok=True)
    (paper / path).write_bytes(data)
    keys = f"copy: {copied}, copy-sha256: {hashlib.sha256(data).hexdigest()}, copied: '2020-01-20'"
    own = f"  - {{id: ash2019, {keys}}}\n"
    appended(paper / "paper" / "references.yaml", own)
    library = "@book{ash2019, author={Ash, Ada}, title={Bridges}, date={2019}}\n"
    (paper / "paper" / "library.bib").write_text(library, encoding="utf-8")


def copy_findings(paper: Path) -> list[tuple[str, str]]:
    findings = check(load(paper, lambda _: None, Cache.for_paper(paper)), TODAY)
    return [(d.rule, d.message) for d in findings if d.rule.endswith(("-copy", "/copy", "/picture"))]


def test_a_copy_is_kept_with_hash_and_day_and_comes_into_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper, original = copy("healthy", tmp_path), tmp_path / "Survey (final).PDF"
    original.write_bytes(b"%PDF-1.4 secret")
    code, output = add(paper, NEW["bib"], "--copy", str(original), monkeypatch=monkeypatch)
    assert code == 0
    assert "paper/sources/new2020.pdf" in output
    source = load_paper(paper).references["new2020"]
    assert source.copy == "paper/sources/new2020.pdf"
    assert (paper / source.copy).read_bytes() == original.read_bytes()
    assert source.copy_sha256 == hashlib.sha256(original.read_bytes()).hexdigest()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", source.copied or "")
    assert not {"copy", "copy-sha256", "copied"} & source.csl().keys()
    assert copy_findings(paper) == []


@pytest.mark.parametrize(
    ("text", "existing", "words"),
    [
        ("@book{a, title={T}}\n@book{b, title={T}}", "", "--copy names one source"),
        ("@book{survey2019, title={T}}", "", "there already"),
        ("@book{a, title={T}}", "other", "paper/sources/a.txt is there already"),
        ("@book{a, title={T}}", "gone", "cannot be read"),
    ],
)
def test_a_copy_that_cannot_be_kept_changes_nothing(
    text: str, existing: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper, original = copy("healthy", tmp_path), tmp_path / "a.txt"
    if existing != "gone":
        original.write_bytes(b"text")
    if existing == "other":
        written(paper / "paper" / "sources" / "a.txt", existing)
    before = {file: file.read_bytes() for file in paper.rglob("*") if file.is_file() and ".cache" not in file.parts}
    code, output = add(paper, text, "--copy", str(original), monkeypatch=monkeypatch)
    assert code
    assert words in output
    after = {file: file.read_bytes() for file in paper.rglob("*") if file.is_file() and ".cache" not in file.parts}
    assert after == before


def test_a_copy_is_noticed_if_it_changes_is_gone_or_is_no_copy(tmp_path: Path) -> None:
    paper, path = copy("healthy", tmp_path), "paper/sources/ash2019.pdf"
    with_copy(paper, path, b"one", path)
    assert copy_findings(paper) == []
    (paper / path).write_bytes(b"two")
    assert copy_findings(paper) == [("changed-copy", f"the copy '{path}' has changed since it was copied")]
    (paper / path).unlink()
    assert copy_findings(paper) == [("missing-file/copy", f"the copy '{path}' does not exist")]
    (paper / path).symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(b"one")
    assert copy_findings(paper) == [("missing-file/copy", f"the copy '{path}' is reached through a symbolic link")]
    (paper / path).unlink()
    (paper / "paper/sources/deep").mkdir()
    (paper / "paper/sources/deep/other.html").write_bytes(b"")
    assert ("unlisted-file/copy", "no source names this copy") in copy_findings(paper)


def test_a_copy_is_in_its_folder(tmp_path: Path) -> None:
    paper, register = copy("healthy", tmp_path), tmp_path / "healthy/paper/references.yaml"
    before = register.read_text(encoding="utf-8")
    for path in ("paper/a.pdf", "paper/sources/../a.pdf", "/etc/passwd", "../a", "paper/sources"):
        register.write_text(before, encoding="utf-8")
        with_copy(paper, "paper/sources/a.pdf", b"one", path)
        assert ("missing-file/copy", f"the copy '{path}' is not in paper/sources/") in copy_findings(paper)


def test_no_chapter_shows_a_kept_copy(tmp_path: Path) -> None:
    paper, path = copy("healthy", tmp_path), "paper/sources/ash2019.svg"
    with_copy(paper, path, (paper / "paper" / "figures" / "span.svg").read_bytes(), path)
    chapter = paper / "chapters" / "tunnels.md"
    picture = f'\n![A copy.](../{path}){{#fig-tu-copy alt="A copy"}}\n'
    appended(chapter, picture)
    ((rule, message),) = copy_findings(paper)
    assert rule == "missing-file/picture"
    assert "no output has kept copies" in message
    assert path not in assemble(load(paper, lambda _: None), History()).assets


def test_the_list_is_by_key_takes_words_and_fails_if_it_cannot_be_read(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    (root / "paper" / "more.ris").write_text(
        "TY  - BOOK\nID  - zeta2001\nAU  - Ash, Ada\nTI  - Bridges\nPY  - 2001\nSN  - 0-88132-370-5\nER  - \n"
        "TY  - JOUR\nID  - alpha2002\nAU  - Oak, Otto\nTI  - Tunnels\nPY  - 2002\nSN  - 2049-3630\nER  - \n"
    )
    keys = [line.split(": ")[1] for line in nioc(root, "source", "list").stdout.splitlines()]
    assert keys == ["alpha2002", "survey2019", "zeta2001"]
    lines = nioc(root, "source", "list", "ash", "BRIDGES").stdout.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["zeta2001"]
    numbers = {key: {*source.extra} & {"ISBN", "ISSN"} for key, source in load(root, lambda _: None).references.items()}
    assert (numbers["zeta2001"], numbers["alpha2002"]) == ({"ISBN"}, {"ISSN"})
    appended(root / "paper" / "references.yaml", "  bad: [\n")
    done = nioc(root, "source", "list")
    assert (done.returncode, done.stdout) == (1, "")
