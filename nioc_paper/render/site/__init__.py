"""The website: a page for each chapter, overview pages, and the files that they load. Static; nothing is fetched."""
