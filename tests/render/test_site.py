"""The website of a small paper, as files and in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import COLOURS, LOOKS, barriers, expect, opened, served
from command_kit import nioc, succeed
from lxml import etree
from sample_history import git
from shared import once
from test_papers import appended, changed, copy
from test_papers import nioc as nioc_process

from nioc_paper.system.cache import FOLDER_VARIABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

URL = "https://example.org/crossings"
KINDS = ("index", "tunnels", "annex-acronyms", "references", "lists", "owners", "progress", "search", "404")
"""A page of each kind."""


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper in git, with a tag, an address, a note and a reference to another chapter, and its site."""
    return once(tmp_path_factory, "site", make_paper) / "healthy"


def make_paper(outer: Path) -> None:
    """Make the paper of the fixture `paper` in a folder."""
    folder = copy("healthy", outer)
    appended(
        folder / "paper" / "paper.yaml",
        f"site:\n  url: {URL}\n  summary: Why <bridges> close, and what to do.\n  progress: true\n",
    )
    chapter = folder / "chapters" / "tunnels.md"
    text = chapter.read_text(encoding="utf-8")
    body = "See @sec-bridges and @rec-br-inspect.[^note] "
    body += "The drivers of Ardale wait at the barrier, in the cold and in the dark, until somebody comes.\n"
    chapter.write_text(text.replace("## Gaps", f"{body}\n[^note]: Nobody counted them.\n\n## Gaps"), encoding="utf-8")
    for command in ("init -q -b main", "add -A", "commit -q -m Begin", "tag v1"):
        git(folder, *command.split())
    run = nioc(folder, "site", "--today", "2020-01-30")
    assert (run.returncode, run.stderr) == (0, "")


@pytest.fixture(scope="module")
def site(paper: Path) -> Path:
    return paper / "dist" / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in site.glob("*.html")}


# --- files ------------------------------------------------------------------------------------------------------------


def test_every_chapter_annex_and_list_has_a_page(pages: dict[str, str]) -> None:
    chapters = {"summary", "bridges", "tunnels", "annex-contributors", "annex-acronyms", "references"}
    assert set(pages) == {*chapters, "index", "lists", "owners", "progress", "search", "404"}
    assert all(page.count("<h1") == 1 for page in pages.values())


def test_every_link_leads_somewhere(site: Path, pages: dict[str, str]) -> None:
    ids = {name: set(re.findall(r' id="([^"]+)"', page)) for name, page in pages.items()}
    for name, page in pages.items():
        for target in re.findall(r'(?:href|src)="(?!https://example\.org|#)([^"]*)"', page):
            file, _, anchor = target.partition("#")
            assert (site / file).is_file(), (name, target)
            assert not anchor or anchor in ids[file.removesuffix(".html")], (name, target)
        assert set(re.findall(r'href="#([^"]+)"', page)) <= ids[name]


def test_a_reference_to_another_chapter_links_to_its_page(pages: dict[str, str]) -> None:
    assert 'href="bridges.html" class="xref">chapter\u00a01</a>' in pages["tunnels"]
    assert 'href="bridges.html#rec-br-inspect" class="xref"' in pages["tunnels"]


def test_a_page_has_only_its_own_notes_and_sources(pages: dict[str, str]) -> None:
    assert "Nobody counted them." in pages["tunnels"]
    assert "Nobody counted them." not in pages["bridges"]
    assert re.findall(r'id="(ref-\w+)"', pages["tunnels"]) == ["ref-survey2019"]


def test_the_address_of_a_paragraph_survives_edits(paper: Path, pages: dict[str, str], tmp_path: Path) -> None:
    def addresses(page: str) -> list[str]:
        return re.findall(r'id="(p-\w+)"', page)

    before = addresses(pages["tunnels"])
    edited = Path(shutil.copytree(paper, tmp_path / "edited"))
    chapter = edited / "chapters" / "tunnels.md"
    text = chapter.read_text(encoding="utf-8")
    more = text.replace("## Gaps", "Nobody lives there.\n\n## Gaps").replace("each year, as", "each year now, as")
    more = more.replace("## At a glance\n", "## At a glance\n\nThis stands first.\n")
    chapter.write_text(more.replace("until somebody comes.", "until dusk."), encoding="utf-8")
    succeed(edited, "site", "--downloads", "none", "--out", "dist/other", "--today", "2020-01-30")
    after = addresses((edited / "dist" / "other" / "tunnels.html").read_text(encoding="utf-8"))
    assert len(after) == len(before) + 2
    assert after[2] == before[1]


