"""Names of types and fields in CSL 1.0.2, BibTeX, BibLaTeX and RIS, and tables from one format to another."""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper.model.references import IDENTIFIER_VARIABLES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CSL_TYPES = _words(
    """
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection
    dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case
    legislation manuscript map motion_picture musical_score pamphlet paper-conference patent performance
    periodical personal_communication post post-weblog regulation report review review-book software song speech
    standard thesis treaty webpage
    """
)
NAME_VARIABLES = _words(
    """
    author chair collection-editor compiler composer container-author contributor curator director editor
    editorial-director editor-translator executive-producer guest host illustrator interviewer narrator
    organizer original-author performer producer recipient reviewed-author script-writer series-creator
    translator
    """
)
DATE_VARIABLES = _words(
    """
    accessed available-date event-date issued original-date submitted
    """
)
CSL_VARIABLES = (
    NAME_VARIABLES
    | DATE_VARIABLES
    | IDENTIFIER_VARIABLES
    | _words(
        """
    id type title abstract annote archive archive_collection archive-place authority categories collection-title
    container-title container-title-short custom dimensions division event event-place event-title genre
    journalAbbreviation jurisdiction keyword language license medium note original-publisher original-publisher-place
    original-title part-title publisher publisher-place references reviewed-genre reviewed-title scale short shortTitle
    source status title-short volume-title volume-title-short
    """
    )
)
VARIABLES_BY_SYNONYM: Mapping[str, str] = {
    "address": "publisher-place",
    "booktitle": "container-title",
    "date": "issued",
    "doi": "DOI",
    "institution": "publisher",
    "isbn": "ISBN",
    "issn": "ISSN",
    "journal": "container-title",
    "journaltitle": "container-title",
    "location": "publisher-place",
    "month": "issued",
    "newspaper": "container-title",
    "organization": "publisher",
    "pages": "page",
    "place": "publisher-place",
    "school": "publisher",
    "series": "collection-title",
    "subtitle": "title",
    "url": "URL",
    "urldate": "accessed",
    "website": "URL",
    "year": "issued",
}
"""CSL variables by their names in BibTeX and other formats: "journal" is "container-title"."""
CSL_TYPES_BY_SYNONYM: Mapping[str, str] = {
    "act": "legislation",
    "article": "article-journal",
    "blog": "post-weblog",
    "case": "legal_case",
    "conference": "paper-conference",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "journal": "article-journal",
    "judgment": "legal_case",
    "law": "legislation",
    "magazine": "article-magazine",
    "mastersthesis": "thesis",
    "misc": "document",
    "news": "article-newspaper",
    "newspaper": "article-newspaper",
    "online": "webpage",
    "phdthesis": "thesis",
    "statute": "legislation",
    "techreport": "report",
    "website": "webpage",
}
"""CSL types by their names in BibTeX and everyday language: "law" is "legislation"."""
BIB_TYPES = _words(
    """
    article artwork audio bibnote book bookinbook booklet collection commentary conference data dataset
    electronic image inbook incollection inproceedings inreference jurisdiction legal legislation letter
    magazine manual mastersthesis misc movie music mvbook mvcollection mvproceedings mvreference newspaper
    online patent performance periodical phdthesis proceedings reference report review set software standard
    suppbook suppcollection suppperiodical techreport thesis unpublished video www xdata
    """
)
BIB_FIELDS = _words(
    """
    abstract addendum afterword annotation annotator annote author authortype bookauthor bookpagination
    editoratype editorbtype editorctype
    booksubtitle booktitle booktitleaddon chapter commentator crossref date doi edition editor editora editorb
    editorc editortype eid entryset entrysubtype eprint eprintclass eprinttype eventdate eventtitle
    eventtitleaddon execute foreword gender gloss holder howpublished ids indextitle institution introduction
    isan isbn ismn isrn issn issue issuesubtitle issuetitle iswc journal journalsubtitle journaltitle
    journaltitleaddon key keywords label langid langidopts language library location mainsubtitle maintitle
    maintitleaddon month nameaddon nationality note number options organization origdate origlanguage
    origlocation origpublisher origtitle pages pagetotal pagination part pmid pmcid presort publisher pubstate
    related relatedoptions relatedstring relatedtype reprinttitle school series seriestitle seriesnumber
    shortauthor shorteditor shorthand shorthandintro shortjournal shortseries shorttitle sortkey sortname
    sortshorthand sorttitle sortyear subtitle title titleaddon translator type url urldate urltype venue version
    volume volumes xdata xref year address archive archiveprefix primaryclass
    """
)
"""Fields of BibTeX and BibLaTeX."""
RIS_TYPES = _words(
    """
    ABST ADVS AGGR ANCIENT ART BILL BLOG BOOK CASE CHAP CHART CLSWK COMP CONF CPAPER CTLG DATA DBASE DICT EBOOK
    ECHAP EDBOOK EJOUR ELEC ENCYC EQUA FIGURE GEN GOVDOC GRNT HEAR ICOMM INPR JFULL JOUR LEGAL MANSCPT MAP MGZN MPCT
    MULTI MUSIC NEWS PAMP PAT PCOMM RPRT SER SLIDE SOUND STAND STAT STD THES UNBILL UNPB UNPD VIDEO WEB
    """
)
CSL_TYPES_BY_RIS_TYPE: Mapping[str, str] = {
    **dict.fromkeys(("ADVS", "MPCT", "VIDEO"), "motion_picture"),
    **dict.fromkeys(("CTLG", "SER"), "book"),
    **dict.fromkeys(("ELEC", "WEB"), "webpage"),
    **dict.fromkeys(("STAND", "STD"), "standard"),
    **dict.fromkeys(("UNPB", "UNPD"), "manuscript"),
    "COMP": "software",
    "EJOUR": "article-journal",
    "GEN": "document",
    "GRNT": "document",
    "HEAR": "hearing",
}
"""CSL types of the RIS types that pandoc would turn into BibTeX types."""
HARMLESS_FIELDS = _words(
    """
    abstract adsnote adsurl affiliation annotation annote articleno biburl bibsource coden collaboration
    copyright day citation-key date-added date-modified dimensions document_type encoding file funding groups
    guid hal_id hal_version ids interhash intrahash issue_date journal-iso journalabbreviation keyword keywords
    langid libraryid lccn local-url localfile mendeley-groups mendeley-tags mrclass mrnumber mrreviewer numpages
    opt openaccess owner pdf posted-at priority printed publicationstatus publication_status qualityassured
    rating read readstatus refid researchers shorttitle source tags timestamp track unique-id urn username vol
    words zblnumber zotero citationkey bdsk-file-1 bdsk-url-1 bdsk-url-2 earlyaccessdate eissn acmid
    numberofpages web-url slaccitation sid eprinttype pdfs comment comments status place medium license lang
    note subject categories custom
    """
)
"""Fields in lower case that reference managers write and no citation prints; they are not reported."""
PRIVATE_VARIABLES = frozenset(("abstract", "annote", "categories", "custom", "file", "keyword", "keywords", "langid"))
"""CSL variables that are dropped: they hold an author's own notes, and paths of the author's machine."""
REQUIRED_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "article-journal": ("author|editor", "container-title", "issued"),
    "article-magazine": ("container-title", "issued"),
    "article-newspaper": ("container-title", "issued"),
    "book": ("author|editor", "issued"),
    "chapter": ("author|editor", "container-title", "issued"),
    "dataset": ("author|editor|publisher", "issued"),
    "legal_case": ("issued",),
    "legislation": ("issued",),
    "bill": ("issued",),
    "paper-conference": ("author|editor", "issued"),
    "regulation": ("issued",),
    "report": ("author|editor|publisher", "issued"),
    "thesis": ("author", "issued"),
    "webpage": ("URL|DOI",),
}
"""CSL variables that a reader needs to find a source of a type, besides its title; `a|b` means one of both."""
BIB_FIELDS_BY_VARIABLE: Mapping[str, tuple[str, ...]] = {
    "DOI": ("doi",),
    "URL": ("url", "howpublished"),
    "accessed": ("urldate",),
    "author": ("author",),
    "container-title": ("journaltitle", "journal", "booktitle", "maintitle"),
    "editor": ("editor",),
    "issued": ("date", "year", "month"),
    "publisher": ("publisher", "institution", "school", "organization"),
    "title": ("title",),
    "translator": ("translator",),
    "type": ("type",),
}
"""BibLaTeX fields of each CSL variable; hints name the first."""
RIS_TAGS_BY_VARIABLE: Mapping[str, tuple[str, ...]] = {
    "DOI": ("DO",),
    "URL": ("UR",),
    "accessed": ("Y2",),
    "author": ("AU", "A1"),
    "container-title": ("T2", "JO", "JF", "BT"),
    "editor": ("ED", "A2"),
    "issued": ("PY", "DA", "Y1"),
    "publisher": ("PB",),
    "title": ("TI", "T1"),
    "type": ("TY",),
}
"""RIS tags of each CSL variable; hints name the first."""
