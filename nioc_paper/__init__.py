"""The paper toolchain: chapters in git to a checked, dated, printed strategy paper."""

__version__ = "0.2.0"
