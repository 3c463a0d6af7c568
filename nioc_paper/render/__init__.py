"""Writers of a `Document`'s files, by format, and the explanations of their findings.

Imports next to nothing: the processes that lay pages out start from this package and need none of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper.extensions import extension_modules

DOCUMENT_WRITERS: Mapping[str, str] = {
    **extension_modules("formats"),
    # Module names, imported when needed: each loads libraries that the others do not need.
    "pdf": "nioc_paper.render.pdf.pdf_writer",
    "docx": "nioc_paper.render.word.docx_writer",
    "html": "nioc_paper.render.web.page_writer",
    "epub": "nioc_paper.render.epub.epub_writer",
}
MAIL_WRITERS: Mapping[str, str] = {
    "html": "nioc_paper.render.mail.html",
    "docx": "nioc_paper.render.word.docx_writer",
    "md": "nioc_paper.render.mail.markdown",
    "txt": "nioc_paper.render.mail.plain_text",
}
"""Writers of documents that go by mail."""
OUTPUT_EXPLANATIONS: Mapping[str, str] = {
    "too-many-pages": "A brief fits on two pages, and a sheet for the board on one.",
    "lost-content/text": "Every word of the paper is in every output.",
    "lost-content/note": "Every footnote of the paper is in every output.",
    "lost-content/picture": "Every picture of the paper is in every output, with its alternative text.",
    "lost-content/cell": "Every cell of every table of the paper is in every output.",
    "lost-content/reference": "Every reference of the paper leads in every output where it leads in the text.",
    "lost-content/source": "Every source that is cited has its entry in every output.",
    "foreign-resource": "An output holds only files of the paper: no downloads, and no fonts of the machine.",
    "bad-template/page": "A paper's own templates produce a page, within their limits of time and memory.",
    "render-failed": "Every output is made within its limits of time and memory.",
    "dead-name/style": "The table of styles pairs a style of ours with one that the template has.",
    "bad-template/missing-style": "A template for Word has a style for each of ours; for a missing one, ours is used.",
    "citeproc-warning": "Citations are set without a warning.",
}
"""Explanation of each rule of findings on outputs, by its name."""
