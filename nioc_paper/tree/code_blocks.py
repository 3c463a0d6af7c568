"""Find the code of a Markdown text, and blank the parts of it that are not prose. Pure; offsets and lines stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nioc_paper.model.lazy_regex import late_pattern

_FENCE_LINE = late_pattern(
    r"^(?P<lead>(?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n]*)$", re.MULTILINE
)
_CODE_SPAN = late_pattern(r"(`(?<![`\\]`)`*)(?!`)(?P<code>(?:(?!\n[ \t]*\n)[\s\S])+?)(?<!`)\1(?!`)")
COMMENT = r"<!--[\s\S]*?-->"
FORMULA = r"\$\$[\s\S]+?\$\$|\$(?<![\\$]\$)(?!\s)[^$\n]+?(?<![\s\\])\$(?!\d)"
_COMMENT_OR_FORMULA = late_pattern(f"{COMMENT}|{FORMULA}")
_ADDRESS = late_pattern(r"\]\(([^()\s]*(?:\s+\"[^\"\n]*\")?)\)|(https?://[^\s<>)\]]+)")
CELL_ENGINES = frozenset(
    ("r", "python", "julia", "ojs", "observable", "bash", "sh", "sql", "stan", "rcpp", "perl", "ruby", "js", "css")
) | {"mermaid", "dot", "powershell", "node", "haskell", "octave", "matlab", "asis", "embed", "webr", "pyodide", "sas"}
"""Languages of cells that Quarto and R Markdown run; the other names in braces are directives of MyST."""
INLINE_CELL = late_pattern(r"\{[a-z]+\} \S|r [A-Za-z.][\w.$]*(?:\([^\n]*\)|\[[^\n]*\])*(?: [-+*/] [\w.]+)?$")
"""Code of a line that Quarto or R Markdown would replace by its value."""
_NOT_LINE_END = late_pattern(r"[^\n]")


class CodeBlock(NamedTuple):
    """Fenced block of code: the span with both fences, the span of its lines, and the words after the first fence."""

    span: tuple[int, int]
    code_span: tuple[int, int]
    info: str


def find_code_blocks(text: str) -> Iterator[CodeBlock]:
    """Yield the fenced blocks of code that are closed. A longer fence may hold shorter ones."""
    opening: re.Match[str] | None = None
    for line in _FENCE_LINE.finditer(text) if "```" in text or "~~~" in text else ():
        if opening is None:
            opening = line if "`" not in line["info"] else None
        elif line["fence"].startswith(opening["fence"]) and not (line["info"] or line["lead"].strip(" \t>")):
            code_start = min(opening.end() + 1, line.start())
            yield CodeBlock((opening.start("fence"), line.end()), (code_start, line.start()), opening["info"].strip())
            opening = None


def find_code_spans(text: str) -> Iterator[tuple[int, str]]:
    """Yield the code between backticks in running text, with its offset. Blocks must be blanked before."""
    return ((match.start("code"), match["code"]) for match in _CODE_SPAN.finditer(text))


def blank(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return the text with spaces for ranges of it, which are in its order."""
    parts: list[str] = []
    end = 0
    for start, stop in ranges:
        parts += (text[end:start], _NOT_LINE_END.sub(" ", text[start:stop]))
        end = stop
    return "".join([*parts, text[end:]])


def blank_code_blocks(text: str) -> str:
    """Return the text with spaces for its fenced blocks of code."""
    return blank(text, (block.span for block in find_code_blocks(text)))


def blank_verbatim(text: str) -> str:
    """Return the text with spaces for code, comments and formulas; the backticks of code spans stay."""
    text = blank_code_blocks(text)
    text = blank(text, ((start, start + len(code)) for start, code in find_code_spans(text)))
    return blank(text, (match.span() for match in _COMMENT_OR_FORMULA.finditer(text)))


def blank_all_but_prose(text: str) -> str:
    """Return the text with spaces for code, comments, formulas and addresses; the backticks of code spans stay."""
    return blank_addresses(blank_verbatim(text))


def blank_addresses(text: str) -> str:
    """Return the text with spaces for the addresses of links."""
    return blank(text, (match.span(match.lastindex or 0) for match in _ADDRESS.finditer(text)))
