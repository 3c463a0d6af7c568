"""Check a `Paper`. Every rule and its severity are in one table; nothing here reads or starts anything."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from nioc_paper.check.allowances import ALLOWANCE_EXPLANATIONS, apply_allowances
from nioc_paper.check.finding import Compare, Gather, PassageRule, Rule, TextRule
from nioc_paper.check.findings_cache import CachedTextRules, FindingsCache, NamedFinding, NoFindingsCache
from nioc_paper.check.follow_on import separate_follow_ons
from nioc_paper.check.rules import (
    acronyms,
    approvals,
    audience_marks,
    balance,
    callouts,
    citations,
    clearances,
    dates,
    differing_figures,
    entries,
    evidence,
    facts,
    figures,
    final,
    foreign_syntax,
    formulas,
    frontmatter,
    glossary,
    hardcoded_numbers,
    headings,
    links,
    markup,
    names,
    people,
    privacy,
    punctuation,
    recommendations,
    references,
    reviews,
    sections,
    slips,
    sources,
    spelling,
    strategy,
    style,
    sums,
    tables,
    terms,
    timeline,
    unprinted,
    withheld,
)
from nioc_paper.model import RULE_SEVERITIES, Diagnostic, Paper, Severity, spelling_hint

PAPER_RULES: tuple[tuple[Rule, str], ...] = (
    # One letter for each strictness, from outline to final text: . off, i info, w warning, E error.
    (frontmatter.unknown_status, "EEEEE"),
    (frontmatter.unknown_category, "EEEEE"),
    (frontmatter.category_without_chapter, "EEEEE"),
    (frontmatter.category_with_two_chapters, "EEEEE"),
    (frontmatter.duplicate_chapter, "EEEEE"),
    (frontmatter.bad_id, "EEEEE"),
    (frontmatter.missing_chapter, "EEEEE"),
    (frontmatter.unlisted_chapter, "EEEEE"),
    (frontmatter.chapter_listed_twice, "EEEEE"),
    (frontmatter.missing_summary, ".EEEE"),
    (frontmatter.unknown_linkage, "EEEEE"),
    (frontmatter.unknown_annex, "EEEEE"),
    (people.unknown_contributor, "EEEEE"),
    (people.unknown_organization, "EEEEE"),
    (people.unknown_participant, "EEEEE"),
    (people.not_one_lead, "wwEEE"),
    (people.repeated_contributor, "wEEEE"),
    (people.lead_as_reviewer, "wwwEE"),
    (people.no_outside_reviewer, "..www"),
    (clearances.missing_clearances, "...EE"),
    (clearances.open_clearance, "...EE"),
    (people.lead_of_too_many, "wwwww"),
    (people.permission_pending, "iwwEE"),
    (people.permission_refused, "EEEEE"),
    (people.duplicate_person, "EEEEE"),
    (people.shared_alias, "EEEEE"),
    (people.bad_orcid, "EEEEE"),
    (people.unverified_person, "iiwEE"),
    (timeline.deadline_off_period, "EEEEE"),
    (timeline.date_outside_timeline, "EEEEE"),
    (timeline.gates_out_of_order, "EEEEE"),
    (timeline.gate_on_day_off, "wwwww"),
    (timeline.stray_date, "wwwww"),
    (timeline.crossed_dates, "EEEEE"),
    (timeline.lowered_status, "iiiii"),
    (timeline.gate_off_plan, "wwwww"),
    (timeline.status_without_gate, "wwwww"),
    (timeline.unverified_holiday, "iiiww"),
    (references.undefined_citation, "EEEEE"),
    (references.unused_source, "wwwww"),
    (glossary.unused_term, ".iiww"),
    (glossary.unprinted_definition, ".iiww"),
    (glossary.term_defined_twice, "wwwEE"),
    (references.unused_fact, "wwwww"),
    (entries.duplicate_source, "EEEEE"),
    (entries.duplicate_entry, "EEEEE"),
    (citations.twin_source, "wwwww"),
    (references.unverified_source, ".iwEE"),
    (sources.unknown_source_type, "iwwww"),
    (sources.missing_source_field, "iiwww"),
    (sources.misspelled_source_field, "wwwww"),
    (sources.unread_source_name, "wwwww"),
    (sources.impossible_source_date, "wwwEE"),
    (sources.bad_source_address, "wwwww"),
    (sources.lost_source_text, "wwwww"),
    (sources.similar_source_key, "wwwww"),
    (sources.missing_copy, "EEEEE"),
    (sources.changed_copy, "EEEEE"),
    (sources.unused_copy, "iiwww"),
    (references.unsourced_fact, "EEEEE"),
    (references.dead_reference, "EEEEE"),
    (references.unread_reference, "wwEEE"),
    (references.dead_link, "EEEEE"),
    (references.missing_image, "EEEEE"),
    (references.image_without_alt, "wEEEE"),
    (links.self_link, "wwwww"),
    (figures.unmentioned_figure, "iiwww"),
    (figures.coarse_picture, "iiiww"),
    (figures.text_among_numbers, "wwwEE"),
    (figures.description_off_data, "iwwww"),
    (figures.untitled_chart, ".iwww"),
    (figures.undated_entry, "wEEEE"),
    (references.duplicate_id, "EEEEE"),
    (references.reserved_id, "EEEEE"),
    (markup.skipped_heading, "wEEEE"),
    (markup.second_title, "EEEEE"),
    (recommendations.incomplete_recommendation, ".wEEE"),
    (recommendations.unknown_owner, ".wEEE"),
    (recommendations.unknown_support, ".iwEE"),
    (recommendations.bad_recommendation_date, "wwEEE"),
    (recommendations.unknown_priority, "wwEEE"),
    (recommendations.due_after_phase, "wwEEE"),
    (strategy.incomplete_objective, ".wEEE"),
    (strategy.unknown_objective, "EEEEE"),
    (strategy.idle_objective, ".iwEE"),
    (strategy.risk_without_response, ".iwww"),
    (strategy.unreadable_cost, "wwwEE"),
    (recommendations.open_gap, ".iwEE"),
    (recommendations.closes_nothing, ".iwEE"),
    (recommendations.unknown_gap, "EEEEE"),
    (recommendations.block_without_id, "wEEEE"),
    (recommendations.owner_in_support, ".wwEE"),
    (recommendations.alike_recommendation, "wwwww"),
    (recommendations.field_without_value, "..iii"),
    (recommendations.foreign_letters, "wwwww"),
    (sections.missing_section, "iwEEE"),
    (sections.empty_section, "iwEEE"),
    (sections.misplaced_section, "iwEEE"),
    (evidence.later_source, ".iwEE"),
    (evidence.press_where_primary, ".iwww"),
    (evidence.unknown_primary, "EEEEE"),
    (balance.full_outline, "wwwww"),
    (balance.over_length, ".iwEE"),
    (balance.wrong_length, ".iwww"),
    (balance.thin_recommendation, "..iii"),
    (balance.unlinked_categories, "..iww"),
    (balance.forgotten_decision, "iiwww"),
    (balance.dead_decision_link, "EEEEE"),
    (privacy.personal_data, "EEEEE"),
    # One rule in two functions: its findings in a chapter's words are cached, see TEXT_RULES.
    (withheld.unread_marking, "EEEEE"),
    (withheld.withheld_passage, "iiiii"),
    (withheld.reference_to_withheld, "wwEEE"),
    (acronyms.unused_acronym, "...ww"),
    (style.long_recommendation, ".iiii"),
    (approvals.void_approval, "wwwww"),
    # A comment must not block a draft: it holds the chapter at its gate, see check/stage_exit.py.
    (reviews.open_suggestion, "iiwwE"),
    (reviews.open_comment, "wwwww"),
    (reviews.rejected_without_reason, "wwwwE"),
    (reviews.unmerged_change, "wwwwE"),
)
TEXT_RULES: tuple[tuple[TextRule, str], ...] = (
    # These read the words of one chapter and the registers, but no other chapter.
    (frontmatter.unknown_list, "EEEEE"),
    (names.alias_used_as_name, "wwwEE"),
    (markup.undefined_note, "EEEEE"),
    (markup.raw_passage, "EEEEE"),
    (markup.unknown_attribute, "wwwEE"),
    (markup.swallowed_mark, "wEEEE"),
    (markup.unread_citation, "wEEEE"),
    (markup.unknown_block, "EEEEE"),
    (callouts.untitled_box, "iwwww"),
    (callouts.heading_in_callout, "wwwEE"),
    (callouts.two_callouts_in_one, "wwwEE"),
    (foreign_syntax.foreign_syntax, "wwwEE"),
    (tables.uneven_row, "wEEEE"),
    (tables.unread_break, "wwwEE"),
    (figures.bad_width, "wwwEE"),
    (formulas.label_in_formula, "wwwEE"),
    (unprinted.unprinted_words, "wEEEE"),
    (recommendations.unknown_field, "wwwEE"),
    (recommendations.repeated_field, "wEEEE"),
    (evidence.uncited_number, ".wEEE"),
    (evidence.uncited_data, ".wEEE"),
    (facts.retyped_fact, ".iiii"),
    (facts.conflicting_value, ".wwEE"),
    (balance.thin_evidence, "..iww"),
    (balance.unsourced_section, "..iww"),
    (privacy.named_speaker, "wEEEE"),
    (audience_marks.unread_marking, "EEEEE"),
    (names.misspelled_name, "wwwEE"),
    (terms.avoided_word, ".iwwE"),
    (spelling.other_spelling, ".iwwE"),
    (spelling.misspelled_word, ".iwwE"),
    (acronyms.unexpanded_acronym, ".iwEE"),
    (acronyms.acronym_expanded_twice, ".iwEE"),
    (acronyms.other_expansion, ".iwEE"),
    (acronyms.unknown_acronym, ".iwEE"),
    (acronyms.acronym_used_once, "...ii"),
    (acronyms.possessive_acronym, "..iii"),
    (hardcoded_numbers.typed_number, ".iwEE"),
    (citations.typed_citation, "iwwEE"),
    (links.unsafe_link, "EEEEE"),
    (links.vague_link, "iiiww"),
    (links.broken_link, "wwEEE"),
    (headings.heading_with_stop, "iiwww"),
    (headings.repeated_heading, "iiwww"),
    (headings.bold_as_heading, "iiwww"),
    (headings.repeated_note, "iiiii"),
    (sums.wrong_sum, "iwwww"),
    (style.hedge, "..iii"),
    (style.vague_party, ".iiii"),
    (style.vague_verb, ".iiii"),
    (style.long_note, "wwwww"),
    (style.long_sentence, "..iii"),
    (style.jargon, "..iii"),
)
PASSAGE_RULES: tuple[tuple[PassageRule, str], ...] = (
    # These read one text at a time, in chapters, front matter and registers.
    (slips.doubled_word, "iwwwE"),
    (slips.left_over, "iiiwE"),
    (slips.wrong_article, "iiwww"),
    (punctuation.stray_punctuation, "iiwww"),
    (punctuation.unbalanced_mark, "iiwww"),
    (dates.impossible_date, "wwwEE"),
    (dates.decimal_comma, "iiwww"),
)
STATUS_RULES: tuple[Rule, ...] = (
    # The status of a chapter decides whether these find something; with others it decides the severity alone.
    people.no_outside_reviewer,
    clearances.missing_clearances,
    clearances.open_clearance,
)
COMPARISONS: tuple[tuple[Gather, Compare, str], ...] = (
    # Function that gathers rows from each chapter, and the rule that compares all rows.
    (differing_figures.gather_figures, differing_figures.differing_figure, "wwwww"),
    (facts.gather_conflicts, facts.unmentioned_conflict, ".iwww"),
)
AnyRule = Rule | TextRule | PassageRule | Compare
RULES: tuple[tuple[AnyRule, str], ...] = (
    *PAPER_RULES,
    *TEXT_RULES,
    *PASSAGE_RULES,
    *((rule, w) for _, rule, w in COMPARISONS),
)
_NO_CACHE = NoFindingsCache()
_SEVERITY_BY_LETTER: Mapping[str, Severity | None] = {
    ".": None,
    "i": Severity.INFO,
    "w": Severity.WARNING,
    "E": Severity.ERROR,
}


def rule_name(rule: AnyRule) -> str:
    """Return the name of a rule as messages and allowances write it."""
    return rule.__name__.replace("_", "-")


def check(
    paper: Paper,
    today: date,
    load_diagnostics: Iterable[Diagnostic] = (),
    cache: FindingsCache = _NO_CACHE,
    rules_hash: str = "",
) -> list[Diagnostic]:
    """Return all findings, those of reading included, sorted by file and line, each with its severity.

    The status of a chapter decides the severity of findings in it and in its reviews; findings elsewhere have the
    severity of the least advanced chapter. `paper.yaml` can set a rule's severity; an allowance in the front matter
    silences it. `cache` holds the findings in chapters' words; `rules_hash` is the version of the rules.
    """
    findings = _run_rules(paper, CachedTextRules(paper, cache, rules_hash))
    return _weigh(paper, findings, today, tuple(load_diagnostics))


def check_as(
    papers: Iterable[Paper],
    today: date,
    load_diagnostics: Iterable[Diagnostic] = (),
    cache: FindingsCache = _NO_CACHE,
    rules_hash: str = "",
) -> Iterator[list[Diagnostic]]:
    """Yield all findings of papers that differ in the statuses of chapters alone: most rules run once."""
    load_diagnostics, findings = tuple(load_diagnostics), list[NamedFinding]()
    names = {rule_name(rule) for rule in STATUS_RULES}
    for paper in papers:
        findings = findings or _run_rules(paper, CachedTextRules(paper, cache, rules_hash))
        others = [finding for finding in findings if finding[0] not in names]
        own = [(rule_name(rule), finding) for rule in STATUS_RULES for finding in rule(paper)]
        yield _weigh(paper, [*others, *own], today, load_diagnostics)


def _weigh(
    paper: Paper, findings: Iterable[NamedFinding], today: date, load_diagnostics: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Return findings with their severities, those of reading too, sorted and without those that are allowed."""
    weighed = _with_severity(findings, _strictness_by_path(paper))
    sorted_findings = separate_follow_ons(weighed, load_diagnostics, {c.path: c.text for c in paper.chapters})
    all_diagnostics = (
        _with_configured_severity(d, paper) for d in (*sorted_findings.causes, *sorted_findings.findings)
    )
    diagnostics = [d for d in all_diagnostics if d is not None]
    known_rules = {*rule_explanations(), *(d.rule for d in diagnostics)}
    return sorted(
        [*apply_allowances(paper, diagnostics, known_rules, today), *_unknown_rule_settings(paper, known_rules)]
    )


