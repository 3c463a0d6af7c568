"""Form for a body: the actions that concern it, to agree to, with what else the paper says about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.assemble.chapter import build_chapter
from nioc_paper.assemble.excerpts import bibliography_blocks, derived_document, has_citations, without_dangling_links
from nioc_paper.assemble.lists.list_context import ListContext, generated_table, text_cell
from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.assemble.repeated_blocks import anonymous_blocks
from nioc_paper.domain.agreements import find_agreements, last_answers
from nioc_paper.model import Consultation, Document, History, Node, Organization, OutputOptions, Paper
from nioc_paper.wording import Wording, language_attributes, wording_for


class FormTable(NamedTuple):
    """Table of a form, by keys of the wording."""

    rows: tuple[tuple[str, ...], ...]
    """Labels of each row, each with a cell beside it; the first one names what the others are about."""
    choices: tuple[str, ...] = ()
    """Answers to choose from."""


_REASON, _REMARK = (("form_answer",), ("form_reason",)), (("remark",),)
FORMS: Mapping[str, FormTable] = {
    table.rows[0][0]: table
    for table in (
        FormTable(
            (("form_action",), *_REASON, ("cost", "funding"), ("form_by", "form_contact"), *_REMARK),
            ("form_agree", "form_change", "form_decline"),
        ),
        FormTable((("form_chapter",), *_REASON, *_REMARK), ("form_granted", "form_conditions", "form_refused")),
        FormTable((("form_signatory",), ("form_post", "form_date"))),
    )
}
"""Tables of a form by the first label of each."""
_ABOUT = ("gap", "finding")


def form_words(paper: Paper, request: Consultation) -> Wording:
    """Return the words of a form in its language."""
    return wording_for(request.language or paper.settings.language, paper.settings.own_words)


def build_consultation(paper: Paper, history: History, request: Consultation, letter: Sequence[str]) -> Document:
    """Return the form of a body below a letter, as far as its audience may read the paper."""
    numbered = number_paper(paper, history, OutputOptions(audience=request.audience))
    body, words, language = paper.organizations[request.body], form_words(paper, request), paper.settings.language
    blocks: list[Node] = []
    for is_own, part in _sections(numbered, paper, request, body, words, letter):
        is_foreign = not is_own and request.language not in (None, language)
        blocks.append(tree.div(part, values=language_attributes(language) if is_foreign else {}))
    blocks = without_dangling_links(blocks)
    if has_citations(blocks):
        blocks += bibliography_blocks(words)
    return derived_document(
        numbered.document(None),
        [tree.div(blocks, "brief", id=f"consultation-{request.body}")],
        f"consultation-{request.body}",
        title=words["consult_title"].format(body=body.name),
        subtitle="",
        form="brief",
        commit="",
        language=request.language or language,
    )


def _sections(
    numbered: NumberedPaper,
    paper: Paper,
    request: Consultation,
    body: Organization,
    words: Wording,
    letter: Sequence[str],
) -> Iterator[tuple[bool, list[Node]]]:
    """Yield the parts of the form, each with whether it is in the language of the form, not in that of the paper."""
    chapters = {chapter.id: build_chapter(numbered, "main", chapter) for chapter in numbered.context.chapters}
    name, nodes = _name_pattern(body), tree.walk_blocks([*chapters.values()])
    boxes = {tree.identifier(n): n for n in nodes if any(tree.is_div(n, kind) for kind in ("recommendation", *_ABOUT))}
    address, *paragraphs = map(tree.text_inlines, letter)
    yield True, [tree.header(1, address), *map(tree.para, paragraphs)]
    for action in request.actions:
        if action.id in boxes:
            yield False, anonymous_blocks([boxes[action.id]])
            yield (
                True,
                [*_earlier_answer(paper, request, action.id, words), _table("form_action", action.number, words)],
            )
    for chapter in request.clearances:
        if chapter in chapters:
            title = next(c.front.title for c in numbered.context.chapters if c.id == chapter)
            yield True, [_table("form_chapter", title, words)]
            yield False, anonymous_blocks(tree.content(chapters[chapter])[1:])
    sign = tree.para(tree.text_inlines(words["consult_sign"]))
    yield True, [sign, _table("form_signatory", words["form_write"], words)]
    asked = {action.id for action in request.actions}
    closed = {gap for _, item in numbered.context.items_of_kind("recommendation") if item.id in asked
              for gap in item.field_parts("closes")}  # fmt: skip
    about = [
        node
        for node in boxes.values()
        if {*_ABOUT} & {*tree.classes(node)} and (tree.identifier(node) in closed or name.search(tree.plain_text(node)))
    ]
    yield from _title_part(words["consult_about"], anonymous_blocks(about))
    yield from _title_part(words["consult_facts"], _facts(numbered.context, body))
    yield from _title_part(words["consult_passages"], list(_passages([*chapters.values()], request, name)))


def _title_part(title: str, blocks: Sequence[Node]) -> Iterator[tuple[bool, list[Node]]]:
    if blocks:
        yield True, [tree.header(1, tree.text_inlines(title))]
        yield False, list(blocks)


def _table(start: str, about: str, words: Wording) -> Node:
    """Return a table of labels; the cells beside them are filled with controls in the Word file."""
    choose, write = prompts(start, words)
    rows = [
        [text_cell(text) for key in row for text in (words[key], choose if key == "form_answer" else write)]
        for row in FORMS[start].rows[1:]
    ]
    return tree.table([(words[start], 0.22), (about, 0.28), (None, 0.22), (None, 0.28)], rows)


def prompts(start: str, words: Wording) -> tuple[str, str]:
    """Return the words in the empty cells of a table: of the answer, and of all others."""
    return words["form_choose"].format(" / ".join(words[name] for name in FORMS[start].choices)), words["form_write"]


def _earlier_answer(paper: Paper, request: Consultation, action: str, words: Wording) -> list[Node]:
    """Return a line on what became of the answer of an earlier round; empty without one."""
    answer = last_answers(paper).get((request.body, action))
    if answer is None or answer.round >= request.round:
        return []
    answered = f"{words['semicolon']} ".join(filter(None, (words[f"form_{answer.state}"], answer.reason)))
    state = find_agreements(paper).get((request.body, action), "outdated")
    line = words["consult_before"].format(answer=answered, state=words[f"agreement_{state}"])
    return [tree.para(tree.text_inlines(line))]


def _name_pattern(body: Organization) -> re.Pattern[str]:
    names = sorted(filter(None, (body.name, body.acronym, *body.aka)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def _facts(context: ListContext, body: Organization) -> list[Node]:
    """Return the facts that the paper quotes from publications of a body."""
    cited = {citation.key for chapter in context.chapters for citation in chapter.all_citations}
    names = {body.name, body.acronym, *body.aka}
    rows = [
        [*map(text_cell, (f"{fact.value} {fact.unit or ''}".strip(), fact.as_of or "", source.title or ""))]
        for fact in context.paper.facts.values()
        if f"fact-{fact.id}" in cited
        if (source := context.paper.references.get(fact.source))
        if not names.isdisjoint((*source.author_names, str(source.extra.get("publisher"))))
    ]
    return generated_table(context, "facts", [("number", 0.3), ("date", 0.15), ("references", 0.55)], rows)


def _passages(chapters: Sequence[Node], request: Consultation, name: re.Pattern[str]) -> Iterator[Node]:
    """Yield the paragraphs outside of boxes that name a body, below the titles of their chapters."""
    for chapter in chapters:
        title, *blocks = tree.content(chapter)
        if tree.identifier(chapter).removeprefix("chapter-") in request.clearances:
            continue
        text = [block for block in blocks if block["t"] not in ("Table", "Figure", "Div")]
        paragraphs = (node for node in tree.walk_blocks(text) if node["t"] in ("Para", "Plain"))
        named = [tree.para(tree.content(node)) for node in paragraphs if name.search(tree.plain_text(node))]
        if named:
            yield from anonymous_blocks([tree.header(2, tree.content(title)), *named])
