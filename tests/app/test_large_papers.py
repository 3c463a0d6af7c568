"""Papers with nothing in them, and with thirty of everything: nothing is dropped, doubled, or too long for a page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from command_kit import succeed
from size_kit import LISTS, Size, letters, word, write_paper
from test_papers import appended, read_tables

from nioc_paper import BuildRequest, Project, tree
from nioc_paper.app.build_request import assemble_document
from nioc_paper.model import Document, Node, OutputOptions

LARGE = Size(chapters=30, people=30, sources=60, items=60, terms=90, decisions=30, links=True)
SIZES = {
    "no chapter": Size(chapters=0),
    "nothing": Size(people=0, leads=0),
    "one of each": Size(sources=1, items=1, terms=1, decisions=1, links=False),
    "two": Size(chapters=2, people=2, sources=2, items=2, terms=2, decisions=2, links=True),
    "large": LARGE,
}


def document(root: Path, size: Size) -> Document:
    project = Project(write_paper(root, size))
    return assemble_document(project, project.load().paper, BuildRequest())


def list_texts(assembled: Document) -> dict[str, str]:
    """The text of each annex by the name of its list."""
    annexes = [block for block in assembled.blocks if "annex" in tree.classes(block)]
    return {name: tree.plain_text(block) for name, block in zip(LISTS, annexes, strict=True)}


@pytest.mark.parametrize("name", SIZES)
def test_every_list_has_every_thing_once(name: str, tmp_path: Path) -> None:
    size = SIZES[name]
    assembled = document(tmp_path / "paper", size)
    texts = list_texts(assembled)
    expected = {
        "contributors": [f"Ada {word(n)}" for n in range(size.people)],
        "acronyms": [f"Office {word(n)}" for n in range(size.terms)],
        "decisions": [f"Decision {word(n)}." for n in range(size.decisions)],
        "gaps": [f"Gap {word(n)} is open" for n in range(size.items)],
        "findings": [f"Finding {word(n)} is plain" for n in range(size.items)],
        "recommendations": [f"Do {word(n)} soon" for n in range(size.items)],
        "action-plan": [f"Do {word(n)} soon" for n in range(size.items)],
        "monitoring": [f"count {word(n)}" for n in range(size.items)],
        "linkages": [f"link {word(n)}" for n in range(size.chapters) if size.links],
        "history": [f"Subject {word(n)}" for n in range(size.chapters)],
    }
    wrong = {(kind, words): texts[kind].count(words) for kind in expected for words in expected[kind]}
    assert {key: count for key, count in wrong.items() if count != 1} == {}
    titles = [entry.title for entry in assembled.contents if entry.level == 1 and entry.title.startswith("Subject ")]
    assert titles == [f"Subject {word(n)}" for n in range(size.chapters)]
    assert len(assembled.recommendations) == size.items
    assert len(assembled.references) == size.sources
    assert len(assembled.credits) == (size.chapters if size.leads else 0)


@pytest.mark.parametrize("title", ["Roads", "Environmental Governance"])
@pytest.mark.parametrize("count", range(2, 12, 3))
def test_linkages_have_no_more_columns_than_a_page_has_room_for(count: int, title: str, tmp_path: Path) -> None:
    names = [{"id": f"c{n}", "title": f"{title} {word(n)}", "letters": letters(n)[1:]} for n in range(count)]
    size = Size(chapters=count, links=True, settings={"categories": names}, lists=("linkages",))
    (annex,) = [block for block in document(tmp_path / "paper", size).blocks if "annex" in tree.classes(block)]
    (table,) = [node for node in tree.walk_blocks(annex) if node["t"] == "Table"]
    letters_with_padding = len(title.partition(" ")[0]) + 3
    assert len(table["c"][2]) * letters_with_padding <= 96  # letters of a line


@pytest.fixture(scope="module")
def pdf_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a PDF with a person who leads 36 chapters of a page, and with no digit in its text."""
    size = Size(chapters=36, lists=("contributors",))
    root = write_paper(tmp_path_factory.mktemp("sizes") / "paper", size)
    succeed(root, "build", "--to", "pdf")
    file = str(root / "dist/sizes.pdf")
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def test_the_contributors_of_any_number_of_chapters_go_over_pages(pdf_text: str) -> None:
    pages = [page for page in pdf_text.split("\f") if "Part in this paper" in page]
    assert len(pages) > 2  # two of chapters and one annex
    assert len(re.findall(r"Ada Baba\s+Lead\n", pdf_text)) == 36


def test_every_chapter_is_in_the_contents_with_the_number_of_its_page(pdf_text: str) -> None:
    entries = re.findall(r"^(\d+) +Subject (\w+) +(\d*)$", pdf_text, re.MULTILINE)
    assert entries == [(str(n + 1), word(n), str(n + 1)) for n in range(36)]


TABLES = read_tables("large_papers")
ANONYMOUS = TABLES["anonymous"]
COPIES = (OutputOptions(), OutputOptions(final=True), OutputOptions(audience="public"), OutputOptions(review=True))


@pytest.fixture
def anonymous(tmp_path: Path) -> Path:
    """A paper with references, lists, and blocks without an id in every chapter."""
    root = write_paper(tmp_path / "paper", Size(chapters=3, people=3, sources=3, items=3, terms=3, links=True))
    for file in (root / "chapters").iterdir():
        appended(file, ANONYMOUS.replace("CHAPTER", file.stem))
    return root


def test_every_link_and_entry_has_a_target_in_papers_and_chapters(anonymous: Path) -> None:
    project = Project(anonymous)
    paper = project.load().paper
    requests = [
        *(BuildRequest(chapter=chapter, options=copy) for copy in COPIES for chapter in (None, "c0", "c1", "c2")),
        *(BuildRequest(brief="c1", options=copy) for copy in COPIES),
    ]
    for request in requests:
        assembled = assemble_document(project, paper, request)
        ids = {tree.identifier(node) for node in tree.walk(assembled.blocks)} - {""}
        links = {node["c"][2][0] for node in tree.walk(assembled.blocks) if node["t"] == "Link"}
        entries = (
            *assembled.contents,
            *assembled.figures,
            *assembled.tables,
            *assembled.recommendations,
            *(at for at, _ in assembled.credits),
        )
        assert {link[1:] for link in links if link.startswith("#")} - ids == set(), request
        assert {entry.id for entry in entries} - ids == set(), request


def test_blocks_without_an_id_have_numbers_of_their_own(anonymous: Path) -> None:
    project = Project(anonymous)
    assembled = assemble_document(project, project.load().paper, BuildRequest())
    chapters = [block for block in assembled.blocks if tree.identifier(block).startswith("chapter-c")]
    labels = [tree.plain_text(node) for node in tree.walk(chapters) if node["t"] == "Span" and is_label(node)]
    numbers = [label.replace("\u00a0", " ") for label in labels]
    assert sorted(numbers) == sorted(
        [f"Table {n}.{m}" for n in (1, 2, 3) for m in (1, 2)]
        + [f"Recommendation A{letter}-{m}" for letter in "ABC" for m in (1, 2, 3)]
        + [f"Gap A{letter}-G{m}" for letter in "ABC" for m in (1, 2)]
    )


def is_label(node: Node) -> bool:
    return "label" in tree.classes(node)
