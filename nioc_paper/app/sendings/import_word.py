"""Word files that `nioc send` did not make, imported as new draft chapters."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.app.chapter_edits import write_new_chapter
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError, require_none
from nioc_paper.app.preconditions import require_commit, require_committed
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.ledger_commits import commit_author, save_ledger
from nioc_paper.app.sendings.word_reception import UNKNOWN_AUTHOR, Reception
from nioc_paper.edit.scaffold import NewChapter, ScaffoldError, new_chapter
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.load.chapter import load_chapter
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import Comment, Diagnostic, Node, Paper, Place, Severity, format_count, slugify
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, strip_unprintable
from nioc_paper.ooxml.package import Package, main_part_name
from nioc_paper.program_name import command_line
from nioc_paper.review.docx import docx_comments, docx_reader, import_docx
from nioc_paper.review.docx.import_docx import count_docx_words, prepare_for_pandoc
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.today_merge import find_person_id
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.command_stages import stage
from nioc_paper.system.files import replace_file
from nioc_paper.wording import wording_for

MARKDOWN_FORMAT = (
    "markdown-raw_html-raw_tex-raw_attribute-header_attributes-smart-native_divs-native_spans-bracketed_spans"
    "-simple_tables-multiline_tables"
)


class DraftOptions(Struct, frozen=True):
    """Id, category and part of a new draft; an empty one is chosen."""

    id: str = ""
    category: str = ""
    part: str = ""


class ImportedDraft(Struct, frozen=True):
    """A new chapter that is not written yet, the losses of its conversion, and the comments of the file."""

    chapter: NewChapter
    text: str
    losses: Sequence[str]
    pictures: Mapping[str, bytes]
    """Pictures of the file by the paths that they are saved to."""
    comments: Sequence[Comment] = ()
    author: str = ""
    """Commit author, from the file's own metadata."""

    @property
    def summary(self) -> str:
        """The draft in one line."""
        comments_text = format_count(len(self.comments), "comment")
        return f"{self.chapter.path}: a new draft, '{self.chapter.title}', with {comments_text}"


def read_draft(reception: Reception, options: DraftOptions) -> ImportedDraft:
    """Convert a Word file to a draft. Raises AppError if it is unreadable, BlockedError if the draft has errors."""
    project, paper = reception.project, reception.paper
    package = reception.word_file.package
    with stage(f"reading {reception.name}"):
        draft = _convert(reception, options)
    with stage("reading the draft again"):
        errors = _find_errors(project, paper, draft.chapter.path, draft.text)
    comments = docx_comments.read_comments(package, docx_reader.read_docx(package), lambda _: "public")
    require_none(errors)
    return replace(draft, comments=comments, author=commit_author(paper, _read_author(package)))


def save_draft(reception: Reception, commits: OwnCommits, draft: ImportedDraft) -> Iterator[str]:
    """Write and commit a draft and the comments of its file. Yields as `OwnCommits.commit` returns.

    Raises AppError if the list of chapters is uncommitted.
    """
    project, chapter = reception.project, draft.chapter
    require_commit(project.root)
    require_committed(project.root, [SETTINGS_PATH])
    for path, data in draft.pictures.items():
        replace_file(project.writable_path(path), data)
    write_new_chapter(project, chapter.path, draft.text, chapter.part)
    paths = [chapter.path, *([SETTINGS_PATH] if chapter.part is not None else []), *draft.pictures]
    yield commits.commit(paths, f"Bring {reception.name} in as the chapter '{chapter.id}'", draft.author)
    if draft.comments:
        yield _save_comments(commits, reception.paper, chapter.id, draft.comments)


def _convert(reception: Reception, options: DraftOptions) -> ImportedDraft:
    """Return the draft without comments and author."""
    name = reception.name
    try:
        return _convert_readable(reception, options)
    except pandoc.PandocError as error:
        why = (error.detail or error.reason).partition("\n")[0][:200]
        raise AppError(f"pandoc cannot read {name}: {why}") from error
    except ScaffoldError as error:
        raise RequestError(f"{name} was not made by {command_line('send')}, and as a new chapter: {error}") from None


