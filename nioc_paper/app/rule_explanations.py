"""Explanations of all rules: those of reading, of checking, and of outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

from nioc_paper import load, render
from nioc_paper.app.errors import require_known
from nioc_paper.check.rule_tables import GROUPS, covers, current_name, rule_explanations, rule_severities
from nioc_paper.model import Severity
from nioc_paper.program_name import command_line, with_program
from nioc_paper.system.files import package_folder


def all_explanations() -> dict[str, str]:
    """Return the explanation of each rule by its name, and of each kind of a rule."""
    return {**load.READING_EXPLANATIONS, **rule_explanations(), **render.OUTPUT_EXPLANATIONS, **GROUPS}


def list_rules(columns: int) -> str:
    """Return all rules with their first sentences, wrapped to the columns of a terminal; 0 does not wrap."""
    rules = {name: text for name, text in all_explanations().items() if "/" not in name}
    sentences = {name: with_program(text.split("\n\n")[0]) for name, text in rules.items()}
    return format_rule_list(sentences, columns)


def explain_rule(rule: str) -> str:
    """Return the page of a rule, or of a kind of one: explanation, examples, severities.

    A former name is read as the present one. Raises RequestError for an unknown one.
    """
    rules, name = all_explanations(), current_name(rule)
    require_known(name, rules, "rule", f"to see them all: {command_line('explain')}")
    group = name.partition("/")[0]
    file = package_folder("rules") / f"{group}.md"
    pages = split_pages(file.read_text(encoding="utf-8")) if file.is_file() else {}
    # Kinds that their rule explains have no page: the examples of several are on that of the rule.
    named = {title: page for title, page in pages.items() if covers(name, title)} or {name: pages.get(group, "")}
    shown = []
    for title, page in named.items():
        sentence, examples = rules[title].split("\n\n")[0], page.partition("\n")[2]
        text = with_program(f"# {title}\n\n{sentence}\n{examples}")
        shown.append(format_rule_page(text, rule_severities().get(title, ())))
    return "\n\n".join(shown)


# --- pages of rules at a terminal, without the marks of Markdown ------------------------------------------------------


_FENCE = re.compile(r"(`{3,})(\w*) ?(.*)")
_TITLE = re.compile(r"^# ([a-z]+(?:-[a-z]+)*(?:/[a-z-]+)?)\n(?=\n[A-Z`#]|\Z)", re.MULTILINE)
_HEADING = re.compile(r"^#+ ")
_FENCE_NOTES = {
    "bytes": " (bytes that are not letters are written \\x…)",
    "diff": " with other lines",
    "symlink": " is a symbolic link to",
}


def split_pages(text: str) -> dict[str, str]:
    """Return the pages in a file by their titles: that of a rule, then one for each of its kinds."""
    parts = _TITLE.split(text)
    return {title: f"# {title}\n{page}" for title, page in zip(parts[1::2], parts[2::2], strict=True)}


def format_rule_page(text: str, severities: Sequence[Severity | None] = ()) -> str:
    """Return a rule's page and its severities."""
    lines, fence = [], ""
    for line in text.rstrip().split("\n"):
        mark = _FENCE.fullmatch(line)
        if mark and not fence:
            fence = mark[1]
            lines += [f"  {mark[3]}{_FENCE_NOTES.get(mark[2], '')}", ""] if mark[3] else []
        elif line == fence and fence:
            fence = ""
        else:
            lines.append(f"    {line}".rstrip() if fence else _HEADING.sub("", line))
    return "\n".join([*lines, *_severity_lines(severities)])


def _severity_lines(severities: Sequence[Severity | None]) -> list[str]:
    names = ["off" if severity is None else str(severity) for severity in severities]
    if not names:
        return []
    sentence = f"Always: {names[0]}." if len(set(names)) == 1 else f"From outline to final text: {', '.join(names)}."
    return ["", sentence]


def format_rule_list(sentences: Mapping[str, str], columns: int = 0) -> str:
    """Return all rules by name with their sentences, wrapped to the columns of a terminal; 0 does not wrap."""
    width, lines = max(map(len, sentences)) + 2, list[str]()
    for rule, sentence in sorted(sentences.items()):
        # With little space beside the names, lines broken by the terminal are the lesser evil.
        parts = wrap(sentence, columns - width) if columns > width + 20 else [sentence]
        lines += [f"{'' if number else rule:{width}}{part}" for number, part in enumerate(parts)]
    return "\n".join(lines)
