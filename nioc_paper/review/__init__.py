"""Chapters out to Word and back: what reviewers change and say, put into the Markdown and kept in a ledger."""