def _run_rules(paper: Paper, cached_text_rules: CachedTextRules) -> list[NamedFinding]:
    """Return the findings of all rules, table by table."""
    findings = [(rule_name(rule), finding) for rule, _ in PAPER_RULES for finding in rule(paper)]
    text_rules = {rule_name(rule): rule for rule, _ in TEXT_RULES}
    passage_rules = {rule_name(rule): rule for rule, _ in PASSAGE_RULES}
    text_findings, gathered = cached_text_rules.run(text_rules, passage_rules, [gather for gather, _, _ in COMPARISONS])
    compared = [(rule_name(rule), f) for gather, rule, _ in COMPARISONS for f in rule(paper, gathered[gather])]
    return [*findings, *text_findings, *compared]


def _strictness_by_path(paper: Paper) -> Mapping[str, int]:
    """Return the strictness of each chapter and of its reviews, 0 to 4, by path."""
    by_path = {c.path: paper.settings.strictness(c.front.status) for c in paper.chapters}
    by_chapter = {c.id: by_path[c.path] for c in paper.chapters}
    return by_path | {r.path: by_chapter[r.chapter] for r in paper.reviews if r.chapter in by_chapter}


def _with_severity(findings: Iterable[NamedFinding], strictness: Mapping[str, int]) -> Iterator[Diagnostic]:
    default_strictness = min(strictness.values(), default=0)
    levels = {rule_name(rule): letters for rule, letters in RULES}
    for rule, (place, message, hint, fix) in findings:
        severity = _SEVERITY_BY_LETTER[levels[rule][strictness.get(place.path, default_strictness)]]
        if severity is not None:
            yield Diagnostic(place, rule, message, severity, hint, fix)


