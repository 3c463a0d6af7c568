"""Rules with several kinds, and the names that rules had in earlier releases.

A rule of several kinds is named `dead-name/person` in findings: its name, and the kind. An allowance or a setting names
the rule, which covers all kinds, or a single kind.
"""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper.check.text.word_index import read_word_list

GROUPS: Mapping[str, str] = {
    "bad-character": "Texts are UTF-8, and hold visible characters of their own script only.",
    "bad-template": "Templates and styles of the paper can be used, run nothing and load nothing.",
    "bad-value": "Every value is of the kind that its key requires: a date that exists, a word of a list.",
    "lost-content": "Everything in the paper is in every output.",
    "unfinished": "A final paper is signed off, named as final, and in a commit.",
    "slip": "Words, articles, punctuation marks and dates are typed without a slip.",
    "spelling": "Words are spelled as Oxford does, and as dictionaries have them.",
    "acronym": "Every abbreviation is in the register, and is written out once in a chapter.",
    "typed": "Citations, numbers and links are written in the form from which the tool makes them.",
    "unread-mark": "Every mark in a text is read as one, and none is printed as words.",
    "heading": "Headings are marked as such, level by level, and have no full stop.",
    "evidence": "Numbers, data and quotations name their sources.",
    "repeated": "No sentence and no row is given twice.",
    "length": "Sentences, notes and chapters have the length that readers and pages have room for.",
}
"""Rules of several kinds, each from a function of its own, with their sentences."""
NAMES: Mapping[str, str] = {name: "".join(now) for name, *now in map(str.split, read_word_list("rule-names.txt"))}
"""Rule and kind by former name, empty if it is gone. A function of `check/rules/` has the former name, too."""


def current_name(name: str) -> str:
    """Return the name of a rule as findings have it, from one of this release or of an earlier one."""
    return NAMES.get(name, name)


def covers(name: str, rule: str) -> bool:
    """Whether a name in an allowance or a setting is the rule of a finding, a former name of it, or its group."""
    name = current_name(name)
    return rule == name or rule.startswith(f"{name}/")
