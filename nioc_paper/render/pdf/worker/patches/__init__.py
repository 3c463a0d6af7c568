"""Replacements for functions of WeasyPrint and Pyphen."""
