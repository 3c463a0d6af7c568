"""The pages of the manual that the program itself can give: its list of pages, commands, options, rules and keys.

`pytest tests/test_manual.py --update` writes them. Code hosts show them as they are, and the manual prints them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import Any

import click
import yaml

from nioc_paper.app.rule_explanations import all_explanations
from nioc_paper.check.rule_tables import rule_severities
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.domain.output_stops import EDITIONS, read_stops
from nioc_paper.model.schema import build_schema

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
Row = tuple[str, ...]
KEY_FILES: Mapping[str, tuple[str, str]] = {
    "contributors": ("People and organizations", "The keys of `contributors.yaml`."),
    "paper": ("Settings of the paper", "The keys of `paper/paper.yaml`."),
    "timeline": ("The plan", "The keys of `paper/timeline.yaml`."),
    "references": ("Sources", "The keys of `paper/references.yaml`, besides the variables of CSL."),
    "facts": ("Facts", "The keys of `paper/registers/facts.yaml`."),
    "decisions": ("Decisions and offers", "The keys of `paper/registers/decisions.yaml`."),
    "approvals": ("Sign-offs", "The keys of `paper/registers/approvals.yaml`."),
    "consultations": ("Consultations", "The keys of `paper/registers/consultations.yaml`."),
    "contacts": ("Addresses", "The keys of `contacts.yaml`, which is in no commit."),
    "acronyms": ("Abbreviations", "The keys of `paper/registers/acronyms.yaml`."),
    "terms": ("Terms", "The keys of `paper/registers/terms.yaml`."),
}
"""Headings and first sentences by record; the keys of a chapter are in a table written by hand."""


def commands(group: click.Group = nioc, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its words, those inside groups too."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{prefix}{name}", command


def options(command: click.Command) -> Iterator[Row]:
    """Options of a command besides --help."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield _code(max(parameter.opts, key=len)), _words(parameter.help or "")


def rules() -> Iterator[Row]:
    """Every rule with its sentence, and how much it weighs: from an outline to a final text, or as its page shows."""
    weigh = rule_severities()
    for rule, text in sorted(all_explanations().items()):
        page = (ROOT / "tests" / "rules" / f"{rule.partition('/')[0]}.md").read_text(encoding="utf-8")
        severities = re.findall(rf"(error|warning|info)\[{rule}\]", page)
        grades = [str(grade or "nothing") for grade, _ in groupby(weigh.get(rule, severities[:1]))]
        weight = " to ".join(dict.fromkeys([*grades[:1], *grades[-1:]]))
        yield _code(rule), _words(text.split("\n\n")[0]), weight


def stops() -> Iterator[Row]:
    """Findings that stop an output, with the editions and the reason."""
    for stop in read_stops():
        editions = EDITIONS[EDITIONS.index(stop.edition) :]
        yield ", ".join(map(_code, stop.rules)), ", ".join(editions), stop.reason


def keys(name: str) -> Iterator[Row]:
    """Every key of a YAML file, with its description; keys inside keys are joined by a colon."""
    whole = build_schema(name)
    for key, text in _keys(whole, whole.get("$defs", {}), ()):
        yield _code(": ".join(key)), _words(text)


def _keys(record: Mapping[str, Any], records: Mapping[str, Any], above: Row) -> Iterator[tuple[Row, str]]:
    for name, value in record.get("properties", {}).items():
        yield (*above, name), value.get("description", "")
        for inner in re.findall(r"'#/\$defs/(\w+)'", str(value)):
            yield from _keys(records[inner], records, (*above, name))


def _words(text: str) -> str:
    """A text in which nothing is a mark but code: between backticks, options, dashes, keys, and values with commas."""
    parts = re.split(r"(`[^`]+`|(?<!\S)--[a-z][a-z-]*|<!--.*?-->|-{2,}|@\w+|\w+(?:,\w+)+)", " ".join(text.split()))
    codes = (part if part[:1] == "`" else _code(part) for part in parts[1::2])
    marked = (re.sub(r"([\\*_{}\[\]<>@|$^~#])", r"\\\1", part) for part in parts[::2])
    return "".join(chain.from_iterable(zip_longest(marked, codes, fillvalue="")))


