"""Replacements for functions of WeasyPrint, Pyphen and ctypes; `table` lists them."""
