"""Words, sentences and passages of chapters, as the rules read them."""
