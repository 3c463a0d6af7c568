"""Errors of git calls."""

from __future__ import annotations


class NoRepositoryError(Exception):
    """There is no repository around the folder, or no git on this machine."""


class GitRefusedError(Exception):
    """Git does not answer, or the repository must not be read. The argument is the reason."""
