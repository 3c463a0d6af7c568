"""Explanations of all rules: those of reading, of checking, and of outputs."""

from __future__ import annotations

from nioc_paper import load, render
from nioc_paper.app.errors import RequestError
from nioc_paper.check.rule_tables import rule_explanations, rule_severities
from nioc_paper.model import spelling_hint
from nioc_paper.program import command_line, with_program
from nioc_paper.report.explain import format_rule_list, format_rule_page
from nioc_paper.system.files import package_folder


def all_explanations() -> dict[str, str]:
    """Return the explanation of each rule by its name."""
    return {**load.READING_EXPLANATIONS, **rule_explanations(), **render.OUTPUT_EXPLANATIONS}


def list_rules(columns: int) -> str:
    """Return all rules with their first sentences, wrapped to the columns of a terminal; 0 does not wrap."""
    sentences = {name: with_program(text.split("\n\n")[0]) for name, text in all_explanations().items()}
    return format_rule_list(sentences, columns)


def explain_rule(rule: str) -> str:
    """Return the page of a rule: explanation, examples, severities. Raises RequestError for an unknown one."""
    rules = all_explanations()
    if rule not in rules:
        hint = spelling_hint(rule, rules) or f"to see them all: {command_line('explain')}"
        raise RequestError(f"no rule is called '{rule}'; {hint}")
    file = package_folder("rules") / f"{rule}.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else f"{rule}\n\n{rules[rule]}"
    return format_rule_page(with_program(text), rule_severities().get(rule, ()))