def _with_configured_severity(diagnostic: Diagnostic, paper: Paper) -> Diagnostic | None:
    """Return the finding with the severity that paper.yaml gives its rule; None if the rule is off."""
    if diagnostic.rule not in paper.settings.rules:
        return diagnostic
    severity = RULE_SEVERITIES[paper.settings.rules[diagnostic.rule]]
    return None if severity is None else replace(diagnostic, severity=severity)


def _unknown_rule_settings(paper: Paper, known_rules: set[str]) -> Iterator[Diagnostic]:
    for name in paper.settings.rules:
        if name not in known_rules:
            place, message = paper.settings.place("rules", name), f"no rule is called '{name}'"
            yield Diagnostic(place, "unknown-rule", message, Severity.WARNING, spelling_hint(name, known_rules))


def rule_explanations() -> Mapping[str, str]:
    """Return the text of each rule: its docstring, with a bad and a good example."""
    return {rule_name(rule): inspect.getdoc(rule) or "" for rule, _ in RULES} | {
        **ALLOWANCE_EXPLANATIONS,
        **withheld.WITHHELD_EXPLANATIONS,
        **final.FINAL_EXPLANATIONS,
    }


def rule_severities() -> Mapping[str, tuple[Severity | None, ...]]:
    """Return the severities of each rule, from outline to final text; None is off."""
    return {rule_name(rule): tuple(_SEVERITY_BY_LETTER[letter] for letter in levels) for rule, levels in RULES}
