"""Live preview: the site of a paper in a browser, updated in place while the paper is written.

`incremental_site` renders pages, `web_app` serves them to this machine, `pdf_preview` and `pdf_worker` make the PDF,
`server` watches files and notifies browsers.
"""

from __future__ import annotations

from nioc_paper.serve.server import serve

__all__ = ["serve"]
