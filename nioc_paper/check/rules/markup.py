"""Rules about markup: signs that are not read as such, forms of other tools, words that are printed nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import filterfalse, pairwise
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.audience_marks import nearest_mark
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.model import AUDIENCES, TARGET_KINDS, Chapter, Node, Paper, Place, spelling_hint
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.code_blocks import find_code_blocks
from nioc_paper.tree.foreign_markup import TEX, find_cells, find_forms
from nioc_paper.tree.own_markdown import CALLOUTS_OF_OTHERS, ELEMENTS, is_line_break, known_attributes, unknown_classes
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, read_field_bullets

_SWALLOWED_MARKS: Sequence[tuple[str, str, str]] = (
    ("#{1,6}$", "a heading", "leave a blank line above it"),
    ("#{2,6}[^#]", "a heading", "write a space after the signs, and leave a blank line above"),
    ("[-*+]$", "a list", "leave a blank line above its first line"),
    (r"1[.)]$", "a list", "leave a blank line above its first line"),
    (r"\|", "a table", "leave a blank line above its first line"),
    (">$", "a quotation", "leave a blank line above its first line"),
    ("[•◦▪‣●○■·]|o$", "a list", "write '- ' in place of the mark, with a blank line above its first line"),
    ("[–—]$", "a list", "write '- ' in place of the mark, with a blank line above its first line"),
)
"""Pattern at the start of a line, the construct, and the hint."""
_ID_PREFIXES = "|".join([*TARGET_KINDS, "lnk"])
_MARKING = "|".join(AUDIENCES)
_PRINTED_ATTRIBUTES = late_pattern(
    rf"\{{[ ]?(?!\.(?:{_MARKING})\b)(?:[#.][A-Za-z][\w:-]*(?=[\s}}]|$)|[A-Za-z][\w-]*=[\"'“”‘’\w])[^{{}}]*\}}?"
    rf"|\{{(?:{_ID_PREFIXES})-[\w-]+(?:\s[^{{}}\n]*)?\}}|\{{[#.]\s+(?!(?:{_MARKING})\b)[A-Za-z][\w-]*\}}"
    rf"|#(?<![\w{{#-]#)(?:{_ID_PREFIXES})-[\w-]+\}}|\(#(?:{_ID_PREFIXES})-[\w-]+\)"
)
"""Braces with ids, classes or attributes; a bare id has one of the prefixes of the paper's targets."""
_CURLY_VALUE = late_pattern(r"\{(?:[^{}\n=]*\s)?([a-z][\w-]*=[“”‘’][^\s{}“”‘’]*[“”‘’])(?:\s+[^{}\n=“”‘’]*)?\}")
"""Attribute of one word between curly quotation marks: with more words all of the braces are printed."""
_CURLY_QUOTES = frozenset("“”‘’")
_PAGE_HINT = "leave it out: pages are broken by themselves"
_NOTE_MARK = late_pattern(r"\[\^(\w[^\]\s]*)\](:?)")
_TEX_BEFORE = late_pattern(r"\\[A-Za-z]+\*?(?:\[[^\]]*\])?$")
_TEX_HINTS: Mapping[str, str] = MappingProxyType(
    {"ref": "write @sec-ID, @fig-ID or @tbl-ID", "cite": "write [@KEY]", "page": _PAGE_HINT}
)
"""Hints by a part of the command."""
_RAW_NAMES: Mapping[str, str] = MappingProxyType({"html": "HTML", "tex": "TeX", "latex": "LaTeX"})
"""Printed names of pandoc's raw formats."""
_TEX = late_pattern(TEX)


