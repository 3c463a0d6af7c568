"""Readers of finished files: their contents are compared with the tree."""
