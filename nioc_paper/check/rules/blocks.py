"""Rules about recommendations, gaps, objectives and risks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.entries import has_value
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.facts import plain_text_with_facts, read_cost
from nioc_paper.model import Item, Node, Paper, spelling_hint
from nioc_paper.tree import classes
from nioc_paper.tree.items import ITEM_FIELDS, ITEM_PREFIXES, find_stray_lines, read_field_lines
from nioc_paper.wording import wording_for

_MIN_ALIKE_WORDS, _ALIKE_SHARE = 5, 0.8
"""Words of a recommendation that is compared, and the share that two have in common if they are alike."""


def bad_recommendation_date(paper: Paper) -> Iterator[Finding]:
    """A recommendation's date is a day after the paper's own."""
    as_of = paper.settings.as_of
    for item in paper.items_of_kind("recommendation"):
        if day_text := item.field_text("by"):
            place, day = item.fields["by"].place, _parse_day(day_text)
            if day is None:
                yield Finding(place, f"'{day_text}' is not a date", "write YYYY-MM-DD, a day that exists")
            elif as_of and day <= as_of:
                yield Finding(place, f"'{day_text}' is not after the paper's own date, {as_of}", "choose a later day")


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def due_after_phase(paper: Paper) -> Iterator[Finding]:
    """A recommendation is due within the phase of its priority."""
    for item in paper.items_of_kind("recommendation"):
        priority, day = paper.settings.priority(item.field_text("priority")), _parse_day(item.field_text("by"))
        if priority and priority.until and day and day > priority.until:
            message = f"'{day}' is after the phase of the priority '{priority.id}', which ends on {priority.until}"
            yield Finding(item.fields["by"].place, message, "choose an earlier day or a later priority")


def unknown_field(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The lines under a recommendation or a gap have names that the toolchain knows."""
    for div in text.nodes("Div"):
        kind = next((name for name in classes(div) if name in ITEM_FIELDS), "")
        for line in find_stray_lines(div) if kind else ():
            message = "this line has no name with a capital and a colon, so no line of the list is read"
            yield Finding(text.chapter.place(line), message, "begin it with a name and a colon, such as 'Type: …'")
        for name, line in read_field_lines(div) if kind else ():
            if name not in ITEM_FIELDS[kind]:
                # Words that begin with different letters are different words: Deadline is not Baseline.
                near = [field.capitalize() for field in ITEM_FIELDS[kind] if field[0] == name[0].lower()]
                words = wording_for(paper.settings.language)
                own = next((field for field in ITEM_FIELDS[kind] if words.get(field, "").lower() == name), "")
                hint, others = spelling_hint(name.capitalize(), near), f"its fields are: {', '.join(ITEM_FIELDS[kind])}"
                message = f"'{name.capitalize()}' is not a field of a {kind}"
                hint = f"write '{own.capitalize()}': names of fields are English, and printed as yours" if own else hint
                yield Finding(text.chapter.place(line), message, hint if hint.startswith(("did", "write")) else others)


def repeated_field(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A line of a recommendation or a gap is given once: registers hold one value."""
    for div in text.nodes("Div"):
        first: dict[str, Node] = {}
        for name, line in read_field_lines(div) if ITEM_PREFIXES.keys() & {*classes(div)} else ():
            if (other := first.setdefault(name, line)) is not line:
                message = f"'{name.capitalize()}' is given twice; the other is in line {text.chapter.place(other).line}"
                yield Finding(text.chapter.place(line), message, "keep one, or separate names with ';' in one line")


def owner_in_support(paper: Paper) -> Iterator[Finding]:
    """The owner of a recommendation is not among those who support it."""
    for item in paper.items_of_kind("recommendation"):
        owner = item.field_text("owner")
        body = paper.organization(owner)
        for name, supporter in paper.bodies(item, "support") if owner else ():
            if name == owner or (body and supporter is body):
                message = f"'{name}' owns the recommendation and supports it"
                yield Finding(item.fields["support"].place, message, "delete it from one of the two")


def alike_recommendation(paper: Paper) -> Iterator[Finding]:
    """No two recommendations ask for the same thing."""
    seen: list[tuple[frozenset[str], Item]] = []
    for item in paper.items_of_kind("recommendation"):
        words = frozenset(w.rstrip("s") for w in re.findall(r"\w+", item.text.casefold()))
        for other_words, other in seen if len(words) > _MIN_ALIKE_WORDS else ():
            if len(words & other_words) >= _ALIKE_SHARE * len(words | other_words):
                message = f"the {item.kind_and_id} asks for the same as the {other.kind_and_id}"
                hint = f"keep one; the other is at {other.place.path}, line {other.place.line}"
                yield Finding(item.place, message, hint)
                break
        seen.append((words, item))


def unreadable_cost(paper: Paper) -> Iterator[Finding]:
    """A cost in figures is a currency code, an amount and the year of its prices, with its source of funds."""
    for item in paper.items_of_kind("recommendation"):
        cost = plain_text_with_facts(item.fields["cost"].inlines, paper.facts) if "cost" in item.fields else ""
        if not any(map(str.isdigit, cost)):
            continue
        if read_cost(cost) is None:
            hint = "write 'PKR 40 million (2019)' or 'PKR 40 million a year (2019)'"
            yield Finding(item.fields["cost"].place, f"'{cost}' is not an amount with currency and year", hint)
        elif not has_value(item, "funding"):
            message = f"the cost of the {item.kind_and_id} has no source of funds"
            yield Finding(item.fields["cost"].place, message, "add a line '- Funding: …' to it")
