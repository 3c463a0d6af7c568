"""Modules that `--quick` leaves out, packages that are not imported when tests are collected, files not read."""

from __future__ import annotations

import pytest

ENGINE = frozenset(
    {
        "test_accessible",
        "test_audience",
        "test_board_page",
        "test_brief",
        "test_build_cache",
        "test_chapter_cache",
        "test_chart_formats",
        "test_charts",
        "test_deep_nesting",
        "test_diagrams",
        "test_docx",
        "test_drawings",
        "test_earlier_pages",
        "test_epub",
        "test_every_output",
        "test_exports",
        "test_failing_engines",
        "test_final_check",
        "test_hardening",
        "test_html",
        "test_inline_charts",
        "test_inventory",
        "test_labels",
        "test_large_papers",
        "test_last_defence",
        "test_newsletter",
        "test_papers",
        "test_pdf",
        "test_pdf_chapters",
        "test_pdf_patches",
        "test_pdf_reader",
        "test_pictures",
        "test_print",
        "test_redline",
        "test_repeated_blocks",
        "test_replay",
        "test_review_copy",
        "test_reviews",
        "test_roundtrip",
        "test_serve",
        "test_shipped_paper",
        "test_site",
        "test_template",
        "test_templates",
        "test_urdu",
        "test_urdu_fonts",
        "test_wheel",
        "test_word_chapters",
    }
)
"""Modules that need WeasyPrint, LibreOffice, Chromium or Java, or build whole papers: marked `engine`."""
SLOW = frozenset(
    {
        "test_alt_texts",
        "test_audience_marks",
        "test_benchmarks",
        "test_bibliography",
        "test_calendar",
        "test_characters",
        "test_chart_layout",
        "test_citation_styles",
        "test_citations",
        "test_code_font",
        "test_code_host",
        "test_compared_words",
        "test_conflict_reasons",
        "test_constructs",
        "test_dates_agree",
        "test_decision_summary",
        "test_evidence",
        "test_fuzz",
        "test_git_config",
        "test_import",
        "test_known_records",
        "test_legal_citations",
        "test_list_levels",
        "test_long_word_files",
        "test_lsp_names",
        "test_lsp_session",
        "test_manual",
        "test_margin_notes",
        "test_new",
        "test_notice",
        "test_own_commits",
        "test_processes",
        "test_public_people",
        "test_reader_words",
        "test_repeated_words",
        "test_review",
        "test_second_return",
        "test_setup",
        "test_stranger",
        "test_suggestions",
        "test_word_edits",
        "test_word_links",
        "test_word_spaces",
        "test_written_yaml",
    }
)
"""Modules that are slow for another reason: marked `slow`."""
ENGINE_PACKAGES = ("playwright", "vl_convert", "weasyprint")
"""Packages that tests import when they run, not when they are collected."""
SHIPPED = frozenset({"chapters", "contributors.yaml", "paper", "reviews", "templates"})
"""Names of the paper of this repository, which only the modules `test_shipped_*` may read: its authors add to it."""
IMPORTED = pytest.StashKey[set[str]]()
"""Key of the engine packages that collecting the tests has imported."""
