"""The progress page of the website."""
