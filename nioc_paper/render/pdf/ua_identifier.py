"""PDF/UA-1 identifier in the metadata of a file."""

from __future__ import annotations

import re

_RDF_ATTRIBUTES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
_PDFUA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A allows the identifier of another standard only if the metadata describes its schema (ISO 19005-3, 6.6.2.3).
_UA_MARK = f"""<rdf:Description {_RDF_ATTRIBUTES}
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>{_PDFUA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description {_RDF_ATTRIBUTES} xmlns:pdfuaid="{_PDFUA_NAMESPACE}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
"""


def without_ua_identifier(pdf: bytes) -> bytes:
    """Return a PDF with blanks in place of the identifier, so that no object moves; metadata are not compressed."""
    written = rb"<rdf:Description [^>]*:pdfaExtension=.*?</pdfuaid:part></rdf:Description>"  # as libraries write it
    return re.sub(written, lambda match: b" " * len(match[0]), pdf, flags=re.DOTALL)


def with_ua_identifier(metadata: bytes) -> bytes:
    """Return the metadata, in XML, with the identifier."""
    return metadata.replace(b"</rdf:RDF>", _UA_MARK.encode() + b"</rdf:RDF>", 1)
