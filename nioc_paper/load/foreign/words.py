"""Words of a foreign text, as its readers see them: the measure of what an import has lost."""

from __future__ import annotations

import re
from collections import Counter

LABEL_WORD = (
    r"(?:\b(?:[Ff]igures?|[Ff]igs?\.|[Tt]ables?|[Ss]ections?|[Ss]ecs?\.|[Cc]hapters?|[Aa]ppendix|[Ee]quations?)"
    r"[ \u00a0~]*\n?)?"
)
"""Word before a reference, which our references print themselves."""
_NUMBER = r"\(?(?:[A-Z]\.)?\d{1,3}(?:[.–-]\d{1,3})*\)?"
TYPED_NUMBER = re.compile(LABEL_WORD + _NUMBER)
"""Words of a link that a reference of ours prints itself: Figure 1, Section 2.3, (4)."""
_SYNTAX = (
    # In this order: a later pattern does not see the words that an earlier one takes out.
    re.compile(
        r"^[ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*(?:\{[^\n]*\}|[\w.+,-]*(?:[ \t]+[\w-]+=[^\n]*)?)[ \t]*$", re.MULTILINE
    ),  # opening of a block
    re.compile(r"^[ \t>]*(?:`{3,}|:{3,})[ \t]*\{[\w:+.-]+\}", re.MULTILINE),  # name of a directive
    re.compile(r"^[ ]{0,3}\[(?!\^)[^\]\n]+\]:[^\n]*$", re.MULTILINE),  # definition of a citation or a link
    re.compile(r"\[\^[^\]\n]+\]"),  # mark of a note
    re.compile(r"(?<=\[\[)[^\[\]|\n]+\|"),  # target of a link of a wiki
    re.compile(r"@\{[^{}\n]*\}"),  # citation of an address
    re.compile(rf"\[{LABEL_WORD}{_NUMBER}\]\([^()\s]*\)"),  # link with a typed number
    re.compile(r"(?<=\])\[[^\]\n]*\]"),  # name of a link
    re.compile(r"^[ \t]*Table:", re.MULTILINE),
    re.compile(r"<!--[\s\S]*?-->|^%[ \t][^\n]*$", re.MULTILINE),  # comments
    re.compile(r"^\([\w :.-]+\)=[ \t]*$", re.MULTILINE),  # target
    re.compile(LABEL_WORD + r"\{(?:ref|numref|eq|doc|cite[\w:]*)\}`[^`<]*`"),  # role with a name
    re.compile(r"\{[A-Za-z][\w:+.-]*\}(?=`)"),  # role
    re.compile(r"\{[#.][^{}\n]*\}|\{-\}|\{[\w-]+=[^{}\n]*\}"),  # attributes
    re.compile(LABEL_WORD + r"\\@ref\([^)\n]*\)|" + LABEL_WORD + r"(?<![\w.])@(?:fig|tbl|tab|eq|sec)[-:][\w-]+"),
    re.compile(r"\\@ref\([^)\n]*\)|\(\\#[\w:.-]+\)|\(ref:[\w-]+\)"),
    re.compile(r"<(style|script)\b[\s\S]*?</\1>"),
    re.compile(r"^# \((?:PART|APPENDIX)(?:\\?\*)?\)", re.MULTILINE),
    re.compile(
        LABEL_WORD + r"\\(?:eq|auto|[cC])?ref\{[^{}\n]*\}|\\label\{[^{}\n]*\}|\\(?:begin|end)\{(?:equation|align)\}"
    ),
    re.compile(r"</?[A-Za-z][^<>]*>"),  # tags of HTML
    re.compile(r"(?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?=[\s)])"),  # targets of links
    re.compile(r"\{\{[<%#]?[^{}\n]*[%>]?\}\}|\{%[^{}]*%\}"),
    re.compile(r"(?<![\w.])-?@[\w][\w:.#$%&+?<>~/-]*"),  # citations and references
    re.compile(r"&#?\w+;"),
)
_JOINING = re.compile(r"[*\\’']|(?<!\w)_+|_+(?!\w)")
"""Signs of Markdown, and apostrophes."""
_WORD = re.compile(r"\w+")


def without_syntax(text: str) -> str:
    """Return a foreign text without names in its syntax, addresses and comments; lines stay."""
    for pattern in _SYNTAX:
        text = pattern.sub(lambda match: "\n" * match[0].count("\n") + " ", text)
    return text


def count_each_word(text: str) -> Counter[str]:
    """Count the words of a text. Signs of Markdown inside a word do not divide it."""
    plain = _JOINING.sub("", re.sub(r"[~^]", " ", text))
    return Counter(_WORD.findall(plain.casefold()))
