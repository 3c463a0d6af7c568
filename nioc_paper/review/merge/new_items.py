"""New fields of recommendations and gaps typed in Word; new recommendations and gaps, which are reported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from nioc_paper.review.docx.docx_text import DocxPassage, Paragraph, Token, tokenize
from nioc_paper.review.merge.atoms import read_day
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.paragraph_places import ParagraphPlace
from nioc_paper.tree.strategy_items import ITEM_FIELDS, ITEM_PREFIXES, REFERENCE_FIELDS, field_name

_LABEL = re.compile(r"(?P<word>\w+)(?: (?P<code>(?:[A-Z]{1,4}-?)?G?\d{0,3}))?(?: ?(?P<sign>[:.–—-])|$)")
"""Start of the title of a box: "Recommendation BR-1", "Gap BR-G1: …"."""


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
        if kind := self._read_kind(index):
            indexes = [index, *self._following_new(index)]
            self.reported |= {*indexes}
            reason = f"a {kind} is new; write it in the chapter's source, with an id of its own"
            self.context.report([], [self.context.edited[n] for n in indexes], reason)
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
        kind = self.context.ranges.item_kinds[div]
        belongs = div == next_div or passage.style.lower() in (kind, f"{kind} fields")
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
        self.context.add_edit(offset, offset, f"{self.context.render(tokens)}\n\n", unit, find_author(passage))
        self.context.expect(unit, "text", tokens)

    def _add_field(self, passage: DocxPassage, name: str, div: int) -> None:
        names = self.used_names.setdefault(div, set())
        has_value = any(token.text[0].isalnum() for token in tokenize(passage.paragraph.text.partition(":")[2]))
        if not name or name in names or not has_value:
            kind = self.context.ranges.item_kinds[div]
            repeated = f"the {kind} has a field '{name.capitalize()}' already"
            unnamed = f"it was typed among the fields of a {kind}, and is not 'Name: value'"
            self.context.report([], [passage], repeated if name in names else unnamed)
            return
        names.add(name)
        unit = self.context.new_unit()
        text, tokens = self._render_field(passage.paragraph.tokens, name)
        self.context.add_edit(*self._place_field(text), unit, find_author(passage))
        self.context.expect(unit, "text", tokens, ParagraphPlace(1, field=name))

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
        return self.context.render(tokens), tokens

    # --- a new item ---

    def _read_kind(self, index: int) -> str:
        """Return the kind of the new item that begins with a passage; empty if it is not a title of one."""
        passage = self.context.edited[index]
        if styled_kind := next((k for k in ITEM_PREFIXES if passage.style.lower() == f"{k} title"), ""):
            return styled_kind
        label, kind = _LABEL.match(passage.paragraph.text), self._labelled_kind(passage)
        if not label or not kind:
            return ""
        # Without styles, a number, a colon, or fields below it tell a title from other words.
        has_sign = label["sign"] == ":" and kind in self.context.ranges.item_kinds.values()
        fields = (field_name(self.context.edited[n].paragraph.text) for n in self._following_new(index))
        return kind if has_sign or (label["code"] or "")[-1:].isdecimal() or any(fields) else ""

    def _labelled_kind(self, passage: DocxPassage) -> str:
        label = _LABEL.match(passage.paragraph.text)
        return self.context.item_kinds.get(label["word"].lower(), "") if label else ""

    def _following_new(self, index: int) -> Iterator[int]:
        """Yield the new passages after one, up to the next title or heading."""
        for n in range(index + 1, len(self.context.edited)):
            passage = self.context.edited[n]
            is_running = passage.paragraph.kind in ("para", "item") and not passage.paragraph.note
            is_title = passage.style.lower().endswith(" title") or self._labelled_kind(passage)
            if n not in self.new_indexes or not is_running or is_title:
                return
            if passage.paragraph.tokens:
                yield n
