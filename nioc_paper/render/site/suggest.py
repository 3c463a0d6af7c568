"""Links that suggest a change: a prefilled mail about one paragraph, for a site with a contact."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup
from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common.imprint import format_issue
from nioc_paper.render.site.pages import Page
from nioc_paper.tree.paragraphs import mark_paragraphs
from nioc_paper.wording import localized_digits, wording_for

_MARKUP = '<a class="suggest" href="{address}" aria-label="{name}" title="{name}"></a>'
_OPENING_WORDS = 12
"""Words of a paragraph that the mail quotes."""
_NEW_LINE = "\r\n"
"""As RFC 6068 demands in the body of a mail."""


class SuggestionMail(Struct, frozen=True):
    """Mail that suggests a change; the addresses of a site's pages are below `url`, if it is known."""

    contact: str
    title: str
    issue: str
    """Version or date, as on the cover."""
    url: str
    words: Mapping[str, str]

    @classmethod
    def for_site(cls, document: Document, contact: str, url: str) -> SuggestionMail:
        """Return the mail of a site."""
        words = wording_for(document.language, document.labels)
        return cls(contact, document.title, format_issue(document, words), url, words)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """All that a link depends on besides its page."""
        return self.contact, self.title, self.issue, self.url

    def add_links(self, blocks: list[Node], page: Page) -> list[Node]:
        """Return the blocks of a page with a link at the end of every paragraph that a review copy numbers."""

        def with_link(count: int, inlines: list[Node]) -> list[Node]:
            number = f"{page.entry.number}.{count}" if page.entry.number else str(count)
            return [*inlines, {"t": "RawInline", "c": ["html", self.link(page, number, tree.plain_text(inlines))]}]

        return mark_paragraphs(blocks, with_link)

    def link(self, page: Page, number: str, text: str) -> str:
        """Return the link of a paragraph as HTML."""
        name = self.words["suggest"].format(localized_digits(number, self.words))
        return _MARKUP.format(address=Markup.escape(self.address(page, number, text)), name=Markup.escape(name))

    def address(self, page: Page, number: str, text: str) -> str:
        """Return the `mailto:` address with subject and body; everything in them is escaped."""
        chapter = f"{page.entry.number} {page.title}".strip()
        opening = " ".join(text.split()[:_OPENING_WORDS])
        subject = f"{self.title}: {chapter}, {self.words['paragraph']} {number}"
        lines = [
            f"{self.words['chapter']}: {chapter}",
            f"{self.words['paragraph']}: {number} ({opening} …)",
            *([f"{self.words['version']}: {self.issue}"] if self.issue else []),
            *([f"{self.url}/{page.name}.html"] if self.url else []),
            "",
            f"{self.words['your_suggestion']}:",
            "",
        ]
        body = _NEW_LINE.join(lines)
        return f"mailto:{quote(self.contact, safe='@+')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
