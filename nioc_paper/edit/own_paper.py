"""Starter files for a paper of one's own: title, language, deadline and categories in place of the example's. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count, product
from string import ascii_lowercase
from typing import Final

from msgspec import Struct

from nioc_paper.edit.scaffold import ScaffoldError
from nioc_paper.edit.yaml import to_scalar
from nioc_paper.model import WINDOWS_DEVICE, short_slug, slugify

INTRODUCTION_ID: Final = "introduction"
INTRODUCTION: Final = f"paper/front/{INTRODUCTION_ID}.md"
_CONTRIBUTORS: Final = """\
# People and organizations: the only place where a name is spelled. Chapters name them by id.
organizations: []               # - {id: …, name: …, acronym: …}

people: []                      # - {id: …, name: …, org: …, kind: official}
"""
_REFERENCES: Final = """\
# Sources, in the terms of CSL (docs.citationstyles.org). A chapter cites one with [@id].
references: []
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


def make_categories(titles: Sequence[str], reserved: Collection[str] = ()) -> list[NewCategory]:
    """Return categories with ids and letters of their own.

    `reserved` has ids that are taken. Raises ScaffoldError for a title without letters, or one that is there twice.
    """
    categories: list[NewCategory] = []
    names: set[str] = set()
    for number, title in enumerate(titles, 1):
        name = slugify(title) or title.casefold()
        if name in names or not any(map(str.isalnum, name)):
            raise ScaffoldError(f"'{title}' is not a title of a category of its own; write words, with commas between")
        names.add(name)
        free = _free_id(title, number, {*reserved, *(other.id for other in categories)})
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


def named_settings(text: str, title: str) -> str:
    """Return paper.yaml with another title, and without the example's people and sentences."""
    for pattern, replacement in (
        (r"^id: \S+ *(?=#)", f"id: {short_slug(title) or 'paper':<27} "),
        (r"^title: .*", literal(f"title: {to_scalar(title)}")),
        (r"^subtitle: .*\n", ""),
        (r"^publisher: \S+ *(?=#)", "# publisher:                    "),
        (r"^editor: .*", "# editor:                       # an id from contributors.yaml"),
        (r"^asks: .*", "# asks:                         # request of the paper in one sentence: it opens the summary"),
        (
            r"^next:.*\n(?:  - .*\n)+",
            "# next:                         # list of the next decisions: it ends the summary\n",
        ),
    ):
        text = re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)
    return text


def own_settings(text: str, title: str, categories: Sequence[NewCategory]) -> str:
    """Return paper.yaml with another title and other categories, without the example's people and sentences."""
    text = named_settings(text, title)
    lines = [f"  - {{id: {to_scalar(c.id)}, title: {to_scalar(c.title)}, letters: {c.letters}}}\n" for c in categories]
    chapters = "".join(f"      - {to_scalar(category.path)}\n" for category in categories)
    for pattern, replacement in (
        (r"(?<=^categories:)(.*\n)(?:  - .*\n)+", r"\1" + literal("".join(lines))),
        (r"  - title: The trees\n    chapters:\n(?:      - .*\n)+", f"  - title: Chapters\n    chapters:\n{chapters}"),
    ):
        text = re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)
    # The chapters of the example are short.
    return re.sub(r"target: \d+, max: (\d+)", lambda m: f"target: {int(m[1]) * 3 // 4}, max: {m[1]}", text)


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
    readme = re.sub(
        r"^(\| `paper/(?:registers|data)/` .*) \|$", r"\1; make it when you need it |", readme, flags=re.MULTILINE
    )
    guide = own_starter["CONTRIBUTING.md"].replace("chapters/street-trees.md", "chapters/CHAPTER.md")
    own = {"contributors.yaml": _CONTRIBUTORS, "paper/references.yaml": _REFERENCES}
    return {**own_starter, **own, "README.md": readme, "CONTRIBUTING.md": guide}
