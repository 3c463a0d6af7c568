"""Changes between two versions: nothing is lost, accepting gives the new one, rejecting the old one."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import docx_integrity
import pikepdf
import pytest
import shared
from command_kit import nioc, seeds, succeed
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from office_kit import decided_by_office, needs_office
from PIL import Image
from redline_kit import decided, marked, passage_words, passages, revised, settle, text
from rounds import few
from sample_document import document
from sample_history import commit, edit, git, start_repository
from test_papers import appended, copy
from word_kit import light

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, Asset, Diagnostic, Document, Node, Revision, Severity
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import get_attribute, iter_elements, qn
from nioc_paper.redline.blocks import redline_blocks
from nioc_paper.redline.summary import count_changes
from nioc_paper.render.context import RenderContext
from nioc_paper.render.word import docx_writer
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.tree.key_numbers import is_key_number

TEMPLATES = default_templates()
REVISION = Revision("Ardale Town Council", "2020-03-30T12:00:00Z")
CHANGES = ("w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:moveFromRangeStart", "w:moveToRangeStart")


# --- trees ------------------------------------------------------------------------------------------------------------


@given(st.integers(min_value=0, max_value=2**32))
@few(30)
def test_accepting_gives_the_new_text_and_rejecting_the_old_one(seed: int) -> None:
    random = Random(seed)
    old = text(random)
    new = revised(random, old)
    both = redline_blocks(old, new, REVISION)
    assert passage_words(decided(both, accept=True)) == passage_words(new)
    assert passage_words(decided(both, accept=False)) == passage_words(old)
    assert marked(decided(both, accept=True)) == marked(new)
    assert marked(decided(both, accept=False)) == marked(old)


def para(words: str) -> Node:
    return tree.para(tree.text_inlines(words))


def changes(blocks: list[Node]) -> list[tuple[str, str]]:
    spans = [n for n in tree.walk(blocks) if n["t"] == "Span"]
    return [(k, tree.plain_text(n["c"][1])) for n in spans for k in (INSERTION, DELETION) if k in tree.classes(n)]


def test_only_the_words_that_changed_are_marked() -> None:
    both = redline_blocks([para("Half of the bridges are old.")], [para("Most of the bridges are very old.")], REVISION)
    assert changes(both) == [(DELETION, "Half"), (INSERTION, "Most"), (INSERTION, "very")]


def test_quotation_marks_and_emphasis_are_changes() -> None:
    def of(node: Node) -> list[Node]:
        return [tree.para([*tree.text_inlines("They said"), {"t": "Space"}, node, {"t": "Str", "c": "."}])]

    words = tree.text_inlines("not yet")
    plain, bold = of({"t": "Span", "c": [tree.attr(), words]}), of({"t": "Strong", "c": words})
    quoted = of({"t": "Quoted", "c": [{"t": "DoubleQuote"}, words]})
    first, second = (of(tree.link(words, f"https://example.org/{n}")) for n in (1, 2))
    assert changes(redline_blocks(plain, quoted, REVISION)) == [(INSERTION, "“"), (INSERTION, "”")]
    assert changes(redline_blocks(quoted, plain, REVISION)) == [(DELETION, "“"), (DELETION, "”")]
    both = [(DELETION, "not yet"), (INSERTION, "not yet")]
    for old, new in ((plain, bold), (bold, plain), (plain, first), (first, second)):
        assert changes(redline_blocks(old, new, REVISION)) == both


def test_only_whole_numbers_of_the_new_version_are_in_the_margin() -> None:
    def numbered(number: str, words: str) -> Node:
        value = tree.span(tree.text_inlines(number), "value")
        passage = tree.span([value, {"t": "Space"}, *tree.text_inlines(words)], "key-number")
        return tree.para([*tree.text_inlines("Counted were"), {"t": "Space"}, passage])

    old, unchanged = numbered("12", "bridges with two piers"), numbered("7", "long tunnels under the hill")
    new = numbered("9", "ferries, none of them open in winter")
    cases: tuple[tuple[list[Node], list[Node], list[str]], ...] = (
        ([unchanged], [unchanged], ["7 long tunnels under the hill"]),
        ([unchanged, old], [unchanged], ["7 long tunnels under the hill"]),
        ([unchanged], [unchanged, new], ["7 long tunnels under the hill", "9 ferries, none of them open in winter"]),
        ([old], [numbered("14", "bridges with two piers")], []),
        ([old], [numbered("12", "bridges with three piers")], []),
    )
    for before, after, in_margin in cases:
        both = redline_blocks(before, after, REVISION)
        assert [tree.plain_text(node) for node in tree.walk(both) if is_key_number(node)] == in_margin


def test_unchanged_text_is_not_marked() -> None:
    blocks = text(Random(4))
    assert redline_blocks(blocks, blocks, REVISION) == blocks


def test_a_moved_paragraph_is_counted_once_and_as_nothing_else() -> None:
    first, second, third = (
        para(f"The {n} paragraph has enough words to be known again.") for n in ("1st", "2nd", "3rd")
    )
    both = redline_blocks([first, second, third], [second, third, first], REVISION)
    assert dict(count_changes(both)) == {"moved": 10}


def test_a_note_is_compared_with_the_note() -> None:
    def noted(words: str) -> Node:
        return tree.para([*tree.text_inlines("The year is that of the deck."), {"t": "Note", "c": [para(words)]}])

    both = redline_blocks([noted("Says the council.")], [noted("Says the old council.")], REVISION)
    assert changes(both) == [(INSERTION, "old")]
    assert dict(count_changes(both)) == {INSERTION: 1}


# --- Word files -------------------------------------------------------------------------------------------------------


def deck(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "PNG")
    return out.getvalue()


PICTURES = {f"deck-{n}.png": Asset(f"deck-{n}.png", "image/png", deck(c)) for n, c in ((1, "red"), (2, "blue"))}


def word(blocks: list[Node], revision: Revision | None = None) -> bytes:
    chapter = tree.div(
        [tree.header(1, tree.text_inlines("Crossings"), id="sec-one"), *blocks], "chapter", id="chapter-one"
    )
    findings: list[Diagnostic] = []
    whole: Document = replace(
        document(), form="brief", blocks=(chapter,), charts={}, assets=PICTURES, revision=revision,
        contents=(), figures=(), tables=(), recommendations=(),
    )  # fmt: skip
    data = docx_writer.write(whole, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())))
    assert [d for d in findings if d.severity > Severity.INFO] == []
    return data


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "three" in metafunc.fixturenames:
        pairs = list(seeds(metafunc.config, 1, 10))
        metafunc.parametrize("three", pairs, indirect=True, scope="module", ids=range(len(pairs)))


@pytest.fixture(scope="module")
def three(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, bytes]:
    """An old and a new Word file, with the changes between them."""
    return _three(tmp_path_factory, request.param)


def _three(factory: pytest.TempPathFactory, seed: int) -> tuple[bytes, bytes, bytes]:
    def make(folder: Path) -> None:
        old, new = list[Node](), list[Node]()
        for random in (Random(f"word {seed}"), Random(f"word {seed + 1}")):
            before = [*text(random), *text(random)]
            old += before
            new += revised(random, before)
        files = word(old), word(new), word(redline_blocks(old, new, REVISION), REVISION)
        for number, data in enumerate(files):
            (folder / f"{number}.docx").write_bytes(data)

    folder = shared.once(factory, f"three-{seed}", make)
    first, second, both = ((folder / f"{number}.docx").read_bytes() for number in range(3))
    return first, second, both


def by_pandoc(data: bytes, changes: str) -> list[tuple[str, frozenset[str]]]:
    with tempfile.NamedTemporaryFile(suffix=".docx") as file:
        Path(file.name).write_bytes(data)
        command = [pandoc.find_executable(), "-f", "docx", "-t", "json", f"--track-changes={changes}", file.name]
        blocks = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["blocks"]
        return [letter for passage in marked(blocks) for letter in passage]


@pytest.mark.parametrize(("accept", "wanted"), [(True, 1), (False, 0)], ids=["accept", "reject"])
def test_a_word_file_gives_either_version(three: tuple[bytes, bytes, bytes], wanted: int, *, accept: bool) -> None:
    both = passages(settle(Package(three[2]), accept=accept))
    assert both == passages(Package(three[wanted]))
    # Pandoc 3 reads the caption of a figure that was moved in another place; LibreOffice does not.
    letters = by_pandoc(three[2], "accept" if accept else "reject"), by_pandoc(three[wanted], "accept")
    assert Counter(letters[0]) == Counter(letters[1])


def test_the_word_file_needs_no_repair(three: tuple[bytes, bytes, bytes], tmp_path: Path) -> None:
    file = tmp_path / "redline.docx"
    file.write_bytes(three[2])
    # NUM002 is wrong about numId 0, which takes a paragraph out of its list; a brief has no use for all heads and feet.
    assert [f for f in docx_integrity.check(file) if "numId=0 " not in str(f) and f.code != "REL003"] == []
    package = Package(three[2])
    parts = [package.xml_root(f"word/{name}.xml") for name in ("document", "footnotes")]
    ids = [get_attribute(node, "w:id") for part in parts for node in iter_elements(part, *CHANGES)]
    assert ids
    assert len(ids) == len(set(ids))
    # Elements that a change may hold (ECMA-376 part 1, 17.13.5): not links, although docx-integrity lets them.
    inside = {node.tag for part in parts for change in iter_elements(part, *CHANGES[:4]) for node in change}
    assert inside <= set(map(qn, ("w:r", "w:bookmarkStart", "w:bookmarkEnd")))
    assert {get_attribute(n, "w:author") for part in parts for n in iter_elements(part, *CHANGES)} == {REVISION.author}


@needs_office
def test_an_office_gives_either_version(tmp_path: Path) -> None:
    random = Random("office")
    old = [*text(random), *text(random)]
    new = revised(random, old)
    accepted, rejected = decided_by_office(light(word(redline_blocks(old, new, REVISION), REVISION)), tmp_path)
    assert passages(Package(accepted)) == passages(Package(word(new)))
    assert passages(Package(rejected)) == passages(Package(word(old)))


# --- the command ------------------------------------------------------------------------------------------------------

EDITS = {
    "chapters/bridges.md": (
        ("status: drafting", "status: review"),
        ("A bridge stands on two piers,", "A bridge stands on two stone piers,"),
        ("| Mill Lane  | 1871  |\n", ""),
        ("| Market     | 1934  |\n", "| Market     | 1934  |\n| Castle     | 1960  |\n"),
        ("not of the piers", "not of its piers"),
        ("- By: 2020-12-31", "- By: 2021-06-30"),
    ),
    "chapters/tunnels.md": (
        ("was closed more often each year, as", "was often closed, as"),
        ("9 in 2018", "10 in 2018"),
        ("{#rec-tu-notice", "{#rec-tu-week"),
    ),
    "paper/data/closures.csv": (("2018,9", "2018,10"),),
}
LINKAGE = "::: {.linkage to=tunnels}\nA closed bridge sends its traffic through the tunnel.\n:::\n"


@pytest.fixture(scope="module")
def crossings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper in two versions, v1 and v2, and a third in which a chapter is new and one is gone."""
    return shared.once(tmp_path_factory, "crossings", _commit_versions) / "healthy"


