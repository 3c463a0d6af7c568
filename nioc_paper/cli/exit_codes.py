"""Exit codes."""

OK, ERRORS, USAGE, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 3, 130
"""Well; errors found; used wrongly; our own fault; interrupted."""
