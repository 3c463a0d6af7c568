"""Start a chapter: its id, its category, its part and its text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from nioc_paper.edit.yaml import to_scalar
from nioc_paper.model import WINDOWS_DEVICE, Paper, Settings, short_slug, spelling_hint
from nioc_paper.wording import latin_form

_CROSS_CUTTING = "cross-cutting"
_DEFAULT_GUIDE = "Describe this section in a sentence."
_NO_SECTIONS_GUIDE = "Write the chapter here, one sentence a line."
_MOVE_HEADING_NOTE = "Move this heading to where it fits."


class ScaffoldError(Exception):
    """Request that cannot be met; the message gives the reason and the alternatives."""


class NewChapter(Struct, frozen=True):
    """Chapter that is not on disk yet."""

    id: str
    path: str
    title: str
    category: str
    text: str
    part: int | None
    """Index of the part whose list must name it; None if paper.yaml or its own front matter names the place."""


def new_chapter(paper: Paper, id: str, title: str = "", category: str = "", part: str = "") -> NewChapter:
    """Return a new chapter; missing values are chosen. Raises ScaffoldError."""
    path = f"chapters/{id}.md"
    _require_new_id(paper, id)
    category = _require_free_category(paper, category) if category else _next_category(paper, id)
    category_title = next((c.title for c in paper.settings.categories if c.id == category), "")
    title = title.strip() or category_title or id.replace("-", " ").capitalize()
    index = None if path in paper.listed_paths else _part_index(paper.settings, part)
    text = chapter_text(paper.settings, id, title, category)
    if index is not None and paper.settings.record_files:  # two new chapters in one list would meet
        part_name = paper.settings.parts[index].title or str(index + 1)
        text, index = text.replace("\ncontributors:", f"\npart: {to_scalar(part_name)}\ncontributors:", 1), None
    return NewChapter(id, path, title, category, text, index)


def _require_new_id(paper: Paper, id: str) -> None:
    slug = short_slug(latin_form(id, paper.settings.language))
    if id != slug:
        raise ScaffoldError(
            f"'{id}' is not an id; " + (f"write '{slug}'" if slug else "write letters from a to z and dashes")
        )
    if WINDOWS_DEVICE.match(f"{id}."):
        raise ScaffoldError(f"'{id}' is kept for a device by Windows; write another id")
    for existing in paper.chapters:
        if existing.id == id:
            raise ScaffoldError(f"'{id}' is there already: {existing.path}")


def _require_free_category(paper: Paper, category: str) -> str:
    settings = paper.settings
    category_ids = [c.id for c in settings.categories] + [k for k in settings.kinds if k != "category"]
    if category not in category_ids:
        raise ScaffoldError(
            f"'{category}' is not a {settings.category_key} of this paper; {spelling_hint(category, category_ids)}"
        )
    for existing in paper.chapters:
        if existing.front.category == category and category in {c.id for c in settings.categories}:
            raise ScaffoldError(f"the {settings.category_key} '{category}' has its chapter: {existing.path}")
    return category


def _next_category(paper: Paper, id: str) -> str:
    """Return the category named by the id, `cross-cutting`, or the first category without a chapter."""
    settings, used_categories = paper.settings, {c.front.category for c in paper.chapters}
    free_categories = [c.id for c in settings.categories if c.id not in used_categories]
    for category in (
        id if id in free_categories else "",
        _CROSS_CUTTING if _CROSS_CUTTING in settings.kinds else "",
        *free_categories,
    ):
        if category:
            return category
    kinds = ", ".join(k for k in settings.kinds if k != "category") or "none"
    raise ScaffoldError(f"every {settings.category_key} has its chapter; give --category (kinds are: {kinds})")


def _part_index(settings: Settings, requested: str) -> int:
    parts = settings.parts
    if not requested:
        return max((i for i, p in enumerate(parts) if p.matter == "main"), default=len(parts) - 1)
    if (index := settings.part_index(requested)) is not None:
        return index
    hint = spelling_hint(requested, (p.title for p in parts if p.title))
    raise ScaffoldError(
        f"'{requested}' is not a part; give its title, or a number from 1 to {len(parts)}; {hint}".rstrip("; ")
    )


def chapter_text(settings: Settings, id: str, title: str, category: str) -> str:
    """Return the text of a new chapter: front matter, and headings with what belongs under them."""
    front = [
        f"id: {to_scalar(id)}",
        f"title: {to_scalar(title)}",
        f"{settings.category_key}: {to_scalar(category)}",
        f"status: {to_scalar(settings.statuses[0].id)}",
        "contributors:",
        "  # - {id: …, role: lead}   with an id from contributors.yaml",
        "summary:   # one sentence, at most 300 characters",
    ]
    return "\n".join(["---", *front, "---", *_section_lines(settings, category)]) + "\n"


def _section_lines(settings: Settings, category: str) -> Iterator[str]:
    """Return headings, each with a comment that no output prints and no word count includes."""
    kind = settings.chapter_kind(category)
    extra_headings = next((c.headings for c in settings.categories if c.id == category), ())
    if not kind.sections and not extra_headings:
        yield from ("", _comment(_NO_SECTIONS_GUIDE))
    for title in kind.sections:
        yield from ("", f"## {title}", "", _comment(kind.guide.get(title, _DEFAULT_GUIDE)))
    for heading in extra_headings:
        yield from (
            "",
            f"### {heading}",
            "",
            _comment(f"{kind.guide.get(heading, _DEFAULT_GUIDE)} {_MOVE_HEADING_NOTE}"),
        )


def _comment(text: str) -> str:
    return f"<!-- {text.replace('--', '–')} -->"
