"""Explanations of all rules: those of reading, of checking, and of outputs."""

from __future__ import annotations

from nioc_paper import load, render
from nioc_paper.app.errors import RequestError
from nioc_paper.check.rule_names import GROUPS, covers, current_name
from nioc_paper.check.rule_tables import rule_explanations, rule_severities
from nioc_paper.model import spelling_hint
from nioc_paper.program import command_line, with_program
from nioc_paper.report.explain import format_rule_list, format_rule_page, split_pages
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
    if name not in rules:
        hint = spelling_hint(rule, rules) or f"to see them all: {command_line('explain')}"
        raise RequestError(f"no rule is called '{rule}'; {hint}")
    file = package_folder("rules") / f"{name.partition('/')[0]}.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else f"# {name}\n\n{rules[name]}"
    pages = {title: page for title, page in split_pages(text).items() if covers(name, title)}
    shown = (format_rule_page(with_program(page), rule_severities().get(title, ())) for title, page in pages.items())
    return "\n\n".join(shown)
