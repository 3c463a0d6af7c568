"""A round with bodies: forms that go out, answers that come back, and the state of the agreement everywhere."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import pytest
from command_kit import kept_word_files, nioc
from consultation_kit import DAY, fill, form_of, start_paper, with_words, words_of, write
from sample_history import commit, edit, git
from test_audience_marks import CLASSES, UNREAD, VALID
from word_kit import Edited

from nioc_paper import tree
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.body_answers import clean_words
from nioc_paper.assemble.lists.item_lists import build_action_plan, build_owners
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.check.rules.audience_marks import find_unread_attributes
from nioc_paper.domain.agreements import AgreementState, find_agreements
from nioc_paper.model import History, OutputOptions
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import iter_elements, qn
from nioc_paper.review.exchange.sent_docx import note_passages

SIGNED = {"Signed by": "Mina Hall", "Post": "Secretary", "Date of signature": "12 February 2020"}
LATER = ("--today", "2020-02-14")
UNCLEAR = ("Agree not", "Agree / Decline")
"""Answers that begin with one of the list."""
ADDRESS = "sentinel@roads.example.org"
CONTACTS = f"""contacts:
  - {{id: roads, address: {ADDRESS}, salutation: Dear Secretary, language: ur}}
  - {{id: ben-lock, address: sentinel@ben.example.org, newsletter: true}}
"""


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper whose four bodies have been asked."""
    root = start_paper(tmp_path_factory.mktemp("consultation") / "paper")
    with kept_word_files(root):
        run = nioc(root, "consult", "--all", "--due", "2020-02-28", *DAY)
    assert run.returncode == 0, run.stderr
    return root


@pytest.fixture
def asked(sent: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(sent, tmp_path / "paper"))


def receive(root: Path, data: bytes, name: str = "back.docx") -> tuple[int, str]:
    """Receive a file; return the exit code and what the command says."""
    (root / "dist" / name).write_bytes(data)
    run = nioc(root, "receive", f"dist/{name}", *LATER)
    return run.returncode, run.stdout + run.stderr


def text_of(file: Path) -> str:
    """Words of a Word file."""
    return words_of(Package(file.read_bytes()).body)


def agreements(root: Path) -> Mapping[tuple[str, str], AgreementState]:
    return find_agreements(Project(root).load().paper)


def test_a_round_with_four_bodies(asked: Path) -> None:
    root, inbox = asked, asked / "dist" / "inbox"
    inbox.mkdir()
    agree = {"Action": "BR-1", "Your answer": "Agree", "Date that can be kept": "31/03/2021"}
    agree["Source of funds"] = "[Budget] of *Ardale*"
    (inbox / "a.docx").write_bytes(fill(form_of(root, "roads"), agree, SIGNED))
    change = {"Action": "TU-1", "Your answer": "Agree with this change", "Cost": "Rs 1,200,000"}
    supports = {"Action": "BR-1", "Your answer": "agree"}
    (inbox / "b.docx").write_bytes(fill(form_of(root, "council"), change, supports, SIGNED, controls=False))
    decline = {"Action": "TU-2", "Your answer": "Decline", "Change or reason": f"No siren; ask {ADDRESS}"}
    (inbox / "c.docx").write_bytes(fill(form_of(root, "harbour"), decline, SIGNED))
    (inbox / "d.pdf").write_bytes(b"%PDF-1.4 a scan")
    run = nioc(root, "receive", "dist/inbox", *LATER)
    assert "d.pdf is no .docx; ask for the Word file, or note what it says" in run.stdout
    assert ADDRESS not in (root / "paper" / "registers" / "consultations.yaml").read_text(encoding="utf-8")
    state = json.loads(nioc(root, "status", "--format", "json", *LATER).stdout)["consultation"]
    assert (state["bodies"], state["agreed_bodies"], state["actions"], state["agreed_actions"]) == (4, 1, 4, 1)
    assert (state["unsettled"], state["waiting"], state["oldest"]) == ({"declined": 1, "change": 1}, 1, 4)
    assert "Ardale Rescue" in nioc(root, "status", "--who", *LATER).stdout
    assert "1 of 4 bodies, 1 of 4 actions; 1 declined, 1 change wanted; waiting 1" in " ".join(
        nioc(root, "board", *LATER).stdout.split()
    )
    check = nioc(root, "check", *LATER).stdout
    assert "Roads Department of Ardale can keep 2021-03-31; 'rec-br-inspect' is due on 2020-12-31" in check
    # Dates and costs are taken up with a command, and the body has agreed to them.
    for action, words in (
        ("rec-br-inspect", "- By: 2021-03-31\n- Funding: \\[Budget\\] of \\*Ardale\\*\n"),
        ("rec-tu-notice", "- Cost: Rs 1,200,000"),
    ):
        answer = next(a for a in Project(root).load().paper.consultations_file.answers if a.action == action)
        assert nioc(root, "consult", "apply", answer.id, *LATER).returncode == 0
        assert words in "".join(file.read_text(encoding="utf-8") for file in (root / "chapters").iterdir())
    expected = dict.fromkeys([("roads", "rec-br-inspect"), ("council", "rec-tu-notice")], AgreementState.AGREED)
    expected |= {
        ("harbour", "rec-tu-siren"): AgreementState.DECLINED,
        ("rescue", "rec-tu-drill"): AgreementState.WAITING,
    }
    assert agreements(root) == expected
    context = number_paper(Project(root).load().paper, History(), OutputOptions()).context
    plan, owners = (tree.plain_text(build(context)) for build in (build_action_plan, build_owners))
    assert [plan.count(f"({state})") for state in ("agreed", "declined", "asked")] == [2, 1, 1]
    assert [owners.count(f", {state})") for state in ("agreed", "declined", "asked")] == [2, 1, 1]
    # Other words void an agreement, and the next round has them alone, with the earlier answer.
    edit(root, "chapters/bridges.md", ("Inspect every bridge once a year", "Inspect every bridge twice a year"))
    commit(root, "2020-02-14T12:00:00Z")
    assert agreements(root)["roads", "rec-br-inspect"] == AgreementState.OUTDATED
    run = nioc(root, "consult", "roads", "harbour", *LATER)
    assert "Harbour" not in run.stdout
    assert "Your earlier answer: Agree. Its state now: agreed to an earlier text." in text_of(form_of(root, "roads"))