def test_pages_have_metadata(pages: dict[str, str]) -> None:
    page = pages["tunnels"]
    assert f'<link rel="canonical" href="{URL}/tunnels.html">' in page
    assert '<meta property="og:title" content="Tunnels">' in page


def test_pages_have_a_map(site: Path) -> None:
    places = etree.parse(site / "sitemap.xml").getroot().iter("{*}loc")
    assert [place.text for place in places][:3] == [f"{URL}/", f"{URL}/summary.html", f"{URL}/bridges.html"]


def test_the_whole_paper_can_be_downloaded(site: Path, pages: dict[str, str]) -> None:
    for form, title, start in (("pdf", "PDF", b"%PDF"), ("docx", "Word", b"PK"), ("epub", "EPUB", b"PK")):
        assert (site / "files" / f"crossings-public.{form}").read_bytes().startswith(start)
        assert f'href="files/crossings-public.{form}" download>The whole paper as {title}</a>' in pages["index"]


def test_a_site_without_a_url_offers_a_redline_and_stays_if_the_paper_has_errors(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    (paper / "crossings-public-redline.docx").write_bytes(b"PK changes")
    options = ("--downloads", "none", "--redline", "crossings-public-redline.docx", "--today", "2020-01-30")
    assert nioc(paper, "site", *options).returncode == 0
    site, chapter = paper / "dist" / "site", paper / "chapters" / "tunnels.md"
    home = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="files/crossings-public-redline.docx" download>What changed (Word)</a>' in home
    assert "canonical" not in home
    assert not list(site.glob("*.xml"))
    before = (site / "tunnels.html").read_bytes()
    appended(chapter, "\nSee @rec-none.\n")
    run = nioc(paper, "site", "--downloads", "none", "--today", "2020-01-30")
    assert (run.returncode, "nothing was written" in run.stderr) == (1, True)
    assert (site / "tunnels.html").read_bytes() == before


def test_a_folder_without_a_site_is_not_replaced(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    run = nioc(paper, "site", "--downloads", "none", "--out", "chapters", "--today", "2020-01-30")
    assert run.returncode == 2
    assert "holds files that are not a site" in run.stderr
    assert (paper / "chapters" / "tunnels.md").is_file()


# --- kept files -------------------------------------------------------------------------------------------------------


def files(folder: Path) -> dict[str, bytes]:
    """The files of a site; the index of the search is pagefind's."""
    paths = (file for file in folder.rglob("*") if file.is_file() and "pagefind" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in paths}


SITE = ("site", "--downloads", "none", "--today", "2020-01-30")


@pytest.fixture(scope="module")
def cached_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper with its site, and a cache of its own."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(FOLDER_VARIABLE)
            run = nioc_process(copy("healthy", folder), *SITE)
        assert run.returncode == 0, run.stderr

    return once(tmp_path_factory, "kept", make) / "healthy"


@pytest.mark.usefixtures("own_cache")
def test_cached_pages_are_identical_and_damaged_ones_ignored(cached_site: Path, tmp_path: Path) -> None:
    paper = Path(shutil.copytree(cached_site, tmp_path / "paper"))
    site, chapter = paper / "dist" / "site", paper / "chapters" / "tunnels.md"
    first, before = files(site), (site / "tunnels.html").stat().st_mtime_ns
    changed(chapter, "Drivers learn", "Each learns")

    def made() -> dict[str, bytes]:
        succeed(paper, *SITE)
        return files(site)

    edited = made()
    assert (site / "tunnels.html").stat().st_mtime_ns != before
    assert b"Each learns" in edited["tunnels.html"]
    others = {name for name in first if edited[name] != first[name]}
    # the home page repeats the first sentences of findings and gaps
    assert others == {"tunnels.html", "index.html"}
    entries = list((paper / ".cache" / "nioc").iterdir())
    assert entries
    for entry in entries:
        entry.write_bytes(entry.read_bytes()[:-1])
    assert made() == edited  # with no entry that can be read, all is made again


# --- how far the paper is ---------------------------------------------------------------------------------------------


def test_progress_charts_have_tables(pages: dict[str, str]) -> None:
    page = pages["progress"]
    page_text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert page.count('<span class="strip"') == 3
    links = re.findall(r'<th scope="row"><a href="([\w.]+)">(?:<bdi>)?(?:Tunnels|Bridges)', page)
    assert links[:2] == ["bridges.html", "tunnels.html"]
    assert page.count('<span class="late"></span>') >= 1
    for text in (
        "The deadline, 6 April 2020 (Monday), ",
        "Tunnels Drafting Full drafts 7 February 2020 6 working days left",
    ):
        assert text in page_text, text


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.mark.parametrize("kind", KINDS)
def test_the_site_is_accessible_and_requests_nothing_elsewhere(kind: str, browser: Browser, home: str) -> None:
    """A page that is open follows its window and the choice of light or dark; axe sees most in one look, in turn."""
    with opened(browser, f"{home}{kind}.html", LOOKS[0], under=home) as (page, trouble):
        for look in LOOKS if kind in KINDS[::4] else LOOKS[1:3]:
            page.set_viewport_size({"width": look.width, "height": 900})
            page.emulate_media(color_scheme=look.scheme)
            if kind in KINDS[::4] or look == LOOKS[1 + KINDS.index(kind) % 2]:
                assert barriers(page, *(COLOURS if look.scheme == "dark" else ())) == [], look
            assert trouble == [], look
            assert page.evaluate("document.documentElement.scrollWidth") == look.width, look


def test_an_injected_script_does_not_run(browser: Browser, site: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(site, tmp_path / "site"))
    page = (folder / "tunnels.html").read_text(encoding="utf-8")
    evil = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    (folder / "evil.html").write_text(page.replace("</main>", f"{evil}</main>"), encoding="utf-8")
    with served(folder) as home, opened(browser, f"{home}evil.html", LOOKS[0], under=home) as (shown, trouble):
        assert shown.title() == "Tunnels – Safe Crossings for Ardale"
        assert sum("Content Security Policy" in line for line in trouble) == 2


def test_navigation_needs_no_script(browser: Browser, home: str) -> None:
    with opened(browser, home, LOOKS[2], scripts=False, under=home) as (page, trouble):
        page.get_by_role("link", name="Read the paper").click()
        assert page.url == f"{home}summary.html"
        page.locator(".steps a.on").click()
        page.locator(".steps a.on").click()
        assert page.url == f"{home}tunnels.html"
        page.locator(".folded summary").click()
        page.locator(".folded").get_by_role("link", name="1 Bridges").click()
        assert page.url == f"{home}bridges.html"
        assert trouble == []


def test_sources_and_notes_are_shown_at_their_references(browser: Browser, home: str) -> None:
    with opened(browser, f"{home}tunnels.html", LOOKS[0], under=home) as (page, _):
        card = page.get_by_role("tooltip")
        page.locator("main a[href='#ref-survey2019']").first.hover()
        card.get_by_text("Survey").wait_for()
        page.keyboard.press("Escape")
        card.wait_for(state="hidden")
        page.locator(".footnote-ref").first.focus()
        card.get_by_text("Nobody counted them.").wait_for()


def test_search_results_link_to_their_places(browser: Browser, home: str) -> None:
    with opened(browser, home, LOOKS[0], under=home) as (page, trouble):
        page.keyboard.press("/")
        page.keyboard.type("barrier")
        page.keyboard.press("Enter")
        result = page.locator("#results p a").first
        result.wait_for()
        assert page.locator("#found").inner_text() == "1 page"
        assert "barrier" in page.locator("#results mark").first.inner_text().lower()
        result.click()
        assert page.url.startswith(f"{home}tunnels.html#")
        assert trouble == []


def test_results_appear_below_the_field_of_every_page(browser: Browser, home: str) -> None:
    for look in LOOKS[1:3]:
        with opened(browser, f"{home}tunnels.html", look, under=home) as (page, trouble):
            box, results = page.get_by_role("searchbox"), page.locator(".found")
            box.press_sequentially("barrier")
            expect(page.locator("#found")).to_have_text("1 page")
            assert barriers(page) == []
            box.press("Escape")
            expect(results).to_be_hidden()
            box.fill("barriers")
            page.locator(".found li").first.wait_for()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            page.wait_for_url(f"{home}tunnels.html*")
            page.locator("h1").click()
            expect(results).to_be_hidden()
            assert trouble == []


TYPED: tuple[tuple[str, str, list[str], bool], ...] = (
    # Words in the box, what is announced, titles among the results, and whether all pages are listed.
    ("barrier", "1 page", ["2 Tunnels"], False),
    ("", "Results appear as you type.", [], True),
    ("bridges", "pages", ["1 Bridges", "Summary"], False),
    ("  ", "Results appear as you type.", [], True),
    ("<b>zeppelin", "Nothing was found for “<b>zeppelin”.", [], True),
)


def test_results_appear_while_a_reader_types(browser: Browser, home: str) -> None:
    with opened(browser, f"{home}search.html", LOOKS[0], under=home) as (page, trouble):
        box = page.get_by_role("searchbox")
        box.press_sequentially("bridges")
        page.locator("#results li").first.wait_for()
        for words, announced, titles, is_listed in TYPED:
            box.fill(words)
            expect(page.locator("#found")).to_contain_text(announced)
            shown = page.locator("#results h2").all_inner_texts()
            assert set(titles) <= set(shown)
            assert bool(shown) is bool(titles)
            assert page.locator("#all").is_visible() is is_listed
            assert all("Status:" not in text for text in page.locator("#results p").all_inner_texts())
            assert words != "bridges" or barriers(page) == []
        assert trouble == []


def test_the_search_page_is_a_list_without_its_index(browser: Browser, home: str, site: Path) -> None:
    with opened(browser, f"{home}search.html", LOOKS[0], scripts=False, under=home) as (page, trouble):
        assert "needs JavaScript" in page.locator("noscript").inner_text()
        page.locator("#all").get_by_role("link", name="2 Tunnels").click()
        assert page.url == f"{home}tunnels.html"
        assert trouble == []
    with opened(browser, site / "search.html", LOOKS[0], under=site.as_uri()) as (page, _):
        page.get_by_role("searchbox").fill("bridges")
        expect(page.locator("#found")).to_contain_text("cannot read its index")
        assert page.locator("#all").is_visible()


def test_rows_of_wide_tables_are_cards_on_a_phone(browser: Browser, home: str) -> None:
    with opened(browser, f"{home}progress.html", LOOKS[0], under=home) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        table = page.locator("table.wide").first
        cells = table.locator("tbody tr").first.locator("td").all()
        for width, is_card in ((390, True), (600, True), (601, False), (1280, False)):
            page.set_viewport_size({"width": width, "height": 900})
            boxes = [box for cell in cells if (box := cell.bounding_box())]
            assert (len({box["x"] for box in boxes}) == 1) is is_card
            label = "element => getComputedStyle(element, '::before').content"
            assert cells[0].evaluate(label).startswith('"Status"' if is_card else "none")
            fits = table.evaluate("element => element.scrollWidth <= element.parentElement.clientWidth")
            assert fits or not is_card
            # A screen reader still reads a table.
            assert page.get_by_role("columnheader", name="Next gate").count() == 1
            assert page.get_by_role("rowheader", name="Tunnels").count() == 1


def test_recommendations_are_listed_by_owner(pages: dict[str, str], home: str, browser: Browser) -> None:
    with opened(browser, home, LOOKS[2], scripts=False, under=home) as (page, trouble):
        page.locator(".start").get_by_role("link", name="Recommendations by owner").click()
        assert page.url == f"{home}owners.html"
        page.wait_for_load_state()  # with its style sheet, which sets the date on a line of its own
        text = re.split(r"\s*\n\s*", page.locator("main").inner_text().strip())
        owner = text.index("Ardale Town Council 1")
        assert text[owner + 1 : owner + 3] == [
            "TU-1 Announce every closure of the tunnel a week ahead.",
            "30 September 2020",
        ]
        page.get_by_role("link", name="TU-1").click()
        assert page.url.startswith(f"{home}tunnels.html#")
        assert trouble == []
    asked = re.findall(r'class="number">[^<]*?([A-Z]+-\d+)<', pages["owners"].partition("<main")[2])
    listed = re.findall(r'class="number">[^<]*?([A-Z]+-\d+)<', pages["lists"].partition("<main")[2])
    assert sorted(asked) == sorted(listed)
    assert asked


def test_lists_say_that_they_are_empty(tmp_path: Path) -> None:
    paper = copy("single", tmp_path)
    for chapter in paper.rglob("chapters/*.md"):
        front = chapter.read_text(encoding="utf-8").split("---")[1]
        chapter.write_text(f"---{front}---\n\n## At a glance\n\nNothing yet.\n", encoding="utf-8")
    succeed(paper, "site", "--downloads", "none", "--today", "2020-01-30")
    pages = {file.name: file.read_text(encoding="utf-8") for file in (paper / "dist" / "site").glob("*.html")}
    assert "owners.html" not in pages
    assert not [name for name, text in pages.items() if "owners.html" in text]
    assert "no figures, tables or recommendations yet" in pages["lists.html"]
