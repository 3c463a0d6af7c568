"""Text of a foreign file before pandoc reads it: what pandoc does not know becomes a placeholder, and is listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from nioc_paper.load.foreign.project_layouts import PANDOC_MARKDOWN, PART_HEADING
from nioc_paper.model import Diagnostic, Place, Reporter, Severity, format_count
from nioc_paper.tree.code_blocks import (
    CELL_ENGINES,
    CodeBlock,
    blank_all_but_prose,
    blank_code_blocks,
    find_code_blocks,
    find_code_spans,
)
from nioc_paper.tree.foreign_markup import COMMENT_NAME, DIRECTIVE_NAME, ForeignForm, find_cells, find_forms

_START, _END = "\ue000", "\ue001"
PLACEHOLDER = re.compile(f"{_START}(\\d+){_END}")
"""Placeholder in a text for something that pandoc is not to read."""
_MAX_EXCERPT, _MAX_LISTED = 300, 12
"""Characters of an excerpt, and lost words that a finding lists of one line."""
LABEL_WORD = (
    r"(?:\b(?:[Ff]igures?|[Ff]igs?\.|[Tt]ables?|[Ss]ections?|[Ss]ecs?\.|[Cc]hapters?|[Aa]ppendix|[Ee]quations?)"
    r"[ \u00a0~]*\n?)?"
)
"""Word before a reference, which our references print themselves."""
_NUMBER = r"\(?(?:[A-Z]\.)?\d{1,3}(?:[.–-]\d{1,3})*\)?"
TYPED_NUMBER = re.compile(LABEL_WORD + _NUMBER)
"""Words of a link that a reference of ours prints itself: Figure 1, Section 2.3, (4)."""
_PANDOC_FORM = re.compile(
    rf"(?P<word>{LABEL_WORD})\\@ref\((?P<label>[^)\s]+)\)"
    rf"|(?P<caption>^[ \t]*(?:Table)?:[ \t]*\(\\#tab:[\w:.-]+\))|{PART_HEADING}",
    re.MULTILINE,
)
"""Forms of bookdown: references become those of pandoc, labels of captions are read with them, parts have been read."""
_READ_ALERT = re.compile(r">[ \t]*\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)", re.IGNORECASE)
_CELL_LANGUAGE = re.compile(r"\{\{?(?P<language>[A-Za-z][\w:+-]*)(?![\w-]*=)")
_INFO = re.compile(r"(?:\{(?:[^.}]*\.)?)?(?P<language>[A-Za-z][\w+-]*(?![\w+-]*=))?[\s,]*(?P<rest>[^}]*)\}?")
"""Words behind the fence of a block of code: its language, and the rest."""
_INCLUDED = re.compile(r"\{\{#\w+ [^{}\n]*\}\}")
_SHOWN = re.compile(r"(?:#.*\n|\s)*(?:knitr::)?include_graphics\(\s*[\"']([^\"'\n]+)[\"'][^()]*\)\s*")
"""Cell of R that shows a picture, and does nothing else."""
_CAPTION = re.compile(r"fig[.-]cap\s*[=:]\s*([\"'])(.*?)(?<!\\)\1")
TAG = r"</?[A-Za-z](?:[^<>\"'\n]|\n(?![ \t]*\n)|\"[^\"]*\"|'[^']*')*>?"
"""Tag of HTML. One without an end matches too, so that no part of a text is searched twice."""
_SYNTAX = re.compile(
    "|".join(
        (
            r"<!--[\s\S]*?-->|<(style|script)\b[\s\S]*?</\1>",
            r"^[ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*(?:\{=)?[\w.+-]*\}?[ \t]*$",  # opening or end of a block
            r"^[ ]{0,3}\[(?!\^)[^\]\n]+\]:[^\n]*$",  # definition of a link
            r"\[[\^!][^\]\n]+\]|^[ \t>]*\d+[.)](?=[ \t])",  # mark of a note, an alert, an item
            rf"\[{LABEL_WORD}{_NUMBER}\](?=[(\[])",  # link with a typed number
            r"(?<=\])\[[^\]\n]*\]",  # name of a link
            r"^[ \t]*Table:|^(?:knitr::)?include_graphics\([^()\n]*\)|&#?\w+;",
            r"\{[#.][^{}\n]*\}|\{-\}|\{[\w-]+=[^{}\n]*\}",  # attributes
            rf"{LABEL_WORD}\\@ref\([^)\n]*\)|{LABEL_WORD}(?<![\w.])@(?:fig|tbl|tab|eq|sec)[-:][\w-]+",
            r"\(\\#[\w:.-]+\)|^# \((?:PART|APPENDIX)(?:\\?\*)?\)",
            TAG,
            r"(?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?=[\s)])",  # targets of links
            r"(?<![\w.])-?@[\w][\w:.#$%&+?<>~/-]*",  # citations and references
        )
    ),
    re.MULTILINE,
)
"""Names in the syntax of Markdown, addresses and comments: no reader sees them."""
_JOINING = re.compile(r"[*’']|\\(?!\w)|(?<!\w)_+|_+(?!\w)")
"""Signs of Markdown, and apostrophes."""


_Edit = tuple[int, int, str, ForeignForm | None]
"""Start and end of a part of the original, its new text, and the form of another tool that it is."""


class Draft:
    """Text of a file, the placeholders in it, and the findings about it."""

    def __init__(self, path: str, text: str, report: Reporter) -> None:
        self.path, self._report = path, report
        self.original = re.sub(f"[{_START}{_END}]", "", text)
        self.kept_forms: list[str] = []
        """Forms that pandoc is not to read, by the number in their placeholders."""
        self._reported_words: Counter[str] = Counter()
        self._cursor = 0

    def place(self, offset: int) -> Place:
        """Return the place of an offset in the original."""
        before = self.original[:offset]
        return Place(self.path, before.count("\n") + 1, offset - before.rfind("\n"))

    def locate(self, *words: str) -> Place:
        """Return the place of the first of these words that the original has: the next one after the previous call."""
        starts = (self.original.find(one, pos) for one in words for pos in (self._cursor, 0))
        start = next((start for start in starts if start >= 0), -1)
        self._cursor = max(start, 0) or self._cursor
        return self.place(max(start, 0))

    def note(self, place: Place, message: str, hint: str, rule: str = "not-imported") -> None:
        """Report something that is not in the result, or not as it was. Words in quotation marks are no longer lost."""
        self._reported_words += _count_each_word(" ".join(re.findall("'(.*)'", message)))
        self._report(Diagnostic(place, rule, message, Severity.WARNING, hint))

    def note_lost_words(self, chapter: str) -> None:
        """Report the words of the original that neither a chapter nor a finding before has, at their lines."""
        lines = _SYNTAX.sub(lambda match: "\n" * match[0].count("\n") + " ", self.original).split("\n")
        missing = _count_each_word("\n".join(lines)) - _count_each_word(chapter) - self._reported_words
        for number, line in enumerate(lines if missing else (), 1):
            words = [word for word in _count_each_word(line) if missing[word] > 0]
            missing -= Counter(words)
            if words:
                rest = [f"and {len(words) - _MAX_LISTED} more"] if len(words) > _MAX_LISTED else []
                listed = ", ".join([*words[:_MAX_LISTED], *rest])
                message = f"{format_count(len(words), 'word')} not in the chapter: {listed}"
                self.note(Place(self.path, number), message, "compare the line with the chapter", "lost-words")

    def restore_forms(self, part: Any) -> Any:
        """Return a part of a tree with the forms in place of their placeholders, but for those in words."""
        if isinstance(part, str):
            return PLACEHOLDER.sub(lambda match: self.kept_forms[int(match[1])], part)
        if isinstance(part, list):
            return [self.restore_forms(one) for one in part]
        is_open = isinstance(part, dict) and part.get("t") != "Str"
        return {key: self.restore_forms(value) for key, value in part.items()} if is_open else part

    def convert_forms(self, reader: str) -> str:
        """Return the text for a reader of pandoc: unknown forms are placeholders, and fences of code have one word."""
        for cell in find_cells(self.original):
            rule = "not-imported" if cell.name == DIRECTIVE_NAME else "computed-cell"
            message = f"'{excerpt(cell.excerpt)}' is {cell.name}: nothing of it is run"
            self.note(self.place(cell.start), message, cell.hint, rule)
        prose = blank_all_but_prose(self.original)
        edits = [self._edit_code(block) for block in find_code_blocks(self.original)]
        for match in _PANDOC_FORM.finditer(prose) if reader == PANDOC_MARKDOWN else ():
            reference = f"[{match['word'].strip()} @{{{match['label']}}}]" if match["label"] else ""
            edits.append((*match.span(), reference or match["caption"] or "", None))
        edits += self._find_unread_forms(prose)
        parts, end = list[str](), 0
        for start, stop, text, form in sorted(edits, key=itemgetter(0)):
            if start >= end:  # of parts that overlap, the first one counts
                parts += (self.original[end:start], text)
                end = stop
                if form:
                    message = f"'{excerpt(self.original[start:stop])}' is {form.name}: it is "
                    self.note(self.place(start), message + ("kept as code" if text else "left out"), form.hint)
        return "".join([*parts, self.original[end:]])

    def _find_unread_forms(self, prose: str) -> Iterator[_Edit]:
        """Yield the forms of other tools in running text: each is kept as code, with the code behind a role."""
        spans = find_code_spans(blank_code_blocks(self.original))
        code_ends = {start - 1: start + len(code) + 1 for start, code in spans if "`" not in code}
        for form in sorted(find_forms(prose)):
            if not _READ_ALERT.match(self.original, form.start):
                stop = form.start + len(form.excerpt)
                stop = code_ends.get(stop, stop)
                text = "" if form.name == COMMENT_NAME else f"{_START}{len(self.kept_forms)}{_END}"
                self.kept_forms.append(self.original[form.start : stop])
                yield form.start, stop, text, form

    def _edit_code(self, block: CodeBlock) -> _Edit:
        """Return the opening of a block of code as pandoc reads it, the fence and one word; a picture that it shows.

        Other words are reported: those of a cell or a directive with it.
        """
        start, info, code = block.span[0], block.info, self.original[slice(*block.code_span)]
        if info.startswith("{r") and (shown := _SHOWN.fullmatch(code)):
            caption, label = _CAPTION.search(f"{info}\n{code}"), re.match(r"\{r[ ,]+(?:fig-)?([\w-]+)\s*[,}]", info)
            anchor = f"{{#fig-{label[1]}}}" if label else ""
            return *block.span, f"![{caption[2] if caption else ''}]({shown[1].replace(' ', '%20')}){anchor}", None
        for included in _INCLUDED.findall(code):
            message = f"'{included}' in code is filled in by the tool, and is kept as it is written"
            self.note(self.place(start), message, "put the code into the text")
        stop = self.original.find("\n", start)
        if match := _CELL_LANGUAGE.match(info):
            language = match["language"] if match["language"].lower() in CELL_ENGINES else ""
        elif (match := _INFO.fullmatch(info)) and not info.startswith("{="):
            language = match["language"] if match["language"] not in ("chart", "table") else ""
            if left_out := match["rest"] if language else info:
                message = f"'{excerpt(left_out)}' of a block of code is left out"
                self.note(self.place(start), message, "write it as words above the code")
        else:
            return start, start, "", None
        fence = self.original[start:stop].rstrip().removesuffix(info).rstrip()
        # Below an item of a list, pandoc takes a fence without indentation for its words.
        gap = "\n" if self.original[:start].endswith("\n") else ""
        return start, stop, f"{gap}{fence}{language or ''}", None


def excerpt(text: str) -> str:
    """Return a text in one line for a message, without what is beyond its limit."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_EXCERPT else f"{line[: _MAX_EXCERPT - 1]}…"


def _count_each_word(text: str) -> Counter[str]:
    """Count the words of a text. Signs of Markdown inside a word do not divide it."""
    return Counter(re.findall(r"\w+", _JOINING.sub("", re.sub(r"[~^]", " ", text)).casefold()))
