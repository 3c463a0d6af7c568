"""The pieces of the PDF writer: the page as HTML, the process that lays it out, what is mended after."""
