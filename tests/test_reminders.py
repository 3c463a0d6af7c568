"""Letters to parties with obligations: recipient, task, date and way, for people who have Word and e-mail."""

from __future__ import annotations

import shutil
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import shared
from command_kit import nioc
from sample_history import edit, february
from test_papers import copy


@pytest.fixture
def root(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper after February, to be changed."""
    return Path(shutil.copytree(shared.once(tmp_path_factory, "february", february) / "healthy", tmp_path / "february"))


def test_a_letter_states_debts_dates_and_the_way_to_answer(root: Path) -> None:
    run = nioc(root, "remind", "--who", "ben-lock", "--today", "2020-02-18")
    assert run.stdout.startswith("Safe Crossings for Ardale: what we need from you\n\nDear Ben Lock,\n\n")
    assert (
        "Bridges: comments in the Word file of 3 February 2020\n   by 14 February 2020, 2 working days late"
        in run.stdout
    )
    assert run.stdout.count("Bridges: comments") == 1
    assert "The whole paper is due on 6 April 2020." in run.stdout
    assert run.stdout.endswith("\nBen Lock\nArdale Town Council\n")
    edit(root, "reviews/bridges.yaml", ("due: 2020-02-14", "due: 2020-02-14, returned: 2020-02-12"))
    again = nioc(root, "remind", "--who", "ben-lock", "--today", "2020-02-18").stdout
    assert "comments in the Word file" not in again, "it came back"


def test_only_debtors_get_letters(root: Path) -> None:
    run = nioc(root, "remind", "--today", "2020-02-18", "--out", "letters")
    assert sorted(file.name for file in (root / "letters").iterdir()) == [
        "ada-north.txt",
        "ben-lock.txt",
        "muller-anna.txt",
    ]
    assert run.stdout.count(" kB\n") == 3
    text = (root / "letters" / "muller-anna.txt").read_text(encoding="utf-8")
    assert "To: Müller, Anna\n" in text
    assert "Bridges: comments in the Word file of 10 February 2020\n   no date\n" in text
    assert "write your comments in its margin" in text
    assert "An offer:" not in text


def test_a_mail_draft_has_no_recipient(root: Path) -> None:
    edit(root, "contributors.yaml", ("name: Ada North", "name: عادہ نارتھ, Zoë"))
    nioc(root, "remind", "--today", "2020-02-18", "--to", "eml,txt", "--out", "letters")
    message = message_from_bytes((root / "letters" / "ada-north.eml").read_bytes(), policy=policy.default)
    assert (message["Subject"], message["X-Unsent"]) == ("Safe Crossings for Ardale: what we need from you", "1")
    assert {"To", "From", "Date"} & set(message.keys()) == set()
    text = (root / "letters" / "ada-north.txt").read_text(encoding="utf-8")
    assert b"=0D" not in (root / "letters" / "ada-north.eml").read_bytes()
    assert text.split("\n\n", 1)[1] == message.get_content().replace("\r\n", "\n")
    assert "Dear عادہ نارتھ, Zoë,\n" in text


def test_signs_that_steer_a_terminal_are_shown_not_sent(root: Path) -> None:
    edit(root, "paper/registers/decisions.yaml", ("text: Lend a boat.", 'text: "Lend\\u202E a\\e[2J boat."'))
    text = nioc(root, "remind", "--who", "ada-north", "--today", "2020-02-18").stdout
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "args", [("--who", "ben-luck"), ("--to", "eml"), ("--to", "pdf", "--out", "x"), ("--today", "soon")]
)
def test_invalid_requests_are_refused_with_a_message(args: tuple[str, ...], tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "remind", *args)
    assert run.returncode == 2


def test_a_person_without_debts_gets_no_letter(tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "remind", "--who", "roads", "--today", "2020-01-07")
    assert (run.returncode, run.stdout) == (0, "Roads Department of Ardale owes nothing\n")
