"""Two versions of a paper as one text that shows what changed."""
