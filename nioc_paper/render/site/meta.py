"""Machine-readable parts of the site: structured data, sitemap, feed, and content security policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree
from markupsafe import Markup

from nioc_paper.model import Document
from nioc_paper.render.site.pages import HOME, Page, PagePlan, SiteOptions

# The search is WebAssembly; it evaluates no text as code.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Content security policy of every page: only files of the site, and no inline script."""
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def page_address(url: str, name: str) -> str:
    """Return the public address of a page; empty if the site's is not known. The home page is the folder."""
    return f"{url}/{'' if name == HOME else f'{name}.html'}" if url else ""


def structured_data(document: Document, options: SiteOptions, page: Page | None, name: str) -> Markup:
    """Return the schema.org description of a page as JSON for its HTML."""
    report = _report_data(document, options)
    if page is not None:
        return _as_json_ld(_chapter_data(page, page_address(options.url, name)) | {"isPartOf": report})
    return _as_json_ld(report | {"description": options.summary})


def _report_data(document: Document, options: SiteOptions) -> dict[str, object]:
    paper: dict[str, object] = {
        "@type": "Report",
        "name": document.title,
        "inLanguage": document.language,
        "version": document.version,
        "creativeWorkStatus": document.edition,
    }
    if document.publisher:
        paper["publisher"] = {"@type": "Organization", "name": document.publisher}
    if document.date:
        paper["dateModified"] = document.date.isoformat()
    if options.url:
        paper["url"] = page_address(options.url, HOME)
    return paper


def _chapter_data(page: Page, address: str) -> dict[str, object]:
    names = dict.fromkeys(credit.name for credit in page.credits if credit.name)
    return {
        "@type": "Chapter",
        "name": page.title,
        "position": page.entry.number,
        "abstract": page.summary,
        "author": [{"@type": "Person", "name": who} for who in names],
        "url": address,
    }


def _as_json_ld(description: Mapping[str, object]) -> Markup:
    """Return a description, without empty properties, as JSON that cannot end its element."""
    properties = {"@context": "https://schema.org"} | {key: value for key, value in description.items() if value}
    # Text that ended the element would be parsed as HTML.
    return Markup(json.dumps(properties, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - escaped here


def machine_files(document: Document, options: SiteOptions, page_plan: PagePlan) -> dict[str, bytes]:
    """Return the files that only programs read; those that need the site's address only if it is known."""
    files = {".nojekyll": b""}  # otherwise GitHub Pages leaves out files that begin with an underscore
    if options.url:
        files |= {"sitemap.xml": _build_sitemap(document, options, page_plan)}
        files |= {"feed.xml": _build_feed(document, options)}
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {options.url}/sitemap.xml\n".encode()
    return files


def _build_sitemap(document: Document, options: SiteOptions, page_plan: PagePlan) -> bytes:
    root = etree.Element("urlset", xmlns=_SITEMAP)
    changed = {page.name: options.changed.get(page.path, document.date) for page in page_plan.pages}
    days = {HOME: document.date} | changed
    for name, on in days.items():
        url = etree.SubElement(root, "url")
        etree.SubElement(url, "loc").text = page_address(options.url, name)
        if on:
            etree.SubElement(url, "lastmod").text = on.isoformat()
    return _xml_bytes(root)


def _build_feed(document: Document, options: SiteOptions) -> bytes:
    """Return the feed of versions, newest first: tagged ones, and later changes."""
    root = etree.Element("feed", {_LANG: document.language}, xmlns=_ATOM)
    now = datetime.fromtimestamp(document.timestamp, UTC).isoformat()
    home = page_address(options.url, HOME)
    for name, text in (("id", home), ("title", document.title), ("updated", now)):
        etree.SubElement(root, name).text = text
    etree.SubElement(root, "link", rel="self", href=f"{options.url}/feed.xml")
    etree.SubElement(root, "link", rel="alternate", href=home)
    author = etree.SubElement(root, "author")
    etree.SubElement(author, "name").text = document.publisher or document.title
    for version in document.versions:
        entry = etree.SubElement(root, "entry")
        on = f"{version.on.isoformat()}T00:00:00+00:00"
        about = ("id", f"{home}#version-{version.tag}"), ("title", version.tag), ("updated", on)
        for name, text in (*about, ("summary", version.subject or version.tag)):
            etree.SubElement(entry, name).text = text
        etree.SubElement(entry, "link", rel="alternate", href=home)
    return _xml_bytes(root)


def _xml_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
