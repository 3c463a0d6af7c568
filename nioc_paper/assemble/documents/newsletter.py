"""Newsletter: the changes of a month that an audience may read, and the next events. Pure.

If git does not know the changes, the newsletter says so. The news have only what the audience may read both in the
paper as it was at the end of the month and in today's paper: passages withheld since then are left out too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.chapter import resolve_text
from nioc_paper.assemble.excerpts import bibliography_blocks, derived_document, has_citations, without_dangling_links
from nioc_paper.assemble.lists.annexes import count_statuses
from nioc_paper.assemble.lists.list_context import (
    cell,
    chapter_title,
    generated_table,
    item_blocks,
    owner_name,
    text_cell,
)
from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.assemble.repeated_blocks import enclose
from nioc_paper.domain.audience import for_audience, withheld_ids
from nioc_paper.domain.english_grammar import sentence_starts
from nioc_paper.domain.paper_diff import DecisionChange, ItemChange, PaperDiff, changed_sections, compare_papers
from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.model import Chapter, Decision, Document, History, Node, OutputOptions, Paper
from nioc_paper.wording import Wording, format_date, localized_digits
from nioc_paper.wording.progress_text import join_counts

_NO_HISTORY = History()


class Month(Struct, frozen=True):
    """Month of a paper, with the paper at its beginning and at its end, as far as git knows them."""

    first: date
    last: date
    before: Paper | None = None
    after: Paper | None = None
    known_since: date | None = None
    """First day of the paper that git knows, if it is in the month."""
    reported_until: date | None = None
    """Day of the report, if the month is not over."""

    def name(self, words: Wording) -> str:
        """Return the name of the month: "February 2020"."""
        return f"{words['months'].split()[self.first.month - 1]} {localized_digits(str(self.first.year), words)}"


class MonthlyNews(Struct, frozen=True):
    """Changes of a month, with the numbered papers that their texts come from."""

    numbered_at_end: NumberedPaper
    """Paper at the end of the month; today's paper if git does not know it."""
    numbered_at_start: NumberedPaper
    """Paper at the beginning of the month, for the text of dropped recommendations."""
    current_paper: Paper
    """Today's paper, for names of people and organizations."""
    month: Month
    diff: PaperDiff
    """Changes of the month; if git does not know them, those that the registers date."""
    changed_sections: Sequence[tuple[Chapter, Sequence[str]]] = ()
    """Chapters with changed text, and the titles of their changed sections."""

    @property
    def is_quiet(self) -> bool:
        """Whether git shows that nothing happened; false in the first month, whose news is the paper itself."""
        diff = self.diff
        has_news = diff.status_changes or diff.items or diff.decisions or diff.answered_comments
        return bool(self.month.after) and not (has_news or self.changed_sections or self.month.known_since)


def collect_news(current_numbered: NumberedPaper, paper: Paper, month: Month, copy: OutputOptions) -> MonthlyNews:
    """Return the news of a month; `current_numbered` is today's paper, numbered for the audience."""
    current_paper, _ = for_audience(paper, copy.audience)
    paper_at_end, _ = for_audience(month.after or paper, copy.audience)
    numbered_at_end = number_paper(month.after, _NO_HISTORY, copy) if month.after else current_numbered
    numbered_at_start, hidden = numbered_at_end, _hidden_ids(paper, month.after or paper, copy.audience)
    diff, sections = _dated_diff(paper_at_end, month).without(hidden), list[tuple[Chapter, list[str]]]()
    if month.before and month.after:
        paper_at_start, _ = for_audience(month.before, copy.audience)
        diff = compare_papers(paper_at_start, paper_at_end).without(hidden)
        sections = [s for s in changed_sections(paper_at_start, paper_at_end, current_paper) if s[0].id not in hidden]
        if month.known_since:  # a paper's first month: no new chapters, and no new decisions of other months
            decisions = (d for d in diff.decisions if d.kind != "new" or month.first <= d.decision.on <= month.last)
            diff = replace(diff.without_new_chapters(), decisions=tuple(decisions))
        if any(change.kind == "dropped" for change in diff.items):
            numbered_at_start = number_paper(month.before, _NO_HISTORY, copy)
    chapter_ids = {c.id for c in numbered_at_end.context.chapters}
    answered = {chapter: n for chapter, n in diff.answered_comments.items() if chapter in chapter_ids}
    diff = replace(diff, answered_comments=answered)
    return MonthlyNews(numbered_at_end, numbered_at_start, current_paper, month, diff, sections)


def _hidden_ids(paper: Paper, after: Paper, audience: str) -> set[str]:
    """Return the ids that the news leave out.

    An item withheld in part is reported without that part; an item withheld since then is not reported.
    """
    withheld_now, withheld_then = withheld_ids(paper, audience), withheld_ids(after, audience)
    return {name for name, wholly in withheld_then.items() if wholly} | {
        name for name, wholly in withheld_now.items() if wholly or name not in withheld_then
    }


