"""The live preview in a browser: an edit shows at once and in its place, findings below the page."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import command_kit
import pytest
from browser import LOOKS, PATIENCE, barriers, expect, opened
from sample_history import commit, edit, git, start_history
from test_papers import ROOT, copy, nioc
from test_papers import changed as replaced

from nioc_paper.app import branch_merge
from nioc_paper.app.project import Project
from nioc_paper.app.unsaved_buffers import with_memory_cache
from nioc_paper.serve.incremental_site import IncrementalSite
from nioc_paper.serve.merge_page import answer_merge

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@contextmanager
def started(paper: Path, stderr: IO[str] | None = None, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server of a paper, and the address at which it is shown."""
    command = [sys.executable, "-P", "-m", "nioc_paper", "serve", "--port", "0", "--today", "2020-01-30"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | settings
    with subprocess.Popen(
        command, cwd=paper, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as server:
        assert server.stdout
        yield server, server.stdout.readline().split()[0]


@contextmanager
def preview(paper: Path) -> Iterator[str]:
    """The address at which a paper is shown, by a server that ends quietly with an open page."""
    with tempfile.TemporaryFile("w+") as log:
        with started(paper, log) as (server, address), listening(address):
            try:
                yield address
            finally:
                server.send_signal(signal.SIGINT)
                assert server.wait(PATIENCE / 1000) == 0
        log.seek(0)
        assert log.read() == ""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The server that several tests use, one after the other. Nobody asks it for a PDF."""
    paper = copy("healthy", tmp_path_factory.mktemp("server"))
    with preview(paper) as address:
        yield Live(paper, address)


@pytest.fixture
def live(server: Live) -> Iterator[Live]:
    """The same, and afterwards its paper is as it was, on its pages too."""
    before, pages = texts(server.paper), server.pages()
    yield server
    with listening(server.address) as news:
        for file, text in before.items():
            if file.read_bytes() != text:
                file.write_bytes(text)
        findings, end = None, time.monotonic() + PATIENCE / 1000
        while findings or server.pages() != pages:
            assert time.monotonic() < end, "the pages are not as they were"
            findings = next(news)[1].get("findings", findings)


@dataclass(frozen=True)
class Live:
    """A paper, and the address at which it is shown."""

    paper: Path
    address: str

    def pages(self) -> list[bytes]:
        """Return the server's answer for pages that show edits."""
        return [get(f"{self.address}{name}.html")[1] for name in ("tunnels", "bridges", "lists", "progress")]


def texts(paper: Path) -> dict[Path, bytes]:
    """Return the files that tests edit."""
    files = (*paper.glob("chapters/*.md"), *paper.glob("paper/*.yaml"))
    return {file: file.read_bytes() for file in files}


def get(address: str) -> tuple[int, bytes]:
    """Return the status and the body of an answer."""
    with closing(connected(address)) as connection:
        connection.request("GET", urlsplit(address).path)
        with connection.getresponse() as answer:
            return answer.status, answer.read()


def test_an_edit_appears_without_moving_the_page(browser: Browser, live: Live) -> None:
    paper, address = live.paper, live.address
    with opened(browser, f"{address}tunnels.html", LOOKS[2], under=address) as (page, trouble):
        assert barriers(page) == []
        page.evaluate("window.same = true; scrollTo(0, 600)")
        page.locator("figure").evaluate("figure => { figure.mine = true }")
        replaced(paper / "chapters" / "tunnels.md", "Drivers learn", "Every driver learns")
        page.get_by_text("Every driver learns of a closure").wait_for()
        assert page.evaluate("window.same && document.querySelector('figure').mine && scrollY === 600")
        assert trouble == []


def test_dependent_pages_follow_an_edit(browser: Browser, live: Live) -> None:
    paper, address = live.paper, live.address
    with opened(browser, f"{address}tunnels.html", LOOKS[0], under=address) as (page, trouble):
        assert page.locator("main h1").inner_text().split() == ["2", "Tunnels"]
        settings = paper / "paper" / "paper.yaml"
        replaced(settings, "      - chapters/bridges.md\n", "")
        expect(page.locator("main h1")).to_have_text("1 Tunnels")
        expect(page.locator(".beside .level-1 > a", has_text="Tunnels")).to_have_text("1 Tunnels")
        assert trouble == []


def test_findings_link_to_their_lines(browser: Browser, live: Live) -> None:
    paper, address = live.paper, live.address
    with opened(browser, f"{address}tunnels.html", LOOKS[0], under=address) as (page, _):
        page.locator(".findings summary", has_text="findings").wait_for()
        replaced(paper / "chapters" / "tunnels.md", "[@survey2019].\n:::", "[@survey2091; @survey2091b].\n:::")
        finding = page.locator(".findings li", has_text="no source is called 'survey2091b'")
        expect(finding).to_be_visible()  # the list has opened
        expect(page.locator(".findings summary")).to_have_text("2 errors in 1 file; errors in: Tunnels")
        assert barriers(page) == []
        finding.locator("a").click()
        line = page.locator("li:target")
        assert "survey2091" in line.locator("code").inner_text()
        assert [name in line.inner_text() for name in ("'survey2091'", "'survey2091b'")] == [True, True]
        assert "did you mean 'survey2019'?" in line.inner_text()
        assert barriers(page) == []


def start_conflict(folder: Path) -> Path:
    """Return a paper on branch `ben`; `main` has changed the same sentence of its tunnels."""
    paper, chapter, sentence = start_history(folder), "chapters/tunnels.md", "Drivers learn of a closure at the barrier"
    git(paper, "branch", "ben")
    edit(paper, chapter, (sentence, "Drivers hear of a closure at the barrier"))
    commit(paper, "2020-01-07T12:00:00Z")
    git(paper, "switch", "-q", "ben")
    edit(paper, chapter, (sentence, "Drivers learn of a closure by radio"))
    commit(paper, "2020-01-08T12:00:00Z")
    return paper


def test_what_both_sides_changed_is_decided_on_a_page(browser: Browser, tmp_path: Path) -> None:
    paper, chapter = start_conflict(tmp_path), "chapters/tunnels.md"
    assert "to decide" in nioc(paper, "merge", "main", "--yes").stderr
    with preview(paper) as address, opened(browser, address, LOOKS[0], under=address) as (page, trouble):
        page.locator(".findings li", has_text="merge-conflict").locator("a").click()
        for words in ("Drivers learn of a closure at the barrier", "Drivers hear of", "by radio"):
            page.locator("q", has_text=words).wait_for()
        page.locator(".findings li", has_text="merge-conflict").wait_for()
        assert barriers(page) == []
        page.get_by_label("Other words:").check()
        page.locator("textarea").fill("Drivers hear of a closure by radio [@survey2019].")
        page.get_by_role("button", name="Merge").click()
        page.locator("p", has_text="Merge main").wait_for()
        expect(page.locator(".findings li", has_text="merge-conflict")).to_have_count(0)
        assert trouble == []
    assert git(paper, "log", "-1", "--format=%s %P").count(" ") == 3
    assert "\nDrivers hear of a closure by radio [@survey2019].\n" in (paper / chapter).read_text(encoding="utf-8")


def test_only_the_form_of_the_page_merges(tmp_path: Path) -> None:
    def send(method: str, body: bytes = b"", site: str = "same-origin", **headers: str) -> tuple[int, str]:
        headers |= {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
        with closing(connected(address)) as connection:
            connection.request(method, "/~merge", body, headers)
            with connection.getresponse() as answer:
                return answer.status, answer.read().decode()

    def files() -> dict[Path, bytes]:
        written = (*paper.glob(".git/**/*"), *paper.glob("chapters/*"), *paper.glob("paper/**/*"))
        return {file: file.read_bytes() for file in written if file.is_file()}

    paper = start_conflict(tmp_path)
    subprocess.run(["git", "-C", str(paper), "merge", "-q", "main"], check=False, capture_output=True)
    before = files()
    with preview(paper) as address:
        status, page = send("GET", site="cross-site")
        assert (status, "by radio" in page) == (200, True)
        assert files() == before
        assert send("POST", b"key=", "cross-site", Origin="https://evil.example")[0] == 403
        status, page = send("POST", b"key=\xff")
        assert (status, "has changed since" in page) == (200, True)
        key = re.findall(r'name="key" value="(\w+)"', page)[0]
        assert "Merge" in send("POST", f"key={key}&answer-0=words&words-0=Drivers+hear%0D%0Aby+radio.".encode())[1]
    assert b"\nDrivers hear\nby radio.\n" in (paper / "chapters/tunnels.md").read_bytes()
    assert git(paper, "log", "-1", "--format=%P").count(" ") == 1


def test_a_full_disk_is_told_on_the_page_of_a_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: Path, _: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))

    paper = start_conflict(tmp_path)
    nioc(paper, "merge", "main", "--yes")
    monkeypatch.setattr(branch_merge, "replace_file", fail)
    project = Project(paper)
    (note,) = answer_merge(project, f"key={answer_merge(project, None).key}&answer-0=2".encode()).notes
    assert note == f"the disk of {paper}/chapters/tunnels.md is full: {os.strerror(errno.ENOSPC)}"


def test_the_list_of_findings_stays_folded_once_somebody_has_folded_it(browser: Browser, live: Live) -> None:
    chapter, address = live.paper / "chapters" / "tunnels.md", live.address
    with opened(browser, f"{address}bridges.html", LOOKS[0], under=address) as (page, _):
        replaced(chapter, "[@survey2019].\n:::", "[@survey2091].\n:::")
        finding = page.locator(".findings li", has_text="'survey2091'")
        expect(finding).to_be_visible()
        page.locator(".findings summary").click()
        replaced(chapter, "[@survey2091].\n:::", "[@survey2092].\n:::")
        expect(page.locator(".findings li", has_text="'survey2092'")).to_have_count(1)
        expect(page.locator(".findings li").first).to_be_hidden()
        replaced(chapter, "[@survey2092].\n:::", "[@survey2019].\n:::")
        expect(page.locator(".findings summary")).to_have_text("no findings")


BROKEN = (
    ("chapters/tunnels.md", "status: drafting", "status: [drafting", "bad-yaml"),
    ("paper/paper.yaml", "parts:", "parts: [", "bad-yaml"),
    ("chapters/tunnels.md", "At a glance", "At a glance \0", ""),
)
"""A file, words in it, words that break it, and the finding."""


def test_a_broken_paper_keeps_the_last_page(browser: Browser, live: Live) -> None:
    paper, address = live.paper, live.address
    with opened(browser, f"{address}tunnels.html", LOOKS[0], under=address) as (page, trouble):
        for file, old, new, message in BROKEN:
            replaced(paper / file, old, new)
            page.locator(".findings .error", has_text=message).first.wait_for(state="attached")
            page.reload()
            assert page.get_by_text("Drivers learn of a closure").is_visible(), new
            replaced(paper / file, new, old)
            page.locator(".findings summary", has_text="no findings").wait_for()
            assert trouble == [], new


STRANGE: Mapping[str, Callable[[str], str]] = {
    "references to nothing": lambda text: f"{text}\nSee @rec-none, @fact-none, @fig-none and [@none].\n",
    "a block that does not end": lambda text: text.replace(":::\n\n## Gaps", "\n\n## Gaps"),
    "one id twice": lambda text: f"{text}\n## One {{#sec-x}}\n\n## Two {{#sec-x}}\n",
    "a chart that is none": lambda text: text.replace("mark: bar", "mark: {bar"),
    "a chart without data": lambda text: text.replace("closures.csv", "none.csv"),
    "nesting": lambda text: f"{text}\n{'> ' * 200}x\n",
    "HTML": lambda text: f"{text}\n<script>alert(1)</script>\n",
    "a strange category": lambda text: text.replace("category: tunnels", "category: none"),
    "a strange status": lambda text: text.replace("status: drafting", "status: none"),
    "an id that leads out of the folder": lambda text: text.replace("id: tunnels\n", "id: ../../x\n", 1),
    "another language": lambda text: text.replace("status: drafting", "status: drafting\nlanguage: ur"),
    "nothing": lambda _: "",
    "no front matter": lambda text: text.split("---\n", 2)[2],
}


@pytest.mark.parametrize("file", ["chapters/tunnels.md", "paper/paper.yaml", "contributors.yaml"])
def test_any_text_gives_pages(file: str, paper: Path) -> None:
    studio = IncrementalSite(with_memory_cache(Project(paper, today=date(2020, 1, 30))))
    studio.update(studio.check_paper())
    text = (paper / file).read_text(encoding="utf-8")
    texts = [change(text) for change in STRANGE.values()] if file.endswith(".md") else ["", "[", "- a\n", "x: 1\n"]
    for strange in texts:
        (paper / file).write_text(strange, encoding="utf-8")
        studio.update(studio.check_paper())
        assert studio.state
        names = [page.name for page in studio.state.plan.pages]
        assert names[:2] == ["summary", "bridges"], strange
        assert all("/" not in name for name in names)
    (paper / file).write_text(text, encoding="utf-8")
    studio.update(studio.check_paper())
    assert studio.findings == ()
    assert studio.state
    assert "Drivers learn of a closure" in studio.state.page_html["tunnels"]


def test_an_incremental_update_equals_a_full_one(paper: Path) -> None:
    def new_site() -> IncrementalSite:
        return IncrementalSite(with_memory_cache(Project(paper, today=date(2020, 1, 30))))

    studio = new_site()
    studio.update(studio.check_paper())
    # The last one changes the citations of a chapter.
    for chapter, line in (("tunnels", "A line more."), ("bridges", "Cited [@survey2019].")):
        replaced(paper / "chapters" / f"{chapter}.md", "## At a glance", f"{line}\n\n## At a glance")
        studio.update(studio.check_paper())
        fresh = new_site()
        fresh.update(fresh.check_paper())
        assert studio.state
        assert fresh.state
        assert studio.state.page_html == fresh.state.page_html
        assert line.partition(" [")[0] in studio.state.page_html[chapter]


def connected(address: str) -> HTTPConnection:
    """Return a connection to a server."""
    return HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE / 1000)


