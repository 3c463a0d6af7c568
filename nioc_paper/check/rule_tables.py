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
    chapters,
    consultation,
    declared_entries,
    declared_keys,
    evidence,
    figures,
    markup,
    names,
    pictures,
    privacy,
    process,
    quotations,
    slips,
    table_cells,
    targets,
    typed_references,
    words,
)
from nioc_paper.check.text.word_index import read_word_list
from nioc_paper.extensions import extensions_by_package, load_extensions
from nioc_paper.model import Severity


def _rows_of_packs(table: str) -> Iterable[Any]:
    """Return the rows that installed packs of rules have in their table of that name."""
    return (row for _, module in load_extensions("rules") for row in getattr(module, table, ()))


PAPER_RULES: tuple[tuple[Rule, str], ...] = (
    # One letter for each strictness, from outline to final text: . off, i info, w warning, E error.
    (declared_keys.dead_name, "EEEEE"),
    (declared_keys.duplicate, "EEEEE"),
    (declared_keys.out_of_order, "EEEEE"),
    (declared_entries.unused_entry, "wwwww"),
    (declared_entries.missing_file, "EEEEE"),
    (declared_entries.unlisted_file, "EEEEE"),
    (declared_entries.incomplete_block, ".wEEE"),
    (declared_entries.unverified_entry, "iiwEE"),
    (declared_entries.loose_end, ".iwEE"),
    (process.off_plan, "wwwww"),
    (process.permission_pending, "iwwEE"),
    (process.permission_refused, "EEEEE"),
    (targets.undefined_citation, "EEEEE"),
    (typed_references.twin_source, "wwwww"),
    (evidence.bad_source, "wwwww"),
    (evidence.changed_copy, "EEEEE"),
    (targets.dead_reference, "EEEEE"),
    (targets.unread_reference, "wwEEE"),
    (targets.dead_link, "EEEEE"),
    (pictures.unmentioned_figure, "iiwww"),
    (targets.duplicate_id, "EEEEE"),
    (declared_entries.bad_recommendation_date, "wwEEE"),
    (declared_entries.due_after_phase, "wwEEE"),
    (declared_entries.unreadable_cost, "wwwEE"),
    (evidence.later_source, ".iwEE"),
    (chapters.unlinked_categories, "..iww"),
    (privacy.personal_data, "wwwwE"),
    # One rule in two functions: its findings in a chapter's words are cached, see TEXT_RULES.
    (privacy.unread_marking, "EEEEE"),
    (privacy.withheld_passage, "iiiii"),
    (privacy.reference_to_withheld, "wwEEE"),
    (process.void_approval, "wwwww"),
    (process.open_review, "wwwww"),
    (consultation.open_consultation, "wwwww"),
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
    (process.not_one_lead, "wwEEE"),
    (process.lead_as_reviewer, "wwwEE"),
    (process.missing_clearances, "...EE"),
    (process.open_clearance, "...EE"),
    (targets.missing_image, "EEEEE"),
    (targets.image_without_alt, "wwwwE"),
    (targets.reserved_id, "EEEEE"),
    (pictures.coarse_picture, "iiiww"),
    (pictures.description_off_data, "iwwww"),
    (pictures.untitled_chart, ".iwww"),
    (pictures.undated_entry, "wEEEE"),
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
    (pictures.heading_in_callout, "wwwEE"),
    (markup.foreign_syntax, "wwwEE"),
    (table_cells.uneven_row, "wEEEE"),
    (table_cells.unread_break, "wwwEE"),
    (markup.unprinted_words, "wEEEE"),
    (declared_entries.unknown_field, "wwwEE"),
    (declared_entries.repeated_field, "wEEEE"),
    (evidence.uncited_number, ".wEEE"),
    (evidence.uncited_data, ".wEEE"),
    (figures.conflicting_value, ".wwEE"),
    (privacy.named_speaker, "wEEEE"),
    (audience_marks.unread_marking, "EEEEE"),
    (audience_marks.likely_marking, "wwwEE"),
    (names.unexpanded_acronym, ".iwEE"),
    (names.other_expansion, ".iwEE"),
    (targets.unsafe_link, "EEEEE"),
    (targets.private_link, "wwwEE"),
    (targets.vague_link, "iiiww"),
    (targets.broken_link, "wwEEE"),
    (chapters.heading_with_stop, "iiwww"),
    (chapters.bold_as_heading, "iiwww"),
    (quotations.misquotation, "iwwww"),
    (quotations.unsourced_quotation, ".iwww"),
    (quotations.other_year, "wwwww"),
    (quotations.repeated_row, "wwwww"),
    (table_cells.wrong_sum, "iwwww"),
    (words.long_sentence, "..iii"),
    *_rows_of_packs("TEXT_RULES"),
)
WORD_RULES: tuple[tuple[WordRule, str], ...] = (
    # These read the words of all printed texts: of chapters, their front matter, pictures and data, and of registers.
    (names.alias_used_as_name, "wwwEE"),
    (names.misspelled_name, "wwwEE"),
    (words.avoided_word, ".iwwE"),
    (words.other_spelling, ".iwwE"),
    (words.month_first, ".iwwE"),
    (words.misspelled_word, ".iwwE"),
    (words.unlikely_word, ".iiii"),
    (names.unknown_acronym, ".iwEE"),
    (typed_references.typed_number, ".iwEE"),
    (typed_references.typed_citation, "iwwEE"),
    (words.weak_word, "iiiii"),
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
    (figures.gather_numbers, figures.differing_figure, "wwwww"),
    (quotations.gather_sentences, quotations.repeated_text, ".iwww"),
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
    pack = extensions_by_package().get(rule.__module__.partition(".")[0])
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