def _dated_diff(paper: Paper, month: Month) -> PaperDiff:
    """Return the changes of the month that the registers date: for months that git does not know."""
    decisions = (DecisionChange(d, "new") for d in paper.decisions if month.first <= d.on <= month.last)
    dates = {r.chapter: [point.answer.on for point in r.points if point.answer] for r in paper.reviews}
    answers = {c: sum(bool(d and month.first <= d <= month.last) for d in days) for c, days in dates.items()}
    return PaperDiff(decisions=tuple(decisions), answered_comments={c: n for c, n in answers.items() if n})


# --- document ---------------------------------------------------------------------------------------------------------


def build_newsletter(
    paper: Paper, history: History, month: Month, note: Chapter | None, timestamp: int | None, copy: OutputOptions
) -> Document | None:
    """Return the newsletter of a month; `paper` is today's, `note` is the editor's text for it.

    None if there is no note, and nothing happened.
    """
    current_numbered = number_paper(paper, history, copy)
    words, news = current_numbered.context.words, collect_news(current_numbered, paper, month, copy)
    if note is None and news.is_quiet:
        return None
    lead, closing = _frame(news.current_paper)
    sections = without_dangling_links(_news_sections(news))
    news_blocks = [*lead, *_editor_note(current_numbered, note, copy), *sections, *closing]
    if has_citations(news_blocks):
        news_blocks += bibliography_blocks(words)
    return derived_document(
        current_numbered.document(timestamp),
        [tree.div(news_blocks, "letter", id="newsletter")],
        f"newsletter-{month.first.isoformat()[:7]}",
        title=month.name(words),
        subtitle=words["newsletter"],
        edition="",
        date=None,
        draft=False,
        form="letter",
        withheld=0,
    )


def _frame(paper: Paper) -> tuple[list[Node], list[Node]]:
    """Return the beginning and the end of a newsletter: first sentence of the summary; addresses."""
    site = paper.settings.site
    summary = site.summary or ""
    first = summary[: [*sentence_starts(summary), len(summary)][1]]
    addresses = [(site.url, site.url), (site.contact, f"mailto:{site.contact}")]
    links = [tree.link(tree.text_inlines(text), target) for text, target in addresses if text and target]
    closing = [tree.block_list([tree.plain_block([link])] for link in links)] if links else []
    return [tree.para(tree.text_inlines(first))] if first else [], closing


def _editor_note(current_numbered: NumberedPaper, note: Chapter | None, copy: OutputOptions) -> Iterator[Node]:
    """Yield the editor's text, with references to today's paper."""
    if note is None:
        return
    visible_paper, _ = for_audience(replace(current_numbered.context.paper, chapters=(note,)), copy.audience)
    for chapter in visible_paper.chapters:
        localized = current_numbered.in_language(chapter.language)
        # First: a heading without id gets no number of the paper's.
        blocks = tree.rewrite(_lower_heading, list(chapter.blocks))
        yield tree.div(without_dangling_links(resolve_text(localized, chapter, blocks)), "note")


def _lower_heading(node: Node) -> Node:
    """Return a heading of the note below those of the newsletter."""
    return tree.header(2, tree.content(node)) if node["t"] == "Header" else node


# --- sections ---------------------------------------------------------------------------------------------------------


def _news_sections(news: MonthlyNews) -> Iterator[Node]:
    words = news.numbered_at_end.context.words
    yield from (tree.div([tree.para(tree.text_inlines(line))], "known") for line in _describe_limits(news, words))
    if news.is_quiet:
        yield tree.para(tree.text_inlines(words["nothing_changed"].format(news.month.name(words))))
    for kind in ("finding", "recommendation"):
        changed = [(each.kind, _item_line(news, each)) for each in news.diff.items if each.item.kind == kind]
        yield from _changes_section(f"{kind}s", "heading", ("new", "changed", "dropped"), changed, words)
    yield from _chapters_section(news, words)
    yield from _comments_section(news, words)
    lines = [(each.kind, _decision_line(news.current_paper, each.decision, words)) for each in news.diff.decisions]
    yield from _changes_section("decisions", "entries", ("new", "done", "dropped"), lines, words)
    yield from _upcoming_section(news, words)


def _describe_limits(news: MonthlyNews, words: Wording) -> Iterator[str]:
    """Yield sentences about changes that the newsletter does not know, with the reason."""
    month = news.month
    if not month.after:
        yield words["no_history"].format(month.name(words))
    elif month.known_since:
        yield words["history_since"].format(format_date(month.known_since, words))
    if month.reported_until:
        yield words["month_not_over"].format(format_date(month.reported_until, words))