def test_a_final_paper_needs_each_agreement_or_a_reason(asked: Path) -> None:
    edit(asked, "paper/paper.yaml", ("id: crossings", "consultation: {required: true}\nid: crossings"))
    says = "[open-consultation/agreement]"
    assert nioc(asked, "build", "--final", "--to", "html", *LATER).stderr.count(says) == 4
    for body in ("roads", "council", "harbour", "rescue"):
        nioc(asked, "add", "waiver", f"body={body}", "reason=The board decided.", "on=2020-02-14")
    assert says not in nioc(asked, "build", "--final", "--to", "html", *LATER).stderr
    assert "Rescue" not in nioc(asked, "status", "--who", *LATER).stdout


def test_an_answer_by_letter_is_noted_by_hand(asked: Path) -> None:
    values = ("id=a1", "body=rescue", "action=rec-tu-drill", "state=agree", "on=2020-02-12")
    assert nioc(asked, "add", "agreement", *values).returncode == 0
    assert agreements(asked)["rescue", "rec-tu-drill"] == AgreementState.AGREED
    edit(asked, "chapters/tunnels.md", ("Train every crew", "Train each crew"))
    assert agreements(asked)["rescue", "rec-tu-drill"] == AgreementState.OUTDATED


def test_changes_and_comments_of_a_form_go_the_way_of_a_review(asked: Path) -> None:
    data = fill(form_of(asked, "harbour"), {"Action": "TU-2", "Your answer": "Agree"}, SIGNED)
    file = Edited(data, author="Mina Hall").replace("Sound a siren before", "Sound two sirens before")
    file.comment("Drivers learn of a closure", "Critical: since when?", by="Mina Hall")
    code, says = receive(asked, file.save())
    assert code == 0, says
    assert "Sound two sirens before the barge gate closes." in (asked / "chapters" / "tunnels.md").read_text()
    assert "critical" in nioc(asked, "comments", "--chapter", "tunnels", "--open").stdout
    assert agreements(asked)["harbour", "rec-tu-siren"] == AgreementState.OUTDATED


