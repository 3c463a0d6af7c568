"""Outgoing and returned files of reviewers, and the ledger of both."""
