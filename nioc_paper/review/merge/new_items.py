"""New fields of recommendations and gaps typed in Word; new recommendations and gaps, which are reported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph, Token, tokenize
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.token_markdown import render_inlines
from nioc_paper.review.merge.word_dates import read_day
from nioc_paper.tree.items import ITEM_FIELDS, ITEM_PREFIXES, REFERENCE_FIELDS, field_name

_CODE = re.compile(r"(?:[A-Z]{1,4}-?)?G?\d{0,3}")
"""Number of an item, as in "Recommendation BR-1" and "Gap BR-G1"."""
_SEPARATORS = (":", ".", "–", "—", "-")


class _Title(NamedTuple):
    """Kind of an item, and the length of its label in tokens."""

    kind: str = ""
    length: int = 0
    has_number: bool = False
    has_colon: bool = False


class _NewItem(NamedTuple):
    """Recommendation, gap, finding or linkage in consecutive new passages."""

    kind: str
    indexes: Sequence[int]
    """Its passages."""


class ItemEditor:
    """Puts new passages into the boxes of items, and reports those that are new boxes."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.new_indexes = {p.edited[0] for p in context.pairs if p.edited and not p.base}
        self.reported: set[int] = set()
        """Passages of new items that are reported."""
        self.used_names: dict[int, set[str]] = {}
        """Names of fields by Div."""
        for paragraph in context.source.paragraphs:
            if (div := context.ranges.find_item(paragraph)) and paragraph.kind == "item":
                self.used_names.setdefault(div, set()).add(field_name(paragraph.text))
        self.known_names = {*chain(*self.used_names.values(), *ITEM_FIELDS.values())} - {""}

    def add(self, index: int) -> bool:
        """Add a new passage if it is part of an item; returns whether it is, or was reported."""
        passage = self.context.edited[index]
        if index in self.reported:
            return True
        if passage.paragraph.note or passage.paragraph.cell or passage.paragraph.kind == "heading":
            return False
        if item := self._read_item(index):
            self.reported |= {*item.indexes}
            reason = f"a {item.kind} is new; write it in the chapter's source, with an id of its own"
            self.context.report([], [self.context.edited[n] for n in item.indexes], reason)
            return True
        return self._add_to_box(index)

    # --- a passage in the box of an item ---

    def _add_to_box(self, index: int) -> bool:
        passage = self.context.edited[index]
        previous, following = self.context.previous_paragraph(), self.context.next_paragraph()
        div, next_div = (self.context.ranges.find_item(p) if p else 0 for p in (previous, following))
        name = field_name(passage.paragraph.text)
        if following is not None and self.context.ranges.is_in_box(following) and self._follows_title(index):
            self._add_text_before(passage, following)
            return True
        if previous is None or not div:
            return False
        belongs = div == next_div or _is_styled(passage, self.context.item_kind(div))
        if previous.kind == "item" and (belongs or name in self.known_names):
            self._add_field(passage, name, div)
            return True
        is_field = bool(name) and (passage.style.lower().endswith(" fields") or name in self.known_names)
        if is_field and (div != next_div or (following is not None and following.kind == "item")):
            self._add_field(passage, name, div)
            return True
        return False

    def _follows_title(self, index: int) -> bool:
        """Return whether the title of the next box is the last passage that was sent before this one."""
        while index in self.new_indexes:
            index -= 1
        base = next((max(p.base) for p in self.context.pairs if index in p.edited and p.base), None)
        if base is None or base <= (self.context.last_base or -1):
            return False
        return self.context.base[base].is_generated and self.context.base[base].passage.style.endswith("Title")

    def _add_text_before(self, passage: DocxPassage, following: Paragraph) -> None:
        """Add a paragraph between the title of a box and its text."""
        unit, tokens = self.context.new_unit(), self.context.prepare_new(passage.paragraph.tokens)
        offset = self.context.ranges.find_lines(following)[0]
        text = render_inlines(tokens, self.context.vocabulary.atom_texts)
        self.context.add_edit(offset, offset, f"{text}\n\n", unit, find_author(passage))
        self.context.expect(unit, "text", tokens)

    def _add_field(self, passage: DocxPassage, name: str, div: int) -> None:
        names = self.used_names.setdefault(div, set())
        has_value = any(token.text[0].isalnum() for token in tokenize(passage.paragraph.text.partition(":")[2]))
        if not name or name in names or not has_value:
            kind = self.context.item_kind(div)
            repeated = f"the {kind} has a field '{name.capitalize()}' already"
            unnamed = f"it was typed among the fields of a {kind}, and is not 'Name: value'"
            self.context.report([], [passage], repeated if name in names else unnamed)
            return
        names.add(name)
        unit = self.context.new_unit()
        text, tokens = self._render_field(passage.paragraph.tokens, name)
        self.context.add_edit(*self._place_field(text), unit, find_author(passage))
        self.context.expect(unit, "text", tokens)

    def _place_field(self, text: str) -> tuple[int, int, str]:
        """Return the range and the text of the edit that adds a field after the previous paragraph."""
        previous, following = self.context.previous_paragraph(), self.context.next_paragraph()
        assert previous is not None
        start, end = self.context.ranges.find_lines(previous)
        if previous.kind == "item":
            marker = re.match(r"[ \t>]*[-*+][ \t]+", self.context.text[start:end])
            return end, end, f"\n{marker[0] if marker else '- '}{text}"
        if following is not None and following.kind == "item" and set(following.divs) == set(previous.divs):
            offset = self.context.ranges.find_lines(following)[0]
            return offset, offset, f"- {text}\n"
        return end, end, f"\n\n- {text}"

    def _render_field(self, words: Sequence[Token], name: str) -> tuple[str, Sequence[Token]]:
        """Return a field as Markdown, and the words that it must have: a day as the source writes it."""
        colon = next(n for n, token in enumerate(words) if token.text == ":")
        if name == "by" and (day := read_day(words[colon + 1 :])):
            words = [*words[: colon + 1], *tokenize(day, space_before=True)]
        if name in REFERENCE_FIELDS:
            words = [*words[: colon + 1], *self.context.vocabulary.read_ids(words[colon + 1 :])]
        plain = [t._replace(formatting=t.formatting - {"Strong"}) if n <= colon else t for n, t in enumerate(words)]
        tokens = self.context.prepare_new(plain)
        return render_inlines(tokens, self.context.vocabulary.atom_texts), tokens

    # --- a new item ---

    def _read_item(self, index: int) -> _NewItem | None:
        """Return the new item that begins with a passage; None if it is not a title of one."""
        passage = self.context.edited[index]
        styled_kind = next((k for k in ITEM_PREFIXES if passage.style.lower() == f"{k} title"), "")
        title = _read_title(passage.paragraph.tokens, self.context.item_kinds)
        kind = styled_kind or title.kind
        if not kind:
            return None
        following = [*self._following_new(index)]
        is_field = [bool(field_name(self.context.edited[n].paragraph.text)) for n in following]
        has_rest = title.length < len(passage.paragraph.tokens)
        if any(is_field) or (styled_kind and (has_rest or following)):
            last = next((n for n in range(1, len(is_field)) if is_field[n - 1] and not is_field[n]), len(is_field))
            return _NewItem(kind, [index, *following[:last]])
        # Without fields and styles, a number or a colon tells a title, and a box ends with its first paragraph.
        is_known = title.has_number or (title.has_colon and kind in self.context.ranges.item_kinds.values())
        return _NewItem(kind, [index, *following[: not has_rest]]) if is_known and (has_rest or following) else None

    def _following_new(self, index: int) -> Iterator[int]:
        """Yield the new passages after one, up to the next title or heading."""
        for n in range(index + 1, len(self.context.edited)):
            passage = self.context.edited[n]
            is_running = passage.paragraph.kind in ("para", "item") and not passage.paragraph.note
            if n not in self.new_indexes or not is_running or _is_title(passage, self.context.item_kinds):
                return
            if passage.paragraph.tokens:
                yield n


def _read_title(tokens: Sequence[Token], kinds: Mapping[str, str]) -> _Title:
    """Return the label at the start of a title, as in "Gap BR-3: …"; an empty one for other words."""
    kind = kinds.get(tokens[0].text.lower(), "") if tokens else ""
    if not kind:
        return _Title()
    code = _CODE.fullmatch(tokens[1].text) if len(tokens) > 1 else None
    length = 2 if code and code[0] else 1
    title = _Title(kind, length, has_number=length == 2 and tokens[1].text[-1].isdecimal())
    if length == len(tokens):
        return title
    separator = tokens[length].text
    return title._replace(length=length + 1, has_colon=separator == ":") if separator in _SEPARATORS else _Title()


def _is_title(passage: DocxPassage, kinds: Mapping[str, str]) -> bool:
    return passage.style.lower().endswith(" title") or bool(_read_title(passage.paragraph.tokens, kinds).kind)


def _is_styled(passage: DocxPassage, kind: str) -> bool:
    """Return whether a passage has a style of the boxes of a kind."""
    return bool(kind) and passage.style.lower() in (kind, f"{kind} fields")