@pytest.mark.parametrize(
    ("place", "label"), [("row", "Your answer"), ("cell", "Remark"), ("table in the cell", "Your answer")]
)
def test_words_in_cells_that_the_body_put_in_are_read(asked: Path, place: str, label: str) -> None:
    values = {"Action": "TU-2", "Your answer": "Agree", "Remark": "First"}
    package = Package(fill(form_of(asked, "harbour"), values, SIGNED))
    row = next(each for each in iter_elements(package.body, "w:tr") if words_of(each).startswith(label))
    added, (_, cell) = deepcopy(row), iter_elements(row, "w:tc")
    write([*iter_elements(added, "w:tc")][1], "Decline")
    if place == "row":
        row.addnext(added)
    elif place == "cell":
        cell.addnext([*iter_elements(added, "w:tc")][1])
    else:
        table = deepcopy(next(row.iterancestors(qn("w:tbl"))))
        for each in [*iter_elements(table, "w:tr")]:
            table.remove(each)
        table.append(added)
        cell.insert(1, table)
    _, says = receive(asked, package.save(0))
    answers = [answer.remark or "" for answer in Project(asked).load().paper.consultations_file.answers]
    if label == "Remark":
        assert [("First" in remark, "Decline" in remark) for remark in answers] == [(True, True)]
    else:
        assert (answers, "is none of the answers" in " ".join(says.split())) == ([], True)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"Action": "TU-2", "Your answer": "Agree", "Remark": "x" * 3000}, "an answer has 3,000 letters"),
        ({"Action": "TU-2", "Remark": "Perhaps"}, "is none of the answers"),
        ({"Action": "TU-2", "Your answer": "Decline"}, "has no reason"),
        *(({"Action": "TU-2", "Your answer": words}, "is none of the answers") for words in UNCLEAR),
        ({"Action": "TU-2", "Your answer": "Agree", "Date that can be kept": "next year"}, "is not a day"),
        (
            {"Action": "TU-2", "Your answer": "Agree", "Cost": "=cmd|' /C calc'!A0\u202e"},
            "Harbour Office of Ardale: agree 1",
        ),
    ],
)
def test_hostile_and_unclear_values_are_refused_or_harmless(asked: Path, answer: Mapping[str, str], says: str) -> None:
    code, output = receive(asked, fill(form_of(asked, "harbour"), answer, SIGNED))
    assert says in " ".join(output.split())
    assert (code == 0) == ("Cost" in answer)
    assert "\u202e" not in (asked / "paper/registers/consultations.yaml").read_text(encoding="utf-8")
    assert nioc(asked, "check", *LATER).returncode == 0


def test_ten_megabytes_in_a_cell_are_refused(asked: Path) -> None:
    answer = {"Action": "TU-2", "Your answer": "Agree", "Remark": "shelter " * (10 * 2**17)}
    code, says = receive(asked, fill(form_of(asked, "harbour"), answer, SIGNED))
    assert (code, "nothing was read from it" in " ".join(says.split())) == (1, True)
    assert not Project(asked).load().paper.consultations_file.answers


@pytest.mark.parametrize("release", ["other words", "other hashes", "this one"])
def test_words_of_another_release_are_no_changes(asked: Path, release: str) -> None:
    file = Edited(fill(form_of(asked, "harbour"), {"Action": "TU-2", "Your answer": "Agree"}, SIGNED))
    if release != "other hashes":
        file.replace("Gaps and findings", "Gaps").replace("You may also change", "Change")
    if release == "other words":
        note_passages(file.package)
    origin = next(r for r in map(file.package.xml_root, file.package.part_names("customXml/")) if r.get("passages"))
    if release == "other hashes":
        origin.set("passages", "00000000")
    code, says = receive(asked, file.save())
    assert (code, "You may also change" in says) == ((1, True) if release == "this one" else (0, False))


@pytest.mark.parametrize("mark", [*UNREAD.values(), *VALID.values(), *CLASSES.values()])
def test_marks_in_an_answer_are_no_errors_of_the_paper(mark: str) -> None:
    words = clean_words(f"Two {mark} years")
    assert (find_unread_attributes(words), "…" in words) == ("", True)


def test_answers_are_read_after_a_squash_and_their_other_words_are_listed(asked: Path) -> None:
    for command in ("switch -q --orphan new", "checkout -q main -- .", "commit -qm all", "branch -q -D main"):
        git(asked, *command.split())
    git(asked, "reflog", "expire", "--expire=now", "--all")
    git(asked, "gc", "-q", "--prune=now")
    data = fill(form_of(asked, "harbour"), {"Action": "TU-2", "Your answer": "Agree"}, SIGNED)
    code, says = receive(asked, Edited(data).replace("Sound a siren before", "Sound two sirens before").save())
    words = " ".join(says.split())
    assert (code, "agree 1 (1 of 1)" in words, "put in “Sound two sirens before the barge gate closes.”" in words) == (
        1,
        True,
        True,
    )
    assert (words.count("warning["), "changes of its text are not merged: git has no commit" in words) == (2, True)


def test_the_form_of_another_body_and_of_nobody_is_refused(asked: Path) -> None:
    table = {"Action": "TU-2", "Your answer": "Agree"}
    mixed = with_words(form_of(asked, "harbour"), ("TU-2", "BR-1"))
    code, says = receive(asked, mixed)
    assert (code, "“BR-1” is not in the form of Harbour Office of Ardale" in " ".join(says.split())) == (1, True)
    (asked / "paper" / "registers" / "consultations.yaml").unlink()
    commit(asked, "2020-02-14T12:00:00Z")
    code, says = receive(asked, fill(form_of(asked, "harbour"), table, SIGNED))
    assert (code, "is a form of no consultation of this paper" in " ".join(says.split())) == (1, True)


