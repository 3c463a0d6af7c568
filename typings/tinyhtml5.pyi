from typing import TextIO
from xml.etree.ElementTree import Element

def parse(document: TextIO, namespace_html_elements: bool = ..., **encodings: str) -> Element: ...
