"""Chapters out to reviewers as Word files, and back: exports, merges, and the ledger of both."""
