"""Form for a body: the actions that concern it, to agree to, with what else the paper says about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nioc_paper import tree
from nioc_paper.assemble.chapter import build_chapter
from nioc_paper.assemble.excerpts import (
    bibliography_blocks,
    derived_document,
    has_citations,
    without_dangling_links,
)
from nioc_paper.assemble.lists.cells import ListContext, generated_table, text_cell
from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.assemble.repeated_blocks import anonymous_blocks
from nioc_paper.domain.consultations import find_agreements, last_answers
from nioc_paper.model import Consultation, Document, History, Node, Organization, OutputOptions, Paper, Reference
from nioc_paper.wording import Wording, language_attributes, wording_for

ACTION_FORM = ("form_action", "form_answer", "form_reason", "cost", "funding", "form_by", "form_contact", "remark")
CLEARANCE_FORM = ("form_chapter", "form_answer", "form_reason", "remark")
SIGNATURE_FORM = ("form_signatory", "form_post", "form_date")
FORMS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ACTION_FORM: ("form_agree", "form_change", "form_decline"),
    CLEARANCE_FORM: ("form_granted", "form_conditions", "form_refused"),
    SIGNATURE_FORM: (),
}
"""Answers to choose from by the labels of each table of a form, as keys of the wording."""
_ABOUT = ("gap", "finding")


def form_words(paper: Paper, request: Consultation) -> Wording:
    """Return the words of a form in its language."""
    return wording_for(request.language or paper.settings.language, paper.settings.own_words)


def build_consultation(paper: Paper, history: History, request: Consultation) -> Document:
    """Return the form of a body, as far as its audience may read the paper."""
    numbered = number_paper(paper, history, OutputOptions(audience=request.audience))
    body, words = paper.organizations[request.body], form_words(paper, request)
    language = request.language or paper.settings.language
    own = {} if language == paper.settings.language else language_attributes(language)
    blocks: list[Node] = []
    for is_own, part in _sections(numbered, paper, request, body, words):
        blocks.append(tree.div(part, values=own) if is_own and own else tree.div(part))
    blocks = without_dangling_links(blocks)
    if has_citations(blocks):
        blocks += bibliography_blocks(numbered.context.words)
    return derived_document(
        numbered.document(None),
        [tree.div(blocks, "brief", id=f"consultation-{request.body}")],
        f"consultation-{request.body}",
        title=words["consult_title"].format(body.name),
        subtitle="",
        form="brief",
        commit="",
    )


def _sections(
    numbered: NumberedPaper, paper: Paper, request: Consultation, body: Organization, words: Wording
) -> Iterator[tuple[bool, list[Node]]]:
    """Yield the parts of the form, each with whether it is in the language of the form, not in that of the paper."""
    chapters = {chapter.id: build_chapter(numbered, "main", chapter) for chapter in numbered.context.chapters}
    asked, name = {action.id: action for action in request.actions}, _name_pattern(body)
    letter = words["consult_letter"].format(paper=paper.settings.title, body=body.name)
    yield True, [tree.para(tree.text_inlines(letter))]
    boxes = {tree.identifier(node): node for chapter in chapters.values() for node in _boxes(chapter)}
    if request.actions:
        yield True, [tree.header(1, tree.text_inlines(words["recommendations"]))]
    for action in request.actions:
        if action.id in boxes:
            yield False, anonymous_blocks([boxes[action.id]])
            yield True, [*_earlier_answer(paper, request, action.id, words), _table(ACTION_FORM, action.number, words)]
    for chapter in request.clearances:
        if chapter in chapters:
            title = next(c.front.title for c in numbered.context.chapters if c.id == chapter)
            yield True, [_table(CLEARANCE_FORM, title, words)]
            yield False, anonymous_blocks(chapters[chapter]["c"][1][1:])
    yield (
        True,
        [tree.para(tree.text_inlines(words["consult_sign"])), _table(SIGNATURE_FORM, words["form_write"], words)],
    )
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


def _table(labels: tuple[str, ...], about: str, words: Wording) -> Node:
    """Return a table of labels; the cells beside them are filled with controls in the Word file."""
    choose, write = prompts(labels, words)
    cells = [[text_cell(words[key]), text_cell(choose if key == "form_answer" else write)] for key in labels[1:]]
    return tree.table([(words[labels[0]], 0.35), (about, 0.65)], cells)


def prompts(labels: tuple[str, ...], words: Wording) -> tuple[str, str]:
    """Return the words in the empty cells of a table: of the answer, and of all others."""
    return words["form_choose"].format(" / ".join(words[name] for name in FORMS[labels])), words["form_write"]


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


def _boxes(chapter: Node) -> Iterator[Node]:
    kinds = {"recommendation", *_ABOUT}
    return (node for node in tree.walk_blocks([chapter]) if node["t"] == "Div" and kinds & {*tree.classes(node)})


def _facts(context: ListContext, body: Organization) -> list[Node]:
    """Return the facts that the paper quotes from publications of a body."""
    cited = {citation.key for chapter in context.chapters for citation in chapter.all_citations}
    rows = [
        [
            text_cell(f"{fact.value} {fact.unit or ''}".strip()),
            text_cell(fact.as_of or ""),
            text_cell(source.title or ""),
        ]
        for fact in context.paper.facts.values()
        if f"fact-{fact.id}" in cited
        if (source := context.paper.references.get(fact.source)) and _is_by(source, body)
    ]
    return generated_table(context, "facts", [("number", 0.3), ("date", 0.15), ("references", 0.55)], rows)


def _is_by(source: Reference, body: Organization) -> bool:
    """Return whether a body wrote or published a source."""
    csl = source.csl()
    authors = csl.get("author")
    literals = (
        [str(each.get("literal")) for each in authors if isinstance(each, dict)] if isinstance(authors, list) else []
    )
    return not {body.name, body.acronym, *body.aka}.isdisjoint((*literals, str(csl.get("publisher"))))


def _passages(chapters: Sequence[Node], request: Consultation, name: re.Pattern[str]) -> Iterator[Node]:
    """Yield the paragraphs outside of boxes that name a body, below the titles of their chapters."""
    for chapter in chapters:
        title, *blocks = chapter["c"][1]
        if tree.identifier(chapter).removeprefix("chapter-") in request.clearances:
            continue
        text = [block for block in blocks if block["t"] not in ("Table", "Figure", "Div")]
        paragraphs = (node for node in tree.walk_blocks(text) if node["t"] in ("Para", "Plain"))
        named = [tree.para(node["c"]) for node in paragraphs if name.search(tree.plain_text(node))]
        if named:
            yield from anonymous_blocks([tree.header(2, title["c"][2]), *named])
