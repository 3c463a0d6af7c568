"""Rule about the syntax of other tools: pandoc prints it as words."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Paper
from nioc_paper.tree.foreign_forms import find_cells, find_forms


def foreign_syntax(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A chapter is written in Pandoc's Markdown: forms that other tools replace or run would be printed as words.

    Bad: {{< include facts.md >}}, [[Tunnels]] or > [!NOTE]
    Good: the words themselves, [the tunnels](#sec-tunnels) or ::: {.note}
    """
    shown_code = {line.strip() for node in text.nodes("CodeBlock") for line in node["c"][1].splitlines()} - {""}
    seen_until = -1
    for form in sorted([*find_cells(text.body_source), *find_forms(text.prose_source)]):
        # An indented block of code has no fence.
        if form.start >= seen_until and text.source_line(form.start).strip() not in shown_code:
            seen_until = form.start + len(form.excerpt)
            excerpt = text.chapter.text[form.start : seen_until]
            shown = excerpt if len(excerpt) <= 40 else f"{excerpt[:39]}…"
            yield Finding(text.place_at(form.start), f"'{shown}' is {form.name}, and means nothing here", form.hint)
