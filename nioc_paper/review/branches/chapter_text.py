"""Three-way merge of a chapter: its front matter by fields, its text by blocks and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nioc_paper.check.text.passages import sentence_starts
from nioc_paper.edit.yaml import FRONT_MATTER
from nioc_paper.review.branches.three_way import Questions, Unit, merge_units
from nioc_paper.review.branches.yaml_text import merge_yaml
from nioc_paper.tree.code import COMMENT, find_code_blocks
from nioc_paper.tree.scan import find_divs

_COMMENT: Final = re.compile(COMMENT)
_LINE: Final = re.compile(r"^[^\n]*\S", re.MULTILINE)
_PROSE: Final = re.compile(r"(?![ \t]*(?:[|+#:<]|\[\^|!\[))")
"""Start of a line with sentences; others are one unit: rows, headings, fences, notes, pictures."""
_NAME: Final = re.compile(r"[^\n]*\{[^}\n]*(#[\w:.-]+)|[ ]{0,3}(\[\^[^\]\s]+\]:)")
_FIELD: Final = re.compile(r"[-*+][ \t]+\w[\w -]*:(?=\s)")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_FENCES: Final = (":::", "```", "~~~")
_HEAD, _END = "\0head", "\0end"


def merge_chapter_text(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged text of a chapter. Raises yaml.YAMLError if its front matter is not YAML."""
    matches = [FRONT_MATTER.match(text) for text in (base, ours, theirs)]
    bodies = [text[match.end(1) if match else 0 :] for text, match in zip((base, ours, theirs), matches, strict=True)]
    heads = [match[1] if match else "" for match in matches]
    fence = next((match.string[: match.start(1)] for match in matches if match), "")
    return (
        fence
        + merge_yaml(heads[0], heads[1], heads[2], questions)
        + merge_markdown(bodies[0], bodies[1], bodies[2], questions)
    )


def merge_markdown(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged Markdown of three versions."""
    units = [
        [Unit("", text[: len(text) - len(text.lstrip())], _HEAD), *_text_units(text)] for text in (base, ours, theirs)
    ]
    return merge_units(units[0], units[1], units[2], _TextJudge(questions))


def merge_lines(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged text of three versions that are no Markdown."""
    units = [[Unit(line, "\n") for line in text.removesuffix("\n").split("\n")] for text in (base, ours, theirs)]
    return merge_units(units[0], units[1], units[2], _TextJudge(questions))


class _TextJudge:
    """Judge that merges a block by its lines if both sides have changed it."""

    def __init__(self, questions: Questions) -> None:
        self.is_ours = questions.is_ours
        self._questions = questions

    def choose(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        if base is None or ours is None or theirs is None:
            return self._ask(base, ours, theirs)
        cells = [_CELL_END.split(text) for text in (base, ours, theirs)]
        if base.startswith("|") and len({*map(len, cells)}) == 1:
            return "|".join(self._merge_cell(*each) for each in zip(*cells, strict=True))
        if not _is_block(base, ours, theirs):
            return self._ask(base, ours, theirs)
        units = [_block_units(text) for text in (base, ours, theirs)]
        return merge_units(units[0], units[1], units[2], self)

    def _ask(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        label = "the same block" if _is_block(ours or theirs or "") else "the same sentence"
        return self._questions.ask(label, base, ours, theirs)

    def _merge_cell(self, base: str, ours: str, theirs: str) -> str:
        """Return a cell of a table, which one side has changed, or the answer."""
        if base in (ours, theirs) or ours == theirs:
            return ours if theirs == base else theirs
        return self._questions.ask("the same cell", base, ours, theirs) or ""


def _is_block(*texts: str) -> bool:
    return all(text.lstrip(" >").startswith(_FENCES) and text.count("\n") > 1 for text in texts)


def _block_units(text: str) -> list[Unit]:
    """Return the lines of a block between its fences, and both fences."""
    start, end = text.index("\n"), text.rindex("\n")
    inner = text[start:end].strip("\n")
    above = text[start : len(text) - len(text[start:].lstrip("\n"))]
    below = text[len(text[:end].rstrip("\n")) : end + 1]
    is_code = not text.lstrip(" >").startswith(":::")
    units = [Unit(line, "\n") for line in inner.split("\n")] if is_code else [*_text_units(inner, in_block=True)]
    units[-1:] = [Unit(last.text, below, last.name) for last in units[-1:]]
    return [Unit(text[:start], above, _HEAD), *units, Unit(text[end + 1 :], "", _END)]


def _text_units(text: str, *, in_block: bool = False) -> Iterator[Unit]:
    """Yield the blocks, the sentences, and the other lines of a text."""
    spans = [*_find_spans(text)]
    for (start, end), (following, _) in zip(spans, [*spans[1:], (len(text), 0)], strict=True):
        words = text[start:end]
        named, field = _NAME.match(words), _FIELD.match(words) if in_block else None
        name = (named[1] or named[2]) if named else field[0] if field else ""
        yield Unit(words, text[end:following], name)


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    blocks = [*_find_blocks(text)]
    done = 0
    for line in _LINE.finditer(text):
        if line.start() < done:
            continue
        end = max((end for start, end in blocks if line.start() <= start < line.end()), default=0)
        if end > line.end() or (end and line[0].lstrip(" >").startswith(_FENCES)):
            done = max(end, line.end())
            yield line.start(), done
        elif _PROSE.match(line[0]):
            starts = [line.start() + start for start in sentence_starts(line[0])]
            for start, following in zip(starts, [*starts[1:], line.end()], strict=True):
                yield start, start + len(text[start:following].rstrip())
        else:
            yield line.span()


def _find_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges that are units of their own: blocks between colons, code, comments over lines."""
    yield from find_divs(text).values()
    yield from (block.span for block in find_code_blocks(text))
    yield from (comment.span() for comment in _COMMENT.finditer(text))
