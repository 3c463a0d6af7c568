"""Modules of tests that `--quick` leaves out, and packages that no test may import when it is collected."""

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
        "test_citation_styles",
        "test_code_font",
        "test_conflict_reasons",
        "test_constructs",
        "test_fuzz",
        "test_git_config",
        "test_known_records",
        "test_list_levels",
        "test_long_word_files",
        "test_lsp_names",
        "test_lsp_session",
        "test_manual",
        "test_margin_notes",
        "test_new",
        "test_own_commits",
        "test_processes",
        "test_public_people",
        "test_reader_words",
        "test_review",
        "test_second_return",
        "test_setup",
        "test_stranger",
        "test_word_edits",
        "test_word_links",
        "test_word_spaces",
    }
)
"""Modules that are slow for another reason: marked `slow`."""
ENGINE_PACKAGES = ("playwright", "vl_convert", "weasyprint")
"""Packages that tests import when they run, not when they are collected."""
IMPORTED = pytest.StashKey[set[str]]()
"""Key of the engine packages that collecting the tests has imported."""
