"""Files of a foreign project as chapters of ours."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.edit.scaffold import ImportedChapter
from nioc_paper.load.foreign.pandoc_input import Draft, excerpt
from nioc_paper.load.foreign.project import (
    ForeignProject,
    ProjectFiles,
    as_text,
    read_sources,
    split_front_matter,
    without_markup,
)
from nioc_paper.load.foreign.tree_rewriting import ProjectContext, Rewriter
from nioc_paper.model import WINDOWS_DEVICE, Node, Place, free_name, short_slug
from nioc_paper.system import pandoc

_WRITER = (
    "markdown-raw_html-raw_tex-raw_attribute-smart-native_divs-native_spans-simple_tables-multiline_tables"
    "-auto_identifiers-implicit_figures"
)
_MAX_TITLE = 300
"""Characters of a title."""


class ConvertedProject(Struct, frozen=True):
    """A project as chapters, pictures and sources of ours; files by their paths in the result."""

    project: ForeignProject
    chapters: Sequence[ImportedChapter]
    files: Mapping[str, bytes]
    counts: Counter[str]
    """Number of pictures, tables, citations, references and notes that were imported."""


def convert_project(
    files: ProjectFiles, project: ForeignProject, show: Callable[[str], None] = lambda _: None
) -> ConvertedProject:
    """Convert all chapters of a project. Everything that is lost or changed is reported at its line."""
    sources, keys = read_sources(files, project.bibliographies)
    read = [*_read_files(files, project, show)]
    context = ProjectContext(files, {draft.path: f"sec-{chapter.id}" for chapter, draft, _ in read}, keys)
    for _, draft, blocks in read:
        context.add_labels(draft.path, blocks)
    trees = [Rewriter(context, draft).rewrite(blocks) for _, draft, blocks in read]
    for (chapter, draft, _), blocks in zip(read, trees, strict=True):
        show(f"writing {draft.path}")
        try:
            used = [tree.rewrite(context.without_unused_id, block) for block in blocks]
            text = pandoc.write(used, _WRITER, args=["--wrap=preserve", "--markdown-headings=atx"]).decode()
            chapter.text = f"{text.strip()}\n"
        except pandoc.PandocError as error:
            draft.note(Place(draft.path), f"pandoc cannot write the chapter: {error.reason}", "")
        draft.note_lost_words(f"{chapter.title} {chapter.part} {chapter.text}")
    return ConvertedProject(project, [chapter for chapter, _, _ in read], {**sources, **files.pictures}, context.counts)


def _read_files(
    files: ProjectFiles, project: ForeignProject, show: Callable[[str], None]
) -> Iterator[tuple[ImportedChapter, Draft, Sequence[Node]]]:
    """Yield the files of a project that can be read, each with its draft and its blocks; the others are reported."""
    ids: set[str] = set()
    is_markdown = project.reader.startswith(("markdown", "commonmark"))  # an extension may read another language
    for path, part, matter in project.chapters:
        show(f"reading {path}")
        if (is_markdown and files.is_in_other_language(path)) or (text := files.read_text(path)) is None:
            continue
        front, body = split_front_matter(text, path, files.report)
        draft = Draft(path, body, files.report)
        parsed = tree.rewrite(_lift_label, _parse(draft, project.reader))
        front_title = without_markup(as_text(front.get("title")))
        heading, blocks = _split_title(parsed, front_title)
        name = re.sub(r"^[\d._ -]+(?=[^\W\d])|[-_]", " ", posixpath.splitext(posixpath.basename(path))[0])
        title = front_title or without_markup(draft.restore_forms(heading)) or name.strip().capitalize()
        for key in front.keys() - ({"title"} if front_title else set()):
            line = next((n for n, line in enumerate(text.split("\n"), 1) if line.startswith(f"{key}:")), 1)
            message = f"'{key}: {excerpt(str(front[key]))}' of the front matter is left out"
            draft.note(Place(path, line), message, "")
        yield ImportedChapter(_free_id(path, title, ids), title[:_MAX_TITLE], part, matter), draft, blocks


def _parse(draft: Draft, reader: str) -> Sequence[Node]:
    """Return the blocks of a draft; its text as code if pandoc cannot read it, which is reported."""
    try:
        output = pandoc.run(["-f", reader, "-t", "json"], draft.convert_forms(reader).encode(), seconds=30, heap="1g")
        blocks: Sequence[Node] = draft.restore_forms(pandoc.read_document(output.stdout)["blocks"])
    except pandoc.PandocError as error:
        why = (error.detail or error.reason).partition("\n")[0][:200]
        draft.note(Place(draft.path), f"pandoc cannot read the file, and its text is kept as code: {why}", "")
        return [{"t": "CodeBlock", "c": [tree.attr(), draft.original]}]
    return blocks


def _lift_label(node: Node) -> Node | list[Node]:
    r"""Return a table with bookdown's label in its caption, (\#tab:x), as its id; the blocks of a block with an id.

    Such a block of Quarto has one picture or table, which gets the id, and the paragraph at its end as its caption.
    """
    if node["t"] == "Table":
        first = next((n for n in tree.walk(tree.caption(node)) if n["t"] == "Str"), None)
        match = re.match(r"\(#(?:tab|tbl|table):([\w.:-]+)\)", first["c"]) if first else None
        if first and match:
            tree.attr_triple(node)[0], first["c"] = f"tbl-{match[1]}", first["c"][match.end() :]
    if node["t"] != "Div":
        return node
    (anchor, names, values), blocks = node["c"]
    if blocks and tree.is_div(blocks[0], "title"):  # of an alert: pandoc writes the name of its kind
        blocks = blocks[1:]
    shown = [n for n in tree.walk(blocks) if n["t"] in ("Image", "Table")]
    if anchor and len(shown) == 1:
        one = shown[0]["c"]
        if len(blocks) > 1 and blocks[-1]["t"] in ("Para", "Plain") and not tree.plain_text(one[1]):
            *blocks, last = blocks
            one[1] = last["c"] if shown[0]["t"] == "Image" else [None, [tree.plain_block(last["c"])]]
        anchor, one[0][0] = "", anchor
    return {"t": "Div", "c": [[anchor, names, values], blocks]}


def _split_title(blocks: Sequence[Node], front_title: str) -> tuple[str, Sequence[Node]]:
    """Return the title, and the blocks with the label alone of its heading: the only highest one, if it is first.

    If the front matter gives a title, only a heading with the same words is one.
    """
    headings = [block for block in blocks if block["t"] == "Header"]
    if not headings or any(tree.level(block) <= tree.level(headings[0]) for block in headings[1:]):
        return "", blocks
    anchor, names, _ = tree.attr_triple(headings[0])
    words = tree.plain_text(headings[0])
    if front_title and words.casefold() != front_title.casefold():
        return "", blocks
    return words, [tree.div([], *names, id=anchor) if block is headings[0] else block for block in blocks]


def _free_id(path: str, title: str, ids: set[str]) -> str:
    """Return an id for a chapter: from the name of its file, or of its folder, or from its title."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem.lower() in ("readme", "index", "_index"):
        stem = posixpath.basename(posixpath.dirname(path)) or title
    name = re.sub(r"^\d+-(?=[a-z])", "", short_slug(stem)) or short_slug(title) or "chapter"
    if WINDOWS_DEVICE.match(f"{name}.") or name in ("references", "contents", "text", "footnotes"):
        name = f"{name}-chapter"
    ids.add(free := free_name(name[:70], ids))
    return free
