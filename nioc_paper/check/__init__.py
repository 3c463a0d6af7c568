"""Check a `Paper`. All rules and their severities are in `rule_tables`; nothing here reads or starts anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from nioc_paper.check.allowances import apply_allowances
from nioc_paper.check.finding import ChapterRule
from nioc_paper.check.findings_cache import CachedTextRules, FindingsCache, NamedFinding, WordRules
from nioc_paper.check.rule_tables import (
    CHAPTER_RULES,
    COMPARISONS,
    GROUPS,
    KINDS,
    NAMES,
    PAPER_RULES,
    PASSAGE_RULES,
    RULES,
    SEVERITY_BY_LETTER,
    TEXT_RULES,
    WORD_RULES,
    covers,
    current_name,
    rule_explanations,
    rule_name,
)
from nioc_paper.check.shared_causes import merge_causes, separate_follow_ons
from nioc_paper.model import RULE_SEVERITIES, Diagnostic, Paper, Severity, spelling_hint

Findings = list[NamedFinding]


def check(
    paper: Paper,
    today: date,
    load_diagnostics: Iterable[Diagnostic] = (),
    cache: FindingsCache | None = None,
    rules_hash: str = "",
    *,
    merged: bool = True,
) -> list[Diagnostic]:
    """Return all findings, those of reading included, sorted by file and line, each with its severity.

    `cache` holds the findings in chapters' words; `rules_hash` is the version of the rules. Findings of one cause are
    merged, unless their own places are asked for.
    """
    findings = [*find_in_paper(paper), *find_in_texts(paper, cache, rules_hash)]
    diagnostics = weigh(paper, findings, today, load_diagnostics)
    return merge_causes(diagnostics) if merged else diagnostics


def find_in_paper(paper: Paper) -> Findings:
    """Return the findings of the rules that compare chapters or read registers, table by table."""
    in_paper = [(rule_name(rule), finding) for rule, _ in PAPER_RULES for finding in rule(paper)]
    return [*in_paper, *_find_in_chapters(paper, [rule for rule, _ in CHAPTER_RULES])]


def _find_in_chapters(paper: Paper, rules: Iterable[ChapterRule]) -> Findings:
    return [(rule_name(r), finding) for r in rules for chapter in paper.chapters for finding in r(paper, chapter)]


def find_in_texts(paper: Paper, cache: FindingsCache | None = None, rules_hash: str = "") -> Findings:
    """Return the findings of all other rules, which read chapters one by one."""
    text_rules = {rule_name(rule): rule for rule, _ in TEXT_RULES}
    word_rules = WordRules(
        {rule_name(rule): rule for rule, _ in WORD_RULES}, {rule_name(rule): rule for rule, _ in PASSAGE_RULES}
    )
    text_findings, gathered = CachedTextRules(paper, cache, rules_hash).run(
        text_rules, word_rules, [gather for gather, _, _ in COMPARISONS]
    )
    return [
        *text_findings,
        *((rule_name(rule), f) for gather, rule, _ in COMPARISONS for f in rule(paper, gathered[gather])),
    ]


def with_status_findings(paper: Paper, findings: Iterable[NamedFinding]) -> Findings:
    """Return the findings in a paper from those in one that differs in the statuses of chapters alone."""
    rules = [rule for rule, _ in CHAPTER_RULES]
    names = set(map(rule_name, rules))
    return [*(finding for finding in findings if finding[0] not in names), *_find_in_chapters(paper, rules)]


def weigh(
    paper: Paper, findings: Iterable[NamedFinding], today: date, load_diagnostics: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """Return findings with their severities, those of reading too, sorted and without those that are allowed.

    The status of a chapter decides the severity of findings in it and in its reviews; findings elsewhere have the
    severity of the least advanced chapter. `paper.yaml` can set a rule's severity; an allowance in the front matter
    silences it.
    """
    weighed = _with_severity(findings, _strictness_by_path(paper))
    sorted_findings = separate_follow_ons(weighed, tuple(load_diagnostics), {c.path: c.text for c in paper.chapters})
    all_diagnostics = (
        _with_configured_severity(d, paper) for d in (*sorted_findings.causes, *sorted_findings.findings)
    )
    diagnostics = [d for d in all_diagnostics if d is not None]
    known_rules = {*GROUPS, *NAMES.values(), *rule_explanations(), *(d.rule for d in diagnostics)}
    return sorted(
        [*apply_allowances(paper, diagnostics, known_rules, today), *_unknown_rule_settings(paper, known_rules)]
    )


def _strictness_by_path(paper: Paper) -> Mapping[str, int]:
    """Return the strictness of each chapter and of its reviews, 0 to 4, by path."""
    by_path = {c.path: paper.settings.strictness(c.front.status) for c in paper.chapters}
    by_chapter = {c.id: by_path[c.path] for c in paper.chapters}
    return by_path | {path: by_chapter[r.chapter] for r in paper.reviews if r.chapter in by_chapter for path in r.paths}


def _with_severity(findings: Iterable[NamedFinding], strictness: Mapping[str, int]) -> Iterator[Diagnostic]:
    default_strictness = min(strictness.values(), default=0)
    levels = {rule_name(rule): letters for rule, letters in RULES}
    for rule, (place, message, hint, fix, kind, cause) in findings:
        name = f"{rule}/{kind}" if kind else rule
        letters = KINDS[name].letters if name in KINDS else levels[rule]
        severity = SEVERITY_BY_LETTER[letters[strictness.get(place.path, default_strictness)]]
        if severity is not None:
            yield Diagnostic(place, name, message, severity, hint, fix, cause=cause)


def _with_configured_severity(diagnostic: Diagnostic, paper: Paper) -> Diagnostic | None:
    """Return the finding with the severity that paper.yaml gives its rule; None if the rule is off.

    A setting for a single kind of a rule comes before one for all of them.
    """
    names = [name for name in paper.settings.rules if covers(name, diagnostic.rule)]
    if not names:
        return diagnostic
    severity = RULE_SEVERITIES[paper.settings.rules[max(names, key=lambda name: "/" in current_name(name))]]
    return None if severity is None else replace(diagnostic, severity=severity)


def _unknown_rule_settings(paper: Paper, known_rules: set[str]) -> Iterator[Diagnostic]:
    for name in paper.settings.rules:
        if current_name(name) not in known_rules:
            place, message = paper.settings.place("rules", name), f"no rule is called '{name}'"
            yield Diagnostic(place, "dead-name/rule", message, Severity.WARNING, spelling_hint(name, known_rules))
