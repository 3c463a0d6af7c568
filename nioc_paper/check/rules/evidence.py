"""Rules about sources: of numbers and data, their entries, and of which kind and date they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.differing_numbers import find_value
from nioc_paper.check.rules.hand_typed_references import find_typed_citations
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage, Sentence, citation_keys
from nioc_paper.check.text.quantities import PART_OF_A_TEXT, PROVISION, YEAR, Quantity, find_quantities
from nioc_paper.domain.english_grammar import VERBS, is_inflected_or_grammar
from nioc_paper.domain.fact_values import HEDGE
from nioc_paper.domain.sources import cited_keys
from nioc_paper.model import Cause, Diagnostic, Node, Paper
from nioc_paper.model.lazy_regex import late_pattern

_OWN = late_pattern(
    r"\b(?:(?:by|according\sto)\sour|our\sown)\b|\b(?:because\sof|due\sto)\srounding\b"
    r"|^\W*(?P<in>in\s)?this\s(?:paper|report|chapter|strategy|document)\b"
    r"(?(in)[^.]*?\s(?:is|are|means?|counts?\sas)|\s[a-z]+s\sthat)\s",
    re.IGNORECASE,
)
"""A calculation or a definition of the authors' own, or a remark on their figures."""
_OWN_WORK = late_pattern(rf"\b[Ww]e\s(?:\w+ly\s|also\s)?(?!(?:{'|'.join(VERBS)})\b)[a-z]+\s(?!that\b)")
_LAW = r"(?:act|laws?|bye-law|legislation|code|convention|ordinance|treaty|constitution|statute)"
_PROVISION = late_pattern(rf"\b{PROVISION}s?\s\d|\bunder\s(?:the\s)?(?:draft\s)?(?:[A-Z]\w+\s)*{_LAW}\b", re.IGNORECASE)
"""Provision of a law: "sections 4 and 5", "under the Water Act"."""
_PROVIDES = late_pattern(rf"\b{PROVISION}\s\d[\w.()/-]*\s[a-z]+s\b", re.IGNORECASE)
"""Provision as the subject of a verb: "Section 12 requires 40 seats"."""
_PAST = late_pattern(
    r"\b(?:was|were|has|had|did|(?<!\bis\s)(?<!\bare\s)(?<!\bbe\s)[a-z]+[^e]ed|brought|took|made|gave|held|led|found|rose|fell)\b"
)
"""Verb that tells what happened: under "Article 5" it "closed" 40 ports."""
_CLAUSE_BREAK = late_pattern(
    r"\A\W*(?:Even\s)?(?:After|Although|As|Because|Before|If|Since|Though|When|Where|While)\s[^,]*,\s"
    r"|;\s|\b(?:because|since|although|whereas|while|given that)\b|,\s(?:and|but|as|where|which)\s"
)
"""Border of a clause, which a word that sets a number does not cross: "it must close; 40 ships came"."""
_PERFECT = r"have\s[a-z]{2,}(?:ed|n|t)\b"
"""What follows a modal verb if something has happened: it must "have closed"."""
_STATING = (
    r"(?:able|according|alleged|began|begins?|begun|believed|came|considered|continue[sd]?|due|enough|estimated|expected|fail(?:s|ed)"
    r"|found|happen(?:s|ed)|helps?|helped|known|likely|manage[sd]|predicted|projected|reported|said|seems?|seemed|tends?|tended|thought|used)"
)
"""Words after which an infinitive says what is or was: "is known to hold 40 boats"."""
_DUE = r"(?:due|needed|required|allowed|permitted|entitled|obliged|exempt|forbidden)"
_SET = late_pattern(
    # A modal verb of duty or future, and the infinitive of a plan: "promised to hire 40", "is to open 11".
    rf"\b(?:should|must|shall|ought|will|cannot|we\s(?:can|could)|would(?!\sbe\b)|may\snot|let)\b(?!\s(?:\w+\s)?{_PERFECT})"
    rf"|\b(?:is|are|be)\s(?:(?!{_STATING}\s)[a-z]+\s)?to\s(?!(?:the|an?|more|less|about|over|some|nearly|half)\b)[a-z]+(?:\s[\w-]+){{0,5}}\s\Z"
    rf"|\b(?!{_STATING}\s)[a-z]+\sto\s(?!be\s|{HEDGE}|[a-z]+ly\s)[a-z]+\s(?:(?:the|an?|its|their|at\s(?:least|most)|up\sto|[a-z]+\sthan)\s|(?:[a-z]+s\s(?:by|for|of|to)\s)?\Z)"
    rf"|\b(?:is|are)\s(?:{_DUE}\s[^,;]*|(?:proposed|recommended|suggested|planned|designed|meant)\s(?:[\w-]+\s){{0,3}})\Z"
    # What the paper or a body asks for, and the subject of a norm.
    r"|\b(?:(?:propose|recommend|foresee|envisage)s?|proposals?|(?:call|ask|propos|recommend)(?:s|ed)?\s(?:for|that))\b"
    rf"|\b{_LAW}(?:,?\s{YEAR})?,?\s(?!has|is|was|covers|lists|names)[a-z]+s\b"
    r"|\b(?:targets?|goals?|aims?|limits?|ceilings?|thresholds?|minimum|maximum|deadlines?|quotas?)\b[^,;]*"
    rf"\s(?:is|are|be|of|at|to)\s(?:[a-z]+ing\s)?(?:an?\s\w+\sof\s|{HEDGE})?\Z",
    re.IGNORECASE,
)
"""Words before a number, in its clause, by which somebody sets it: "must hire" 40 wardens, "a limit of" 12 tonnes."""
_SET_BEHIND = late_pattern(
    r"(?:,?\s?(?!(?:that|who|which|think|thought|say|said|believed?|agreed?|feel|felt|want|wanted)\b)[\w-]+){0,6},?\s"
    rf"(?:(?:should|shall|must|will)\b(?!\s{_PERFECT})|(?:is|are)\sto\s[a-z]+\b|(?:is|are)\s(?:proposed|recommended|suggested|planned|{_DUE})\b"
    r")|(?:\s(?!of\b)[\w-]+){0,2}\s(?:goals?|targets?|ceilings?|quotas?|thresholds?)\b"
    r"|[^,;]*\bby\s(?:law|statute)\b"
)
"""The same behind a number: 40 " wardens should be hired"."""
_SUPPOSED = late_pattern(
    r"\A\W*(?-i:Had|Were|Should)\s|(?:^|,\s|\b(?:and|now|even|that)\s)(?:if|unless|suppose|imagine|assume|say|picture)\b|\b(?:e\.g\.|for\s(?:example|instance),)[^),]*\Z"
    r"|\AFor\san?\s[^,]*\Z",
    re.IGNORECASE,
)
"""Start of what is only supposed, or an example: "Imagine a town of" 900 people, "For a family of" 6."""
_BOUND = late_pattern(
    r"\b(?:(?:no\s)?(?:more|less|\w+er)\sthan|at\s(?:most|least)|up\sto|under|below|above|over|within|after)\s\Z",
    re.IGNORECASE,
)
"""Words of a bound before a number: "no more than " 12 tonnes. With a word of permission it is a rule."""
_PERMISSION = late_pattern(rf"\b(?:may(?!\s{_PERFECT})|can|needs?|{_DUE}|if|unless|(?<!s\s)where)\b")
"""Words of what is allowed or owed, and of a condition: a lorry "may" carry up to 12 tonnes."""
_PROPOSALS = late_pattern(r"\b(?:recommendations?|proposals?|targets|action\splan|road\s?map)\b", re.IGNORECASE)
"""Heading of a section in which only the past is evidence."""
_WHOEVER = late_pattern(
    r"\A\W*(?:\w+\s\w+,\s)?(?P<who>(?P<one>an?|any|every|each|no)\s(?:[\w-]+\s){1,3}?|[a-z]+s\s)"
    r"(?P<link>who|that|which|with|of)\s[^,\d]*\Z",
    re.IGNORECASE,
)
"""Subject with a condition: "A pupil who misses" 20 days "is visited"."""
_CONSEQUENCE = late_pattern(r"[^,]*\b(?:is|are)\s[a-z]+(?:ed|en|t)\b")
_DEADLINE = late_pattern(rf"\bby\s(?:[\w-]+\s){{0,4}}{YEAR}\b")
_WHOLE = late_pattern(r"\b(?:the|all|these|those|its|their|our)\s\Z", re.IGNORECASE)
"""Word before the number of a whole that is known: all 12 months, "the" 36 districts."""
_RATE = late_pattern(
    r"(?!\stimes)(?:\s[\w-]+){1,4}?\s(?<!after\s)(?:an?|per|each|every)\s(?:second|minute|hour|day|week|month|year|decade)\b"
)
_PAPER_AS_SUBJECT = late_pattern(
    r"\W*(?:This\s(?:paper|report|chapter|section|strategy|document)"
    r"|(?:The|Each|Every)\s(?:[\w-]+\s){0,2}?(?:chapter|annex|pillar|objective|recommendation|indicator|phase)s?"
    rf"|(?i:{PART_OF_A_TEXT})\s[\dIVX]+)[\s,]"
)
"""Subject that is the paper or a part of it: "Chapter 5" sets out 17 measures."""
_INSTRUCTION = late_pattern(
    r"^\W*(?P<label>[^.:]{1,80}:\s)?(?P<verb>[A-Z][a-z]+)\s(?:(?:the|an?|your|them|it|(?:each|every|all)(?!\s(?:year|month|week|day)))\s"
    r"|(?(label)(?:[a-z]+\s){0,6}?)(?:for|within|at\sleast|up\sto|to\sus\swithin)\s\Z)"
)
"""A sentence that tells the reader to do something begins with a bare verb before a word of grammar: "Keep the"."""
_SENTENCE_END = late_pattern(r"[.!?:;,][^\w%]*\Z")
"""End of a sentence, also of one in a list; notes and labels have none, and begin with a capital."""
_EVIDENCE_LABELS = ("baseline", "evidence")
"""Labels of lines in recommendations and gaps that state facts; other lines state aims."""


