"""Forms that other tools replace or run, and that pandoc reads as words or code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.code import CELL_ENGINES, INLINE_CELL, blank_code_blocks, find_code_blocks, find_code_spans

_DIAGRAM = late_pattern(r"\{?\.?(mermaid|plantuml|graphviz)\}?$")
_CELL = late_pattern(r"\{\{?([A-Za-z][\w:+.-]*)(?![\w:+.=-])[^}]*\}")
_EDITORIAL = (
    r"sic!?|recte[ :][^\]\n]*|(?:italics?|emphas[ie]s) (?:added|mine|ours|removed|in (?:the )?original)|ed\.|trans\."
    r"|(?:author|editor|translator)['’]?s? (?:note|addition)|illegible|inaudible|laughter|applause|\.\.\.|…|—|-|\?"
)
"""Remarks of an editor inside a quotation."""
_LIST_HINT = "leave it out: the table of contents is made by itself"
_NOTE_HINT = 'write a block: ::: {.note}, .tip or .warning, or ::: {.box title="…"}, and ::: below it'
_LINK_HINT = "write [words](#id), or @sec-ID for a number"
_VALUE_HINT = "write the words, or @fact-ID for a value of paper/registers/facts.yaml"
_CITE_HINT = "write [@KEY] for a source, @sec-ID, @fig-ID or @tbl-ID for a part of the paper"
_COMMENT_HINT = "leave it out, or write <!-- it -->"


_CODE_CELL = (
    "a cell of Quarto or R Markdown",
    "draw it from data with ```{.chart}, or save it as a picture in paper/figures",
)
DIRECTIVE_NAME = "a directive of MyST"
CROSSREF_ID_NAME = "an id of pandoc-crossref"


class ForeignForm(NamedTuple):
    """Form of another tool in a text: offset, number of its kind (-1 for code), its text, its name and our form."""

    start: int
    form: int
    excerpt: str
    name: str
    hint: str


class _Form(NamedTuple):
    """A form of another tool: its pattern, its name with the tool, and our form."""

    signs: Sequence[str]
    """Lower-case texts, one of which it contains: without them the pattern is not even compiled."""
    pattern: str
    name: str
    hint: str


_FORMS: tuple[_Form, ...] = (
    # The first form that matches at a place wins.
    _Form(("{{",), r"\{\{[<%][^{}\n]*[%>]\}\}", "a shortcode of Quarto or Hugo", _VALUE_HINT),
    _Form(
        ("toc",),
        r"(?i:\[\[ ?_?toc_? ?\]\]|^[ \t]*\[toc\][ \t]*$|\{\{ ?toc ?\}\}|\{:toc\}|@\[toc\])",
        "a mark for contents of other tools",
        _LIST_HINT,
    ),
    _Form(("{{",), r"\{\{[^{}\n]+\}\}", "a variable of Jekyll, MkDocs or kramdown-rfc", _VALUE_HINT),
    _Form(("{%",), r"\{%[^{}\n]*%\}", "a tag of Jekyll, Hugo or GitBook", "write it in Markdown"),
    _Form(("#}",), r"\{#[^{}\n]+#\}", "a comment of Jinja", _COMMENT_HINT),
    _Form(
        ("{:",),
        r"\{::[^{}\n]*\}|\{:[ ]?[#.\w/][^{}\n]*\}",
        "an attribute of kramdown",
        "write {#id} or {.class}, no colon",
    ),
    _Form(
        ("#fig:", "#tbl:", "#sec:", "#eq:"),
        r"#(?<=[{\s]#)(?:fig|tbl|sec|eq):[\w-]+(?=[\s}])",
        CROSSREF_ID_NAME,
        "write #fig-NAME, #tbl-NAME, #sec-NAME or #eq-NAME",
    ),
    _Form(("{/*",), r"\{/\*.*?\*/\}", "a comment of MDX", _COMMENT_HINT),
    _Form(("}`",), r"\{[A-Za-z][\w:+.-]*\}(?=`)", "a role of MyST", _CITE_HINT),
    _Form((":`",), r"(?<![\w:]):[A-Za-z][\w:+.-]*:(?=`)", "a role of reStructuredText", _CITE_HINT),
    _Form((")=",), r"^\([\w:. -]+\)=[ \t]*$", "a target of MyST", "give the heading an id: ## Title {#sec-ID}"),
    _Form(
        ("\n\n%",),
        r"(?<=\n\n)%[ \t]*(?!(?:of|in|per|change|growth|share)\b)[A-Za-z(][^\n]*$",
        "a comment of MyST",
        _COMMENT_HINT,
    ),
    _Form(("\n+++",), r"^\+\+\+[ \t]*(?:\{[^\n]*)?$", "a mark of MyST or Hugo", "leave it out"),
    _Form(("\\@ref(",), r"\\@ref\([^)\n]*\)", "a reference of bookdown", "write @sec-ID, @fig-ID or @tbl-ID"),
    _Form(
        ("(\\#",),
        r"\(\\#[\w:-]+\)",
        "a label of bookdown",
        "write {#fig-ID}, {#tbl-ID}, {#sec-ID} or {#eq-ID} in its place",
    ),
    _Form(
        ("\n(ref:",),
        r"^\(ref:[\w-]+\)(?=[ \t]+\S)",
        "a text reference of bookdown",
        "write the words where they belong",
    ),
    _Form(
        ("[!",),
        r"^[ \t>]*>[ \t]*\[![A-Za-z]+\][+-]?|^\[![A-Z]+\](?![\[(:])",
        "an alert of GitHub or Obsidian",
        _NOTE_HINT,
    ),
    _Form(("!!!", "???"), r"^[ \t]*(?:!!!|\?\?\?\+?)[ ]+[\w\"-]+", "an admonition of MkDocs", _NOTE_HINT),
    _Form(("===",), r"^[ \t]*===[!+]? \"[^\n]*$", "a tab of MkDocs", "write a heading for each part"),
    _Form((":::",), r"^[ \t>]*:{3,}[ \t]*\{(?![#.=])[A-Za-z][\w:-]*\}", "a directive of MyST", _NOTE_HINT),
    _Form(
        (":::",),
        r"^[ \t>]*:{3,}[ \t]*[a-z][\w-]*(?:\[| +[^\s:{])[^\n]*$",
        "a block of Docusaurus or VuePress",
        _NOTE_HINT,
    ),
    _Form(("8<-",), r"^[ \t]*-*8<-+[^\n]*$", "a snippet of MkDocs", "write the text where it belongs"),
    _Form(
        ("!include", "{!"),
        r"^[ \t]*!include\b[^\n]*$|\{![^{}\n]+!\}",
        "an include of another file",
        "write the text where it belongs",
    ),
    _Form(
        ("*[",),
        r"^[ \t]*\*\[[^\]\n]+\]:",
        "an abbreviation of Markdown Extra",
        "add it to paper/registers/acronyms.yaml",
    ),
    _Form(("[[",), r"!?\[\[[^\[\]\n]+\]\[[^\[\]\n]+\]\]", "a link of Org", "write [words](address)"),
    _Form(
        ("![[",),
        r"!\[\[[^\[\]\n]+\]\](?![(\[])",
        "an embedded file of Obsidian",
        "write ![words](paper/figures/NAME.png)",
    ),
    _Form(
        ("[[",),
        rf"\[\[(?!(?i:{_EDITORIAL})\]\])[^\[\]\n]+\]\](?![(\[:])",
        "a link of a wiki or of Obsidian",
        _LINK_HINT,
    ),
    _Form(("==",), r"(?<![=\w{])==(?=[^\s=])[^=\n]*[^\s=]==(?![=\w}])", "a highlight of Obsidian", "write *words*"),
    _Form(("%%",), r"(?<![%\\])%%(?=[^\s%])[^%\n]*%%|^%% [^%\n]*%%[ \t]*$", "a comment of Obsidian", _COMMENT_HINT),
    _Form((" ^",), r"(?<=[^\s]) \^[A-Za-z][\w-]*[ \t]*$", "a block mark of Obsidian", "leave it out"),
    _Form(
        ("++",),
        r"(?<![+\w{\[])\+\+(?=[^\s+])[^+\n]*[^\s+]\+\+(?![+\w}\]])",
        "an underline of markdown-it",
        "write *words*",
    ),
    _Form(
        ("",),
        r":(?<![\w:]:)[a-z][a-z0-9_+-]*:(?![\w:`])",
        "an emoji of GitHub",
        "write the sign itself, or leave it out",
    ),
    _Form(("@[",), r"@\[[a-z]+\]\([^)\n]*\)?", "an embedded medium of markdown-it", "write [words](https://…)"),
    _Form(
        ("\n..",),
        r"^\.\.[ ]+(?:[\w:-]+::|_[^:\n]+:|\[[^\]\n]+\]|\|[^|\n]+\|)",
        "a directive of reStructuredText",
        _NOTE_HINT,
    ),
    _Form(("`_",), r"(?<=`)__?(?![\w`_])", "a link of reStructuredText", "write [words](address)"),
    _Form(
        ("\n:",), r"^:[A-Za-z][\w -]*:(?:[ \t]+\S[^\n]*)?$", "a field of reStructuredText or AsciiDoc", "leave it out"
    ),
    _Form(("\n\n==",), r"(?<=\n\n)={2,6}[ ]+\S[^\n]*$", "a heading of AsciiDoc or a wiki", "write '## Title'"),
    _Form(
        ("\n\n= ",), r"(?<=\n\n)=[ ]+[A-Z][^\n]*$", "a title of AsciiDoc", "write it as 'title:' in the front matter"
    ),
    _Form(("\n|===",), r"^\|={3,}[ \t]*$", "a table of AsciiDoc", "write a pipe table, with |---|---| below its head"),
    _Form(
        ("\n[",),
        r"^\[(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION|(?:source|quote|cols|listing|verse|abstract|horizontal)\b[^\]\n]*)\]$",
        "a block of AsciiDoc",
        _NOTE_HINT,
    ),
    _Form(
        ("\n\nnote:", "\n\ntip:", "\n\nwarning:", "\n\nimportant:", "\n\ncaution:"),
        r"(?<=\n\n)(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION):(?=[ \t]+\S)",
        "a note of AsciiDoc",
        _NOTE_HINT,
    ),
    _Form(
        ("",),
        r"(?<![\w/.])(?:xref|link|image|include|footnote|kbd|btn|menu|stem|latexmath|icon|video|audio|anchor|pass|indexterm|"
        r"ifdef|ifndef|endif)::?[^\s\[\]:]*\[[^\]\n]*\](?!\()",
        "a macro of AsciiDoc",
        "write it in Markdown",
    ),
    _Form(("<<",), r"(?<![<{])<<[A-Za-z][\w.-]*(?:,[^<>\n]*)?>>(?![>}])", "a reference of AsciiDoc", "write @sec-ID"),
    _Form(("\n#+",), r"^#\+[A-Za-z]\w*[:\s]", "a keyword of Org", "write it in Markdown"),
    _Form(("\nh",), r"^h[1-6]\. \S", "a heading of Jira or Textile", "write '## Title'"),
    _Form(
        ("\n{",),
        r"^\{(?:code|panel|noformat|quote|toc|info|note|tip|warning)(?::[^}\n]*)?\}[ \t]*$",
        "a macro of Confluence",
        "write it in Markdown",
    ),
    _Form(("'''",), r"(?<!')'''(?=[^\s'])[^'\n]+'''(?!')", "bold type of a wiki", "write **words**"),
    _Form(
        ("\n{|", "\n|-"),
        r"^\{\|[^\n]*$|^\|-[ \t]*$",
        "a table of a wiki",
        "write a pipe table, with |---|---| below its head",
    ),
    _Form(("<%",), r"<%[^\n]*?%>", "a tag of a template", "write it in Markdown"),
    _Form(("",), r"\{(?![-+~>=.#])[^{}\n]*\d{4}[^{}\n]*#\d+[^{}\n]*\}", "a citation of EndNote", "write [@KEY]"),
    _Form(("{|", "{ |"), r"\{ ?\|[^{}\n]*\|[^{}\n]*\}", "a citation of Zotero's scan", "write [@KEY]"),
    _Form(("[#",), r"(?<![\w\[])\[#[A-Za-z][\w:-]*\](?![\[(:])", "a citation of MultiMarkdown", "write [@KEY]"),
    _Form(
        ("\n#",),
        r"^#(?:figure|cite|image|table|pagebreak|include|import)\(",
        "a function of Typst",
        "write it in Markdown",
    ),
    _Form(
        ("\\(", "\\["),
        r"\\\((?:[^()\n]*[\\^_=+*<>/][^()\n]*| ?[A-Za-z] ?)\\\)|\\\[[^\[\]]*[\\^_=][^\[\]]*\\\]",
        "a formula of LaTeX",
        "write $…$ or $$…$$",
    ),
    _Form(
        ("\nimport ", "\nexport "), r"^(?:import|export) [^\n]* from ['\"][^\n]*$", "an import of MDX", "leave it out"
    ),
)


def find_forms(prose: str) -> Iterator[ForeignForm]:
    """Yield the forms in running text. All but prose must be blank; the first form at a place wins."""
    lowered = f"\n{prose.lower()}"
    characters = set(lowered)  # a text lacks some character of most signs: these need no search
    for number, (signs, pattern, name, hint) in enumerate(_FORMS):
        is_likely = any(characters.issuperset(sign) and sign in lowered for sign in signs)
        for match in re.finditer(pattern, prose, re.MULTILINE) if is_likely else ():
            start = match.end() - len(match[0].lstrip())
            # An odd number of backslashes before it: the author wants the signs.
            if (start - len(prose[:start].rstrip("\\"))) % 2 == 0:
                yield ForeignForm(start, number, match[0].strip(), name, hint)


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
        if INLINE_CELL.match(code):
            yield ForeignForm(start, -1, code, "a value of Quarto or R Markdown", _VALUE_HINT)