@contextmanager
def listening(address: str) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
    """Give the news of a server, each with its name, and its signs of life without."""

    def news() -> Iterator[tuple[str, dict[str, Any]]]:
        name = ""
        while line := answer.readline().decode():
            if line.startswith("event: "):
                name = line.removeprefix("event: ").strip()
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
            elif line.startswith(":"):
                yield "", {}  # a sign of life

    with closing(connected(address)) as connection:
        connection.request("GET", "/~events")
        with connection.getresponse() as answer:
            yield news()


# --- the PDF ----------------------------------------------------------------------------------------------------------


def got(address: str) -> tuple[int, bytes]:
    """Return the answer to a request for the PDF."""
    return get(f"{address}~pdf/crossings.pdf")


def pdf_at(address: str) -> str:
    """The text of the PDF of the current text."""
    status, data = got(address)
    assert status == 200, data
    return subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()


def test_the_pdf_preview_follows_edits_and_equals_a_build(browser: Browser, paper: Path) -> None:
    """With an error in the paper it keeps the last PDF, if there is one."""
    file = paper / "chapters" / "tunnels.md"
    replaced(file, "Drivers learn", "See @rec-none. Drivers learn")
    with (
        preview(paper) as address,
        opened(browser, f"{address}tunnels.html", LOOKS[0], under=address) as (chapter, trouble),
    ):
        assert got(address) == (503, b"1 error in the paper")
        replaced(file, "See @rec-none. Drivers learn", "Drivers learn")
        expect(chapter.locator(".findings summary")).to_have_text("no findings")
        with chapter.expect_popup() as asked:
            chapter.get_by_role("link", name="PDF").click()
        page = asked.value
        assert page.url.endswith("~pdf#sec-tunnels")
        page.locator("#pdf[data-shown]").wait_for()
        frame = page.locator("#pdf iframe")
        assert str(frame.get_attribute("src")).endswith("#nameddest=sec-tunnels&navpanes=0")
        assert barriers(page) == []
        before = page.locator("#pdf").get_attribute("data-shown")
        replaced(file, "Drivers learn", "See @rec-none. Every driver learns")
        expect(page.get_by_role("status")).to_have_text("This is the PDF from before: 1 error in the paper")
        assert "Drivers learn" in pdf_at(address)
        expect(frame).to_have_count(1)  # the old one goes when the new one is shown
        replaced(file, "See @rec-none. Every", "Every")
        page.locator(f"#pdf:not([data-shown='{before}'])").wait_for()
        expect(page.get_by_role("status")).to_have_text("")
        expect(frame).to_have_count(1)
        assert re.search(r"#page=\d+&", str(frame.get_attribute("src")))
        assert "Every driver learns of a closure" in pdf_at(address)
        _, data = got(address)
        assert trouble == []
    run = command_kit.nioc(paper, "build", "--to", "pdf", "--today", "2020-01-30")  # without the cache of the server
    assert run.returncode == 0, run.stderr
    assert (paper / "dist" / "crossings.pdf").read_bytes() == data


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_server_leaves_nothing(how: signal.Signals, paper: Path, tmp_path: Path) -> None:
    mark = tmp_path / "scratch"
    mark.mkdir()

    def left() -> dict[int, str]:
        processes = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(mark) in (process / "environ").read_text(errors="replace"):
                    processes[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        return processes

    with started(paper, TMPDIR=str(mark)) as (server, address), closing(connected(address)) as connection:
        end = time.monotonic() + PATIENCE / 1000
        connection.request("GET", "/~pdf/crossings.pdf")
        while not any("render.pdf.worker.main" in command for command in left().values()):
            assert server.poll() is None
            assert time.monotonic() < end, "no engine is started"
            time.sleep(0.1)  # noqa: TID251 - between two looks
        server.send_signal(how)
        server.wait(PATIENCE / 1000)
        while (running := left()) and all(has_ended(process) for process in running):
            pass  # one may have started another meanwhile
    assert left() == {}
    if how == signal.SIGKILL:  # the next command removes what a killed process leaves
        code = "from nioc_paper.system import scratch; scratch.remove_temporary_folders()"
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(mark)}
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(mark.iterdir()) == []


