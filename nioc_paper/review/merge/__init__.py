"""Three-way merge of a returned Word file into a chapter."""
