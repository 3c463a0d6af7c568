"""Rules about front matter and the list of chapters."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import LIST_NAMES, Cause, Paper, slugify, spelling_hint
from nioc_paper.program import command_line
from nioc_paper.tree import attributes, is_div


def category_without_chapter(paper: Paper) -> Iterator[Finding]:
    """Every category of the paper has a chapter.

    Bad: a category in paper.yaml that no chapter names
    Good: one chapter for each category
    """
    key, used_categories = paper.settings.category_key, {c.front.category for c in paper.chapters}
    for index, category in enumerate(paper.settings.categories):
        if category.id not in used_categories:
            place = paper.settings.place("categories", index, "id")
            hint = f"start one: {command_line(f'new chapter {category.id}')}"
            yield Finding(place, f"no chapter has '{key}: {category.id}'", hint)


def bad_id(paper: Paper) -> Iterator[Finding]:
    """An id is lower-case words joined by dashes.

    Bad: id: The Bridges
    Good: id: the-bridges
    """
    for chapter in paper.chapters:
        name, good = chapter.front.id, slugify(chapter.front.id)
        if name != good:
            hint = f"write '{good}'" if good else "write letters from a to z, digits and dashes"
            yield Finding(chapter.front.place("id"), f"'{name}' is not an id", hint)


def missing_summary(paper: Paper) -> Iterator[Finding]:
    """A chapter that is being written has a summary of one sentence.

    Bad: status: drafting, and no summary
    Good: summary: What the chapter says, in a sentence.
    """
    for chapter in paper.chapters:
        if not chapter.front.summary:
            yield Finding(
                chapter.front.place(), "the chapter has no summary", "add 'summary: …', at most 300 characters"
            )


def unknown_list(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A generated list is one that the toolchain makes.

    Bad: ::: {.generated list=actions}
    Good: ::: {.generated list=action-plan}
    """
    chapter = text.chapter
    for node in text.nodes("Div"):
        if is_div(node, "generated") and (name := attributes(node).get("list", "")) not in LIST_NAMES:
            place = chapter.place(node)
            yield Finding(place, f"'{name}' is not a list", spelling_hint(name, LIST_NAMES))


def unverified_title(paper: Paper) -> Iterator[Finding]:
    """Every title in another language has been confirmed.

    Bad: {language: fr, title: Ponts et tunnels, verify: true}
    Good: {language: fr, title: Ponts et tunnels}
    """
    for index, title in enumerate(paper.settings.titles):
        if title.verify:
            message = f"nobody has confirmed the title '{title.title}' ({title.language})"
            place, hint = paper.settings.place("titles", index), "have it confirmed, and delete 'verify: true'"
            cause = Cause(place, title.title, "nobody has confirmed {} titles")
            yield Finding(place, message, hint, cause=cause)
