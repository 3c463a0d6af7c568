"""Word files as text: paragraphs, bookmarks, comments."""
