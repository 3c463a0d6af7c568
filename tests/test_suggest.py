"""Links of the website that suggest a change to a paragraph by mail."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import COLOURS, LOOKS, barriers, opened
from command_kit import nioc
from lxml import etree
from sample_history import git
from shared import once
from test_papers import copy

from nioc_paper import tree
from nioc_paper.app.outputs import BuildRequest, assemble_document
from nioc_paper.app.project import Project
from nioc_paper.model import OutputOptions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CONTACT = "paper+site@example.org"
TITLE = """Roads & "bridges" <b>?subject=x#y%0A"""
DAY = ("--today", "2020-01-30")


def make_site(paper: Path, *settings: str) -> dict[str, str]:
    """The pages of a paper's site by name, with a title and a summary full of signs, and more settings of the site."""
    file = paper / "paper" / "paper.yaml"
    text = re.sub(r"^title: .*$", f"title: '{TITLE}'", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text + "\n".join(("site:", "  summary: Crossings.", *settings)) + "\n", encoding="utf-8")
    for command in ("init -q -b main", "add -A", "commit -q -m Begin", "tag v1"):
        git(paper, *command.split())
    run = nioc(paper, "site", "--downloads", "none", *DAY)
    assert run.returncode == 0, run.stdout + run.stderr
    return {page.stem: page.read_text(encoding="utf-8") for page in (paper / "dist" / "site").glob("*.html")}


def make_with_contact(outer: Path) -> None:
    """Make the site of the fixture `paper`."""
    make_site(copy("healthy", outer), f"  contact: {CONTACT}", "  url: https://example.org/paper")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "suggest", make_with_contact) / "healthy"


def links(paper: Path, page: str) -> list[str]:
    """The addresses of the links of a page that suggest a change."""
    text = (paper / "dist" / "site" / f"{page}.html").read_text(encoding="utf-8")
    return [link.get("href", "") for link in etree.HTML(text).iter("a") if link.get("class") == "suggest"]


def test_a_mail_names_chapter_paragraph_and_version(paper: Path) -> None:
    address = urlsplit(links(paper, "tunnels")[0])
    assert (address.scheme, address.path, address.fragment) == ("mailto", CONTACT, "")
    fields = parse_qs(address.query, strict_parsing=True)
    assert fields.keys() == {"subject", "body"}
    assert fields["subject"] == [f"{TITLE}: 2 Tunnels, paragraph 2.1"]
    home = (paper / "dist" / "site" / "index.html").read_text(encoding="utf-8")
    (issue,) = re.findall(r"<footer>\s*<p>.*? · (.*?)</p>", home)
    assert issue.endswith("v1")
    assert fields["body"][0].split("\r\n") == [
        "chapter: 2 Tunnels",
        "paragraph: 2.1 (The tunnel is closed more often each year, and nobody is told …)",
        f"Version: {issue}",
        "https://example.org/paper/tunnels.html",
        "",
        "Your suggestion:",
        "",
    ]


@pytest.mark.parametrize("page", ["summary", "bridges", "tunnels", "annex-contributors"])
def test_paragraphs_have_the_numbers_of_a_review_copy(paper: Path, page: str) -> None:
    project = Project(paper, today=date(2020, 1, 30))
    options = OutputOptions(audience="public", review=True)
    review = assemble_document(project, project.load().paper, BuildRequest(options=options))
    heading = page if page.startswith("annex") else f"sec-{page}"
    block = next(b for b in review.blocks if heading in {tree.identifier(node) for node in b["c"][1][:1]})
    marks = [tree.plain_text(n["c"][1]) for n in tree.walk(block) if "paragraph-number" in tree.classes(n)]
    numbers = [mark.removeprefix("\u00b6").rpartition(".")[2] for mark in marks]
    subjects = [parse_qs(urlsplit(link).query)["subject"][0] for link in links(paper, page)]
    assert [subject.rpartition(" ")[2].rpartition(".")[2] for subject in subjects] == numbers


def test_without_a_contact_no_page_has_an_address_for_mail(tmp_path: Path) -> None:
    for name, text in make_site(copy("healthy", tmp_path)).items():
        assert "mailto:" not in text, name
        assert not re.findall(r"[\w.+-]+@[\w-]+\.\w+", html.unescape(text)), name


def test_the_contact_is_only_in_links_that_suggest(paper: Path) -> None:
    for page in (paper / "dist" / "site").glob("*.html"):
        text = re.sub(r'<a class="suggest"[^>]*>', "", page.read_text(encoding="utf-8"))
        assert "example.org" not in text.replace("https://example.org/paper", ""), page.name


@pytest.mark.parametrize(
    "contact",
    ["nobody", "a@b", "a b@example.org", "a@example.org?cc=b@example.org", "a@example.org,b@example.org", "<a@b.org>",
     "a%40b@example.org", "mailto:a@example.org", "a@example.org\\n", "a@-", "@example.org"],
)  # fmt: skip
def test_only_an_address_is_a_contact(tmp_path: Path, contact: str) -> None:
    paper = copy("healthy", tmp_path)
    with (paper / "paper" / "paper.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f'site:\n  contact: "{contact}"\n')
    run = nioc(paper, "check", *DAY)
    assert run.returncode == 1
    assert re.search(r"paper/paper\.yaml:\d+:12: error\[", run.stdout + run.stderr), run.stdout
    assert "paper@example.org" in run.stdout + run.stderr


def test_links_that_suggest_are_reachable_and_named(paper: Path, browser: Browser) -> None:
    with opened(browser, paper / "dist" / "site" / "tunnels.html", LOOKS[0]) as (page, _):
        link = page.get_by_role("link", name="Suggest a change to paragraph 2.1", exact=True)
        for look in LOOKS:
            page.set_viewport_size({"width": look.width, "height": 900})
            page.emulate_media(color_scheme=look.scheme)
            link.focus()
            box = link.bounding_box()
            assert box
            assert box["x"] >= 0
            assert min(box["width"], box["height"]) >= 24
            assert link.evaluate("element => getComputedStyle(element).opacity") == "1"
            assert barriers(page, *(COLOURS if look.scheme == "dark" else ())) == []
            assert page.evaluate("document.documentElement.scrollWidth") == look.width