def _code(text: str) -> str:
    return f"`{text}`"


def _table(heads: Row, widths: Iterable[int], rows: Iterable[Row]) -> str:
    lines = [heads, tuple("-" * width for width in widths), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _chapter(name: str, title: str, summary: str, *parts: str) -> str:
    front = f"id: {name}\ntitle: {title}\nreader: reference\nstatus: in-use\nsummary: {summary}\n"
    return "\n".join([f"---\n{front}---\n", *parts])


def commands_page() -> str:
    """Commands with their sentences, then the options of each."""
    overview = [(_code(name), _words(command.get_short_help_str(300))) for name, command in commands()]
    tables = {name: [*options(command)] for name, command in commands()}
    return _chapter(
        "commands",
        "Every command",
        "The commands and their options, in the words of their own help.",
        "## Commands\n\nEach is written after `nioc`.\n",
        _table(("Command", "Purpose"), (5, 15), overview),
        "## Options\n\n`--help` after any command also shows the values of its options.\n",
        *(
            f"### nioc {name}\n\n{_table(('Option', 'Purpose'), (5, 15), rows)}"
            for name, rows in tables.items()
            if rows
        ),
    )


def keys_page() -> str:
    """Keys of each YAML file."""
    return _chapter(
        "keys",
        "Every key",
        "The keys of the files of a paper, in the words of the schemas.",
        "A colon separates a key from the key above it: `people: name` is the key `name` of an entry under `people`.\n"
        "The keys of a chapter's front matter are [in another chapter](writing-a-chapter.md).\n",
        *(
            f"## {title}\n\n{sentence}\n\n{_table(('Key', 'Meaning'), (6, 14), keys(name))}"
            for name, (title, sentence) in KEY_FILES.items()
        ),
    )


def rules_page() -> str:
    """Rules of the checker."""
    return _chapter(
        "rules",
        "Every rule",
        "The rules of the checker, with their severities from an outline to a final text.",
        "## The rules\n\n"
        "`nioc explain RULE` shows a bad and a good example of a rule.\n"
        "If the severity of a rule grows with the status of a chapter, the table has the lowest and the highest.\n"
        "A rule without a severity is about a build or a final paper.\n"
        "Rules about the whole paper have the severity for its least advanced chapter.\n",
        _table(("Rule", "Requirement", "Severity"), (5, 11, 4), rules()),
        "## What stops an output\n\n"
        "Only an error that would make an output false or unsafe, or disclose something, stops it.\n"
        "After any other error the files are written, the error is shown at its place, and the exit code is 1.\n"
        "An error on one format, such as `lost-content`, stops that format alone.\n"
        "Copies for an audience count as `public`, files that are sent to reviewers as `review`.\n"
        "A rule covers its kinds, except for those that have a line of their own.\n"
        "The entry `lost-entry` is any error that leaves out an entry which other texts need.\n"
        "A final paper is stopped by every error and every warning.\n",
        _table(("Findings", "Editions that they stop", "Reason"), (8, 5, 7), stops()),
    )


def list_of_chapters() -> str:
    """The entry page of the folder on a code host."""
    paper = yaml.safe_load((DOCS / "paper" / "paper.yaml").read_text(encoding="utf-8"))
    parts = ["\n".join([f"## {part['title']}\n", *map(_entry, part["chapters"])]) + "\n" for part in paper["parts"]]
    made = "`python3 ../build.py` in this folder makes a book, a Word file, a web page and an e-book of the manual.\n"
    return "\n".join([f"# {paper['title']}\n\n{paper['subtitle']}.\n{made}", *parts])


def _entry(path: str) -> str:
    front = yaml.safe_load((DOCS / path).read_text(encoding="utf-8").split("---\n")[1])
    return f"- [{front['title']}]({path}): {front['summary']}"


PAGES: Mapping[str, Callable[[], str]] = {
    "chapters/commands.md": commands_page,
    "chapters/keys.md": keys_page,
    "chapters/rules.md": rules_page,
    "README.md": list_of_chapters,
}
"""The pages by their paths in docs/. Each is computed on demand: that of commands imports every command."""
