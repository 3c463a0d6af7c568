"""Code cells of Quarto, R Markdown and MyST: code is kept, pictures become figures, nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nioc_paper.load.foreign.draft import Draft, callout_opening, with_lines
from nioc_paper.tree.code import CELL_ENGINES, CodeBlock, find_code_blocks

_HEADER = re.compile(r"\{(?P<engine>[A-Za-z][\w+-]*)[ ,]*(?P<rest>.*)\}\s*$", re.DOTALL)
_OPTION = re.compile(r"([\w.-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^,\"']+(?:\([^)]*\))?)")
_LINE_OPTION = re.compile(r"^[ \t]*#\|[ \t]*([\w.-]+):[ \t]*(.*(?:\n[ \t]*#\|(?:[ \t]{2,}|[ \t]*$).*)*)$", re.MULTILINE)
_PICTURES = re.compile(
    r"(?:knitr::)?include_graphics\(\s*(?:c\()?(?P<paths>(?:[\"'][^\"'\n]+[\"']\s*,?\s*)+)\)?[^()]*\)?"
)
_PATH = re.compile(r"[\"']([^\"'\n]+)[\"']")
_TEXT_ENGINES = frozenset(("block", "block2", "note", "callout"))
"""Engines whose text is Markdown."""
_TEXT_REFERENCE = re.compile(r"^\(ref:(?P<name>[\w-]+)\)[ \t]+(?P<words>[^\n]+(?:\n(?!\s*$)[^\n]+)*)", re.MULTILINE)
_CALLOUT_KINDS = ("important", "warning", "caution", "tip")
"""Kinds of callouts besides `note`."""


class _CodeCell(NamedTuple):
    engine: str
    label: str
    options: Mapping[str, str]

    def caption(self, texts: Mapping[str, str]) -> str:
        """Return the caption of the cell's drawing; a text reference is replaced by its words."""
        words = next((self.options[name] for name in ("fig-cap", "fig.cap", "tbl-cap") if name in self.options), "")
        return texts.get(words.removeprefix("(ref:").removesuffix(")"), words) if words.startswith("(ref:") else words


def convert_cells(draft: Draft) -> None:
    """Convert cells to blocks of code, figures and callouts."""
    texts = _take_text_references(draft)
    parts, end = list[str](), 0
    for block in find_code_blocks(draft.text):
        old = draft.text[slice(*block.span)]
        new = _convert(draft, block, old, texts)
        if new is not None and block.span[0] >= end:
            parts += (draft.text[end : block.span[0]], with_lines(new, old))
            end = block.span[1]
    draft.text = "".join([*parts, draft.text[end:]])


def _take_text_references(draft: Draft) -> dict[str, str]:
    """Take the text references of bookdown out of the text; return their words by name."""
    texts = {match["name"]: " ".join(match["words"].split()) for match in _TEXT_REFERENCE.finditer(draft.text)}
    used = {name for name in texts if draft.text.count(f"(ref:{name})") > 1}
    draft.text = _TEXT_REFERENCE.sub(lambda m: "\n" * m[0].count("\n") if m["name"] in used else m["words"], draft.text)
    return texts


def _convert(draft: Draft, block: CodeBlock, old: str, texts: Mapping[str, str]) -> str | None:
    """Return the text that replaces a block of code; None if the block is not a cell, or one of an unknown engine."""
    code = draft.text[slice(*block.code_span)]
    header = _HEADER.fullmatch(block.info)
    if header is None or block.info.startswith("{{"):
        return None
    cell, place = _read_cell(header["engine"], header["rest"], code), draft.place(block.span[0])
    if cell.engine in _TEXT_ENGINES:
        kind = next((k for k in _CALLOUT_KINDS if k in cell.options.get("type", "")), "note")
        return f"::: {callout_opening(kind)}\n{code.rstrip()}\n:::"
    if cell.engine not in CELL_ENGINES:
        return None
    body = "\n".join(line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    caption = cell.caption(texts)
    if pictures := _PICTURES.fullmatch(body.strip()):
        lines = code.count("\n") + 2
        draft.syntax_lines |= set(range(place.line, place.line + lines))
        return _as_figures(cell, caption, _PATH.findall(pictures["paths"]))
    draft.computed |= dict.fromkeys(_labels(cell), caption)
    caption_note = f"; its caption is '{caption}'" if caption else ""
    message = f"a cell of {cell.engine}: its code is kept, and what it prints or draws is not{caption_note}"
    draft.note(place, message, "save what it makes as a picture or a CSV file, and show that", "computed-cell")
    fence = re.match(r"[`~]+", old)
    assert fence
    lead = f'{fence[0]}{{.{cell.engine} cell="{_escape_attribute(header["rest"])}"}}'
    return f"{lead}\n{code}{fence[0]}"


def _escape_attribute(header: str) -> str:
    return " ".join(header.replace("\\", "\\\\").replace('"', "'").split())


def _read_cell(engine: str, rest: str, code: str) -> _CodeCell:
    options = {name: _unquote(value) for name, value in _OPTION.findall(rest)}
    for name, value in _LINE_OPTION.findall(code):
        options[name] = _unquote(re.sub(r"\n[ \t]*#\|[ \t]*", " ", value).lstrip("|> "))
    first = re.match(r"\s*([\w .:-]+?)\s*(?:,|$)", rest)
    label = options.get("label", first[1] if first and "=" not in first[0] else "")
    return _CodeCell(engine.lower(), label.strip(), options)


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _labels(cell: _CodeCell) -> Iterable[str]:
    """Return the labels by which a text may refer to a cell: knitr's own, and those of bookdown."""
    return (cell.label, f"fig:{cell.label}", f"tab:{cell.label}") if cell.label else ()


def _as_figures(cell: _CodeCell, caption: str, paths: list[str]) -> str:
    """Return figures in place of a cell that only shows pictures."""
    name = re.sub(r"[^\w-]+", "-", cell.label).removeprefix("fig-")
    width = cell.options.get("out.width", cell.options.get("out-width", "")).replace("\\\\", "")
    size = f" width={width}" if re.fullmatch(r"\d+(?:\.\d+)?%", width) else ""
    alt = cell.options.get("fig.alt", cell.options.get("fig-alt", "")).replace('"', "”")
    words = " ".join(caption.split()).replace("](", "]\\(") if "](http" not in caption else " ".join(caption.split())
    figures = []
    for number, path in enumerate(paths):
        anchor = f"#fig-{name}" if name and not number else ""
        attributes = " ".join(filter(None, (anchor, size.strip(), f'alt="{alt}"' if alt else "")))
        figures.append(
            f"![{words if not number else ''}]({path.replace(' ', '%20')}){f'{{{attributes}}}' if attributes else ''}"
        )
    return "\n\n".join(figures) if len(figures) == 1 else " ".join(figures)
