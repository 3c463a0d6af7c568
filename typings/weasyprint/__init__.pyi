from typing import Literal, TypedDict, Unpack
from xml.etree.ElementTree import Element

from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

class Options(TypedDict, total=False):
    pdf_variant: str
    pdf_identifier: Literal[False]
    pdf_tags: bool

class HTML:
    etree_element: Element
    def __init__(self, *, string: str, base_url: str = ..., url_fetcher: URLFetcher = ...) -> None: ...
    def render(self, font_config: FontConfiguration | None = ..., **options: Unpack[Options]) -> Document: ...
    def write_pdf(self, *, font_config: FontConfiguration = ..., **options: Unpack[Options]) -> bytes: ...
