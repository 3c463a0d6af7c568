"""Words, sentences and passages of chapters, as rules use them."""
