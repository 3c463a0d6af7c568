"""All rules with their severities."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache

from nioc_paper.check.allowances import ALLOWANCE_EXPLANATIONS
from nioc_paper.check.finding import Compare, DeclaredKind, Gather, PassageRule, Rule, TextRule, WordRule
from nioc_paper.check.rule_names import current_name
from nioc_paper.check.rules import (
    acronyms,
    approvals,
    audience_marks,
    avoided_words,
    balance,
    callouts,
    citations,
    clearances,
    dates,
    declared,
    differing_figures,
    entries,
    evidence,
    facts,
    figures,
    final,
    foreign_syntax,
    front_matter,
    hardcoded_numbers,
    headings,
    links,
    markup,
    names,
    people,
    privacy,
    punctuation,
    quotations,
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
    timeline,
    unprinted,
    withheld,
)
from nioc_paper.model import Severity

PAPER_RULES: tuple[tuple[Rule, str], ...] = (
    # One letter for each strictness, from outline to final text: . off, i info, w warning, E error.
    (declared.dead_name, "EEEEE"),
    (declared.duplicate, "EEEEE"),
    (declared.out_of_order, "EEEEE"),
    (entries.unused_entry, "wwwww"),
    (entries.missing_file, "EEEEE"),
    (entries.unlisted_file, "EEEEE"),
    (entries.incomplete_block, ".wEEE"),
    (front_matter.category_without_chapter, "EEEEE"),
    (front_matter.bad_id, "EEEEE"),
    (front_matter.missing_summary, ".EEEE"),
    (front_matter.unverified_title, "iiiww"),
    (people.not_one_lead, "wwEEE"),
    (people.lead_as_reviewer, "wwwEE"),
    (people.no_outside_reviewer, "..www"),
    (clearances.missing_clearances, "...EE"),
    (clearances.open_clearance, "...EE"),
    (people.permission_pending, "iwwEE"),
    (people.permission_refused, "EEEEE"),
    (people.unverified_person, "iiwEE"),
    (timeline.deadline_off_period, "EEEEE"),
    (timeline.date_outside_timeline, "EEEEE"),
    (timeline.gate_on_day_off, "wwwww"),
    (timeline.stray_date, "wwwww"),
    (timeline.gate_off_plan, "wwwww"),
    (timeline.status_without_gate, "wwwww"),
    (timeline.unverified_holiday, "iiiww"),
    (references.undefined_citation, "EEEEE"),
    (citations.twin_source, "wwwww"),
    (references.unverified_source, ".iwEE"),
    (sources.bad_source, "wwwww"),
    (sources.changed_copy, "EEEEE"),
    (references.dead_reference, "EEEEE"),
    (references.unread_reference, "wwEEE"),
    (references.dead_link, "EEEEE"),
    (references.missing_image, "EEEEE"),
    (references.image_without_alt, "wwwwE"),
    (links.self_link, "wwwww"),
    (figures.unmentioned_figure, "iiwww"),
    (figures.coarse_picture, "iiiww"),
    (figures.description_off_data, "iwwww"),
    (figures.untitled_chart, ".iwww"),
    (figures.undated_entry, "wEEEE"),
    (references.duplicate_id, "EEEEE"),
    (references.reserved_id, "EEEEE"),
    (markup.skipped_heading, "wEEEE"),
    (markup.second_title, "EEEEE"),
    (recommendations.bad_recommendation_date, "wwEEE"),
    (recommendations.due_after_phase, "wwEEE"),
    (strategy.idle_objective, ".iwEE"),
    (strategy.unreadable_cost, "wwwEE"),
    (recommendations.open_gap, ".iwEE"),
    (recommendations.closes_nothing, ".iwEE"),
    (recommendations.owner_in_support, ".wwEE"),
    (recommendations.alike_recommendation, "wwwww"),
    (recommendations.foreign_letters, "wwwww"),
    (sections.missing_section, "iwEEE"),
    (sections.empty_section, ".wEEE"),
    (sections.misplaced_section, "iwEEE"),
    (evidence.later_source, ".iwEE"),
    (evidence.press_where_primary, ".iwww"),
    (balance.full_outline, "wwwww"),
    (balance.over_length, ".iwEE"),
    (balance.wrong_length, ".iwww"),
    (balance.unlinked_categories, "..iww"),
    (balance.forgotten_decision, "iiwww"),
    (privacy.personal_data, "wwwwE"),
    # One rule in two functions: its findings in a chapter's words are cached, see TEXT_RULES.
    (withheld.unread_marking, "EEEEE"),
    (withheld.withheld_passage, "iiiii"),
    (withheld.reference_to_withheld, "wwEEE"),
    (approvals.void_approval, "wwwww"),
    # A comment must not block a draft: it holds the chapter at its gate, see check/blocking.py.
    (reviews.open_suggestion, "iiwwE"),
    (reviews.open_comment, "wwwww"),
    (reviews.rejected_without_reason, "wwwwE"),
    (reviews.unmerged_change, "wwwwE"),
)
TEXT_RULES: tuple[tuple[TextRule, str], ...] = (
    # These read the words of one chapter and the registers, but no other chapter.
    (front_matter.unknown_list, "EEEEE"),
    (markup.undefined_note, "EEEEE"),
    (markup.raw_passage, "EEEEE"),
    (markup.unknown_attribute, "EEEEE"),
    (markup.swallowed_mark, "wEEEE"),
    (markup.unread_citation, "wEEEE"),
    (markup.unknown_block, "EEEEE"),
    (callouts.untitled_box, "iwwww"),
    (callouts.heading_in_callout, "wwwEE"),
    (foreign_syntax.foreign_syntax, "wwwEE"),
    (tables.uneven_row, "wEEEE"),
    (tables.unread_break, "wwwEE"),
    (figures.bad_width, "wwwEE"),
    (unprinted.unprinted_words, "wEEEE"),
    (recommendations.unknown_field, "wwwEE"),
    (recommendations.repeated_field, "wEEEE"),
    (evidence.uncited_number, ".wEEE"),
    (evidence.uncited_data, ".wEEE"),
    (facts.conflicting_value, ".wwEE"),
    (balance.unsourced_section, "..iww"),
    (privacy.named_speaker, "wEEEE"),
    (audience_marks.unread_marking, "EEEEE"),
    (audience_marks.likely_marking, "wwwEE"),
    (acronyms.unexpanded_acronym, ".iwEE"),
    (acronyms.acronym_expanded_twice, ".iwEE"),
    (acronyms.other_expansion, ".iwEE"),
    (links.unsafe_link, "EEEEE"),
    (links.vague_link, "iiiww"),
    (links.broken_link, "wwEEE"),
    (headings.heading_with_stop, "iiwww"),
    (headings.bold_as_heading, "iiwww"),
    (quotations.misquotation, "iwwww"),
    (quotations.unsourced_quotation, ".iwww"),
    (quotations.other_year, "wwwww"),
    (quotations.repeated_row, "wwwww"),
    (sums.wrong_sum, "iwwww"),
    (style.long_note, "wwwww"),
    (style.long_sentence, "..iii"),
)
WORD_RULES: tuple[tuple[WordRule, str], ...] = (
    # These read the words of all printed texts: of chapters, their front matter, pictures and data, and of registers.
    (names.alias_used_as_name, "wwwEE"),
    (names.misspelled_name, "wwwEE"),
    (avoided_words.avoided_word, ".iwwE"),
    (spelling.other_spelling, ".iwwE"),
    (spelling.misspelled_word, ".iwwE"),
    (spelling.unlikely_word, ".iiii"),
    (acronyms.unknown_acronym, ".iwEE"),
    (hardcoded_numbers.typed_number, ".iwEE"),
    (citations.typed_citation, "iwwEE"),
    (style.weak_word, "iiiii"),
)
PASSAGE_RULES: tuple[tuple[PassageRule, str], ...] = (
    # These read the same texts one at a time.
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
    people.not_one_lead,
    people.no_outside_reviewer,
    clearances.missing_clearances,
    clearances.open_clearance,
)
COMPARISONS: tuple[tuple[Gather, Compare, str], ...] = (
    # Function that gathers rows from each chapter, and the rule that compares all rows.
    (differing_figures.gather_numbers, differing_figures.differing_figure, "wwwww"),
    (facts.gather_conflicts, facts.unmentioned_conflict, ".iwww"),
    (quotations.gather_sentences, quotations.repeated_text, "..iww"),
)
AnyRule = Rule | TextRule | WordRule | PassageRule | Compare
RULES: tuple[tuple[AnyRule, str], ...] = (
    *PAPER_RULES,
    *TEXT_RULES,
    *WORD_RULES,
    *PASSAGE_RULES,
    *((rule, w) for _, rule, w in COMPARISONS),
)
KINDS: Mapping[str, DeclaredKind] = {**declared.KINDS, **sources.KINDS}
"""Kinds of the rules whose functions find several."""
SEVERITY_BY_LETTER: Mapping[str, Severity | None] = {
    ".": None,
    "i": Severity.INFO,
    "w": Severity.WARNING,
    "E": Severity.ERROR,
}


def rule_name(rule: AnyRule) -> str:
    """Return the name of a rule as findings have it, from that of its function."""
    return current_name(rule.__name__.replace("_", "-"))


@cache
def rule_explanations() -> Mapping[str, str]:
    """Return the text of each rule: its docstring, with a bad and a good example."""
    return {rule_name(rule): inspect.getdoc(rule) or "" for rule, _ in RULES} | {
        **{name: kind.sentence for name, kind in KINDS.items()},
        **ALLOWANCE_EXPLANATIONS,
        **withheld.WITHHELD_EXPLANATIONS,
        **final.FINAL_EXPLANATIONS,
    }


def rule_severities() -> Mapping[str, tuple[Severity | None, ...]]:
    """Return the severities of each rule, from outline to final text; None is off."""
    letters = {rule_name(rule): levels for rule, levels in RULES} | {n: k.letters for n, k in KINDS.items()}
    return {rule: tuple(SEVERITY_BY_LETTER[letter] for letter in levels) for rule, levels in letters.items()}
