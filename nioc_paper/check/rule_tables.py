"""All rules with their severities and names.

A rule of several kinds is named `dead-name/person` in findings: its name, and the kind. An allowance or a setting names
the rule, which covers all kinds, or a single kind.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from nioc_paper.check.finding import ChapterRule, Compare, DeclaredKind, Gather, PassageRule, Rule, TextRule, WordRule
from nioc_paper.check.rules import (
    audience_marks,
    body_agreements,
    chapters,
    dead_and_duplicate,
    differing_numbers,
    evidence,
    figures_and_callouts,
    hand_typed_references,
    links_and_references,
    markup,
    names,
    people_and_plan,
    privacy,
    quoted_and_repeated,
    slips,
    table_cells,
    unused_and_incomplete,
    words_and_spelling,
)
from nioc_paper.check.text.word_index import read_word_list
from nioc_paper.extensions import extensions_by_package, load_extensions
from nioc_paper.model import Severity


def _rows_of_packs(table: str) -> Iterable[Any]:
    """Return the rows that installed packs of rules have in their table of that name."""
    return (row for _, module in load_extensions("rules") for row in getattr(module, table, ()))


PAPER_RULES: tuple[tuple[Rule, str], ...] = (
    # One letter for each strictness, from outline to final text: . off, i info, w warning, E error.
    (dead_and_duplicate.dead_name, "EEEEE"),
    (dead_and_duplicate.duplicate, "EEEEE"),
    (dead_and_duplicate.out_of_order, "EEEEE"),
    (unused_and_incomplete.unused_entry, "wwwww"),
    (unused_and_incomplete.missing_file, "EEEEE"),
    (unused_and_incomplete.unlisted_file, "EEEEE"),
    (unused_and_incomplete.incomplete_block, ".wEEE"),
    (unused_and_incomplete.unverified_entry, "iiwEE"),
    (unused_and_incomplete.loose_end, ".iwEE"),
    (people_and_plan.off_plan, "wwwww"),
    (people_and_plan.permission_pending, "iwwEE"),
    (people_and_plan.permission_refused, "EEEEE"),
    (links_and_references.undefined_citation, "EEEEE"),
    (hand_typed_references.twin_source, "wwwww"),
    (evidence.bad_source, "wwwww"),
    (evidence.changed_copy, "EEEEE"),
    (links_and_references.dead_reference, "EEEEE"),
    (links_and_references.unread_reference, "wwEEE"),
    (links_and_references.dead_link, "EEEEE"),
    (figures_and_callouts.unmentioned_figure, "iiwww"),
    (links_and_references.duplicate_id, "EEEEE"),
    (unused_and_incomplete.bad_recommendation_date, "wwEEE"),
    (unused_and_incomplete.due_after_phase, "wwEEE"),
    (unused_and_incomplete.unreadable_cost, "wwwEE"),
    (evidence.later_source, ".iwEE"),
    (chapters.unlinked_categories, "..iww"),
    (privacy.personal_data, "wwwwE"),
    # One rule in two functions: its findings in a chapter's words are cached, see TEXT_RULES.
    (privacy.unread_marking, "EEEEE"),
    (privacy.withheld_passage, "iiiii"),
    (privacy.reference_to_withheld, "wwEEE"),
    (people_and_plan.void_approval, "wwwww"),
    (people_and_plan.open_review, "wwwww"),
    (body_agreements.open_consultation, "wwwww"),
    *_rows_of_packs("PAPER_RULES"),
)
CHAPTER_RULES: tuple[tuple[ChapterRule, str], ...] = (
    # These read one chapter and the registers; that they find something may depend on files or on other chapters.
    (chapters.bad_id, "EEEEE"),
    (chapters.missing_summary, ".EEEE"),
    (chapters.missing_section, "iwEEE"),
    (chapters.empty_section, ".wEEE"),
    (chapters.misplaced_section, "iwEEE"),
    (chapters.unfit_length, ".iwww"),
    (chapters.full_outline, "wwwww"),
    (people_and_plan.not_one_lead, "wwEEE"),
    (people_and_plan.lead_as_reviewer, "wwwEE"),
    (people_and_plan.missing_clearances, "...EE"),
    (people_and_plan.open_clearance, "...EE"),
    (links_and_references.missing_image, "EEEEE"),
    (links_and_references.image_without_alt, "wwwwE"),
    (links_and_references.reserved_id, "EEEEE"),
    (figures_and_callouts.coarse_picture, "iiiww"),
    (figures_and_callouts.description_off_data, "iwwww"),
    (figures_and_callouts.untitled_chart, ".iwww"),
    (figures_and_callouts.undated_entry, "wEEEE"),
    (markup.skipped_heading, "wEEEE"),
    (markup.second_title, "EEEEE"),
    *_rows_of_packs("CHAPTER_RULES"),
)
TEXT_RULES: tuple[tuple[TextRule, str], ...] = (
    # These read the words of one chapter and the registers, but no other chapter.
    (chapters.unknown_list, "EEEEE"),
    (markup.undefined_note, "EEEEE"),
    (markup.raw_passage, "EEEEE"),
    (markup.unknown_attribute, "EEEEE"),
    (markup.swallowed_mark, "wEEEE"),
    (markup.unread_citation, "wEEEE"),
    (markup.unknown_block, "EEEEE"),
    (figures_and_callouts.heading_in_callout, "wwwEE"),
    (markup.foreign_syntax, "wwwEE"),
    (table_cells.uneven_row, "wEEEE"),
    (table_cells.unread_break, "wwwEE"),
    (markup.unprinted_words, "wEEEE"),
    (unused_and_incomplete.unknown_field, "wwwEE"),
    (unused_and_incomplete.repeated_field, "wEEEE"),
    (evidence.uncited_number, ".wEEE"),
    (evidence.uncited_data, ".wEEE"),
    (differing_numbers.conflicting_value, ".wwEE"),
    (privacy.named_speaker, "wEEEE"),
    (audience_marks.unread_marking, "EEEEE"),
    (audience_marks.likely_marking, "wwwEE"),
    (names.unexpanded_acronym, ".iwEE"),
    (names.other_expansion, ".iwEE"),
    (links_and_references.unsafe_link, "EEEEE"),
    (links_and_references.private_link, "wwwEE"),
    (links_and_references.vague_link, "iiiww"),
    (links_and_references.broken_link, "wwEEE"),
    (chapters.heading_with_stop, "iiwww"),
    (chapters.bold_as_heading, "iiwww"),
    (quoted_and_repeated.misquotation, "iwwww"),
    (quoted_and_repeated.unsourced_quotation, ".iwww"),
    (quoted_and_repeated.other_year, "wwwww"),
    (quoted_and_repeated.repeated_row, "wwwww"),
    (table_cells.wrong_sum, "iwwww"),
    (words_and_spelling.long_sentence, "..iii"),
    *_rows_of_packs("TEXT_RULES"),
)
WORD_RULES: tuple[tuple[WordRule, str], ...] = (
    # These read the words of all printed texts: of chapters, their front matter, pictures and data, and of registers.
    (names.alias_used_as_name, "wwwEE"),
    (names.misspelled_name, "wwwEE"),
    (words_and_spelling.avoided_word, ".iwwE"),
    (words_and_spelling.other_spelling, ".iwwE"),
    (words_and_spelling.month_first, ".iwwE"),
    (words_and_spelling.misspelled_word, ".iwwE"),
    (words_and_spelling.unlikely_word, ".iiii"),
    (names.unknown_acronym, ".iwEE"),
    (hand_typed_references.typed_number, ".iwEE"),
    (hand_typed_references.typed_citation, "iwwEE"),
    (words_and_spelling.weak_word, "iiiii"),
    *_rows_of_packs("WORD_RULES"),
)
PASSAGE_RULES: tuple[tuple[PassageRule, str], ...] = (
    # These read the same texts one at a time.
    (slips.doubled_word, "iwwwE"),
    (slips.left_over, "iiiwE"),
    (slips.wrong_article, "iiwww"),
    (slips.stray_punctuation, "iiwww"),
    (slips.unbalanced_mark, "iiwww"),
    (slips.impossible_date, "wwwEE"),
    (slips.decimal_comma, "iiwww"),
    *_rows_of_packs("PASSAGE_RULES"),
)
COMPARISONS: tuple[tuple[Gather, Compare, str], ...] = (
    # Function that gathers rows from each chapter, and the rule that compares all rows.
    (differing_numbers.gather_numbers, differing_numbers.differing_figure, "wwwww"),
    (quoted_and_repeated.gather_sentences, quoted_and_repeated.repeated_text, ".iwww"),
)
_ROWS = [(*line.split(maxsplit=2), "")[:3] for line in read_word_list("rule-kinds.txt")]
KINDS: Mapping[str, DeclaredKind] = {
    name: DeclaredKind(letters, text) for name, letters, text in _ROWS if letters not in ("group", "rule")
}
"""Kinds of the rules whose functions find several."""
GROUPS: Mapping[str, str] = {name: text for name, kind, text in _ROWS if kind == "group"} | {
    pack: inspect.getdoc(module) or pack for pack, module in load_extensions("rules")
}
"""Rules of several kinds, each from a function of its own, with their sentences; installed packs."""
NAMES: Mapping[str, str] = {name: "".join(now) for name, *now in map(str.split, read_word_list("rule-names.txt"))}
"""Rule and kind by former name, empty if it is gone. A function of `check/rules/` has the former name, too."""
AnyRule = Rule | ChapterRule | TextRule | WordRule | PassageRule | Compare
RULES: tuple[tuple[AnyRule, str], ...] = (
    *PAPER_RULES,
    *CHAPTER_RULES,
    *TEXT_RULES,
    *WORD_RULES,
    *PASSAGE_RULES,
    *((rule, w) for _, rule, w in COMPARISONS),
)
SEVERITY_BY_LETTER: Mapping[str, Severity | None] = {
    ".": None,
    "i": Severity.INFO,
    "w": Severity.WARNING,
    "E": Severity.ERROR,
}


def current_name(name: str) -> str:
    """Return the name of a rule as findings have it, from one of this release or of an earlier one."""
    return NAMES.get(name, name)


def covers(name: str, rule: str) -> bool:
    """Whether a name in an allowance or a setting is the rule of a finding, a former name of it, or its group."""
    name = current_name(name)
    return rule == name or rule.startswith(f"{name}/")


def rule_name(rule: AnyRule) -> str:
    """Return the name of a rule as findings have it, from that of its function; one of a pack: `river/long-title`."""
    name = rule.__name__.replace("_", "-")
    pack = extensions_by_package("rules").get(rule.__module__.partition(".")[0])
    return f"{pack}/{name}" if pack else current_name(name)


@cache
def rule_explanations() -> Mapping[str, str]:
    """Return what each rule and each kind asks for: the docstring of the rule, or the sentence of the kind."""
    texts = {rule_name(rule): inspect.getdoc(rule) or "" for rule, _ in RULES}
    kinds = {name: kind.sentence or texts[name.partition("/")[0]] for name, kind in KINDS.items()}
    return {**texts, **kinds, **{name: text for name, kind, text in _ROWS if kind == "rule"}}


def rule_severities() -> Mapping[str, tuple[Severity | None, ...]]:
    """Return the severities of each rule, from outline to final text; None is off."""
    letters = {rule_name(rule): levels for rule, levels in RULES} | {n: k.letters for n, k in KINDS.items()}
    return {rule: tuple(SEVERITY_BY_LETTER[letter] for letter in levels) for rule, levels in letters.items()}
