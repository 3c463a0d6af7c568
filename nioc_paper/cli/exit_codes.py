"""Exit codes."""

OK, ERRORS, USAGE, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 3, 130
"""Success; errors in the paper; wrong usage; our own fault; interrupted."""
