"""Documents besides the paper: brief, board page, newsletter, comments."""
