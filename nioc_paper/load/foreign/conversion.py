"""A foreign project as chapters of ours: parse its files, gather labels, rewrite the trees, and count lost words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.load.foreign.labels import ForeignLabels
from nioc_paper.load.foreign.parsed_files import ParsedFile, read_files
from nioc_paper.load.foreign.pictures import Pictures
from nioc_paper.load.foreign.project import ForeignProject, ProjectFiles
from nioc_paper.load.foreign.project_context import ProjectContext
from nioc_paper.load.foreign.rewriting import Rewriter
from nioc_paper.load.foreign.sources import read_sources
from nioc_paper.load.foreign.words import count_each_word, without_syntax
from nioc_paper.model import Node, Place, format_count
from nioc_paper.system import pandoc

_WRITER = (
    "markdown-raw_html-raw_tex-raw_attribute-smart-native_divs-native_spans-bracketed_spans-simple_tables"
    "-multiline_tables-auto_identifiers"
)
_MAX_LISTED = 12
"""Lost words that a finding lists of one line."""


class ConvertedChapter(Struct, frozen=True):
    """A chapter of ours."""

    id: str
    title: str
    source: str
    """File in the project."""
    text: str
    """Text below the front matter."""
    part: int
    summary: str = ""


class ConvertedProject(Struct, frozen=True):
    """A project as chapters, pictures and sources of ours; files by their paths in the result."""

    project: ForeignProject
    chapters: tuple[ConvertedChapter, ...]
    files: Mapping[str, bytes]
    named_sources: Mapping[str, Mapping[str, str]]
    """Sources that are known by an identifier alone, by key."""
    counts: Counter[str]
    """Number of figures, tables, citations, references and notes that were imported."""


def convert_project(
    files: ProjectFiles, project: ForeignProject, show: Callable[[str], None] = lambda _: None
) -> ConvertedProject:
    """Convert all chapters of a project. Everything that is lost or changed is reported at its line."""
    tags: dict[str, str] = {}
    sources = read_sources(files, project)
    chapters = [*read_files(files, project, tags, show)]
    labels = ForeignLabels(ids={f"sec-{chapter.id}" for chapter in chapters})
    pictures = Pictures(files)
    computed = _collect_labels(chapters, labels, pictures)
    ids_by_path = {chapter.path: chapter.id for chapter in chapters}
    context = ProjectContext(labels, ids_by_path, pictures, sources, tags=tags, computed=computed)
    rewriters = [Rewriter(context, chapter.draft, chapter.path) for chapter in chapters]
    trees = [rewriter.rewrite(chapter.blocks) for rewriter, chapter in zip(rewriters, chapters, strict=True)]
    ids = (
        {f"sec-{chapter.id}" for chapter in chapters}
        | labels.equation_ids
        | set(map(tree.identifier, tree.walk(trees)))
    )
    converted = []
    for chapter, rewriter, blocks in zip(chapters, rewriters, trees, strict=True):
        show(f"writing {chapter.path}")
        with_live_ids = rewriter.references.without_dead_ids(blocks, ids)
        text = _write(files, chapter, _without_unused_ids(with_live_ids, labels.referenced_ids))
        _report_lost_words(chapter, f"{project.parts[chapter.part].title} {text}")
        converted.append(ConvertedChapter(chapter.id, chapter.title, chapter.path, text, chapter.part, chapter.summary))
    return ConvertedProject(
        project, tuple(converted), {**sources.files, **context.pictures.contents}, sources.named_sources, context.counts
    )


def _collect_labels(chapters: Sequence[ParsedFile], labels: ForeignLabels, pictures: Pictures) -> dict[str, str]:
    """Add the labels of all chapters. Returns the labels of what is computed, with the words that are shown for it."""
    for chapter in chapters:
        equations = [p.value for p in chapter.draft.placeholders if p.kind == "equation"]
        labels.add_equations(chapter.path, equations)
        hidden = labels.add_file(
            chapter.path, chapter.id, chapter.blocks, partial(pictures.is_shown, named_in=chapter.path)
        )
        chapter.draft.computed |= dict.fromkeys(hidden, "")
    return {label: words for chapter in chapters for d in chapter.drafts for label, words in d.computed.items()}


def _without_unused_ids(blocks: Sequence[Node], used: set[str]) -> list[Node]:
    def change(node: Node) -> Node:
        if node["t"] == "Header" and node["c"][1][0] not in used:
            return {**node, "c": [node["c"][0], ["", *node["c"][1][1:]], node["c"][2]]}
        return node

    return tree.rewrite(change, blocks)


def _write(files: ProjectFiles, chapter: ParsedFile, blocks: Sequence[Node]) -> str:
    try:
        args = ["--wrap=preserve", "--markdown-headings=atx"]
        return pandoc.write(blocks, _WRITER, args=args).decode().strip() + "\n"
    except pandoc.PandocError as error:
        files.report_loss(Place(chapter.path), f"pandoc cannot write the chapter: {error.reason}", "")
        return ""


def _report_lost_words(chapter: ParsedFile, text: str) -> None:
    """Report the words of the original that neither the chapter nor a finding before has, at their lines."""
    converted = count_each_word(f"{chapter.title} {chapter.summary} {text}")
    for draft in chapter.drafts:
        lines = without_syntax(draft.original).split("\n")
        lines = ["" if number in draft.syntax_lines else line for number, line in enumerate(lines, 1)]
        missing = count_each_word("\n".join(lines)) - converted - draft.reported_words
        for number, line in enumerate(lines if missing else (), 1):
            words = [word for word in count_each_word(line) if missing[word] > 0]
            missing -= Counter(words)
            if words:
                listed = ", ".join(words[:_MAX_LISTED])
                rest = f" and {len(words) - _MAX_LISTED} more" if len(words) > _MAX_LISTED else ""
                message = f"{format_count(len(words), 'word')} not in the chapter: {listed}{rest}"
                draft.note(Place(draft.path, number), message, "compare the line with the chapter", "lost-words")
