"""Rules about front matter and the list of chapters."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding, find_duplicates
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import LIST_NAMES, Paper, slugify, spelling_hint
from nioc_paper.program import command_line
from nioc_paper.tree import attributes, is_div

SETTINGS_PATH = "paper/paper.yaml"


def unknown_status(paper: Paper) -> Iterator[Finding]:
    """A status is one of those in paper.yaml.

    Bad: status: draftng
    Good: status: drafting
    """
    status_ids = [s.id for s in paper.settings.statuses]
    for chapter in paper.chapters:
        named_statuses = [(chapter.front.status, ("status",)), *((s, ("due", s)) for s in chapter.front.due)]
        for status, loc in named_statuses:
            if status and status not in status_ids:
                message = f"'{status}' is not a status of this paper"
                yield Finding(chapter.front.place(*loc), message, spelling_hint(status, status_ids))
    for index, gate in enumerate(paper.timeline.gates):
        if gate.leaves and gate.leaves not in status_ids:
            place = paper.timeline.place("gates", index, "leaves")
            yield Finding(
                place, f"'{gate.leaves}' is not a status of this paper", spelling_hint(gate.leaves, status_ids)
            )


def unknown_category(paper: Paper) -> Iterator[Finding]:
    """A chapter's category is one of the paper's, or a kind of chapter.

    Bad: category: briges
    Good: category: bridges
    """
    key = paper.settings.category_key
    category_ids = [c.id for c in paper.settings.categories] + [k for k in paper.settings.kinds if k != "category"]
    for chapter in paper.chapters:
        category = chapter.front.category
        if category and category not in category_ids:
            message = f"'{category}' is not a {key} of this paper"
            yield Finding(
                chapter.front.place("category"),
                message,
                spelling_hint(category, category_ids),
            )


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


def category_with_two_chapters(paper: Paper) -> Iterator[Finding]:
    """No category of the paper has two chapters.

    Bad: two chapters with the same category
    Good: one chapter for each category
    """
    key, category_ids = paper.settings.category_key, {c.id for c in paper.settings.categories}
    used_categories = [
        (c.front.category, c.front.place("category")) for c in paper.chapters if c.front.category in category_ids
    ]
    for category, place, first in find_duplicates(used_categories):
        message = f"'{key}: {category}' is the {key} of two chapters"
        yield Finding(place, message, f"the other is {first.path}; make one of them 'cross-cutting'")


def duplicate_chapter(paper: Paper) -> Iterator[Finding]:
    """Every chapter has an id of its own.

    Bad: two chapters with id: bridges
    Good: id: bridges and id: tunnels
    """
    for name, place, first in find_duplicates((c.front.id, c.front.place("id")) for c in paper.chapters):
        yield Finding(place, f"'{name}' is the id of two chapters", f"the other is {first.path}")


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


def chapter_listed_twice(paper: Paper) -> Iterator[Finding]:
    """No chapter is in the paper twice.

    Bad: the same path in two parts
    Good: each path once
    """
    places = [
        (path, paper.settings.place("parts", i, "chapters", j))
        for i, part in enumerate(paper.settings.parts)
        for j, path in enumerate(part.chapters)
    ]
    for path, place, first in find_duplicates(places):
        yield Finding(place, f"'{path}' is listed twice", f"the other is in line {first.line}")


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


def unknown_linkage(paper: Paper) -> Iterator[Finding]:
    """A link between chapters names a chapter.

    Bad: links: [{to: bridge}]
    Good: links: [{to: bridges}]
    """
    chapter_ids = {c.front.id for c in paper.chapters}
    for chapter in paper.chapters:
        front = chapter.front
        names = [(link.to, front.place("links", index, "to")) for index, link in enumerate(front.links)]
        for name, place in [*names, (front.translation_of, front.place("translation_of"))]:
            if name is not None and name not in chapter_ids:
                yield Finding(place, f"'{name}' is not a chapter", spelling_hint(name, chapter_ids))
        for item in chapter.items_of_kind("linkage"):
            target = item.attributes.get("to", "")
            if target not in chapter_ids:
                hint = spelling_hint(target, chapter_ids) or "name it: ::: {.linkage to=CHAPTER}"
                yield Finding(item.place, f"the linkage leads to '{target}', which is not a chapter", hint)


def unknown_annex(paper: Paper) -> Iterator[Finding]:
    """An annex is a list that the toolchain makes, and each list is one annex.

    Bad: annexes: [{title: Abbreviations, list: acronym}]
    Good: annexes: [{title: Abbreviations, list: acronyms}]
    """
    for index, annex in enumerate(paper.settings.annexes):
        if annex.list not in LIST_NAMES:
            place = paper.settings.place("annexes", index, "list")
            yield Finding(place, f"'{annex.list}' is not a list", spelling_hint(annex.list, LIST_NAMES))
    places = [
        (annex.list, paper.settings.place("annexes", i, "list")) for i, annex in enumerate(paper.settings.annexes)
    ]
    for name, place, first in find_duplicates(places):
        yield Finding(place, f"the list '{name}' is an annex already", f"take it out here or in line {first.line}")


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
            hint = "have it confirmed, and delete 'verify: true'"
            yield Finding(paper.settings.place("titles", index), message, hint)