def _chapters_section(news: MonthlyNews, words: Wording) -> Iterator[Node]:
    """Yield the chapters with a new status, the totals by status, and the sections with changed text."""
    context = news.numbered_at_end.context
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    rows = [
        [
            cell(chapter_title(context, change.chapter.id, change.chapter.front.title)),
            text_cell(titles.get(change.before or "", change.before or words["status_nowhere"])),
            text_cell(titles.get(change.after or "", change.after or words["status_out"])),
        ]
        for change in news.diff.status_changes
    ]
    if rows or news.changed_sections or news.month.known_since:
        yield _section_heading("chapters", words)
    if rows or news.month.known_since:
        shares = ("chapter", 0.5), ("status_before", 0.25), ("status_now", 0.25)
        yield from generated_table(context, "moved", shares, rows)
        totals = join_counts(count_statuses(context).items(), words)
        yield tree.para(tree.text_inlines(f"{words['standing']}: {totals}{words['stop']}"))
    if news.changed_sections:
        yield tree.header(2, tree.text_inlines(words["heading_changed"]))
        lists = [(c, f"{words['semicolon']} ".join(titles)) for c, titles in news.changed_sections]
        texts = [(c.id, f"{c.front.title}: {sections}" if sections else c.front.title) for c, sections in lists]
        yield tree.block_list([[tree.plain_block(chapter_title(context, *text))] for text in texts])


def _changes_section(
    name: str, title: str, kinds: Sequence[str], items: Sequence[tuple[str, list[Node]]], words: Wording
) -> Iterator[Node]:
    """Yield changes, each with its kind, in a list for each kind."""
    if items:
        yield _section_heading(name, words)
    for kind in kinds:
        if lines := [line for kind_of_line, line in items if kind_of_line == kind]:
            yield tree.header(2, tree.text_inlines(words[f"{title}_{kind}"]))
            yield tree.block_list(lines)


def _item_line(news: MonthlyNews, changed_item: ItemChange) -> list[Node]:
    """Return an item with number, text, chapter and owner; a dropped one has no number."""
    is_dropped, block = changed_item.kind == "dropped", changed_item.item
    context = (news.numbered_at_start if is_dropped else news.numbered_at_end).context
    number = "" if is_dropped else context.numbers.get(block.id, "")
    text = item_blocks(context, changed_item.chapter, block)
    who = owner_name(context, block)
    about = f"{context.words['semicolon']} ".join(filter(None, (changed_item.chapter.front.title, who)))
    label = [tree.strong(tree.text_inlines(number))] if number else []
    return enclose(label, text, [tree.span(tree.text_inlines(f"({about})"), "about")])


def _comments_section(news: MonthlyNews, words: Wording) -> Iterator[Node]:
    """Yield the numbers of answered and open comments by chapter."""
    context, answered = news.numbered_at_end.context, news.diff.answered_comments
    open_ = {r.chapter: len(r.open_points) for r in context.paper.reviews}
    rows = [
        [
            cell(chapter_title(context, c.id, c.front.title)),
            *(text_cell(localized_digits(str(n), words)) for n in (answered[c.id], open_.get(c.id, 0))),
        ]
        for c in context.chapters
        if c.id in answered
    ]
    if rows:
        yield _section_heading("comments", words)
        shares = ("chapter", 0.5), ("answered", 0.25), ("still_to_answer", 0.25)
        yield from generated_table(context, "answered", shares, rows)


def _decision_line(current_paper: Paper, decision: Decision, words: Wording) -> list[Node]:
    """Return a decision with its owners, as the audience may know them today; an offer belongs to its maker."""
    owners = [decision.owner] if decision.owner else decision.who if decision.kind == "offer" else ()
    names = [
        current_paper.display_name(who)
        for who in owners
        if who in current_paper.people or who in current_paper.organizations
    ]
    owner_names = f"{words['semicolon']} ".join(filter(None, names))
    kind = tree.strong(tree.text_inlines(f"{words[f'kind_{decision.kind}']}:"))
    about = [{"t": "Space"}, tree.span(tree.text_inlines(f"({owner_names})"), "about")] if owner_names else []
    return [tree.plain_block([kind, {"t": "Space"}, *tree.text_inlines(decision.text), *about])]


def _upcoming_section(news: MonthlyNews, words: Wording) -> Iterator[Node]:
    """Yield the gates, meetings and deadline up to the end of the following month."""
    context, timeline = news.numbered_at_end.context, news.numbered_at_end.context.paper.timeline
    first = news.month.reported_until or news.month.last + timedelta(days=1)
    last = add_months(news.month.first, 2) - timedelta(days=1)
    coming = [(g.due, g.title) for g in timeline.gates]
    days = Workdays.from_timeline(timeline)
    coming += [(on, event.title) for event in timeline.events for on in days.event_days(event, first, last)]
    if timeline.deadline:
        coming += [(timeline.deadline, words["deadline_word"])]
    near = [(on, title) for on, title in sorted(set(coming)) if first <= on <= last]
    rows = [[text_cell(format_date(on, words)), text_cell(title)] for on, title in near]
    if rows:
        yield _section_heading("next", words)
        yield from generated_table(context, "coming", [("date", 0.3), ("what", 0.7)], rows)


def _section_heading(key: str, words: Wording) -> Node:
    return tree.header(1, tree.text_inlines(words.get(f"news_{key}") or words[key]), id=f"news-{key}")
