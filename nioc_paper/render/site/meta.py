"""Machine-readable parts of the site: sitemap, and content security policy."""

from __future__ import annotations

from lxml import etree

from nioc_paper.model import Document
from nioc_paper.render.site.pages import HOME, PagePlan, SiteOptions

# The search is WebAssembly; it evaluates no text as code.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Content security policy of every page: only files of the site, and no inline script."""


def page_address(url: str, name: str) -> str:
    """Return the public address of a page; empty if the site's is not known. The home page is the folder."""
    return f"{url}/{'' if name == HOME else f'{name}.html'}" if url else ""


def machine_files(document: Document, options: SiteOptions, page_plan: PagePlan) -> dict[str, bytes]:
    """Return the files that only programs read; those that need the site's address only if it is known."""
    files = {".nojekyll": b""}  # otherwise GitHub Pages leaves out files that begin with an underscore
    if options.url:
        root = etree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
        changed = {page.name: options.changed.get(page.path, document.date) for page in page_plan.pages}
        days = {HOME: document.date} | changed
        for name, on in days.items():
            url = etree.SubElement(root, "url")
            etree.SubElement(url, "loc").text = page_address(options.url, name)
            if on:
                etree.SubElement(url, "lastmod").text = on.isoformat()
        files["sitemap.xml"] = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {options.url}/sitemap.xml\n".encode()
    return files
