"""Forms that other tools replace or run, and that pandoc reads as words or code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.code_blocks import CELL_ENGINES, INLINE_CELL, blank_code_blocks, find_code_blocks, find_code_spans

_DIAGRAM = late_pattern(r"\{?\.?(mermaid|plantuml|graphviz)\}?$")
_CELL = late_pattern(r"\{\{?([A-Za-z][\w:+.-]*)(?![\w:+.=-])[^}]*\}")
_EDITORIAL = (
    r"sic!?|recte[ :][^\]\n]*|(?:italics?|emphas[ie]s) (?:added|mine|ours|removed|in (?:the )?original)|ed\.|trans\."
    r"|(?:author|editor|translator)['’]?s? (?:note|addition)|illegible|inaudible|laughter|applause|\.\.\.|…|—|-|\?"
)
"""Remarks of an editor inside a quotation."""
_NOTE_HINT = 'write a block: ::: {.note}, .tip or .warning, or ::: {.box title="…"}, and ::: below it'
_VALUE_HINT = "write the words, or @fact-ID for a value of paper/registers/facts.yaml"
_CITE_HINT = "write [@KEY] for a source, @sec-ID, @fig-ID or @tbl-ID for a part of the paper"
_CODE_CELL = (
    "a cell of Quarto or R Markdown",
    "draw it from data with ```{.chart}, or save it as a picture in paper/figures",
)
TEX = r"\\[A-Za-z]{2,}\*?[{\[]|\\(?<![\w:.\\]\\)[A-Za-z]{2,}(?![\w\\])"
"""A command of TeX with an argument or without: a path of Windows is none."""
DIRECTIVE_NAME = "a directive of MyST"
COMMENT_NAME = "a comment of another tool"


class ForeignForm(NamedTuple):
    """Form of another tool in a text: offset, number of its shape (-1 for code), its text, its name and our form."""

    start: int
    shape: int
    excerpt: str
    name: str
    hint: str


_SHAPES: Sequence[str] = (
    (  # braces with neither an id, a class, an attribute nor a suggestion
        r"\{\{[^{}\n]+\}\}|\{(?:[%!:/]|[ ]?\|)[^{}\n]*\}|\{#[^{}\n]+#\}|\{[A-Za-z][\w:+.-]*\}(?=`)|^\{\|[^\n]*$"
        r"|^\{[a-z]+(?::[^}\n]*)?\}[ \t]*$|\{(?![-+~>=.#])[^{}\n]*\d{4}[^{}\n]*#\d+[^{}\n]*\}"
    ),
    (  # brackets in brackets, or with a sign at their start, and no address after them
        rf"!?\[\[(?!(?i:{_EDITORIAL})\]\])[^\[\]\n]+\](?:\[[^\[\]\n]+\])?\](?![(\[:])|@\[[a-z]+\](?:\([^)\n]*\))?"
        r"|(?:^[ \t>]*>[ \t]*)?(?<![\w\[])\[[!#][A-Za-z][\w:-]*\][+-]?(?![\[(:])|^[ \t]*\*\[[^\]\n]+\]:"
        r"|^\[[A-Za-z]+(?:,[^\]\n]*)?\][ \t]*$|(?<![\w/.])[a-z]{3,}::?[\w./-]*\[[^\]\n@^\d][^\]\n]*\](?!\()"
    ),
    (  # labels and references in round brackets, formulas
        r"\\@ref\([^)\n]*\)|\(\\#[\w:-]+\)|^\(ref:[\w-]+\)(?=[ \t]+\S)|^\([\w:. -]+\)=[ \t]*$|^#[a-z]+\("
        r"|\\\((?:[^()\n]*[\\^_=+*<>/][^()\n]*| ?[A-Za-z] ?)\\\)"
    ),
    r"\\\[[^\[\]]*[\\^_=][^\[\]]*\\\]",
    (  # signs at the start of a line
        r"^[ \t]*(?:(?:!!!|\?\?\?\+?)[ ]+[\w\"-]+|===[!+]? \"[^\n]*$|-*8<-+[^\n]*$|!include\b[^\n]*$)"
        r"|^(?:\+\+\+[ \t]*(?:\{[^\n]*)?$|#\+[A-Za-z]\w*[:\s]|h[1-6]\. \S|\|={3,}[ \t]*$|\|-[ \t]*$)"
        r"|^\.\.[ ]+(?:[\w:-]+::|_[^:\n]+:|\[[^\]\n]+\]|\|[^|\n]+\|)|^:[A-Za-z][\w -]*:(?:[ \t]+\S[^\n]*)?$"
        r"|^[ \t>]*:{3,}[ \t]*(?:\{(?![#.=])[A-Za-z][\w:-]*\}|[a-z][\w-]*(?:\[| +[^\s:{])[^\n]*$)"
        r"|(?<=\n\n)(?:={1,6}[ ]+[A-Z][^\n]*$|%[ \t]*(?!(?:of|in|per|change|growth|share)\b)[A-Za-z(][^\n]*$)"
        r"|^#[A-Za-z][\w/-]*(?: +#[A-Za-z][\w/-]*)*[ \t]*$"
        r"|(?<=\n\n)(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION):(?=[ \t]+\S)|^(?:import|export) [^\n]* from ['\"][^\n]*$"
    ),
    (  # words between two signs
        r"(?<![\\\w{%=+'])(?P<sign>==|%%|\+\+|''')(?=[^\s%=+'])[^\n%=]*?[^\s%=+'](?P=sign)(?![\w}%=+'])"
        r"|^%% [^%\n]*%%[ \t]*$|``(?<![`\\]``)(?=[^\s`])[^`\n']+''(?!')"
    ),
    r"(?<![<{])<<[A-Za-z][\w.-]*(?:,[^<>\n]*)?>>(?![>}])|<%[^\n]*?%>",
    r"(?<![\w:]):[A-Za-z][\w:+.-]*:(?=`)|(?<=`)__?(?![\w`_])",
    r":(?<![\w:]:)[a-z][a-z0-9_+-]*:(?![\w:`])|(?<=[^\s]) \^[A-Za-z][\w-]*[ \t]*$",
)
"""Shapes that are marks in no text of ours."""
_TOOLS: Sequence[tuple[str, str, str]] = (
    (r"\{\{[<%]", "a shortcode of Quarto or Hugo", _VALUE_HINT),
    (
        r"(?i)[\[{@:]*_?toc\b",
        "a mark for contents of other tools",
        "leave it out: the table of contents is made by itself",
    ),
    (r"\{\{", "a variable of Jekyll, MkDocs or kramdown-rfc", _VALUE_HINT),
    (r"\{#|\{/\*|%", COMMENT_NAME, "leave it out, or write <!-- it -->"),
    (r"\{:", "an attribute of kramdown", "write {#id} or {.class}, no colon"),
    (r"\{.*\d{4}.*#\d|\{ ?\|.*\}|\[#", "a citation of another tool", "write [@KEY]"),
    (r":{3,}[ \t]*\{", DIRECTIVE_NAME, _NOTE_HINT),
    (r"\[!|!!!|\?\?\?|:::|NOTE|TIP|WARN|IMP|CAUT", "a note of GitHub, Obsidian or another tool", _NOTE_HINT),
    (r"!\[\[", "an embedded file of Obsidian", "write ![words](paper/figures/NAME.png)"),
    (r"\[\[", "a link of a wiki or of Obsidian", "write [words](#id), or @sec-ID for a number"),
    (r":[a-z0-9_+-]+:(?: |$)", "an emoji or a field of another tool", "write the sign or the words, or leave it out"),
    (r"``", "a quotation of LaTeX", 'write "…"'),
    (r"#[A-Za-z]", "a tag of Obsidian, or a heading without a space", "write '## Title', or leave it out"),
    (r"\\@ref|:|\{\w+\}$|<<", "a reference of another tool", _CITE_HINT),
    (r"\(", "a label of another tool", "write {#fig-ID}, {#tbl-ID}, {#sec-ID} or {#eq-ID} in its place"),
    (r"\\[(\[]", "a formula of LaTeX", "write $…$ or $$…$$"),
    (r"=+ |h\d", "a heading of AsciiDoc or a wiki", "write '## Title'"),
    (r"==|\+\+\w|'''", "an emphasis of another tool", "write *words*"),
    (r"\|", "a table of another tool", "write a pipe table, with |---|---| below its head"),
)
"""Start of a form, its name, and our form: the first that matches."""


_SIGN = late_pattern(r"[{\\`<]|\[[^@^]|==|%%|\+\+|'{3}|:[^\s]| \^[A-Za-z]")
_SIGN_AT_START = late_pattern(
    r"^[ \t>]*(?:[!=%+]|#[A-Za-z+]|\?\?|\.\.|\|[-=]|\([^)\n]+\)=|\(ref:|h\d\.|NOTE|TIP|WARN|IMP|CAUTION|import|export)"
    r"|^\[",
    re.MULTILINE,
)
"""Signs, one of which is in every form: to look for them takes a tenth of the time."""


def find_forms(prose: str) -> Iterator[ForeignForm]:
    """Yield the forms in running text. All but prose must be blank; the first form at a place wins."""
    paragraphs = [p.span() for p in re.finditer(r"(?:[^\n]+\n?)+", prose)]
    likely = [span for span in paragraphs if _SIGN.search(prose, *span) or _SIGN_AT_START.search(prose, *span)]
    for number, pattern in enumerate(_SHAPES):
        compiled = re.compile(pattern, re.MULTILINE)
        for match in (match for span in likely for match in compiled.finditer(prose, *span)):
            start = match.end() - len(match[0].lstrip())
            # An odd number of backslashes before it: the author wants the signs.
            if (start - len(prose[:start].rstrip("\\"))) % 2 == 0:
                excerpt = match[0].strip()
                tools = (tool[1:] for tool in _TOOLS if re.match(tool[0], excerpt.lstrip("> \t")))
                yield ForeignForm(
                    start, number, excerpt, *next(tools, ("a mark of another tool", "write it in Markdown"))
                )


def find_cells(body: str) -> Iterator[ForeignForm]:
    """Yield code that another tool would run or replace: cells, directives, diagrams, values in a line."""
    for block in find_code_blocks(body):
        excerpt = body[block.span[0] :].split("\n", 1)[0]
        if _DIAGRAM.match(block.info):
            hint = "save it as a picture in paper/figures"
            yield ForeignForm(block.span[0], -1, excerpt, "a diagram of GitHub or Quarto", hint)
        elif cell := _CELL.match(block.info):
            name, hint = _CODE_CELL if cell[1].lower() in CELL_ENGINES else (DIRECTIVE_NAME, _NOTE_HINT)
            yield ForeignForm(block.span[0], -1, excerpt, name, hint)
    for start, code in find_code_spans(blank_code_blocks(body)):
        if "''" in code and body.startswith("``", start - 2) and "`" not in code:
            yield ForeignForm(start - 2, -1, f"``{code}", "a quotation of LaTeX", 'write "…"')
        if INLINE_CELL.match(code):
            yield ForeignForm(start, -1, code, "a value of Quarto or R Markdown", _VALUE_HINT)
