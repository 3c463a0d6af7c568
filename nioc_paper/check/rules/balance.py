"""Rules about proportions: lengths, sources, recommendations, links, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Chapter, Heading, Paper, format_count
from nioc_paper.program import command_line

_MIN_PERCENT, _MAX_PERCENT = 80, 110
"""Allowed length in per cent of the target."""
_SHORT_TEXT_WORDS = 300
"""Length in words up to which no citation is needed."""


def over_length(paper: Paper) -> Iterator[Finding]:
    """No chapter has more words than its maximum.

    Bad: 5,321 words, with words: {max: 5000}
    Good: 4,876 words, or a higher maximum in the front matter
    """
    for chapter in paper.chapters:
        max_words = paper.required_words(chapter).max
        if max_words and chapter.words > max_words:
            message = f"the chapter has {format_count(chapter.words, 'word')}; its maximum is {max_words:,}"
            yield Finding(
                chapter.front.place("words"), message, f"cut {format_count(chapter.words - max_words, 'word')}"
            )


def wrong_length(paper: Paper) -> Iterator[Finding]:
    """A chapter has between 80 and 110 per cent of its target in words.

    Bad: 1,200 words, with words: {target: 4500}
    Good: 4,200 words
    """
    for chapter in paper.chapters:
        required = paper.required_words(chapter)
        if chapter.words and required.target and not (required.max and chapter.words > required.max):
            percent = 100 * chapter.words / required.target
            if percent > _MAX_PERCENT or (percent < _MIN_PERCENT and not _is_generated(chapter)):
                length = format_count(chapter.words, "word")
                message = f"the chapter has {length}, {percent:.0f} % of its target of {required.target:,}"
                difference = format_count(abs(chapter.words - required.target), "word")
                hint = f"write {difference} more" if percent < _MIN_PERCENT else f"cut {difference}"
                yield Finding(chapter.front.place("words"), message, f"{hint}, or give it another target with 'words:'")


def _is_generated(chapter: Chapter) -> bool:
    """Whether a chapter has generated lists, and few words of its own."""
    return "generated" in chapter.text and any(tree.is_div(block, "generated") for block in chapter.blocks)


def full_outline(paper: Paper) -> Iterator[Finding]:
    """A chapter with more than 300 words has left the first status: the status decides how much is checked.

    Bad: 1,800 words with status: outline
    Good: 1,800 words with status: drafting
    """
    for chapter in paper.chapters if len(paper.settings.statuses) > 1 else ():
        first, second, *_ = paper.settings.statuses
        if chapter.front.status == first.id and chapter.words > _SHORT_TEXT_WORDS:
            message = f"the chapter has {format_count(chapter.words, 'word')}; its status is still '{first.id}'"
            hint = f"check it as a text: {command_line(f'move {chapter.id} {second.id}')}"
            yield Finding(chapter.front.place("status"), message, hint)


# --- sources ----------------------------------------------------------------------------------------------------------


def _is_in_main_matter(paper: Paper, chapter: Chapter) -> bool:
    """Whether a chapter is in the main matter: a foreword need cite nothing."""
    return any(chapter.path in part.chapters for part in paper.settings.parts if part.matter == "main")


def _count_sources(paper: Paper, keys: tuple[tuple[int, str], ...]) -> int:
    return sum(key in paper.references or key.startswith("fact-") for _, key in keys)


def unsourced_section(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A section of more than 300 words cites a source; recommendations are not counted.

    Bad: '## At a glance' with 800 words and no citation
    Good: '## At a glance' with 800 words and [@survey2019]
    """
    sections = _measure_sections(paper, text) if _is_in_main_matter(paper, text.chapter) else ()
    for heading, words, sources in sections:
        if words > _SHORT_TEXT_WORDS and not sources:
            message = f"the section '{heading.title}' has {format_count(words, 'word')} and no source"
            yield Finding(heading.place, message, "cite the sources of its statements")


def _measure_sections(paper: Paper, text: ChapterText) -> Iterator[tuple[Heading, int, int]]:
    """Yield each section of level 2 with its words outside recommendations and its number of citations."""
    headings = [h for h in text.chapter.headings if h.level == 2]
    words, sources, index = [0] * len(headings), [0] * len(headings), -1
    for passage in text.passages:
        if passage.level == 2:
            index = min(index + 1, len(headings) - 1)
        if index >= 0:
            sources[index] += _count_sources(paper, passage.keys)
            words[index] += 0 if passage.is_heading or "recommendation" in passage.within else len(passage.text.split())
    yield from zip(headings, words, sources, strict=True)


# --- recommendations, links, decisions --------------------------------------------------------------------------------


def unlinked_categories(paper: Paper) -> Iterator[Finding]:
    """For every two categories, a chapter says how they are connected.

    Bad: two categories whose chapters do not name each other
    Good: links: [{to: tunnels, how: one road leads through both}], or ::: {.linkage to=tunnels}
    """
    chapters = {c.front.category: c for c in paper.chapters}
    linked = {category: _linked_chapters(chapter) for category, chapter in chapters.items()}
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
            titles = _short_list([f"'{other.title}'" for other in unlinked])
            message = f"no chapter says how '{one.title}' touches {titles}"
            link = f"'- {{to: {chapters[unlinked[0].id].id}, how: …}}'"
            hint = f"add {link} to the links of {first.path}, or say there that they are not connected"
            yield Finding(paper.settings.place("categories", index, "id"), message, hint)


_MAX_TITLES = 4
"""Titles named in a message before the others are counted."""


def _short_list(titles: Sequence[str]) -> str:
    """Return titles with commas; the first ones and the number of the others if there are many."""
    shown = titles if len(titles) <= _MAX_TITLES + 1 else titles[:_MAX_TITLES]
    rest = len(titles) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _linked_chapters(chapter: Chapter) -> set[str]:
    return {link.to for link in chapter.front.links} | {
        b.attributes.get("to", "") for b in chapter.items_of_kind("linkage")
    }


def forgotten_decision(paper: Paper) -> Iterator[Finding]:
    """Every decision, offer and request of a meeting is taken up in the paper until it is done or dropped.

    Bad: state: open, and no link
    Good: link: rec-tu-notice, or state: dropped with a note that says why
    """
    for index, decision in enumerate(paper.decisions):
        if decision.state == "open" and not decision.link:
            kind = "request" if decision.kind == "scope" else decision.kind
            place = paper.decisions_file.place("decisions", index, "id")
            hint = "add 'link:' with a chapter or a recommendation, or set its state to done or dropped"
            yield Finding(place, f"nothing in the paper takes up the {kind} '{decision.id}'", hint)
