"""Rules about declared entries, files and blocks: whether they are used, there, confirmed and complete."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.dead_and_duplicate import TARGETS
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import is_english
from nioc_paper.check.text.word_index import find_word
from nioc_paper.domain.fact_values import plain_text_with_facts, read_cost
from nioc_paper.domain.glossary import term_key, term_pattern
from nioc_paper.domain.sources import cited_keys, is_kept_by_hand
from nioc_paper.model import (
    COPIES_FOLDER,
    Cause,
    Fact,
    Holiday,
    Item,
    Node,
    Paper,
    Person,
    Place,
    Reference,
    SourceCopy,
    TranslatedTitle,
    spelling_hint,
)
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.program_name import command_line
from nioc_paper.tree import classes, plain_text
from nioc_paper.tree.strategy_items import ITEM_FIELDS, ITEM_PREFIXES, field_name, find_stray_lines, read_field_lines
from nioc_paper.wording import wording_for

# --- use and files ----------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """Names that the paper uses, and the message and the hint about an unused one."""

    names: Callable[[Paper], Collection[str]]
    message: str
    hint: str


def _used_sources(paper: Paper) -> set[str]:
    return cited_keys(paper) | {r.id for r in paper.references_file.references if not is_kept_by_hand(r)}


def _used_terms(paper: Paper) -> set[str]:
    defined = {term.use for term in paper.terms if term.definition}
    texts = (plain_text(chapter.blocks, with_notes=True) for chapter in paper.chapters if defined)
    pattern = term_pattern(defined)
    used = {term_key(match[1]) for text in texts for match in pattern.finditer(text)}
    return {term.use for term in paper.terms if term.use not in defined or term_key(term.use) in used}


def _used_acronyms(paper: Paper) -> set[str]:
    texts = [chapter.text for chapter in paper.chapters]
    texts += [f"{fact.value} {fact.unit}" for fact in paper.facts_file.facts]
    shorts = {acronym.short for acronym in paper.acronyms}
    return {s for s in shorts if any(True for text in texts for form in (s, f"{s}s") for _ in find_word(text, form))}


USES: Mapping[str, Use] = {
    "source": Use(_used_sources, "nothing cites '{}'", "cite it or take it out"),
    "fact": Use(
        lambda paper: {c.key.removeprefix("fact-") for chapter in paper.chapters for c in chapter.all_citations},
        "nothing uses the fact '{0}'",
        "write -@fact-{0}, or take it out",
    ),
    "term": Use(_used_terms, "no chapter uses the term '{}'", "delete the definition, or use the term"),
    "acronym": Use(_used_acronyms, "nothing uses '{}'", "take it out"),
}
"""Kinds of entries that the paper is to use, by their name in `Limits.used_as`."""


def unused_entry(paper: Paper) -> Iterator[Finding]:
    """Every entry of a register is used."""
    used = {kind: use.names(paper) for kind, use in USES.items()}
    for value in paper.declared_values:
        if (kind := value.limits.used_as) and value.value not in used[kind]:
            message, hint = USES[kind].message.format(value.value), USES[kind].hint.format(value.value)
            yield Finding(value.place, message, hint, kind=kind)


class FileKind(NamedTuple):
    """Kind of file that keys name: the files of the paper, what is wrong with one, and the hints."""

    files: Callable[[Paper], Mapping[str, Place]]
    problem: Callable[[Paper, str], str]
    missing: str
    missing_hint: str
    unlisted: str
    unlisted_hint: str


FILES: Mapping[str, FileKind] = {
    "chapter": FileKind(
        lambda paper: {c.path: c.front.place() for c in paper.chapters},
        lambda paper, path: "does not exist" * (path in {missing for _, _, missing in paper.missing}),
        "the chapter '{}' {}",
        "write it, or take it off the list",
        "this chapter is in no part of the paper",
        "add '- {}' to a part in paper/paper.yaml",
    ),
    "copy": FileKind(
        lambda paper: {path: Place(path) for path, copy in paper.source_copies.items() if not copy.problem},
        lambda paper, path: paper.source_copies.get(path, SourceCopy(problem="does not exist")).problem,
        "the copy '{}' {}",
        f"put the file into {COPIES_FOLDER}/, or take 'copy' out",
        "no source names this copy",
        "write 'copy: {}' for one, or delete it",
    ),
}
"""Kinds of files by their name in `Limits.file`. Reading reports those of sources: nothing can be checked without."""


def missing_file(paper: Paper) -> Iterator[Finding]:
    """Every file that the paper names exists, and can be read."""
    for value in paper.declared_values:
        if value.limits.file and (problem := FILES[value.limits.file].problem(paper, value.value)):
            kind = FILES[value.limits.file]
            near = spelling_hint(value.value, kind.files(paper))
            hint = near if near.startswith("did") else kind.missing_hint
            yield Finding(value.place, kind.missing.format(value.value, problem), hint, kind=value.limits.file)


def unlisted_file(paper: Paper) -> Iterator[Finding]:
    """Every file in the folders of the paper is named by it."""
    named = {(value.limits.file, value.value) for value in paper.declared_values if value.limits.file}
    for name, kind in FILES.items():
        for path, place in kind.files(paper).items():
            if (name, path) not in named:
                yield Finding(place, kind.unlisted, kind.unlisted_hint.format(path), kind=name)


_CONFIRMATIONS: Mapping[str, tuple[str, str, str]] = {
    "title": ("nobody has confirmed the title '{}'", "nobody has confirmed {} titles", "have it confirmed"),
    "holiday": ("nobody has checked the holiday on {}", "nobody has checked {} holidays", "look it up"),
    "person": (
        "the spelling or the post of {} is not confirmed",
        "the spelling or the post of {} people is not confirmed",
        "ask",
    ),
    "source": ("nobody has checked the source '{}'", "nobody has checked {} sources", "check it"),
    "fact": ("nobody has seen the figure '{}'", "nobody has seen {} figures", "see it in its source"),
}
"""Message about an entry, that about several, and what to do, by the kind of the finding."""
_Confirmed = TranslatedTitle | Holiday | Person | Reference | Fact


def unverified_entry(paper: Paper) -> Iterator[Finding]:
    """Everything that is printed has been confirmed."""
    for kind, entry, name, place in _printed_entries(paper):
        if entry.verify:
            message, many, act = _CONFIRMATIONS[kind]
            cause = Cause(entry.place("verify"), name, many)
            hint = f"{act}, and delete 'verify: true' in {cause.place.path}"
            yield Finding(place or cause.place, message.format(name), hint, kind=kind, cause=cause)


def _printed_entries(paper: Paper) -> Iterator[tuple[str, _Confirmed, str, Place | None]]:
    """Yield the entries that are printed: kind, entry, name, and the place where it is used."""
    for title in paper.settings.titles:
        yield "title", title, title.title, None
    for holiday in paper.timeline.holidays:
        yield "holiday", holiday, f"{holiday.on}, {holiday.name}", None
    for value in (value for value in paper.declared_values if value.limits.refers_to == "person"):
        if person := paper.people.get(value.value):
            yield "person", person, person.name, value.place
    for chapter in paper.chapters:
        for citation in chapter.all_citations:
            fact = paper.facts.get(citation.key.removeprefix("fact-"))
            if fact and citation.key not in paper.references:
                yield "fact", fact, fact.id, citation.place
            if source := paper.references.get(fact.source if fact else citation.key):
                yield "source", source, source.id, citation.place


def loose_end(paper: Paper) -> Iterator[Finding]:
    """Gaps, objectives, decisions and categories are taken up in the paper."""
    recommendations = [*paper.items_of_kind("recommendation")]
    for item in recommendations:
        if not item.field_parts("closes"):
            message, hint = f"the {item.kind_and_id} closes no gap", "add a line '- Closes: gap-…'"
            yield Finding(item.place, message, hint, kind="recommendation")
    for kind, field, verb in (("gap", "Closes", "closes"), ("objective", "Objective", "serves")):
        named = {name for item in recommendations for name in item.field_parts(field.lower())}
        for item in paper.items_of_kind(kind):
            if item.id not in named:
                hint = f"add '- {field}: {item.id}' to a recommendation"
                yield Finding(item.place, f"no recommendation {verb} the {item.kind_and_id}", hint, kind=kind)
    for decision in paper.decisions:
        if decision.state == "open" and not decision.link:
            noun = "request" if decision.kind == "scope" else decision.kind
            hint = "add 'link:' with a chapter or a recommendation, or set its state to done or dropped"
            message = f"nothing in the paper takes up the {noun} '{decision.id}'"
            yield Finding(decision.place("id"), message, hint, kind="decision")
    key, used_categories = paper.settings.category_key, {c.front.category for c in paper.chapters}
    for category in paper.settings.categories:
        if category.id not in used_categories:
            hint = f"start one: {command_line(f'new chapter {category.id}')}"
            yield Finding(category.place("id"), f"no chapter has '{key}: {category.id}'", hint, kind="category")


# --- blocks -----------------------------------------------------------------------------------------------------------

_NO_VALUE = late_pattern(
    r"none(?:\s+(?:known|seen|published|available|found))?|nil|n/?a|unknown|(?:not|never)\s+(?:yet\s+)?\w+"
    r"|no\s+(?:data|figures?|baseline|target|cost|estimate|information)(?:\s+\w+)?|[–—-]|to\s+be\s+\w+",
    re.IGNORECASE,
)


def incomplete_block(paper: Paper) -> Iterator[Finding]:
    """Recommendations, gaps, objectives and risks have an id, and fields that say something."""
    for item in (item for chapter in paper.chapters for item in chapter.items):
        prefix, fields = ITEM_PREFIXES[item.kind], ITEM_FIELDS.get(item.kind, {})
        if not item.id.startswith(f"{prefix}-") and (item.id or fields):
            problem = f"has the id '{item.id}'" if item.id else "has no id"
            yield Finding(item.place, f"the {item.kind} {problem}", f"write {{#{prefix}-… .{item.kind}}}", kind="id")
        for name, limits in fields.items():
            label, text = name.capitalize(), item.field_text(name)
            has_entries = limits.needed == "entries" and TARGETS[limits.refers_to].names(paper)
            is_misspelled = not text and any(spelling_hint(n, [name]) for n in item.fields.keys() - fields.keys())
            if not text and not is_misspelled and (limits.needed == "always" or has_entries):
                message, hint = f"the {item.kind_and_id} has no {label}", f"add a line '- {label}: …' to it"
                yield Finding(item.place, message, hint, kind=item.kind)
            elif text and limits.must_say and not has_value(item, name):
                message = f"the line '{label}: {text}' says nothing"
                hint = "write what is known, or leave the line out and say in the text what is missing"
                yield Finding(item.fields[name].place, message, hint, kind="empty-field")
        if planned := [n for n, limits in fields.items() if limits.needed == "plan" and not has_value(item, n)]:
            names = " and no ".join(planned)
            cause = Cause(item.place, item.id, "{} recommendations lack a cost, a baseline or a target")
            hint = "; ".join(f"add a line '- {name.capitalize()}: …'" for name in planned)
            yield Finding(item.place, f"the {item.kind_and_id} has no {names}", hint, kind="action-plan", cause=cause)


def has_value(item: Item, name: str) -> bool:
    """Whether a field of an item says more than that nothing is known."""
    text = item.field_text(name).strip().rstrip(".")
    return bool(text) and not _NO_VALUE.fullmatch(text)


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
    yield from _lines_in_no_block(text)


def _lines_in_no_block(text: ChapterText) -> Iterator[Finding]:
    """Yield lines with an owner, or with a gap that is closed, outside of recommendations."""
    for passage in text.passages:
        name = field_name(passage.text) if passage.within[-1:] == ("item",) and not passage.label else ""
        if name in ("owner", "closes"):
            message = f"'{name.capitalize()}' is a line of a recommendation, and in no block"
            hint = "write ::: {#rec-… .recommendation} above the list, and ::: below it"
            yield Finding(passage.place(0), message, hint)


def repeated_field(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A line of a recommendation or a gap is given once: registers hold one value."""
    for div in text.nodes("Div"):
        first: dict[str, Node] = {}
        for name, line in read_field_lines(div) if ITEM_PREFIXES.keys() & {*classes(div)} else ():
            if (other := first.setdefault(name, line)) is not line:
                message = f"'{name.capitalize()}' is given twice; the other is in line {text.chapter.place(other).line}"
                yield Finding(text.chapter.place(line), message, "keep one, or separate names with ';' in one line")


def unreadable_cost(paper: Paper) -> Iterator[Finding]:
    """A cost in figures is a currency code, an amount and the year of its prices, with its source of funds."""
    chapters = (chapter for chapter in paper.chapters if is_english(chapter.language))
    for item in (item for chapter in chapters for item in chapter.items_of_kind("recommendation")):
        cost = plain_text_with_facts(item.fields["cost"].inlines, paper.facts) if "cost" in item.fields else ""
        if not any(map(str.isdigit, cost)):
            continue
        if read_cost(cost) is None:
            hint = "write 'PKR 40 million (2019)' or 'PKR 40 million a year (2019)'"
            yield Finding(item.fields["cost"].place, f"'{cost}' is not an amount with currency and year", hint)
        elif not has_value(item, "funding"):
            message = f"the cost of the {item.kind_and_id} has no source of funds"
            yield Finding(item.fields["cost"].place, message, "add a line '- Funding: …' to it")
