"""Starts of papers and chapters: files in place of the example's, and the text of a new chapter. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, count, groupby, product
from operator import attrgetter
from string import ascii_lowercase
from typing import Final

from msgspec import Struct

from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.edit.yaml import to_scalar
from nioc_paper.model import WINDOWS_DEVICE, Paper, Settings, Timeline, format_count, short_slug, slugify, spelling_hint
from nioc_paper.wording import latin_form, starter_words

INTRODUCTION_ID: Final = "introduction"
INTRODUCTION: Final = f"paper/front/{INTRODUCTION_ID}.md"
_CONTRIBUTORS: Final = """\
# People and organizations: the only place where a name is spelled. Chapters name them by id.
organizations: []               # - {id: …, name: …, acronym: …}

people: []                      # - {id: …, name: …, org: …, kind: official}
"""

_PAIRS: Final = tuple(map("".join, product(ascii_lowercase, repeat=2)))


class NewCategory(Struct, frozen=True):
    """Category of a new paper, with its chapter's id."""

    id: str
    title: str
    letters: str

    @property
    def path(self) -> str:
        """Path of its chapter."""
        return f"chapters/{self.id}.md"


def make_categories(titles: Sequence[str], reserved: Collection[str] = (), language: str = "") -> list[NewCategory]:
    """Return categories with ids and letters of their own.

    `reserved` has ids that are taken. Raises ScaffoldError for a title without letters, or one that is there twice.
    """
    categories: list[NewCategory] = []
    names: set[str] = set()
    for number, title in enumerate(titles, 1):
        latin_title = latin_form(title, language)
        name = slugify(latin_title) or title.casefold()
        if name in names or not any(map(str.isalnum, name)):
            raise ScaffoldError(f"'{title}' is not a title of a category of its own; write words, with commas between")
        names.add(name)
        free = _free_id(latin_title, number, {*reserved, *(other.id for other in categories)})
        categories.append(NewCategory(free, title, _free_letters(free, {other.letters for other in categories})))
    return categories


def _free_id(title: str, number: int, used: Collection[str]) -> str:
    """Return the id nearest to a title that can name a file, or a numbered one: titles may have no Latin letter."""
    numbered = (f"subject-{n}" for n in count(number))
    candidates = (name for name in chain((short_slug(title),), numbered) if name and name not in used)
    return next(name for name in candidates if not WINDOWS_DEVICE.match(f"{name}."))


def _free_letters(id: str, used: set[str]) -> str:
    """Return two letters from an id, initials if possible, that no other category has. Raises ScaffoldError."""
    words = [word for word in re.sub(r"[^a-z-]", "", id).split("-") if word] or ["x"]
    initials = "".join(word[0] for word in words) if len(words) > 1 else words[0]
    candidates = (f"{initials}xx"[:2], *(words[0][0] + c for c in ascii_lowercase), *_PAIRS)
    for letters in map(str.upper, candidates):
        if letters not in used:
            return letters
    raise ScaffoldError(f"a paper has at most {len(_PAIRS)} categories")


def named_settings(text: str, title: str, language: str = "") -> str:
    """Return paper.yaml with another title, and without the example's people and sentences."""
    return _substitute(
        text,
        (r"^id: \S+ *(?=#)", f"id: {short_slug(latin_form(title, language)) or 'paper':<27} "),
        (r"^title: .*", literal(f"title: {to_scalar(title)}")),
        (r"^subtitle: .*\n", ""),
        (r"^publisher: \S+ *(?=#)", "# publisher:                    "),
        (r"^editor: .*", "# editor:                       # an id from contributors.yaml"),
        (r"^asks: .*", "# asks:                         # request of the paper in one sentence: it opens the summary"),
        (
            r"^next:.*\n(?:  - .*\n)+",
            "# next:                         # list of the next decisions: it ends the summary\n",
        ),
    )


def _substitute(text: str, *pairs: tuple[str, str]) -> str:
    """Return a text with a replacement for the first match of each pattern."""
    for pattern, replacement in pairs:
        text = re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)
    return text


