"""The tables of the manual that the program itself can give: commands, options, rules and keys, each a CSV file.

`pytest tests/test_manual.py --update` writes them into docs/paper/data/.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from nioc_paper.check.rule_tables import rule_severities
from nioc_paper.cli.commands import nioc
from nioc_paper.model.schema import RECORDS, build_schema

ROOT = Path(__file__).resolve().parent.parent
Row = tuple[str, ...]


def commands(group: click.Group = nioc, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its words, those inside groups too."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{prefix}{name}", command


def options() -> Iterator[Row]:
    """Options of every command besides --help."""
    yield "command", "option", "does"
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                yield name, max(parameter.opts, key=len), _plain(parameter.help or "")


def rules() -> Iterator[Row]:
    """Every rule with its sentence, and how much it weighs: from an outline to a final text, or as its page shows."""
    yield "rule", "wants", "weighs"
    weigh = rule_severities()
    for file in sorted((ROOT / "tests" / "rules").glob("*.md")):
        page = file.read_text(encoding="utf-8")
        severities = re.findall(rf"(error|warning|info)\[{file.stem}\]", page)
        grades = [str(grade or "nothing") for grade, _ in groupby(weigh.get(file.stem, severities[:1]))]
        yield file.stem, _plain(page.split("\n\n")[1]), " to ".join(dict.fromkeys([*grades[:1], *grades[-1:]]))


def keys(name: str) -> Iterator[Row]:
    """Every key of a YAML file, with its description; keys inside keys are joined by a colon."""
    yield "key", "says"
    whole = build_schema(name)
    for key, text in _keys(whole, whole.get("$defs", {}), ()):
        yield ": ".join(key), _plain(text)


def _keys(record: Mapping[str, Any], records: Mapping[str, Any], above: Row) -> Iterator[tuple[Row, str]]:
    for name, value in record.get("properties", {}).items():
        yield (*above, name), value.get("description", "")
        for inner in re.findall(r"'#/\$defs/(\w+)'", str(value)):
            yield from _keys(records[inner], records, (*above, name))


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def short_helps() -> Iterator[Row]:
    """Every command with its sentence."""
    yield "command", "does"
    for name, command in commands():
        yield name, _plain(command.get_short_help_str(300))


TABLES: Mapping[str, Callable[[], Iterable[Row]]] = {
    "commands.csv": short_helps,
    "options.csv": options,
    "rules.csv": rules,
    **{f"keys-{name}.csv": partial(keys, name) for name in RECORDS if name != "chapter"},
}
"""The tables by the names of their files. Each is computed on demand: that of options imports every command."""


def table(name: str) -> str:
    """The text of the file `name`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(TABLES[name]())
    return text.getvalue()
