"""Helpers of all writers."""