def swallowed_mark(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading, list, table or block has a blank line above; otherwise its marks are read as words of a paragraph."""
    for node in text.nodes("Para", "Plain"):
        inlines = tree.content(node)
        yield from _swallowed_line_findings(text.chapter, inlines)
        if [n["t"] for n in inlines[:2]] == ["Str", "Space"] and inlines[0]["c"] == ":":
            hint = "write it below a table, with a blank line between them; a table has one caption"
            yield Finding(text.chapter.place(node), "a caption is read as a paragraph", hint)
    for passage in text.texts:
        yield from _swallowed_attribute_findings(passage)
    for match in _CURLY_VALUE.finditer(text.prose_source):
        message = f"the quotation marks of '{match[1]}' are read as part of the value"
        yield Finding(text.place_at(match.start(1)), message, 'write straight ones: alt="…"')
    code = "\n".join(tree.content(node) for node in text.nodes("CodeBlock"))
    for block in find_code_blocks(text.body_source) if text.chapter.blocks else ():
        if text.body_source[slice(*block.code_span)].split("\n", 1)[0].strip() not in code:
            hint = "leave a blank line above it"
            yield Finding(text.place_at(block.span[0]), "a block of code is read as words of the paragraph", hint)
    for node in text.nodes("LineBlock"):
        rows = [tree.plain_text(line).rstrip("| ") for line in tree.content(node) if line]
        if rows and all("|" in row for row in rows):
            hint = f"write {'|---' * (rows[0].count('|') + 1)}| below its head"
            yield Finding(text.chapter.place(node), "a table has no line of dashes", hint)


def _swallowed_attribute_findings(passage: Passage) -> Iterator[Finding]:
    """Yield a finding for each id, class or attribute in braces that is printed."""
    for match in _PRINTED_ATTRIBUTES.finditer(passage.text):
        if _TEX_BEFORE.search(passage.text, 0, match.start()):
            continue
        shown = match[0] if len(match[0]) <= 40 else f"{match[0][:39]}…"
        kind = "heading" if passage.is_heading else "paragraph"
        message = f"'{shown}' is read as {'words' if ' ' in shown else 'a word'} of the {kind}"
        yield Finding(passage.place(match.start()), message, _attribute_hint(match[0], passage))


def _attribute_hint(printed: str, passage: Passage) -> str:
    if _CURLY_QUOTES & {*printed}:
        return 'write straight quotation marks: alt="…"'
    if wrong := re.match(rf"\{{#({_ID_PREFIXES}):", printed):
        return f"write a dash after the kind: {{#{wrong[1]}-{printed[wrong.end() :]}"
    if re.match(r"\{[#.] ", printed):
        return f"write no space after the sign: {{{printed[1]}{printed[2:].lstrip()}"
    if printed[0] in "#(":
        return f"write it in braces: {{{printed.strip('(){}')}}}"
    if re.match(r"\{[\w-]+[ }]", printed):
        return f"write '#' before the id: {{#{printed[1:]}"
    if passage.is_heading:
        return "write it at the end of the heading, as {#sec-ID}, with every quotation mark closed"
    return (
        "write it directly after a picture, brackets, ':::', '```' or '$$', or at the end of a heading or a caption, "
        "which begins with ': '; put a value with spaces into quotation marks"
    )


def _swallowed_line_findings(chapter: Chapter, inlines: Sequence[Node]) -> Iterator[Finding]:
    """Yield a finding for each list, table and so on that a paragraph has swallowed, at its first word."""
    last = before_last = ""
    for before, node in zip([None, *inlines], inlines, strict=False):
        if before is not None and (before["t"] not in ("SoftBreak", "LineBreak") or before.get("written")):
            continue
        marks = (mark for mark in _SWALLOWED_MARKS if node["t"] == "Str" and re.match(mark[0], node["c"]))
        pattern, construct, hint = next(marks, ("", "", ""))
        # At the start of a paragraph, a heading without its space and a bullet are reported; a bullet alone is a cell.
        is_new = (pattern == last != before_last) if pattern.startswith("[–") else pattern != last
        if pattern and is_new and (before is not None or (pattern.startswith(("#{2", "[•")) and inlines[1:])):
            place = _line_start_place(chapter, node)
            yield Finding(place, f"{construct} is read as words of the paragraph", hint)
        before_last, last = last, pattern


def _line_start_place(chapter: Chapter, first: Node) -> Place:
    """Return the place of the first word of a line. Pandoc may give the end of the line before."""
    place = chapter.place(first)
    line = "".join(chapter.text.split("\n")[place.line - 1 : place.line])
    return place if line.startswith(first["c"], place.column - 1) else Place(place.path, place.line + 1)


def unread_citation(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A citation is read as one: it has its '@', both of its brackets, and ';' between two sources."""
    chapter = text.chapter
    for passage in text.texts:
        for match in re.finditer(r"\[([\w:.-]+)\]", passage.text):
            if match[1] in paper.references:
                hint = f"did you mean '[@{match[1]}]'?"
                yield Finding(passage.place(match.start()), f"'{match[0]}' cites nothing", hint)
    for node in text.nodes("Para", "Plain"):
        for before, cite in pairwise(tree.content(node)):
            if cite["t"] == "Cite" and before["t"] == "Str" and before["c"].endswith("["):
                key = tree.citations(cite)[0]["citationId"]
                yield Finding(chapter.place(cite), f"the bracket before '@{key}' is never closed", "close it")
    for node in text.nodes("Cite"):
        yield from _nested_citation_findings(chapter, node)


def _nested_citation_findings(chapter: Chapter, cite: Node) -> Iterator[Finding]:
    """Yield a finding for each source that is only words after another source: one of the two is lost."""
    for outer in tree.citations(cite):
        if outer["citationId"].partition("-")[0] in TARGET_KINDS:
            continue
        for inner in tree.walk([outer["citationPrefix"], outer["citationSuffix"]]):
            for citation in tree.citations(inner) if inner["t"] == "Cite" else ():
                message = f"'@{outer['citationId']}' and '@{citation['citationId']}' are not read as two sources"
                yield Finding(chapter.place(citation), message, "write ';' between two sources: [@one; @two]")


def unknown_block(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every class is one that its element has: a misspelled one, or one of another element, has no effect.

    Elements are blocks between colons, passages in brackets, links, pictures, headings, tables and code.
    """
    for node in text.nodes_with_attributes:
        element = ELEMENTS[node["t"]]
        for name in filterfalse(nearest_mark, unknown_classes(node)):  # `unread_marking` reports the others
            message = f"{element.name} has no class '{name}'"
            others = [other.name for other in ELEMENTS.values() if name in other.attributes_by_class]
            last = CALLOUTS_OF_OTHERS.get(name.rpartition("-")[2], name.rpartition("-")[2])  # callout-note
            known = f"write '.{last}'" if last != name and last in element.attributes_by_class else ""
            hint = known or spelling_hint(name, element.attributes_by_class) or "leave it out"
            yield Finding(text.chapter.place(node), message, f"it is for {' or '.join(others)}" if others else hint)


def skipped_heading(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A heading is at most one level below the one before."""
    levels = [(1, ""), *((h.level, h.title) for h in chapter.headings)]
    for heading, ((before, _), (level, title)) in zip(chapter.headings, pairwise(levels), strict=True):
        if level > before + 1:
            message = f"'{title}' has level {level} after a heading of level {before}"
            yield Finding(heading.place, message, f"write '{'#' * (before + 1)} {title}'")


def second_title(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """The chapter's title is in the front matter only."""
    for heading in chapter.headings:
        if heading.level == 1:
            hint = f"write '## {heading.title}'"
            if heading.title.casefold() == chapter.front.title.casefold():
                hint = "take it out: the title of the front matter is printed"
            yield Finding(heading.place, f"'{heading.title}' is a second title", hint)


def undefined_note(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every footnote that is referred to is defined."""
    marks = [(m[1], p.place(m.start()), m[2]) for p in text.texts for m in _NOTE_MARK.finditer(p.text)]
    swallowed = {name for name, place, colon in marks if colon and place.column == 1}
    for name, place, colon in marks:
        if colon and place.column == 1:
            message = f"the text of the footnote '{name}' is read as words of the paragraph"
            yield Finding(place, message, "leave a blank line above it")
        elif name not in swallowed:
            yield Finding(place, f"the footnote '{name}' is not defined", f"write it: [^{name}]: the text of the note")


def raw_passage(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A chapter is Markdown only: HTML, Word or TeX would reach one output and be lost in the others."""
    for node in text.nodes("RawBlock", "RawInline"):
        name, source = node["c"]
        if not source.lstrip().startswith("<!--"):
            excerpt = source.strip().partition("\n")[0][:40]
            hint = "in a paragraph, end the line with a backslash" if is_line_break(node) else "write it in Markdown"
            yield Finding(text.chapter.place(node), f"'{excerpt}' is {_RAW_NAMES.get(name, name)}, not Markdown", hint)
    for passage in text.texts:
        for match in _TEX.finditer(passage.text):
            hint = next((hint for part, hint in _TEX_HINTS.items() if part in match[0]), "write it in Markdown")
            yield Finding(passage.place(match.start()), f"'{match[0]}' is TeX, not Markdown", hint)


def unknown_attribute(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every attribute in braces is one that its element has: others have no effect."""
    for node in text.nodes_with_attributes:
        known = known_attributes(node)
        for name in (name for name in tree.attributes(node) if name not in known):
            message = f"{ELEMENTS[node['t']].name} has no attribute '{name}'"
            yield Finding(text.chapter.place(node), message, spelling_hint(name, known))
    for braces in re.finditer(r"\{[^{}\n]*\}", text.prose_source):
        ids = list(re.finditer(r"(?<=[{\s])#[\w:-]+(?=[\s}])", braces[0]))
        for lost in ids[:-1]:
            message = f"'{lost[0]}' is lost: only the last id of a place is read, '{ids[-1][0]}'"
            yield Finding(text.place_at(braces.start() + lost.start()), message, "keep one")


def foreign_syntax(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A chapter is written in Pandoc's Markdown: forms that other tools replace or run would be printed as words."""
    shown_code = {line.strip() for node in text.nodes("CodeBlock") for line in tree.content(node).splitlines()} - {""}
    seen_until = -1
    for form in sorted([*find_cells(text.body_source), *find_forms(text.prose_source)]):
        # An indented block of code has no fence.
        if form.start >= seen_until and text.source_line(form.start).strip() not in shown_code:
            seen_until = form.start + len(form.excerpt)
            excerpt = text.chapter.text[form.start : seen_until]
            shown = excerpt if len(excerpt) <= 40 else f"{excerpt[:39]}…"
            yield Finding(text.place_at(form.start), f"'{shown}' is {form.name}, and means nothing here", form.hint)


_LINK_DEFINITION = late_pattern(r"^[ \t>]*\[(?!\^)(?P<label>[^\]\n]+)\]:[ \t]*\S[^\n]*$", re.MULTILINE)
_LIST_HINT = "write it above or below the block"


def unprinted_words(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Words are in a place that is printed: a list, a chart or a data table prints only its caption."""
    for div in text.nodes("Div"):
        for block, hint in _unprinted_blocks(div):
            yield Finding(text.chapter.place(block), "text at this place is not printed", hint)
    yield from _unused_definitions(text)


def _unprinted_blocks(div: Node) -> Iterator[tuple[Node, str]]:
    names, blocks = {*tree.classes(div)}, tree.content(div)
    is_figure = "figure" in names or tree.identifier(div).startswith("fig-")
    has_data = "generated" in names or any(block["t"] == "CodeBlock" for block in blocks)
    if "generated" in names and not is_figure:
        yield from ((block, _LIST_HINT) for block in blocks)
    elif "table" in names or (is_figure and has_data):
        hint = "write a pipe table without the block" if "table" in names and not has_data else _LIST_HINT
        yield from ((block, hint) for block in blocks if block["t"] not in ("Para", "Plain", "CodeBlock"))
    elif ITEM_PREFIXES.keys() & names:
        for bullet in read_field_bullets(div):
            yield from ((block, "write it in one line, with ';' between its parts") for block in bullet[1:])


def _unused_definitions(text: ChapterText) -> Iterator[Finding]:
    """Yield a finding for each definition of a link that no words have: pandoc leaves it out."""
    source = text.verbatim_free_source
    definitions = list(_LINK_DEFINITION.finditer(source))
    printed: Sequence[str] = [passage.text for passage in text.texts] if definitions else ()
    for definition in definitions:
        label = re.escape(definition["label"])
        is_used = len(re.findall(rf"\[{label}\](?!:)", source, re.IGNORECASE)) > 0
        if not is_used and not any(f"[{definition['label']}]:" in words for words in printed):
            start = definition.start("label") - 1
            message = f"'[{definition['label']}]: …' is the address of a link that does not exist, and is not printed"
            yield Finding(text.place_at(start), message, "write a note as [^1]: …, and a source as [@KEY]")
