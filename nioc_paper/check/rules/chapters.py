"""Rules about chapters as wholes: front matter, sections, headings, lengths, links between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import typed_list_index
from nioc_paper.model import LIST_NAMES, Chapter, Fix, Paper, Place, format_count, slugify, spelling_hint
from nioc_paper.model.characters import comparable
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.program_name import command_line
from nioc_paper.tree import attributes, is_div
from nioc_paper.wording import primary_language


def bad_id(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """An id is lower-case words joined by dashes."""
    name, good = chapter.front.id, slugify(chapter.front.id)
    if name != good:
        hint = f"write '{good}'" if good else "write letters from a to z, digits and dashes"
        yield Finding(chapter.front.place("id"), f"'{name}' is not an id", hint)


def missing_summary(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chapter that is being written has a summary of one sentence."""
    if not chapter.front.summary:
        hint = "add 'summary: …', at most 300 characters"
        yield Finding(chapter.front.place(), "the chapter has no summary", hint)


def unknown_list(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A generated list is one that the toolchain makes."""
    for node in text.nodes("Div"):
        if is_div(node, "generated") and (name := attributes(node).get("list", "")) not in LIST_NAMES:
            yield Finding(text.chapter.place(node), f"'{name}' is not a list", spelling_hint(name, LIST_NAMES))


def _required_headings(paper: Paper, chapter: Chapter) -> tuple[list[str], list[str]]:
    """Return the headings that a chapter needs: sections, in order, and others. They are in the paper's language."""
    if primary_language(chapter.language) != primary_language(paper.settings.language):
        return [], []
    extra = next((c.headings for c in paper.settings.categories if c.id == chapter.front.category), ())
    return list(paper.settings.chapter_kind(chapter.front.category).sections), list(extra)


def missing_section(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chapter has the sections of its kind."""
    sections, extra = _required_headings(paper, chapter)
    numbers = (_TYPED_NUMBER.match(h.title) for h in chapter.headings)
    titles = [comparable(h.title[n.end() :] if n else h.title) for h, n in zip(chapter.headings, numbers, strict=True)]
    for title in [*sections, *extra]:
        if comparable(title) not in titles:
            is_near = len(titles) > 16 or title.casefold() in map(str.casefold, titles)
            near = spelling_hint(title, titles) if is_near else ""
            mark = "##" if title in sections else "###"
            message = f"the section '{title}' is missing"
            yield Finding(chapter.front.place(), message, near or f"add a heading '{mark} {title}'")


def empty_section(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every heading has text below it."""
    for heading in chapter.headings:
        if not heading.words:
            hint = "write a sentence, or take the heading out"
            yield Finding(heading.place, f"the section '{heading.title}' is empty", hint)


def misplaced_section(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """The sections of a kind of chapter have the same order in every chapter."""
    order = {comparable(title): index for index, title in enumerate(_required_headings(paper, chapter)[0])}
    headings = [h for h in chapter.headings if h.level == 2 and comparable(h.title) in order]
    for before, heading in pairwise(headings):
        if order[comparable(heading.title)] < order[comparable(before.title)]:
            message = f"the section '{heading.title}' comes after '{before.title}'"
            yield Finding(heading.place, message, f"the order is: {' · '.join(order)}")


_STOP = late_pattern(r"(?<![.…])[.:;,](?<!\betc\.)(?<!\b[A-Z]\.)\Z")
_TYPED_NUMBER = late_pattern(r"(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]+\.|[A-Z]\.)\s(?=[A-Z])")
_MAX_HEADING_WORDS = 12


def heading_with_stop(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading is words alone: numbers and lists are made by themselves, and it ends without a mark."""
    required = {*chain.from_iterable(_required_headings(paper, text.chapter))}
    for node in text.chapter.blocks[typed_list_index(text.chapter.blocks) :][:1]:
        if (title := tree.plain_text(node)) not in required:
            message = f"the list '{title}' is made by itself"
            yield Finding(text.chapter.place(node), message, "take the title and its list out; cite sources as [@KEY]")
    for heading in text.chapter.headings:
        if match := _TYPED_NUMBER.match(heading.title):
            message = f"the number of the heading '{heading.title}' is typed by hand"
            yield Finding(heading.place, message, f"write '{heading.title[match.end() :]}': numbers are made")
        if match := _STOP.search(heading.title):
            yield Finding(heading.place, f"the heading '{heading.title}' ends with '{match[0]}'", "delete the mark")


def bold_as_heading(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading is marked as one: a line in bold is missing from the table of contents."""
    # The title of a list that is typed at the end is to go.
    for node, after in pairwise(text.chapter.blocks[: typed_list_index(text.chapter.blocks)]):
        inlines = tree.content(node) if node["t"] == "Para" else []
        if len(inlines) == 1 and inlines[0]["t"] in ("Strong", "Emph") and after["t"] in ("Para", "BulletList"):
            title = tree.plain_text(inlines).strip()
            if title[-1:] not in ".!?" and len(title.split()) <= _MAX_HEADING_WORDS:
                place = text.chapter.place(inlines[0])
                line = text.chapter.text.split("\n")[place.line - 1]
                above = [heading.level for heading in text.chapter.headings if heading.place.line < place.line]
                heading = f"{'#' * min(max([2, *above[-1:]]) + 1, 6)} {title.rstrip(':')}"
                fix = Fix(Place(place.path, place.line), line, heading) if "]" not in line else None
                yield Finding(place, f"'{title}' looks like a heading, but is not one", f"write '{heading}'", fix)


_MIN_PERCENT, _MAX_PERCENT = 80, 110
"""Allowed length in per cent of the target."""
_SHORT_TEXT_WORDS = 300
"""Length in words up to which no citation is needed."""


def unfit_length(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chapter has between 80 and 110 per cent of its target in words, and no more than its maximum."""
    required, place = paper.required_words(chapter), chapter.front.place("words")
    length = format_count(chapter.words, "word")
    percent = 100 * chapter.words / required.target if required.target else 100
    is_generated = "generated" in chapter.text and any(tree.is_div(block, "generated") for block in chapter.blocks)
    if required.max and chapter.words > required.max:
        message = f"the chapter has {length}; its maximum is {required.max:,}"
        hint = f"cut {format_count(chapter.words - required.max, 'word')}"
        yield Finding(place, message, hint, kind="maximum")
    elif required.target and (percent > _MAX_PERCENT or (0 < percent < _MIN_PERCENT and not is_generated)):
        message = f"the chapter has {length}, {percent:.0f} % of its target of {required.target:,}"
        difference = format_count(abs(chapter.words - required.target), "word")
        hint = f"write {difference} more" if percent < _MIN_PERCENT else f"cut {difference}"
        yield Finding(place, message, f"{hint}, or give it another target with 'words:'", kind="target")


def full_outline(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chapter with more than 300 words has left the first status: the status decides how much is checked."""
    first, second, *_ = (*paper.settings.statuses, None, None)
    if first and second and chapter.front.status == first.id and chapter.words > _SHORT_TEXT_WORDS:
        message = f"the chapter has {format_count(chapter.words, 'word')}; its status is still '{first.id}'"
        hint = f"check it as a text: {command_line(f'move {chapter.id} {second.id}')}"
        yield Finding(chapter.front.place("status"), message, hint)


# --- recommendations, links, decisions --------------------------------------------------------------------------------


_MAX_TITLES = 4


def unlinked_categories(paper: Paper) -> Iterator[Finding]:
    """For every two categories, a chapter says how they are connected."""
    chapters = {c.front.category: c for c in paper.chapters}
    linked = {
        category: {link.to for link in chapter.front.links}
        | {block.attributes.get("to", "") for block in chapter.items_of_kind("linkage")}
        for category, chapter in chapters.items()
    }
    categories = [(i, c) for i, c in enumerate(paper.settings.categories) if c.id in chapters]
    for position, (index, one) in enumerate(categories):
        first = chapters[one.id]
        # One finding per category: their pairs grow with the square of their number.
        unlinked = [
            other
            for _, other in categories[position + 1 :]
            if chapters[other.id].id not in linked[one.id] and first.id not in linked[other.id]
        ]
        if unlinked:
            titles = ", ".join(f"'{other.title}'" for other in unlinked[:_MAX_TITLES])
            titles += f" and {len(unlinked) - _MAX_TITLES} more" if len(unlinked) > _MAX_TITLES else ""
            message = f"no chapter says how '{one.title}' touches {titles}"
            link = f"'- {{to: {chapters[unlinked[0].id].id}, how: …}}'"
            hint = f"add {link} to the links of {first.path}, or say there that they are not connected"
            yield Finding(paper.settings.place("categories", index, "id"), message, hint)
