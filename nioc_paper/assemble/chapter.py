"""Chapter of a document: its tree after all passes, below its numbered title."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.assemble.audience_labels import audience_label
from nioc_paper.assemble.chapter_rewriter import ChapterRewriter, number_span
from nioc_paper.assemble.decision_summary import opening_figures
from nioc_paper.assemble.figures_and_tables import FloatBuilder
from nioc_paper.assemble.inline_references import has_own_quotes, localize_quotes
from nioc_paper.assemble.lists import LIST_BUILDERS, ListContext
from nioc_paper.assemble.lists.annexes import GLOSSARY
from nioc_paper.assemble.numbered_paper import NumberedPaper
from nioc_paper.domain.glossary import defined_terms, term_id, term_key, term_pattern
from nioc_paper.model import AUDIENCES, Chapter, Node
from nioc_paper.tree.key_numbers import KEY_NUMBER, mark_key_numbers
from nioc_paper.wording import language_attributes, wording_for


def resolve_text(numbered_paper: NumberedPaper, chapter: Chapter, blocks: list[Node]) -> list[Node]:
    """Return blocks of a chapter with references, numbered headings, boxes and figures, and allowed attributes.

    The paper is in the language of the chapter, and all its ids and numbers were assigned.
    """
    context, language = numbered_paper.context, chapter.language
    own = context.paper.settings.own_words
    if has_own_quotes(language, own) or "lang=" in chapter.names:
        blocks = localize_quotes(blocks, language, own)
    if f".{KEY_NUMBER}" in chapter.names:
        blocks = mark_key_numbers(blocks)  # while their facts are still known
    return tree.rewrite(ChapterRewriter(context, chapter).rewrite_node, blocks, skip_types=tree.WORD_TYPES)


def build_chapter(numbered_paper: NumberedPaper, matter: str, chapter: Chapter) -> Node:
    """Return the division of a chapter."""
    localized = numbered_paper.in_language(chapter.language)
    context = localized.context
    blocks = link_terms(resolve_text(localized, chapter, numbered_paper.trees[chapter.path]), context)
    if ".generated" in chapter.names:
        fill = partial(_fill_list, context=context, floats=FloatBuilder(context, chapter))
        blocks = tree.rewrite(fill, blocks, skip_types=tree.TEXT_TYPES)
    return _wrap_chapter(chapter, "front" if matter == "front" else "chapter", blocks, context)


def numbered_title(title: str, own_number: str) -> list[Node]:
    """Return the inlines of a title after its number."""
    return [*number_span(own_number), *tree.text_inlines(title)]


def _wrap_chapter(chapter: Chapter, kind: str, blocks: Sequence[Node], context: ListContext) -> Node:
    name, settings = f"sec-{chapter.id}", context.paper.settings
    title = tree.header(1, numbered_title(chapter.front.title, context.numbers.get(name, "")), id=name)
    words = tree.text_inlines(chapter.front.summary or "")
    summary = [tree.div([tree.para(words)], "summary")] if words else []
    data = {
        "data-path": chapter.path,
        "data-status": _status_title(chapter, context),
        "data-lead": f"{context.words['comma']} ".join(filter(None, map(context.paper.display_name, chapter.leads))),
    }
    if chapter.language != settings.language:
        data |= language_attributes(chapter.language)
    audience: str = chapter.front.sensitivity
    audience_mark = [audience_label(audience, context.words)] if audience != AUDIENCES[0] else []
    opening = [title, *audience_mark, *summary, *opening_figures(context, chapter)]
    return tree.div([*opening, *blocks], kind, id=f"chapter-{chapter.id}", values=data)


def _status_title(chapter: Chapter, context: ListContext) -> str:
    """Return the name of a chapter's status; empty if all chapters have the same, which the imprint names.

    In a chapter of another language, it is the usual word of that language.
    """
    status, settings, words = chapter.front.status, context.paper.settings, context.words
    if len({other.front.status for other in context.paper.chapters}) == 1:
        return ""
    title = next((s.title for s in settings.statuses if s.id == status), status)
    return title if words is wording_for(settings.language, settings.own_words) else words.get(f"stage_{status}", title)


def _fill_list(node: Node, context: ListContext, floats: FloatBuilder) -> Node | list[Node]:
    if tree.is_div(node, "generated"):
        make = LIST_BUILDERS.get(tree.attributes(node).get("list", ""))
        return floats.with_number(tree.identifier(node), make(context)) if make else []
    return node


# --- links from the first use of a term in each chapter to its definition in the glossary -----------------------------


_UNLINKED_TYPES = frozenset(
    ("Header", "Link", "Cite", "Code", "CodeBlock", "Math", "Image", "Note", "Figure", "Table", "BlockQuote")
)
"""Nodes whose words are not text of the chapter, are quoted, or are links already."""
_UNLINKED_CLASSES = frozenset(("generated", "title", "fields", "pullquote", "marking"))


def link_terms(blocks: list[Node], context: ListContext) -> list[Node]:
    """Return a chapter's blocks with a link at the first use of each term, if the paper prints a glossary."""
    if GLOSSARY not in context.labels:
        return blocks
    linker = _TermLinker({term_key(term.use): term_id(term) for term in defined_terms(context.paper)})
    return linker.visit(blocks) if linker.ids else blocks


class _TermLinker(Struct, dict=True):
    """Linker of one chapter."""

    ids: Mapping[str, str]
    """Ids of terms by their words."""
    linked: set[str] = field(default_factory=set)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Pattern of all terms."""
        return term_pattern(self.ids)

    def visit(self, item: object) -> Any:
        """Return a node or list with links."""
        if isinstance(item, list | tuple):
            return [part for each in item for part in self._visit_part(each)]
        if not isinstance(item, dict) or item.get("t") in _UNLINKED_TYPES:
            return item
        if item.get("t") == "Div" and not _UNLINKED_CLASSES.isdisjoint(tree.classes(item)):
            return item
        return {**item, "c": self.visit(item["c"])} if isinstance(item.get("c"), list) else item

    def _visit_part(self, item: object) -> Sequence[object]:
        return self._link(item) if isinstance(item, dict) and item.get("t") == "Str" else [self.visit(item)]

    def _link(self, node: Node) -> list[Node]:
        """Return words as parts, with a link at each term that the chapter has not had."""
        parts, end, text = list[Node](), 0, node["c"]
        for match in self.pattern.finditer(text):
            target = self.ids[term_key(match[1])]
            if target not in self.linked:
                self.linked.add(target)
                before, words = text[end : match.start()], text[match.start() : match.end()]
                parts += [{**node, "c": before}] * bool(before)
                parts.append(tree.link([{"t": "Str", "c": words}], f"#{target}", "term"))
                end = match.end()
        rest = [{**node, "c": text[end:]}] if text[end:] else []
        return [*parts, *rest] if parts else [node]
