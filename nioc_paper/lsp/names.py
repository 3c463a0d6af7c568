"""Names in a paper. Each kind of name is a function from a paper to its names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.check.rule_tables import GROUPS, rule_explanations
from nioc_paper.domain.sources import authors_and_year
from nioc_paper.load import READING_EXPLANATIONS
from nioc_paper.model import TARGET_KINDS, Chapter, Node, Organization, Paper, Place
from nioc_paper.program_name import with_program


class Name(Struct, frozen=True):
    """A name: the id to type, one line of title, a description, and the place of its definition."""

    id: str
    title: str
    description: str
    place: Place | None = None


_CAPTIONED = ("Div", "Figure", "Table", "Span")
NameKind = Callable[[Paper], Iterator[Name]]


def _make_name(id: str, title: str, place: Place | None, *details: str) -> Name:
    return Name(id, " ".join(title.split()), "\n".join(line for line in (title, *details) if line), place)


# --- people and organizations -----------------------------------------------------------------------------------------


def people(paper: Paper) -> Iterator[Name]:
    """Yield the people in contributors.yaml."""
    for person in paper.contributors.people:
        title = " ".join(part for part in (person.title, person.name) if part)
        post, state = (person.post, paper.display_name(person.org) if person.org else ""), person.permission.state
        doubt = "spelling or post not confirmed" if person.verify else ""
        notes = ("" if state == "not-needed" else f"permission {state}", doubt)
        yield _make_name(
            person.id, title, person.place("id"), ", ".join(filter(None, post)), "; ".join(filter(None, notes))
        )


def organizations(paper: Paper) -> Iterator[Name]:
    """Yield the organizations by id."""
    for organization in paper.contributors.organizations:
        yield _make_organization_name(organization, organization.id)


def organization_names(paper: Paper) -> Iterator[Name]:
    """Yield the organizations as recommendations name them: by abbreviation and by name."""
    for organization in paper.contributors.organizations:
        for name in dict.fromkeys((organization.short_name, organization.name)):
            yield _make_organization_name(organization, name)


def _make_organization_name(organization: Organization, name: str) -> Name:
    acronym = f" ({organization.acronym})" if organization.acronym else ""
    doubt = "name not confirmed" if organization.verify else ""
    kind = organization.kind.replace("-", " ")
    return _make_name(name, f"{organization.name}{acronym}", organization.place("id"), kind, doubt)


def people_and_organizations(paper: Paper) -> Iterator[Name]:
    """Yield people and organizations."""
    yield from people(paper)
    yield from organizations(paper)


# --- sources and facts ------------------------------------------------------------------------------------------------


def sources(paper: Paper) -> Iterator[Name]:
    """Yield the sources by key."""
    for source in paper.references_file.references:
        doubt = "not verified" if source.verify else ""
        url = str(source.extra.get("URL", ""))
        authors, kind = authors_and_year(source), source.type.replace("-", " ")
        origin = ", ".join(part for part in (authors, kind) if part)
        name = _make_name(source.id, source.title, source.place("id"), origin, doubt, url)
        yield replace(name, title=f"{authors}: {name.title}" if authors else name.title)


def facts(paper: Paper) -> Iterator[Name]:
    """Yield the facts by the id that refers to them."""
    for fact in paper.facts_file.facts:
        when = f" ({fact.as_of})" if fact.as_of else ""
        value = f"{fact.value} {fact.unit or ''}".strip()
        source = paper.references.get(fact.source)
        others = [f"elsewhere: {c.value}{f' [{c.source}]' if c.source else ''}" for c in fact.conflicts]
        doubt = "the figure itself has not been seen" if fact.verify else ""
        details = f"{source.title} [{fact.source}]" if source else f"[{fact.source}]", *others, doubt, fact.note or ""
        yield _make_name(f"fact-{fact.id}", f"{value}{when}", fact.place("id"), *details)


# --- chapters and their content ---------------------------------------------------------------------------------------


def chapters(paper: Paper) -> Iterator[Name]:
    """Yield the chapters by id."""
    for chapter in paper.chapters:
        yield _make_name(
            chapter.id, chapter.front.title, _chapter_place(chapter), chapter.front.status, chapter.front.summary or ""
        )


def chapter_paths(paper: Paper) -> Iterator[Name]:
    """Yield the chapters by path."""
    for chapter in paper.chapters:
        yield _make_name(chapter.path, chapter.front.title, Place(chapter.path))


def _chapter_place(chapter: Chapter) -> Place:
    return chapter.front.place("id") if chapter.front.place("id").path else Place(chapter.path)


def anchors(paper: Paper) -> Iterator[Name]:
    """Yield the anchors in all chapters, and the chapters themselves."""
    for chapter in paper.chapters:
        items = {item.id: item for item in chapter.items}
        texts = _captions(chapter) | {h.id: h.title for h in chapter.headings} | {i.id: i.text for i in chapter.items}
        for anchor in chapter.anchors:
            fields = items[anchor.id].fields.items() if anchor.id in items else ()
            field_texts = [f"{name.capitalize()}: {field.value}" for name, field in fields]
            yield _make_name(anchor.id, texts.get(anchor.id, ""), anchor.place, *field_texts)
        yield _make_name(f"sec-{chapter.id}", chapter.front.title, _chapter_place(chapter), chapter.front.summary or "")


def _caption(node: Node) -> list[Node]:
    """Return the caption of a figure or table, of a block around one its last paragraph; of a span its formula."""
    if node["t"] in ("Figure", "Table"):
        return tree.caption(node)
    return list(tree.content(node)[-1:])


def _captions(chapter: Chapter) -> dict[str, str]:
    """Return the captions of figures and tables and the formulas of equations, by id."""
    captioned_ids = {a.id for a in chapter.anchors if a.kind in ("fig", "tbl", "eq")}
    nodes = [n for n in tree.walk(chapter.blocks) if n["t"] in _CAPTIONED] if captioned_ids else []
    captions = {tree.identifier(n): _caption(n) for n in nodes}
    return {name: tree.plain_text(caption) for name, caption in captions.items() if name in captioned_ids}


def anchors_of(prefix: str) -> NameKind:
    """Return the function for the anchors of a kind: gap, obj, rec."""
    return lambda paper: (name for name in anchors(paper) if name.id.startswith(f"{prefix}-"))


def priorities(paper: Paper) -> Iterator[Name]:
    """Yield the priorities of recommendations."""
    for priority in paper.settings.priorities:
        phase = f"until {priority.until}" if priority.until else ""
        yield _make_name(priority.id, priority.title, priority.place("id"), phase)


def decision_links(paper: Paper) -> Iterator[Name]:
    """Yield the chapters and recommendations: a decision links to one of them."""
    yield from chapters(paper)
    yield from anchors_of("rec")(paper)


def targets(paper: Paper) -> Iterator[Name]:
    """Yield the targets of `@…`: sources, facts and anchors."""
    yield from sources(paper)
    yield from facts(paper)
    yield from (name for name in anchors(paper) if name.id.partition("-")[0] in TARGET_KINDS)


# --- words of the paper -----------------------------------------------------------------------------------------------


def statuses(paper: Paper) -> Iterator[Name]:
    """Yield the statuses of a chapter."""
    for status in paper.settings.statuses:
        yield _make_name(status.id, status.title, status.place("id"), f"owed by: {status.owes}")


def categories(paper: Paper) -> Iterator[Name]:
    """Yield the paper's categories, and the other kinds of chapters."""
    settings = paper.settings
    for category in settings.categories:
        yield _make_name(category.id, category.title, category.place("id"))
    for kind in settings.kinds:
        if kind != "category":
            yield _make_name(kind, "a kind of chapter", settings.place("kinds", kind))


def rules(paper: Paper) -> Iterator[Name]:  # noqa: ARG001 - one shape
    """Yield the rules that an allowance can name."""
    for rule, text in {**READING_EXPLANATIONS, **rule_explanations(), **GROUPS}.items():
        yield Name(rule, with_program(text.split("\n")[0]), with_program(text))
