"""Two versions of a paper merged into one document that shows the changes."""
