"""Frozen records of the domain, shared by every stage. Touches nothing."""

from nioc_paper.model.chapter import (
    PRINTED_VALUE_PREFIX,
    TARGET_KINDS,
    Anchor,
    Asset,
    Chapter,
    Chart,
    Citation,
    DataBlock,
    DataTable,
    Heading,
    Image,
    Item,
    ItemField,
    LazyTree,
    Link,
    Node,
    Outline,
    Suggestion,
    tree_hash,
)
from nioc_paper.model.consultations import (
    CLEARANCE_STATES,
    Agreement,
    AskedAction,
    Consultation,
    Consultations,
    Contact,
    Contacts,
    Waiver,
)
from nioc_paper.model.contributors import Contributors, Organization, Person
from nioc_paper.model.data_blocks import Align, Column, TableSpec, TimelineChart, TimelineEntry
from nioc_paper.model.diagnostic import (
    WINDOWS_DEVICE,
    Cause,
    Diagnostic,
    Fix,
    Place,
    Reporter,
    Severity,
    free_name,
    report_all,
    short_slug,
    slugify,
    spelling_hint,
)
from nioc_paper.model.document import AUDIENCES, ENTRY_LISTS, Credit, Document, ListEntry, OutputOptions
from nioc_paper.model.front_matter import Allowance, Clearance, FrontMatter, KeyFigure, Linkage
from nioc_paper.model.history import (
    DELETION,
    INSERTION,
    MOVED,
    PARAGRAPH_MARK_PREFIX,
    History,
    OpenBranch,
    Revision,
    Version,
)
from nioc_paper.model.paper import LIST_NAMES, ContentHash, Paper
from nioc_paper.model.progress import (
    ChapterProgress,
    ConsultationProgress,
    Health,
    Obligation,
    Party,
    Progress,
    ProgressPoint,
    SiteProgress,
    UpcomingEvent,
    format_count,
    format_size,
    long_date,
    short_date,
)
from nioc_paper.model.record import KeyPath, Limits, Record, RecordSource, field_types, to_dict
from nioc_paper.model.references import (
    AUTHOR_IN_FULL,
    COPIES_FOLDER,
    WITHOUT_BRACKETS,
    Reference,
    References,
    SourceCopy,
)
from nioc_paper.model.registers import (
    OFFERS,
    Acronym,
    Acronyms,
    Approval,
    Approvals,
    Decision,
    Decisions,
    Fact,
    Facts,
    Term,
    Terms,
)
from nioc_paper.model.reviews import (
    BLOCKING_KINDS,
    Answer,
    Comment,
    LineChange,
    Reply,
    ReviewPoint,
    Reviews,
    Sending,
    Unmerged,
)
from nioc_paper.model.settings import (
    RULE_SEVERITIES,
    SHIPPED_STYLES,
    Category,
    CitationStyle,
    OwnWords,
    Part,
    Priority,
    Settings,
    Status,
    TranslatedTitle,
    Words,
)
from nioc_paper.model.templates import MissingTemplateError, TemplateError, Templates, WordTemplateFile
from nioc_paper.model.timeline import Event, Gate, Holiday, Timeline