def has_ended(process: int) -> bool:
    """Wait for a process that is not ours to end, and return whether it does."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], PATIENCE / 1000)[0])
    finally:
        os.close(watched)


def test_only_requests_of_its_own_pages_are_answered(live: Live) -> None:
    def asked(path: str, method: str = "GET", **headers: str) -> int:
        with closing(connected(address)) as connection:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            with connection.getresponse() as answer:
                return answer.status

    address = live.address
    place = urlsplit(address).netloc
    assert place.startswith("127.0.0.1:")
    assert asked("/tunnels.html") == asked("/~source/chapters/tunnels.md", Origin=f"http://{place}") == 200
    assert asked("/") == asked("/progress.html") == asked("/lists.html") == asked("/site.css") == 200
    assert asked("/nothing.html") == 404
    assert asked("/~pdf", Host=f"evil.example:{place.partition(':')[2]}") == 403
    assert asked("/~pdf/crossings.pdf", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
    assert asked("/tunnels.html", Host=f"evil.example:{place.partition(':')[2]}") == 403
    assert asked("/~events", Origin="https://evil.example") == 403
    assert asked("/tunnels.html", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
    assert asked("/tunnels.html", "POST") == 405
    for path in ("../../etc/passwd", ".git/config", "%2e%2e/%2e%2e/etc/hosts.md", "chapters"):
        assert asked(f"/~source/{path}") == 404


def test_a_port_in_use_is_reported(live: Live) -> None:
    run = nioc(live.paper, "serve", "--port", str(urlsplit(live.address).port))
    assert run.returncode == 1
    assert "cannot be used" in run.stderr