def test_a_file_is_taken_in_once(asked: Path) -> None:
    data = fill(form_of(asked, "harbour"), {"Action": "TU-2", "Your answer": "Agree"}, SIGNED)
    assert receive(asked, data)[0] == 0
    assert "received before: nothing to do" in receive(asked, data, "again.docx")[1]


@pytest.mark.parametrize("is_one_line", [True, False])
def test_a_clearance_is_asked_for_and_answered(tmp_path: Path, *, is_one_line: bool) -> None:
    root = start_paper(tmp_path / "paper")
    edit(root, "chapters/bridges.md", ("state: granted, on: 2020-01-20", "state: requested"))
    if not is_one_line:
        edit(
            root,
            "chapters/bridges.md",
            ("{body: RDA, contact: ada-north, state: requested}", "body: RDA\n    state: requested"),
        )
    commit(root, "2020-02-03T12:00:00Z")
    (root / "contacts.yaml").write_text("contacts: []\n", encoding="utf-8")
    lacks = "Roads Department of Ardale has something to get, and no address"
    assert lacks in " ".join(nioc(root, "check", *DAY).stdout.split())
    assert nioc(root, "consult", "roads", *DAY).returncode == 0
    table = {
        "Chapter to be cleared": "Bridges",
        "Your answer": "Cleared on conditions",
        "Change or reason": "No names.",
    }
    edit(root, "chapters/bridges.md", ("title: Bridges", "title: Bridges and fords"))
    commit(root, "2020-02-13T12:00:00Z")
    code, says = receive(root, fill(form_of(root, "roads"), table, SIGNED))
    assert (code, "conditions 1 (1 of 2)" in says) == (0, True)
    written = "state: conditions, on: 2020-02-12" if is_one_line else "    state: conditions\n    on: 2020-02-12\n"
    assert written in (root / "chapters" / "bridges.md").read_text(encoding="utf-8")
    clearance = "the clearance by RDA is granted on conditions"
    assert clearance in " ".join(nioc(root, "check", "--as", "final", "--format", "short").stdout.split())


def test_addresses_are_in_drafts_alone(asked: Path) -> None:
    (asked / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
    edit(asked, "chapters/bridges.md", ("Inspect every bridge once a year", "Inspect every bridge twice a year"))
    commit(asked, "2020-02-14T12:00:00Z")
    for command in (
        *(("remind", "--mail"), ("consult", "roads", "--mail"), ("send", "bridges", "--mail", "--to", "ben-lock")),
        *(("newsletter", "--month", "2020-02", "--mail"), ("check",), ("board", "--to", "html"), ("export",)),
        *(("build", "--to", "html"), ("status", "--who"), ("site", "--downloads", "none")),
    ):
        day = () if command[0] in ("export", "build", "site") else ("--today", "2020-02-25")
        run = nioc(asked, *command, *day)
        assert "sentinel" not in run.stdout + run.stderr, command
    drafts = asked / "dist" / "mail"
    assert {file.name for file in drafts.iterdir()} >= {"consult-roads.eml", "send-ben-lock.eml", "remind-roads.eml"}
    message = email.message_from_bytes((drafts / "consult-roads.eml").read_bytes(), policy=email.policy.default)
    assert (message["To"], message["X-Unsent"]) == (ADDRESS, "1")
    assert [part.get_filename() for part in message.iter_attachments()] == [form_of(asked, "roads").name]
    assert (
        "یاد دہانی"
        in email.message_from_bytes((drafts / "remind-roads.eml").read_bytes(), policy=email.policy.default)["Subject"]
    )
    for file in asked.rglob("*"):
        if file.is_file() and file.parent != drafts and file.name != "contacts.yaml":
            assert b"sentinel" not in file.read_bytes(), file
    assert "sentinel" not in git(asked, "log", "-p", "--all")


def test_addresses_that_git_would_publish_are_an_error(asked: Path) -> None:
    (asked / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
    (asked / ".gitignore").write_text("dist/\n.cache/\n", encoding="utf-8")
    assert "contacts.yaml:1:1: error[exposed-address]" in nioc(asked, "check", "--format", "short").stdout
    assert nioc(asked, "consult", "roads", "--mail", *LATER).returncode == 1
    nioc(asked, "upgrade", "--write")
    assert "exposed-address" not in nioc(asked, "check", "--format", "short").stdout
    (asked / "contacts.yaml").write_text("contacts:\n  - {id: roads, adress: sentinel@x.org}\n", encoding="utf-8")
    says = nioc(asked, "check", "--format", "short").stdout
    assert ("sentinel" in says, "contacts.yaml:2" in says) == (False, True)
