"""Modules that `--quick` leaves out, packages that are not imported when tests are collected, files not read."""

from __future__ import annotations

import pytest


def modules(names: str) -> frozenset[str]:
    """The modules of tests with these names."""
    return frozenset(f"test_{name}" for name in names.split())


ENGINE = modules("""
    accessible audience board_page brief built_files_back chapter_cache charts docx epub every_output exports
    failing_engines final_check font_subsets hardening html large_papers last_defence newsletter own_words papers pdf
    pdf_patches pictures print redline review_copy reviews serve shipped_paper site stops template templates urdu wheel
""")
"""Modules that need WeasyPrint, LibreOffice, Chromium or Java, or build whole papers: marked `engine`."""
SLOW = modules("""
    audience_marks bibliography branches calendar characters citation_styles code_host conflict_reasons constructs
    consultation dates_agree decision_summary editions every_read evidence follow_on fuzz git_config import
    legal_citations lived long_word_files lsp_names lsp_session manual margin_notes new own_commits pairs_of_edits
    processes public_people record_files repeated_words review setup shipped_formatters stranger suggestions team weeks
    whole_changes whole_tables word_edits word_links
""")
"""Modules that are slow for another reason: marked `slow`."""
FIRST = modules("chapter_cache own_words shipped_paper wheel")
"""Modules with a test of more than ten seconds, which no worker should begin at the end of a run."""
ENGINE_PACKAGES = ("playwright", "vl_convert", "weasyprint")
"""Packages that tests import when they run, not when they are collected."""
SHIPPED = frozenset({"chapters", "contributors.yaml", "paper", "reviews", "templates"})
"""Names of the paper of this repository, which only the modules `test_shipped_*` may read: its authors add to it."""
IMPORTED = pytest.StashKey[set[str]]()
"""Key of the engine packages that collecting the tests has imported."""
