"""Word writer: pandoc writes each piece, and these modules style, complete, merge and read back the file."""
