"""Replacements for functions of WeasyPrint and ctypes; `table` lists them."""