def uncited_number(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A sentence with a quantity cites a source for it, or takes it from the register of facts."""
    level_of_proposals = 0
    for passage, sentence, quantities in text.quantities:
        if passage.is_heading and not 0 < level_of_proposals < passage.level:
            level_of_proposals = passage.level if _PROPOSALS.search(passage.text) else 0
        is_proposed = level_of_proposals and not (passage.label or _PAST.search(sentence.text))
        if not quantities or is_proposed or not _is_claim(passage, sentence):
            continue
        lead, lead_keys = (passage.lead.text, passage.lead.keys) if passage.lead else ("", ())
        keys = (*(sentence.keys or passage.run_keys(sentence)), *(key for _, key in lead_keys))
        if _is_supported(keys) or _SET.search(lead) or _OWN.search(sentence.text):
            continue
        claims = (q for q in quantities if not (_is_own_count(sentence.text, q) or _is_set(sentence.text, q)))
        quantity = next(claims, None)
        # A citation that is typed by hand has a finding of its own, behind the sentence too: "40 ships came. [12]".
        with_next = passage.text[sentence.start :][: len(sentence.text) + len("[1][2]")]
        if quantity and not any(True for _ in find_typed_citations(paper, with_next)):
            place = passage.place(sentence.start + quantity.start)
            values = ((fact.id, find_value(fact.value, fact.unit, sentence.text)) for fact in paper.facts.values())
            name = next((name for name, span in values if quantity.start in span), "")
            hint = f"write @fact-{name}" if name else "cite the source: [@key]"
            yield Finding(place, f"'{quantity.text.strip()}' has no source in its sentence", hint)


def _is_claim(passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence states facts in English: no note without a full stop, heading, cell or recommendation."""
    if "foreign" in passage.within:
        return False
    if "recommendation" in passage.within or passage.label:
        return passage.label in _EVIDENCE_LABELS
    return passage.is_prose and bool(_SENTENCE_END.search(sentence.text[-9:]) or sentence.text[:1].islower())


def _is_own_count(text: str, quantity: Quantity) -> bool:
    """Whether a quantity counts parts of the paper, a known whole, or what would be in words: ten things or fewer."""
    is_whole = re.fullmatch(r"\d\d|[a-z]+(?:-[a-z]+)?", quantity.text) and _WHOLE.search(text[: quantity.start])
    is_measured = quantity.unit or "average" in text or _RATE.match(text[quantity.end :])
    is_small = not is_measured and re.fullmatch(r"(?:\d|10)(?:\s?[–-]\s?(?:\d|10))?", quantity.text)
    is_of_paper = quantity.value and not is_measured and _PAPER_AS_SUBJECT.match(text)
    return bool(quantity.is_of_parts or is_whole or is_small or is_of_paper)


def _is_set(text: str, quantity: Quantity) -> bool:
    """Whether a quantity is none that is or was: somebody sets, plans or supposes it, or a provision has it."""
    before, rest = text[: quantity.start], text[quantity.end :]
    clause, behind = _CLAUSE_BREAK.split(before)[-1], _CLAUSE_BREAK.split(rest)[0]
    instruction = _INSTRUCTION.match(before)
    is_bound = bool(quantity.value and _BOUND.search(clause))
    # An aim in a list has no verb that says what is: "Train 40 wardens by 2025".
    is_planned = _DEADLINE.search(text) and VERBS.isdisjoint(text.lower().split())
    whoever = _WHOEVER.match(before)
    return bool(
        (instruction and not is_inflected_or_grammar(instruction["verb"].lower()) and not _PAST.search(before))
        or _SUPPOSED.search(before)
        or (whoever and not _PAST.search(whoever["who"]) and _is_conditional(whoever, rest, is_bound=is_bound))
        or _OWN_WORK.search(clause + behind)
        or _SET.search(clause)
        or _SET_BEHIND.match(rest)
        or (_PROVISION.search(text) and (_PROVIDES.search(text) or not _PAST.search(text)))
        or (is_planned and not _PAST.search(text))
        or (is_bound and _PERMISSION.search(clause + behind))
    )


def _is_conditional(whoever: re.Match[str], rest: str, *, is_bound: bool) -> bool:
    """Whether something follows for anybody to whom a number applies, and nothing is said to have happened."""
    if whoever["link"] in ("with", "of"):
        return is_bound or re.match(r"[^,]*\bwould\b", rest) is not None
    return bool(_CONSEQUENCE.match(rest) or (whoever["one"] and not _PAST.search(rest)))


def _is_supported(keys: tuple[str, ...]) -> bool:
    """Whether a key is a source, or a part of the paper that has one: a section or a recommendation may have none."""
    return any(key.partition("-")[0] not in ("rec", "sec") for key in keys)


_FIGURE = late_pattern(r"[^\w…]*(?:[A-Z]{2,3}\W{1,2})?\d[\d,.]*(?:[–-]|[^\w(]{0,3}(?:[a-z%(]\S*+\s*+){0,4}+\Z)")
"""Cell with little more than a number."""


def uncited_data(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A chart, a data table and any table with numbers name their source in the caption or a cell."""
    chapter = text.chapter
    for kind, node in _data_nodes(chapter.blocks):
        places = [chapter.place(block) for block in tree.content(node)] if node["t"] == "Div" else []
        # Records of a timeline name their sources.
        is_timeline = any(chart.diagram is not None and chart.place in places for chart in chapter.charts)
        if not is_timeline and not _is_supported(tuple(citation_keys(node))):
            yield Finding(chapter.place(node), f"the {kind} names no source", "add [@key] to its caption")


def _data_nodes(blocks: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    """Yield tables with quantities in their cells, and Divs of charts and tables made from data, each with its kind."""
    for node in blocks:
        if node["t"] == "Table" and _has_figures(tree.table_rows(node)[1:]):
            yield "table", node
        elif node["t"] == "Div":
            classes = {name for part in tree.content(node) if part["t"] == "CodeBlock" for name in tree.classes(part)}
            kind = next((kind for kind in ("chart", "table") if kind in classes), "")
            yield from [(kind, node)] if kind else _data_nodes(tree.content(node))


def _has_figures(rows: Sequence[Sequence[Sequence[Node]]]) -> bool:
    """Whether rows have figures: cells behind the first are measured quantities, or most of them are counts.

    A table of contents has leaders; scores, ranks and numbers in sentences are no figures.
    """
    cells = [tree.plain_text(cell) for row in rows for cell in row[1:]]
    numbers = (next(find_quantities(cell), None) for cell in cells if _FIGURE.match(cell))
    figures = (number for number in numbers if number and not number.is_of_parts)
    sizes = (len(cells) if q.unit or "%" in q.text or len(q.value) > len("999") else 1 for q in figures)
    has_enough = any(2 * size > len(cells) for size in accumulate(sizes))
    return has_enough and not re.search(r"…\W*…|\.{4}", "\n".join(cells))


# --- sources ----------------------------------------------------------------------------------------------------------


def bad_source(paper: Paper) -> Iterator[Finding]:
    """Every source has a known type and the fields by which readers find it, in their form.

    In an exported file, entries that nobody cites have one finding together.
    """
    # Reading finds the faults, because it caches them by file.
    cited = cited_keys(paper)
    silent: dict[tuple[str, str], list[Diagnostic]] = {}
    for fault in paper.source_faults:
        (key,), kind = fault.lost, fault.rule.partition("/")[2]
        if key in cited or fault.place.path.endswith((".yaml", ".yml")):
            lack = fault.message.removeprefix(f"'{key}' has ")
            cause = Cause(fault.place, key, f"{{}} sources have {lack}") if kind == "missing-field" else None
            yield Finding(fault.place, fault.message, fault.hint, kind=kind, cause=cause)
        else:
            silent.setdefault((fault.place.path, kind), []).append(fault)
    for (_, kind), (first, *others) in silent.items():
        more = f" (and {len(others)} more that are not cited)" if others else ""
        yield Finding(first.place, f"{first.message}{more}", first.hint, kind=kind)


def changed_copy(paper: Paper) -> Iterator[Finding]:
    """A kept copy is the file that was copied: its hash is that in the source."""
    for reference in paper.references_file.references:
        copy = paper.source_copies.get(reference.copy or "")
        actual = copy.hash if copy else ""
        if actual and actual != reference.copy_sha256:
            state = "has changed since it was copied" if reference.copy_sha256 else "has no hash"
            hint = f"if it is the right file, its copy-sha256 is {actual}"
            yield Finding(reference.place("copy"), f"the copy '{reference.copy}' {state}", hint)


def later_source(paper: Paper) -> Iterator[Finding]:
    """No source is later than the day up to which the paper's facts hold."""
    as_of = paper.settings.as_of
    day = (as_of.year, as_of.month, as_of.day) if as_of else ()
    firsts = ({c.key: c for c in reversed(chapter.citations)} for chapter in paper.chapters)
    cited = (citation for first in firsts for citation in first.values() if citation.key in paper.references)
    for citation, source in ((citation, paper.references[citation.key]) for citation in cited):
        # Year, month and day as far as given: "2019-11" or {date-parts: …}. int() refuses thousands of digits.
        issued = tuple(int(n[:9]) for n in re.findall(r"\d+", str(source.extra.get("issued", "")))[:3])
        if not source.post and issued > day[: len(issued)] > ():
            message = f"the source '{source.id}' is later than the paper's facts, {as_of}"
            hint = "cite an earlier one, or write 'post: true' for it in paper/registers/references/"
            yield Finding(citation.place, message, hint)
