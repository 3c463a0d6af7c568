"""Diagnostics and Progress to text, a module per form. Prints nothing: every function returns what is to be printed."""
