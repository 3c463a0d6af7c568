"""Rules about front matter and the list of chapters."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import LIST_NAMES, Cause, Paper, slugify, spelling_hint
from nioc_paper.program import command_line
from nioc_paper.tree import attributes, is_div

SETTINGS_PATH = "paper/paper.yaml"


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


def missing_chapter(paper: Paper) -> Iterator[Finding]:
    """Every chapter that paper.yaml lists exists.

    Bad: a path in parts that is not a file
    Good: the path of a chapter
    """
    chapter_paths = [c.path for c in paper.chapters]
    for part, index, path in paper.missing:
        place = paper.settings.place("parts", part, "chapters", index)
        yield Finding(
            place,
            f"the chapter '{path}' does not exist",
            spelling_hint(path, chapter_paths) or "write it, or take it off the list",
        )


def unlisted_chapter(paper: Paper) -> Iterator[Finding]:
    """Every chapter in the folders of the paper is listed in paper.yaml; otherwise it would never be printed.

    Bad: chapters/tunnels.md, in no part
    Good: chapters/tunnels.md, in the chapters of a part
    """
    for chapter in paper.chapters:
        if chapter.path not in paper.listed_paths:
            hint = f"add '- {chapter.path}' to a part in {SETTINGS_PATH}"
            yield Finding(chapter.front.place(), "this chapter is in no part of the paper", hint)


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
