"""Names of types and variables in CSL 1.0.2, and words of other formats for them."""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper.model.references import IDENTIFIER_VARIABLES


def invert(text: str) -> dict[str, str]:
    """Return the names before the signs of a text like `container-title=journal,booktitle`, by the names after them."""
    pairs = (line.partition("=") for line in text.split())
    return {name: value for value, _, names in pairs for name in names.split(",")}


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


CSL_TYPES = words("""
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection
    dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case
    legislation manuscript map motion_picture musical_score pamphlet paper-conference patent performance
    periodical personal_communication post post-weblog regulation report review review-book software song speech
    standard thesis treaty webpage
    """)
NAME_VARIABLES = words("""
    author chair collection-editor compiler composer container-author contributor curator director editor
    editorial-director editor-translator executive-producer guest host illustrator interviewer narrator
    organizer original-author performer producer recipient reviewed-author script-writer series-creator
    translator
    """)
DATE_VARIABLES = words("accessed available-date event-date issued original-date submitted")
PRIVATE_VARIABLES = words("abstract annote categories custom file keyword keywords langid")
"""CSL variables that are dropped: they hold an author's own notes, and paths of the author's machine."""
CSL_VARIABLES = (
    NAME_VARIABLES
    | DATE_VARIABLES
    | PRIVATE_VARIABLES
    | IDENTIFIER_VARIABLES
    | words("""
        id type title annotation archive archive_collection archive-place authority collection-title container-title
        container-title-short dimensions division edition event event-place event-title genre journalAbbreviation
        jurisdiction language license medium note original-publisher original-publisher-place original-title
        part-title publisher publisher-place references reviewed-genre reviewed-title scale short shortTitle source
        status title-short volume-title volume-title-short
        """)
)
VARIABLES_BY_SYNONYM: Mapping[str, str] = invert(
    """
    DOI=doi ISBN=isbn ISSN=issn URL=url,website accessed=urldate collection-title=series issued=date,month,year
    container-title=booktitle,journal,journaltitle,newspaper page=pages publisher-place=address,location,place
    publisher=institution,organization,school title=subtitle
    """
)
"""CSL variables by their names in BibTeX and other formats: "journal" is "container-title"."""
CSL_TYPES_BY_SYNONYM: Mapping[str, str] = invert(
    """
    article-journal=article,journal article-magazine=magazine article-newspaper=news,newspaper document=misc
    chapter=inbook,incollection legal_case=case,judgment legislation=act,law,statute post-weblog=blog report=techreport
    paper-conference=conference,inproceedings thesis=mastersthesis,phdthesis webpage=online,website
    """
)
"""CSL types by their names in BibTeX and everyday language: "law" is "legislation"."""
REQUIRED_VARIABLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("book", "paper-conference"), ("author|editor", "issued")),
    **dict.fromkeys(("article-magazine", "article-newspaper"), ("container-title", "issued")),
    **dict.fromkeys(("article-journal", "chapter"), ("author|editor", "container-title", "issued")),
    **dict.fromkeys(("dataset", "report"), ("author|editor|publisher", "issued")),
    **dict.fromkeys(("bill", "legal_case", "legislation", "regulation"), ("issued",)),
    "thesis": ("author", "issued"),
    "webpage": ("URL|DOI",),
}
"""CSL variables that a reader needs to find a source of a type, besides its title; `a|b` means one of both."""
CONTROL_FIELDS = words(
    """
    affiliation authortype bibsource biburl copyright crossref date day doi editoratype editorbtype editorctype
    editortype entryset entrysubtype eprint eprinttype file groups ids indexsorttitle indextitle keywords langid
    langidopts language month number options owner presort pubstate related relatedstring relatedtype sortkey sortname
    sorttitle sortyear source timestamp type url urldate xdata xref year
    """
)
"""Fields of BibTeX that are not printed as written: they direct programs, or are dates, languages and addresses."""
