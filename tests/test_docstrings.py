"""Prose of the project: docstrings name the thing first, in words of today, and every thing has one name."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from code_trees import nodes

from nioc_paper.app.explanations import all_explanations

ROOT = Path(__file__).parents[1]
FIRST_WORDS = frozenset(("What", "Which", "Whose", "Stands", "Have", "Say", "Tell"))
WORDS_OF_TODAY: Mapping[str, str] = {
    "anew": "again",
    "apart(?! from)": "separately",
    "begun": "started",
    r"(?:or|, )\s*else": "otherwise",
    "hangs? on": "depends on",
    "lest": "so that … not",
    "stands?|stood": "is, is for",
    "thereby|thereof|therein|whereof": "by it, of it, in it",
    "whoever": "those who",
    "mend(?:s|ed|ing)?": "fix, correct",
    "misspelt": "misspelled",
}
"""Patterns of old words, each with the plain one."""
ONE_WORD: Mapping[str, str] = {
    "belongs? into": "belongs in",
    "debts?": "obligations",
    "returned files?|files? that (?:came|comes) back": "received file",
    "typefaces?": "font",
    "workdays?": "working days",
    "sheet of styles": "style sheet",
}
"""Second names of things, each with the one in use: see the glossary in docs/developing.md."""
MAX_WHAT = 5
"""Occurrences of "what" in 1,000 words; nine other codebases have 0 to 0.7."""
LONGEST_SUBJECT = 72
"""Characters of a commit's subject since the rule exists."""
RULE_SINCE = "2026-11-27T04:00:00Z"
PAGES = ("*.md", "docs/*.md", "docs/chapters/*.md", "docs/decisions/*.md", "tests/*.md")
"""Pages for people; those in tests/rules/ quote bad texts."""
COMMENT = re.compile(r"(?m)(?:^\s*|  )#:? (?!noqa|type:)(\S.*)$")
FENCE = re.compile(r"(?ms)^ *(`{3,}).*?^ *\1$|`[^`\n]*`")


class Prose(NamedTuple):
    """A text with its place; `kind` is docstring, help, message, comment or page."""

    kind: str
    place: str
    text: str


@cache
def prose() -> tuple[Prose, ...]:
    """Return everything that people read, here or in the outputs of commands."""
    code = [
        *ROOT.glob("*.py"),
        *(f for name in ("nioc_paper", "tests", "benchmarks") for f in (ROOT / name).rglob("*.py")),
    ]
    pages = [page for pattern in PAGES for page in ROOT.glob(pattern)]
    return (
        *(text for file in sorted(code) for text in code_prose(file)),
        *(
            Prose("page", str(page.relative_to(ROOT)), FENCE.sub("", page.read_text(encoding="utf-8")))
            for page in pages
        ),
        *(Prose("help", f"rule {name}", text) for name, text in all_explanations().items()),
    )


def code_prose(file: Path) -> Iterator[Prose]:
    """Yield docstrings, those below fields too, help texts, comments, and messages of the package."""
    source = file.read_text(encoding="utf-8")
    place = str(file.relative_to(ROOT))
    docstrings: set[ast.Constant] = set()
    messages: dict[ast.Constant, str] = {}
    for node in nodes(file):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text)) as constant) if text:
                docstrings.add(constant)
                yield Prose("docstring", f"{place}:{node.lineno}", text)
            case ast.keyword(arg="help" | "short_help", value=ast.Constant(value=str(text))) if text:
                yield Prose("help", f"{place}:{node.value.lineno}", text)
            case ast.Constant(value=str(text)) if place.startswith("nioc_paper") and is_message(text):
                messages[node] = text
    yield from (Prose("message", f"{place}:{n.lineno}", text) for n, text in messages.items() if n not in docstrings)
    yield from (Prose("comment", place, comment) for comment in COMMENT.findall(source))


def is_message(text: str) -> bool:
    """Return whether a text of the code may be read: it has words, and is not a pattern or a table of codes."""
    return " " in text and "\\" not in text and not text.isupper()


def matches(patterns: Mapping[str, str]) -> list[str]:
    """Return the places where a pattern matches, with the word to write instead."""
    pattern = re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)
    matches = [(text, word) for text in prose() for word in pattern.finditer(text.text)]
    return [f"{text.place}: {text.text[max(word.start() - 30, 0) : word.end() + 20]!r}" for text, word in matches]


def test_descriptions_begin_with_the_thing() -> None:
    described = [text for text in prose() if text.kind in ("docstring", "help")]
    assert [text for text in described if text.text.split(maxsplit=1)[0] in FIRST_WORDS] == []
    assert sum(text.kind == "help" for text in described) > len(all_explanations())


def test_prose_uses_words_of_today() -> None:
    assert matches(WORDS_OF_TODAY) == []


def test_every_thing_has_one_name() -> None:
    assert matches(ONE_WORD) == []


def test_the_word_what_is_rare() -> None:
    words = [w for text in prose() if text.kind != "page" for w in re.findall(r"[a-z']+", text.text.lower())]
    assert words.count("what") * 1000 < MAX_WHAT * len(words)


def test_subjects_of_commits_are_short() -> None:
    command = ("git", "-C", str(ROOT), "log", "--format=%s", f"--since={RULE_SINCE}")
    subjects = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    assert [s for s in subjects if len(s) > LONGEST_SUBJECT] == []
