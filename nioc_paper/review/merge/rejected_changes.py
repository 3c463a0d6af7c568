"""Reports of changes in Word that the chapter does not take: of a kind of passage, and of text that the tool makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import BODY_STYLE, DocxPassage, DocxText, Paragraph, Token, links_in, tokenize
from nioc_paper.review.merge.merge_context import MergeContext
from nioc_paper.review.merge.pairing import Pair
from nioc_paper.review.merge.source_map import AlignedPassage
from nioc_paper.review.merge.text_edits import MergeConflict, find_foreign
from nioc_paper.tree.markdown_scan import normalize_word

QUOTATION_STYLE = re.compile(r"^(block text|(intense )?quote|quotations?)$", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"^(sub)?title$", re.IGNORECASE)
_GENERATED_REASON = "this is made by the tool, from the front matter, a register or the first line of a block"
_PICTURE_REASON = "a picture was taken out; take it out of the chapter's source"
_STYLED_REASON = "formatting or a link was put on words that the tool makes"
_LOST_REASON = "no {} is left in the file: the program that saved it has lost them; the chapter keeps them"
_FORMATTING = frozenset(("Strong", "Emph", "Strikeout", "Superscript", "Subscript", "Code"))
_NAMES = {"para": "a paragraph", "cell": "a cell of a table", "caption": "a caption"}
_PLACED_KINDS = ("cell", "caption")
"""Kinds that a paragraph is by its place or its style alone: some programs lose these."""


def find_lost_marks(base: Sequence[AlignedPassage], edited: DocxText) -> tuple[frozenset[str], list[MergeConflict]]:
    """Return the marks that all of a file has lost, and a report of each loss that a reader would see.

    Marks are kinds of passages and of formatting, "level" of items, and "style" of paragraphs.
    """
    sent, received = [each.passage.paragraph for each in base], [passage.paragraph for passage in edited.passages]
    words = {word for paragraph in received for word in paragraph.normalized_words}
    kinds, levels = {p.kind for p in received}, {p.level for p in received if p.kind == "item"}
    formatting = _FORMATTING - frozenset[str]().union(*(t.formatting for p in received for t in p.tokens))
    marked = (tuple(t for t in p.tokens if t.formatting & formatting) for p in sent)
    runs = [Paragraph("", "para", run) for run in marked if run]
    has_code = any("Code" in t.formatting for run in runs for t in run.tokens)
    signs = "|".join({each.passage.sign for each in base} - {""})
    is_kept = "item" in kinds or any(signs and p.kind == "para" and re.match(signs, p.text) for p in received)
    lost = {"style", *(() if is_kept else ("item",))} - {"style" for passage in edited.passages if passage.style}
    nested = [p for p in sent if p.kind == "item" and p.level > 1]
    conflicts = []
    # A single passage may have been changed by hand, but not a heading or code.
    for marks, least, name, paragraphs in (
        ({"heading"} - kinds, 1, "heading", [p for p in sent if p.kind == "heading"]),
        ({"level"} if levels == {1} else set(), 2, "item inside another item", nested),
        (formatting, 1 if has_code else 2, "bold, italic or other formatted word", runs),
    ):
        texts = [p.text for p in paragraphs if words.issuperset(p.normalized_words)]
        if marks and len(texts) >= least:
            lost |= marks
            conflicts.append(MergeConflict(0, " ¶ ".join(texts), "", _LOST_REASON.format(name)))
    return frozenset(lost), conflicts


class KindCheck:
    """Reports passages of another kind, level or style."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self._last = Pair()

    def find_reason(self, before: DocxPassage, after: DocxPassage) -> str:
        """Return the reason against a passage of another kind or style; empty if the file has lost these."""
        was, is_now = self._describe(before), self._describe(after)
        is_unknown = was == "a title" or (was == "a quotation" and not BODY_STYLE.match(after.style))
        is_lost = is_now == "a paragraph" and (is_unknown or before.paragraph.kind in _PLACED_KINDS)
        is_placed = after.paragraph.kind in _PLACED_KINDS and before.paragraph.kind != after.paragraph.kind
        if was in (is_now, "") or is_lost or is_placed or not is_now:
            return ""
        return f"{was} became {is_now}; change it by hand"

    @staticmethod
    def without_sign(sent: DocxPassage, received: DocxPassage) -> DocxPassage:
        """Return a received passage without the sign of its list, which Word writes if it makes a list text."""
        paragraph, is_text = received.paragraph, received.paragraph.kind == "para"
        match = re.match(sent.sign, paragraph.text) if sent.sign and is_text else None
        if not match or sent.paragraph.text.startswith(match[0]):
            return received
        count = sum(1 for _ in tokenize(match[0]))
        return replace(received, paragraph=replace(paragraph, tokens=paragraph.tokens[count:]))

    def _describe(self, passage: DocxPassage) -> str:
        """Return the kind of a passage in words; empty if it does not matter, or if the file has lost it."""
        paragraph, lost = passage.paragraph, self.context.vocabulary.lost
        if paragraph.kind in lost:
            return ""
        if paragraph.kind == "heading":
            return f"a heading of level {paragraph.level}"
        if paragraph.kind == "item":
            level = "" if "level" in lost else f" at level {paragraph.level}"
            return f"an item of a list with {'numbers' if paragraph.ordered else 'bullets'}{level}"
        style = "" if "style" in lost else passage.style
        styled = "a title" if _TITLE_STYLE.match(style) else "a quotation" if QUOTATION_STYLE.match(style) else ""
        return styled or _NAMES.get(paragraph.kind, "")

    def report(self, base: AlignedPassage, edited: Sequence[DocxPassage]) -> None:
        """Report a sent passage that came back as another kind; successive ones with one reason are one report."""
        reasons = (self.find_reason(base.passage, each) for each in edited)
        if (reason := next(filter(None, reasons), "")) and base.source_paragraph:
            new, conflicts = self.context.describe([base], edited, reason), self.context.result.conflicts
            offset, old, text = new.offset, new.base, new.edited
            before, self._last = self._last.base, self.context.current_pair
            if conflicts and conflicts[-1].reason == reason and before and max(before) + 1 == min(self._last.base):
                last = conflicts.pop()
                offset, old, text = last.offset, f"{last.base} ¶ {old}", f"{last.edited} ¶ {text}"
            self.context.add_conflict(offset, old, text, reason, edited[0].reshaped_by or new.author)

    def report_generated(
        self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], *, is_moved: bool = False
    ) -> None:
        """Report a change of text that the tool makes: a title, a summary, or the picture of a figure."""
        known = [t for passage in base for t in passage.passage.paragraph.tokens]
        if find_foreign([t for passage in edited for t in passage.paragraph.tokens], known):
            for passage in edited:
                self.context.report_foreign(passage, known)
            return
        base_text = " ".join(passage.passage.paragraph.text for passage in base)
        edited_text = " ".join(passage.paragraph.text for passage in edited)
        reason = _PICTURE_REASON if any(t.is_picture for t in known) else _GENERATED_REASON
        old_words, new_words = ([*map(normalize_word, text.split())] for text in (base_text, edited_text))
        if old_words == new_words and len(base) == len(edited) and not is_moved:
            reason = self.find_reason(base[0].passage, edited[0])
            styled = added_formatting(known, [t for passage in edited for t in passage.paragraph.tokens])
            reason = reason or (_STYLED_REASON if any(styled) else "")
        if reason:
            self.context.report(base, edited, reason)


def added_formatting(before: Sequence[Token], after: Sequence[Token]) -> Iterator[str]:
    """Yield the words of an equal text with formatting or a link that they did not have."""
    if [t.normalized for t in before] == [t.normalized for t in after]:
        for old, new in zip(before, after, strict=True):
            # LibreOffice makes links of references to places of the file.
            if (new.formatting - old.formatting).difference(links_in(new.formatting, inside=True)):
                yield new.display
