"""A table deleted, replaced or rebuilt in Word is merged as a whole, or stays whole and is reported."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from word_edits import parse_nodes
from word_kit import FILES, Edited, element_text, light, load_files, send

from nioc_paper import tree
from nioc_paper.model import Chapter
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, iter_elements, parse_element, qn, remove_element
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.exchange import today_merge
from nioc_paper.review.merge.chapter_merge import MergeResult

GENERAL = "the change would not read as it does in Word"
TABLE = "| Bridge {0} | State {0} |\n|---|---|\n| East {0} | rusty {0} |\n| West {0} | sound {0} |\n"
CAPTION = "\n: Ages of group {0} {{#tbl-br-{0}}}\n"
RULE = "+----------+---------+\n"
GRID = f"{RULE}| Bridge {{0}} | State {{0}} |\n{RULE.replace('-', '=')}| East {{0}}   | rusty {{0}} |\n{RULE}"
GRID += f"| West {{0}}   | sound {{0}} |\n{RULE}"
HEADLESS = "|   |   |\n|---|---|\n| East {0} | rusty {0} |\n| West {0} | sound {0} |\n"
NOTED = TABLE.replace("sound {0}", "sound {0}[^n]") + CAPTION + "\n[^n]: A note below a cell.\n"
UNPRINTED = (
    "::: {.generated list=gaps}\nWords here.\n:::\n\n::: {#gap-br-9 .gap}\nNone.\n\n- Type: law\n    - below\n:::\n"
)
A, B, C = (TABLE.format(n) for n in "abc")
WITH_CAPTION = TABLE.format("a") + CAPTION.format("a")
BODIES: Mapping[str, str] = {
    "only": f"## One\n\nBefore it.\n\n{A}\nBehind it.\n",
    "only, with a caption": f"## One\n\nSee @tbl-br-a.\n\n{WITH_CAPTION}\nBehind it.\n",
    "first of the chapter": f"{WITH_CAPTION}\nBehind it.\n\n## Two\n\n{B}\nLast words.\n",
    "end of a section": f"## One\n\nBefore it.\n\n{WITH_CAPTION}\n## Two\n\nLast words.\n",
    "end of the chapter": f"## One\n\nBefore it.\n\n{A}",
    "two side by side": f"## One\n\nBefore it.\n\n{WITH_CAPTION}\n{B}{CAPTION.format('b')}\nBehind them.\n",
    "two without captions": f"## One\n\nBefore it.\n\n{A}\n<!-- -->\n\n{B}\nBehind them.\n".replace(
        "<!-- -->", "Between."
    ),
    "with a note": f"## One\n\nBefore it.\n\n{NOTED.format('a')}\nBehind it.\n",
    "in lines": f"## One\n\nBefore it.\n\n{GRID.format('a')}\nBehind it.\n",
    "without a head": f"## One\n\nBefore it.\n\n{HEADLESS.format('a')}\nBehind it.\n",
    "beside words that are not printed": f"## One\n\nBefore it.\n\n{A}\n{UNPRINTED}\nBehind it.\n",
    "above a figure": f"## One\n\nBefore it.\n\n{A}\n![A view](../paper/figures/view.svg){{#fig-br-v}}\n\nBehind.\n",
}
PICTURE = "paper/figures/view.svg"
DRAWING = (Path(__file__).parents[1] / "papers/healthy/paper/figures/span.svg").read_text(encoding="utf-8")


@cache
def sent(name: str) -> tuple[Chapter, bytes, DocxText]:
    front = FILES["chapters/bridges.md"].partition("\n---\n")[0]
    text = f"{front}\n---\n\n{BODIES[name]}"
    paper = load_files({**FILES, "chapters/bridges.md": text, PICTURE: DRAWING})
    data = light(send(paper))
    return paper.chapters[0], data, docx_reader.read_docx(Package(data))


# --- edits ------------------------------------------------------------------------------------------------------------


def table(file: Edited) -> Element:
    return next(file.paragraph("East a").iterancestors(qn("w:tbl")))


def caption(file: Edited) -> list[Element]:
    return [p for p in file.paragraphs() if "Ages of group a" in element_text(p)]


def delete(file: Edited) -> None:
    remove_element(table(file))


def delete_with_caption(file: Edited) -> None:
    for node in (table(file), *caption(file)):
        remove_element(node)


def delete_caption(file: Edited) -> None:
    for node in caption(file):
        remove_element(node)


def typed(words: str) -> Element:
    return parse_element(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")


def replace_by_text(file: Edited) -> None:
    old = table(file)
    old.addprevious(typed("Two bridges are old."))
    remove_element(old)


def turn_into_text(file: Edited) -> None:
    old = table(file)
    for row in iter_elements(old, "w:tr"):
        old.addprevious(typed(" ".join(element_text(cell) for cell in iter_elements(row, "w:tc"))))
    remove_element(old)


def replace_by_table(file: Edited, columns: int = 2) -> None:
    old = table(file)
    cell = "<w:tc><w:tcPr/><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = (
        f"<w:tr>{''.join(cell.format(f'{word} {n}') for n in range(columns))}</w:tr>" for word in ("River", "Depth")
    )
    old.addprevious(parse_element(f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"))
    remove_element(old)


def split(file: Edited, words: str = "") -> None:
    old = table(file)
    fresh = copy.deepcopy(old)
    for row in list(iter_elements(fresh, "w:tr"))[:-1]:
        remove_element(row)
    remove_element(list(iter_elements(old, "w:tr"))[-1])
    old.addnext(fresh)
    old.addnext(typed(words))


def empty_rows(file: Edited, rows: slice) -> None:
    for row in list(iter_elements(table(file), "w:tr"))[rows]:
        for run in list(iter_elements(row, "w:r")):
            remove_element(run)


def delete_rows(file: Edited, rows: slice) -> None:
    for row in list(iter_elements(table(file), "w:tr"))[rows]:
        remove_element(row)


def move(file: Edited) -> None:
    file.package.body.insert(0, table(file))


def join_tables(file: Edited) -> None:
    first, *others = iter_elements(file.package.body, "w:tbl")
    for row in [row for other in others for row in iter_elements(other, "w:tr")]:
        first.append(row)
    for other in others:
        remove_element(other)


EDITS: Mapping[str, Callable[[Edited], object]] = {
    "deleted": delete,
    "deleted with its caption": delete_with_caption,
    "its caption deleted": delete_caption,
    "replaced by text": replace_by_text,
    "turned into text": turn_into_text,
    "replaced by another table": replace_by_table,
    "replaced by a wider table": lambda file: replace_by_table(file, 3),
    "split": split,
    "split around words": lambda file: split(file, "Words between."),
    "all rows emptied": lambda file: empty_rows(file, slice(None)),
    "rows emptied but the first": lambda file: empty_rows(file, slice(1, None)),
    "first row emptied": lambda file: empty_rows(file, slice(1)),
    "first row deleted": lambda file: delete_rows(file, slice(1)),
    "rows deleted but the first": lambda file: delete_rows(file, slice(1, None)),
    "last row deleted": lambda file: delete_rows(file, slice(-1, None)),
    "moved to the top": move,
    "joined with the next": join_tables,
}

ROWS_LEFT = {"rows deleted but the first": slice(1), "last row deleted": slice(-1)}
"""Edits after which only some rows are there."""


def merged(name: str, edit: Callable[[Edited], object], *, marks_lost: bool = False) -> MergeResult:
    chapter, data, base = sent(name)
    file = Edited(data)
    edit(file)
    if marks_lost:
        file.strip()
    return today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)


def tables(text: str) -> dict[str, list[str]]:
    """The rows and the caption of each table by its group, as pandoc reads them."""
    out = {}
    for node in tree.walk(parse_nodes(text.partition("\n---\n")[2])):
        if node["t"] == "Table":
            _, (_, caption_), _, head, bodies, _ = node["c"]
            rows = [*head[1], *(row for _, _, heads, body in bodies for row in (*heads, *body))]
            lines = [" | ".join(tree.plain_text(cell[-1], with_notes=True) for cell in cells) for _, cells in rows]
            words = " ".join((*lines, tree.plain_text(caption_)))
            group = next((group for group in "ab" if re.search(rf"\b{group}\b", words)), words)
            out[group] = [*lines, tree.plain_text(caption_)]
    return out


@pytest.mark.parametrize("kind", EDITS)
def test_a_table_goes_as_a_whole_or_stays_as_a_whole(kind: str, request: pytest.FixtureRequest) -> None:
    """In a fifth of the chapters, each edit in others; in all of them under --long."""
    every = request.config.getoption("--long")
    for number, name in enumerate(BODIES, start=[*EDITS].index(kind)):
        for marks_lost in (False, True) if every else (number % 2 == 1,) * (number % 5 == 0):
            judge(name, kind, merged(name, EDITS[kind], marks_lost=marks_lost))


def judge(name: str, kind: str, result: MergeResult) -> None:
    """Refuse half a table, and a change that is neither made nor reported."""
    chapter = sent(name)[0]
    text = result.apply_to(chapter.text)
    before, after = tables(chapter.text), tables(text)
    assert after.keys() <= before.keys(), text
    for group, rows in before.items():
        left = after.get(group, [])
        expected = [*rows[:-1][ROWS_LEFT.get(kind, slice(0))], rows[-1]]
        assert left in (rows, expected if kind in ROWS_LEFT and group == "a" else [], []), text
        assert left or not _remains(text, group, kind), text
        assert left or f"#tbl-br-{group}" not in text
    if text == chapter.text:
        assert result.conflicts or _is_nothing(name, kind)
    assert not any("failed" in c.reason or GENERAL in c.reason for c in result.conflicts), result.conflicts


def _remains(text: str, group: str, kind: str) -> bool:
    """Whether words of a table are left, except those that it was turned into."""
    words = r"(?:Bridge|State|East|West|rusty|sound|group)"
    turned = rf"^(?:{words} {group} ?)+$" if "turned" in kind else r"^\Z"
    return bool(re.search(rf"{words} {group}\b", re.sub(turned, "", text, flags=re.MULTILINE)))


def _is_nothing(name: str, kind: str) -> bool:
    """Whether an edit does nothing there: there is no caption, no other table, or nothing above it."""
    needed = {"its caption deleted": "Ages of group a", "joined with the next": "East b"}.get(kind, "")
    return needed not in BODIES[name]
