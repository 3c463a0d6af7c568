"""The pieces of the Word writer: pandoc writes the file, and these say how it looks, mend it and read it back."""
