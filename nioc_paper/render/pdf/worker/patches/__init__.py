"""Replacements for functions of WeasyPrint and ctypes; `patch_table` lists them."""
