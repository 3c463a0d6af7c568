"""Incremental site build for the preview: only pages whose inputs have changed are rendered again.

A broken chapter keeps its last readable page, and a finding gives the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.app.unsaved_buffers import check_loaded, load_with_buffers
from nioc_paper.assemble import build_document, number_paper
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, Document, History, OutputOptions, Paper, SiteProgress
from nioc_paper.progress import measure_progress
from nioc_paper.render.site.page_html import bibliography_entries, cached_page_texts, picture_address
from nioc_paper.render.site.page_plan import PagePlan, plan_pages
from nioc_paper.render.write import resolve_citations
from nioc_paper.system import git
from nioc_paper.system.concurrency import noop
from nioc_paper.wording import wording_for

_UNREADABLE_RULES = frozenset(("unreadable-passage", "missing-tool"))


class SiteState(Struct, frozen=True, dict=True):
    """The paper as it is shown; replaced as a whole."""

    paper: Paper
    history: History
    document: Document
    plan: PagePlan
    site_progress: SiteProgress
    """Progress of the paper, without past days: those take too long."""
    page_html: Mapping[str, str]
    """Text of each page as HTML, by page name."""


class IncrementalSite(Struct, dict=True):
    """A paper and its pages. Its methods block, and run in one thread at a time."""

    project: Project
    state: SiteState | None = None
    findings: tuple[Diagnostic, ...] = ()

    def check_paper(self) -> Paper:
        """Read and check the paper."""
        loaded = load_with_buffers(self.project)
        paper = _restore_unreadable(self.project.root, loaded, self.state)
        conflicts = self.project.find_conflicts(loaded)
        self.findings = tuple(conflicts) or check_loaded(self.project, replace(loaded, paper=paper))
        return paper

    def update(self, paper: Paper) -> list[str]:
        """Update the whole site, and return the addresses of pictures that have changed."""
        before = self.state
        if any(part.chapters for part in paper.settings.parts):
            history = self.project.history(paper)
            self.findings = tuple(dict.fromkeys((*self.findings, *git.refusal_findings(self.project.root))))
            words = wording_for(paper.settings.language, paper.settings.own_words)
            progress = measure_progress(paper, history, self.project.today(paper), words)
            site_progress = SiteProgress(self.project.without_later_records(paper), progress)
            numbered = number_paper(paper, history, OutputOptions(audience=AUDIENCES[-1]))
            document = resolve_citations(build_document(numbered), noop, self.project.cache)
            site_plan = plan_pages(document)
            texts = cached_page_texts(document, site_plan, bibliography_entries(document), self.project.cache)
            page_html = {page.name: text for page, text in zip(site_plan.texts, texts, strict=True)}
            self.state = SiteState(paper, history, document, site_plan, site_progress, page_html)
        assets, old = (state.document.assets if state else {} for state in (self.state, before))
        return [picture_address(name) for name, asset in assets.items() if old.get(name) != asset]


def _is_unreadable(new: Chapter, old: Chapter, findings: Iterable[Diagnostic]) -> bool:
    """Return whether a chapter has become unreadable."""
    unread = any(d.rule in _UNREADABLE_RULES and d.place.path == new.path for d in findings)
    return unread or bool(old.front.title and not new.front.title)


def _restore_unreadable(root: Path, loaded: LoadedPaper, state: SiteState | None) -> Paper:
    """Return the paper with unreadable chapters as they were when they were last readable."""
    if state is None:
        return loaded.paper
    chapters = {chapter.path: chapter for chapter in loaded.paper.chapters}
    for old in state.paper.chapters:
        new = chapters.get(old.path)
        if (root / old.path).is_file() and (new is None or _is_unreadable(new, old, loaded.findings)):
            chapters[old.path] = old
    return replace(loaded.paper, chapters=tuple(chapters.values()))
