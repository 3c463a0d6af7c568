"""PDF writer: print jobs, the pool of WeasyPrint workers, the merge of chapters, and the postprocessing."""