def own_settings(text: str, title: str, categories: Sequence[NewCategory], language: str = "") -> str:
    """Return paper.yaml with another title and other categories, without the example's people and sentences."""
    text = named_settings(text, title, language)
    lines = [f"  - {{id: {to_scalar(c.id)}, title: {to_scalar(c.title)}, letters: {c.letters}}}\n" for c in categories]
    chapters = "".join(f"      - {to_scalar(category.path)}\n" for category in categories)
    part = translate_starter(f"  - title: Chapters\n    chapters:\n{chapters}", language)
    text = _substitute(
        text,
        (r"(?<=^categories:)(.*\n)(?:  - .*\n)+", r"\1" + literal("".join(lines))),
        (r"  - title: The trees\n    chapters:\n(?:      - .*\n)+", literal(part)),
    )
    # The chapters of the example are short.
    return re.sub(r"target: \d+, max: (\d+)", lambda m: f"target: {int(m[1]) * 3 // 4}, max: {m[1]}", text)


def translate_starter(text: str, language: str) -> str:
    """Return a file of the starter with its titles and headings in a language, as far as the tool has them."""
    words = starter_words(language)
    pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?=[,:\]}}\n])"
    return re.sub(pattern, lambda match: words[match[0]], text) if words else text


def with_setting(text: str, key: str, value: str) -> str:
    """Return paper.yaml with another value of a key."""
    return re.sub(rf"^{key}: \S+", lambda _: f"{key}: {to_scalar(value)}", text, count=1, flags=re.MULTILINE)


def literal(replacement: str) -> str:
    """Return a text as a replacement in `re.sub` that means itself."""
    return replacement.replace("\\", r"\\")


def own_files(files: Mapping[str, str], title: str) -> dict[str, str]:
    """Return the files of the starter without what belongs to the example; chapters come from its settings."""
    example = ("chapters/", "paper/registers/", "paper/data/")
    own_starter = {path: text for path, text in files.items() if not path.startswith(example)}
    readme = re.sub(
        r"^# .*\n\nThis is a complete, small, invented paper.*\n.*\n", literal(f"# {title}\n"), own_starter["README.md"]
    )
    readme = re.sub(r"^(\| `paper/data/` .*) \|$", r"\1; make it when you need it |", readme, flags=re.MULTILINE)
    guide = own_starter["CONTRIBUTING.md"].replace("chapters/street-trees.md", "chapters/CHAPTER.md")
    return {**own_starter, "contributors.yaml": _CONTRIBUTORS, "README.md": readme, "CONTRIBUTING.md": guide}


# --- papers made of the chapters of another tool ----------------------------------------------------------------------


_KIND = "chapter"


class ImportedChapter(Struct):
    """A chapter to write, with the title and the matter of its part."""

    id: str
    title: str
    part: str
    matter: str
    text: str = ""
    """Text below the front matter."""

    @property
    def path(self) -> str:
        """Path in the paper."""
        return f"chapters/{self.id}.md"


def imported_files(
    starter: Mapping[str, str], settings_path: str, title: str, language: str, chapters: Sequence[ImportedChapter]
) -> dict[str, str]:
    """Return the files of a paper with these chapters, in place of the starter's example."""
    settings = named_settings(starter[settings_path], title)
    parts = groupby(chapters, attrgetter("part", "matter"))
    listed = "".join(_part_lines(*part, [chapter.path for chapter in below]) for part, below in parts)
    for key, replacement in (
        ("categories", "categories: []                  # subjects, each with one chapter\n"),
        ("kinds", f"kinds:                          # requirements for chapters\n  {_KIND}: {{}}\n"),
        ("parts", f"parts:                          # the order of the paper\n{listed}"),
        ("annexes", "annexes: []                     # lists made from the chapters and the registers\n"),
    ):
        settings = _substitute(settings, (rf"^{key}:.*\n(?:(?:[ ].*)?\n)*", literal(f"{replacement}\n")))
    settings = settings.rstrip("\n") + "\n"
    if language:
        settings = with_setting(settings, "language", language)
    status = re.search(r"^statuses:.*\n  - \{id: ([\w-]+)", settings, re.MULTILINE)
    assert status
    files = {path: text for path, text in own_files(starter, title).items() if not path.startswith("paper/front/")}
    fronts = (_front_matter(c.id, c.title, "category", _KIND, status[1]) for c in chapters)
    texts = {c.path: "\n".join([*front, "", c.text]) for c, front in zip(chapters, fronts, strict=True)}
    return {**files, settings_path: settings, **texts}