def _convert_readable(reception: Reception, options: DraftOptions) -> ImportedDraft:
    """Convert the file. Raises PandocError if pandoc cannot read it, ScaffoldError for impossible options."""
    package = Package(reception.word_file.data)
    contents_lines = prepare_for_pandoc(package)
    title, blocks = _read_blocks(package)
    title = title or Path(reception.name).stem
    chapter_id = options.id or slugify(title)[:60].strip("-")
    chapter = new_chapter(reception.paper, chapter_id, title, options.category, options.part)
    pictures, targets, losses = extract_pictures(reception.project, package, blocks, chapter.id, chapter.path)
    fitted = import_docx.fit_blocks(blocks, targets)
    body = pandoc.write(fitted, MARKDOWN_FORMAT, args=["--wrap=preserve", "--markdown-headings=atx"]).decode()
    losses += import_docx.list_losses(reception.word_file.package)
    if contents_lines:
        losses.append(f"{format_count(contents_lines, 'line')} of contents: left out")
    in_file = count_docx_words(reception.word_file.package)
    if words := import_docx.missing_words(in_file, title, pandoc.parse_markdown(body)[0]):
        losses.append(f"{format_count(len(words), 'word')} that the chapter does not have: {', '.join(words)}")
    front = chapter.text.split("\n---\n", maxsplit=1)[0]
    return ImportedDraft(chapter, f"{front}\n---\n\n{body.strip()}\n", losses, pictures)


def _read_blocks(package: Package) -> tuple[str, list[Node]]:
    """Return the title of a Word file, empty if it has none, and its blocks as pandoc reads them."""
    output = pandoc.run(["-f", "docx", "-t", "json"], package.save(0, compressed=False), seconds=60, heap="1g").stdout
    document = json.loads(FORBIDDEN_CHARACTERS.sub("", output.decode()))
    title, blocks = import_docx.split_title(document["blocks"], tree.plain_text(document["meta"].get("title", [])))
    return " ".join(title.split()), [*import_docx.metadata_blocks(document["meta"]), *blocks]


def _find_errors(project: Project, paper: Paper, path: str, text: str) -> list[Diagnostic]:
    """Return the errors of reading a text as a chapter of the paper."""
    findings: list[Diagnostic] = []
    context = LoadContext(PaperFiles(project.root, {path: text}), Cache(), findings.append).for_paper(paper)
    if load_chapter(context, path, paper.settings.category_key) is None:
        return [Diagnostic(Place(path), "unreadable-file", "the file cannot be made a chapter")]
    return [d for d in findings if d.severity == Severity.ERROR]


def _read_author(package: Package) -> str:
    """Return the author in the file's metadata; empty if there is none."""
    if "docProps/core.xml" not in package:
        return ""
    names = [n.text or "" for n in package.xml_root("docProps/core.xml") if str(n.tag).endswith("}creator")]
    return strip_unprintable(names[0]).strip() if names else ""


def _save_comments(commits: OwnCommits, paper: Paper, chapter: str, word_comments: Sequence[Comment]) -> str:
    """Write the comments of the file to a ledger of the new chapter."""
    authors = {name for each in word_comments for name in (each.by, *(reply.by for reply in each.replies))}
    names = {name: find_person_id(paper, name) or UNKNOWN_AUTHOR for name in authors}
    words, reviews = wording_for(paper.settings.language, paper.settings.own_words), ledger.find_reviews((), chapter)
    comments = ledger.merge_comments(reviews, word_comments, names, None, ledger.point_ids(paper.reviews), words)
    return save_ledger(commits, reviews.replace(comments=comments), f"Note the comments on '{chapter}'", paper)


# --- pictures of an imported Word file --------------------------------------------------------------------------------


_FOLDER = "paper/figures"
_SUFFIXES = (".png", ".jpg", ".jpeg")


def extract_pictures(
    project: Project, package: Package, blocks: Sequence[Node], chapter: str, path: str
) -> tuple[dict[str, bytes], dict[str, str], list[str]]:
    """Return the pictures that blocks show and a chapter can, by path, their targets by pandoc's names, and the losses.

    `path` is the file of the new chapter.
    """
    names = dict.fromkeys(str(tree.target(n)) for n in tree.walk(list(blocks)) if n["t"] == "Image")
    folder, free = posixpath.dirname(main_part_name(package)), _free_names(project, chapter)
    files: dict[str, bytes] = {}
    targets: dict[str, str] = {}
    for name in names:
        part, suffix = posixpath.join(folder, name), PurePosixPath(name).suffix.lower()
        if suffix in _SUFFIXES and part in package and not image_problem(package.part_bytes(part), suffix):
            file = f"{next(free)}{suffix}"
            files[file] = package.part_bytes(part)
            targets[name] = posixpath.relpath(file, posixpath.dirname(path))
    lost = [name for name in names if name not in targets]
    reason = f"neither PNG nor JPEG, so their names remain: {', '.join(lost)}"
    counts = (files, f"saved to {_FOLDER}/; give each an alt text"), (lost, reason)
    return files, targets, [f"{format_count(len(each), 'picture')}: {what}" for each, what in counts if each]


def _free_names(project: Project, chapter: str) -> Iterator[str]:
    """Yield names of figures that no file has yet, without suffix."""
    folder = project.root / _FOLDER
    used = {file.stem for file in folder.iterdir()} if folder.is_dir() else set()
    return (f"{_FOLDER}/{name}" for name in (f"{chapter}-{n}" for n in count(1)) if name not in used)