def _commit_versions(folder: Path) -> None:
    root = copy("healthy", folder)
    (root / ".gitignore").write_text("/.cache/\n/dist/\n", encoding="utf-8")
    start_repository(root, "2020-03-01T12:00:00Z")
    git(root, "tag", "v1")
    for path, changes in EDITS.items():
        edit(root, path, *changes)
    commit(root, "2020-03-10T12:00:00Z")
    git(root, "tag", "v2")
    ferries = (root / "chapters/tunnels.md").read_text(encoding="utf-8").replace("-tu-", "-fe-")
    ferries = ferries.replace("id: tunnels", "id: ferries").replace("Tunnels", "Ferries")
    (root / "chapters/ferries.md").write_text(ferries, encoding="utf-8")
    (root / "chapters/tunnels.md").unlink()
    edit(root, "paper/paper.yaml", ("chapters/tunnels.md", "chapters/ferries.md"))
    edit(root, "chapters/bridges.md", (LINKAGE, ""))
    commit(root, "2020-03-20T12:00:00Z")


@pytest.fixture(scope="module")
def redline_folder(crossings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the comparison of the whole paper lies."""

    def make(folder: Path) -> None:
        run = nioc(crossings, "redline", "v1..v2", "--to", "pdf,docx,html,epub", "--out", str(folder))
        assert (run.returncode, run.stderr) == (0, "")

    return shared.once(tmp_path_factory, "crossings-redline", make)


def page(redline_folder: Path, name: str = "crossings-redline") -> str:
    return (redline_folder / f"{name}.html").read_text(encoding="utf-8")


def rows(html: str) -> list[list[str]]:
    """The cells of the table of chapters."""
    table = html.partition('id="changes"')[2].partition("<table")[2].partition("</table>")[0]
    lines = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    return [[re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<td.*?</td>", line, re.DOTALL)] for line in lines]


def lists(html: str) -> Iterator[tuple[str, list[str]]]:
    """Fate of recommendations."""
    for part in re.split(r'<h3[^>]*id="changes-', html)[1:]:
        items = re.findall(r"<li>(.*?)</li>", part.partition("</ul>")[0], re.DOTALL)
        yield part.partition('"')[0], [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in items]


def test_the_summary_counts_the_words_of_each_chapter(redline_folder: Path) -> None:
    assert rows(page(redline_folder)) == [
        ["Summary", "–", "–", "–", "Review"],
        ["Bridges", "7", "7", "–", "Drafting → Review"],
        ["Tunnels", "1", "4", "38", "Drafting"],
        ["In all", "8", "11", "38", ""],
    ]


def test_the_summary_lists_changes_of_recommendations(redline_folder: Path) -> None:
    assert dict(lists(page(redline_folder))) == {
        "new": ["Recommendation TU-1: Announce every closure of the tunnel a week ahead."],
        "changed": ["Recommendation BR-1: Inspect every bridge once a year and publish the result. (changed: by)"],
        "dropped": ["Recommendation TU-1: Announce every closure of the tunnel a week ahead."],
    }


def test_the_page_shows_both_versions_with_roles(redline_folder: Path) -> None:
    html = page(redline_folder)
    assert '<span class="deletion" role="deletion">1871</span>' in html
    assert '<span class="insertion" role="insertion">1960</span>' in html
    assert "x@example.org" not in html
    # The chart of closures as it was, and as it is.
    figure = html.partition('id="fig-tu-closures"')[2].partition("</figure>")[0]
    assert re.findall(r'<span class="(\w+)"[^>]*><(?:img|svg)', figure) == ["deletion", "insertion"]
    ids = re.findall(r'\sid="([^"]+)"', figure)
    assert len(ids) == len(set(ids))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_the_pdf_has_bars_on_the_pages_that_changed_and_on_no_others(redline_folder: Path) -> None:
    file = redline_folder / "crossings-redline.pdf"
    with pikepdf.open(file) as pdf:
        barred = {number for number, page in enumerate(pdf.pages) if has_bars(page)}
    pages = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
    for words, changed in (("Castle", True), ("Contributors by chapter", False)):
        assert {n in barred for n, text in enumerate(pages) if words in text} == {changed}


def has_bars(page: pikepdf.Page) -> bool:
    marks = [op.operands[1] for op in pikepdf.parse_content_stream(page) if str(op.operator) == "BDC"]
    return any(mark.get("/Type") == "/Layout" for mark in marks)


# --- versions ---------------------------------------------------------------------------------------------------------


def redlined(root: Path, *args: str) -> tuple[int, str]:
    run = nioc(root, "redline", *args, "--to", "html")
    return run.returncode, run.stderr


@pytest.mark.parametrize(
    ("versions", "title"),
    [
        ("v1..v2", "Changes from v1 to v2"),
        ("2020-03-05..2020-03-10", "Changes from 5 March 2020 to 10 March 2020"),
        ("v2..", "Changes from v2 to 20 March 2020"),
    ],
)
def test_versions_are_tags_days_and_commits(crossings: Path, tmp_path: Path, versions: str, title: str) -> None:
    assert redlined(crossings, versions, "--chapter", "bridges", "--out", str(tmp_path)) == (0, "")
    assert re.search(f'id="changes"[^>]*>{title}<', page(tmp_path, "crossings-bridges-redline"))


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ("v1", "write two versions with two dots between them: v1..v2, 2020-02-18..2020-03-30, v1.."),
        ("..v2", "write two versions with two dots between them: v1..v2, 2020-02-18..2020-03-30, v1.."),
        ("v1..v9", "'v9' is not a commit, tag or day that git knows of"),
        ("v1..--all", "'--all' is not a commit, tag or day that git knows of"),
        ("2020-02-31..v2", "'2020-02-31' is not a day; write YYYY-MM-DD"),
        ("2019-03-01..v2", "git has no commit of 2019-03-01 or before"),
        ("0001-01-01..v2", "git has no commit of 0001-01-01 or before"),
        ("v2..2020-03-12", "v2 and 12 March 2020 are the same commit"),
    ],
)
def test_unknown_versions_are_reported(crossings: Path, versions: str, message: str) -> None:
    code, errors = redlined(crossings, versions)
    assert (code, errors.splitlines()[-1][:100]) == (2, f"Error: {message}"[:100]) or message in errors


def test_a_chapter_of_one_version_only_is_all_new_or_all_gone(crossings: Path, tmp_path: Path) -> None:
    for chapter, kind, status in (("ferries", INSERTION, "Drafting (new chapter)"), ("tunnels", DELETION, "removed")):
        assert redlined(crossings, "v2..", "--chapter", chapter, "--out", str(tmp_path)) == (0, "")
        html = page(tmp_path, f"crossings-{chapter}-redline")
        assert rows(html)[0][-1] == status
        assert set(re.findall(r'role="(insertion|deletion)"', html)) == {kind}
    code, errors = redlined(crossings, "v2..", "--chapter", "canals")
    assert (code, "no chapter is called 'canals' in either version" in errors) == (2, True)


def test_a_paper_that_is_not_in_git_has_no_versions(tmp_path: Path) -> None:
    code, errors = redlined(copy("healthy", tmp_path), "v1..v2")
    assert (code, "'v1' is not a commit, tag or day that git knows of" in errors) == (2, True)


def test_an_old_version_with_other_keys_is_compared_as_far_as_readable(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    git(root, "init", "-q", "-b", "main")
    new = (root / "chapters/tunnels.md").read_text(encoding="utf-8")
    edit(root, "chapters/tunnels.md", ("status: drafting", "state: drafting"))
    commit(root, "2020-03-01T12:00:00Z")
    (root / "chapters/tunnels.md").write_text(new, encoding="utf-8")
    edit(root, "chapters/bridges.md", ("two piers,", "two stone piers,"))
    commit(root, "2020-03-02T12:00:00Z")
    code, errors = redlined(root, "HEAD~1..")
    assert code == 0
    assert "chapters/tunnels.md:" in errors
    assert re.search(r"1 March 2020 has \d errors? by today's rules, above; the rest is compared", errors)
    assert rows(page(root / "dist"))[1][:3] == ["Bridges", "1", "–"]


def test_a_commit_without_the_paper_is_reported(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "none")
    commit(root, "2020-03-31T12:00:00Z")
    assert redlined(root, "HEAD~1..")[0] == 1
    assert "no chapter of" in redlined(root, "HEAD~1..")[1]


# --- audiences --------------------------------------------------------------------------------------------------------


@pytest.fixture
def committed_paper(tmp_path: Path) -> Path:
    """A paper in which a passage, a person and a chapter were open, and are not any more."""
    root = copy("healthy", tmp_path)
    git(root, "init", "-q", "-b", "main")
    edit(root, "chapters/bridges.md", ("## Gaps", "Basilisk was seen at the market bridge.\n\n## Gaps"))
    commit(root, "2020-03-01T12:00:00Z")
    return root


def test_a_public_comparison_hides_text_withheld_now(committed_paper: Path) -> None:
    passage = "Basilisk was seen at the market bridge."
    edit(committed_paper, "chapters/bridges.md", (passage, f"::: {{.restricted}}\n{passage}\n:::"))
    commit(committed_paper, "2020-03-02T12:00:00Z")
    code, errors = redlined(committed_paper, "HEAD~1..", "--public")
    assert code == 1
    assert "chapters/bridges.md:" in errors
    assert "is withheld from the audience 'public', but not in the old version" in errors
    assert not (committed_paper / "dist").exists()
    assert redlined(committed_paper, "HEAD~1..")[0] == 0


def test_a_public_comparison_lacks_chapters_withheld_now(committed_paper: Path) -> None:
    edit(committed_paper, "chapters/tunnels.md", ("status:", "sensitivity: limited\nstatus:"))
    link = "links:\n  - {to: tunnels, how: one road leads through both}\n"
    edit(committed_paper, "chapters/bridges.md", (link, ""), (LINKAGE, ""))
    commit(committed_paper, "2020-03-02T12:00:00Z")
    code, errors = redlined(committed_paper, "HEAD~1..", "--public")
    assert code == 0, errors
    html = page(committed_paper / "dist", "crossings-redline-public")
    assert "Tunnels" not in html.partition("<main")[2]
    assert "barrier" not in html
    assert redlined(committed_paper, "HEAD~1..", "--public", "--chapter", "tunnels")[0] == 2


_WAITING = "The drivers of Ardale wait at the barrier, in the cold and in the dark, and nobody comes [@survey2019].\n"
_TWIN = """short: Council
  - id: twin
    type: report
    title: A survey of bridges
    author:
      - literal: Ardale Town Council
    issued: "2019-11-01" # of the same year"""
_COUNTED = "Nobody has counted how long they wait there, and nobody says who should count it.\n"


def two_versions(paper: Path, settings: str, source: str, text: str) -> None:
    """Commit two versions of a chapter: the second has other settings, another source and another text."""
    git(paper, "init", "-q", "-b", "main")
    chapter, old_text = paper / "chapters" / "tunnels.md", f"{_WAITING}\n{_COUNTED}"
    template = chapter.read_text(encoding="utf-8").replace("max: 120", "max: 300")
    for name, words in (("v1", old_text), ("v2", text or old_text)):
        chapter.write_text(template.replace("## Gaps", f"{words}\n## Gaps", 1), encoding="utf-8")
        commit(paper, f"2020-01-0{name[1]}T12:00:00Z")
        git(paper, "tag", name)
        for file, line in (("paper.yaml", settings), ("references.yaml", source and f"    {source}")):
            if line and name == "v1":
                appended(paper / "paper" / file, f"{line}\n")


FORMS = {
    # Settings, source and text of the second version, and the numbers of words that are new, gone and moved.
    "style": ("csl: numeric", "", "", ["–", "–", "–"]),
    "notes and a short name": ("csl: note", "short: Council", "", ["–", "–", "–"]),
    "moved besides": ("csl: numeric", "", f"{_COUNTED}\n{_WAITING}", ["–", "–", "15"]),
    "new words": ("csl: numeric", "", f"{_WAITING}\n{_COUNTED}\nA bridge is new.\n", ["4", "–", "–"]),
    "another page": ("", "", f"{_WAITING.replace('2019]', '2019, p. 3]')}\n{_COUNTED}", ["5", "4", "–"]),
    "renumbered": ("csl: numeric", _TWIN, f"A bridge is new [@twin].\n\n{_WAITING}\n{_COUNTED}", ["5", "–", "–"]),
    "another of the year": ("", _TWIN, f"A bridge is new [@twin].\n\n{_WAITING}\n{_COUNTED}", ["8", "–", "–"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_another_form_of_citations_is_no_change(form: str, tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    *changes, expected = FORMS[form]
    two_versions(paper, *changes)
    succeed(paper, "redline", "v1..v2", "--chapter", "tunnels", "--to", "html")
    html = page(paper / "dist", "crossings-tunnels-redline")
    (row,) = (row for row in rows(html) if row[0] == "Tunnels")
    assert row[1:4] == expected
    old_entry = re.search(r'<div id="ref-survey2019".*?</div>', html, re.DOTALL)
    assert not old_entry or "insertion" not in old_entry[0]


def test_rejecting_gives_the_old_letters_of_years(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    twin = _TWIN.replace("type: report", "type: report\n    short: Council")
    two_versions(paper, "", twin, f"A bridge is new [@twin].\n\n{_WAITING}\n{_COUNTED}")
    succeed(paper, "redline", "v1..v2", "--chapter", "tunnels", "--to", "docx")
    both = (paper / "dist" / "crossings-tunnels-redline.docx").read_bytes()
    texts = ["\n".join(passages(settle(Package(both), accept=accept))) for accept in (True, False)]
    assert [re.findall(r"nobody comes \(Council (2019\w?)\)", text) for text in texts] == [["2019b"], ["2019"]]
    assert [len(re.findall(r"Council (2019[ab])", text)) for text in texts] == [3, 0]