def _part_lines(title: str, matter: str, paths: Sequence[str]) -> str:
    head = [f"title: {to_scalar(title)}"] if title else []
    head += [f"matter: {matter}"] if matter != "main" else []
    lines = [*head, "chapters:", *(f"  - {to_scalar(path)}" for path in paths)]
    return "".join(f"  {'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


# --- dates of a new paper ---------------------------------------------------------------------------------------------


def shift_dates(text: str, timeline: Timeline, today: date) -> str:
    """Return a text of the starter with dates for a paper that starts today: planned ones, and others as far ahead."""
    assert timeline.start
    plan, offset = _replan_dates(timeline, today), today - timeline.start

    def shift(match: re.Match[str]) -> str:
        day = date.fromisoformat(match[0])
        return (plan.get(day) or day + offset).isoformat()

    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", shift, text)


def _replan_dates(timeline: Timeline, today: date) -> dict[date, date]:
    """Return new dates for the start, the deadline and the gates by the old ones, planned back from the deadline."""
    assert timeline.start
    assert timeline.period
    assert timeline.deadline
    workdays, deadline = Workdays.from_timeline(timeline), add_months(today, timeline.period.months)
    plan, due = {timeline.start: today, timeline.deadline: deadline}, deadline
    for gate in reversed(timeline.gates):
        # The first gate is planned from the start: the number of working days between them depends on the month.
        due = workdays.on_or_after(today) if gate is timeline.gates[0] else workdays.add(due, -gate.days)
        plan[gate.due] = due
    return plan


def plan_back(text: str, timeline: Timeline, start: date, deadline: date) -> str:
    """Return timeline.yaml with another start and deadline: the gates share the working days as they did before.

    Raises ScaffoldError if there is less than a day for each.
    """
    workdays, gates = Workdays.from_timeline(timeline), timeline.gates
    first, last = workdays.on_or_after(start), workdays.add(workdays.on_or_after(deadline + timedelta(days=1)), -1)
    available, planned = workdays.between(first, last), workdays.between(gates[0].due, gates[-1].due)
    if deadline < start:
        raise ScaffoldError(f"the deadline {deadline} has passed: the plan starts on {start}")
    if available < len(gates):
        room = format_count(max(available, 0), "working day")
        raise ScaffoldError(f"the deadline {deadline} is too near: the plan has {len(gates)} gates and {room}")
    days = [workdays.add(first, available * workdays.between(gates[0].due, g.due) // planned) for g in gates]
    for gate, due, following in zip(gates, days, (*days[1:], last), strict=True):
        line = re.search(rf"^.*\bid: {re.escape(gate.id)}\b.*$", text, flags=re.MULTILINE)
        assert line
        changed = re.sub(r"due: [\d-]+", f"due: {due.isoformat()}", line[0])
        changed = re.sub(r"days: \d+", f"days: {workdays.between(due, following)}", changed)
        text = text.replace(line[0], changed)
    text = re.sub(r"^period: .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^start: [\d-]+", f"start: {start.isoformat()}", text, flags=re.MULTILINE)
    return re.sub(r"^deadline: [\d-]+", f"deadline: {deadline.isoformat()}", text, flags=re.MULTILINE)


# --- start a chapter: its id, its category, its part and its text -----------------------------------------------------


_CROSS_CUTTING = "cross-cutting"
_DEFAULT_GUIDE = "Describe this section in a sentence."


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
    front = _front_matter(id, title, settings.category_key, category, settings.statuses[0].id)
    return "\n".join([*front, *_section_lines(settings, category)]) + "\n"


def _front_matter(id: str, title: str, category_key: str, category: str, status: str) -> list[str]:
    """Return the lines above the text of a new chapter."""
    values = {"id": id, "title": title, category_key: category, "status": status}
    return [
        "---",
        *(f"{key}: {to_scalar(value)}" for key, value in values.items()),
        "contributors:",
        "  # - {id: …, role: lead}   with an id from contributors.yaml",
        "summary:   # one sentence, at most 300 characters",
        "---",
    ]


def _section_lines(settings: Settings, category: str) -> Iterator[str]:
    """Return headings, each with a comment that no output prints and no word count includes."""
    kind = settings.chapter_kind(category)
    extra_headings = next((c.headings for c in settings.categories if c.id == category), ())
    if not kind.sections and not extra_headings:
        yield from ("", _comment("Write the chapter here, one sentence a line."))
    for title in kind.sections:
        yield from ("", f"## {title}", "", _comment(kind.guide.get(title, _DEFAULT_GUIDE)))
    for heading in extra_headings:
        yield from (
            "",
            f"### {heading}",
            "",
            _comment(f"{kind.guide.get(heading, _DEFAULT_GUIDE)} Move this heading to where it fits."),
        )


def _comment(text: str) -> str:
    return f"<!-- {text.replace('--', '–')} -->"
