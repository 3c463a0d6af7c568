"""Readers of finished files: their content is compared with the tree."""
