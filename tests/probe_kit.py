"""A paper with a probe in every field that outputs repeat: signs that are marks in some format, between two words."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

from output_kit import words_of, words_of_html
from sample_history import commit, git
from test_papers import written

SIGNS = '& <b>c</b> *d* "e" 5\u00a0000\nدریا f_g_h 7 < 8'
"""Signs of HTML, XML and Markdown in a text of YAML, where they are words."""
MARKDOWN = (
    r'\& \<b\>c\</b\> *d* **e** `f_g` H~2~O m^3^ $a+b$ "q" -@fact-dams dams [linked](https://example.org) '
    "[دریا]{lang=ur} 5\u00a0000 7 \\< 8"
)
"""Every kind of inline in a text of Markdown."""
AS_WORDS = '& <b>c</b> d e f_g H2O m3 a+b "q" 4,200 dams linked دریا 5 000 7 < 8'
WITHHELD = "Verdigris"
"""Word of all that only some readers may see."""
HIDDEN = "Quornbury"
"""Name and post of a person who has not agreed to be named."""
_COMMIT = "0123456789012345678901234567890123456789"


class Probes:
    """Names of the fields with a probe; each has a number of its own."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str, signs: str = SIGNS) -> str:
        """Return a probe for a field: its signs between two words with its number."""
        self.names.append(name)
        number = len(self.names) - 1
        return f"Zq{number:02d}a {signs} Zq{number:02d}z"

    def read(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the probes in a text: the field, and the text between its words; '…' if the second word is missing."""
        for match in re.finditer(r"Zq(\d\d)a\s*(.*?)\s*(?:Zq\1z|(?=Zq\d\da)|\Z)", text, re.DOTALL):
            whole = match[0].endswith("z")
            yield self.names[int(match[1])], match[2] if whole else "…"


def write_paper(root: Path) -> Probes:
    """Write the paper in two commits, of January and February, and return its probes."""
    probe = Probes()
    for name, data in _records(probe).items():
        written(root / name, json.dumps(data, ensure_ascii=False))
    for name, text in _chapters(probe).items():
        written(root / name, text)
    (root / ".gitignore").write_text("dist/\n.cache/\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    dams = root / "chapters/dams.md"
    text = dams.read_text(encoding="utf-8")
    dams.write_text(text.partition("::: {#rec-da-new")[0].replace('"review"', '"drafting"'), encoding="utf-8")
    commit(root, "2020-01-06T12:00:00Z")
    dams.write_text(text, encoding="utf-8")
    commit(root, "2020-02-06T12:00:00Z")
    return probe


def _records(probe: Probes) -> dict[str, dict[str, Any]]:
    statuses = [
        {"id": "drafting", "title": probe("status"), "owes": "lead", "strictness": 0},
        {"id": "review", "title": probe("status of dams"), "owes": "reviewers", "strictness": 1},
        {"id": "final", "title": "Final", "owes": "nobody"},
    ]
    settings = {
        "id": "probed",
        "title": probe("title"),
        "subtitle": probe("subtitle"),
        "titles": [{"language": "he", "title": probe("translated title"), "verify": True}],
        "edition": probe("edition"),
        "publisher": "board",
        "editor": "ed",
        "rights": probe("rights"),
        "asks": probe("asks"),
        "next": [probe("next")],
        "as_of": "2020-03-31",
        "statuses": statuses,
        "priorities": [{"id": "high", "title": probe("priority")}],
        "categories": [{"id": "dams", "title": probe("category"), "letters": "DA"}],
        "kinds": {"category": {}, "cross-cutting": {}},
        "parts": [{"title": probe("part"), "chapters": ["chapters/dams.md", "chapters/lists.md"]}],
        "annexes": [
            {"title": probe("annex"), "list": "contributors"},
            *({"title": name, "list": name} for name in ("acronyms", "decisions", "gaps", "history", "data")),
        ],
        "site": {"progress": True, "summary": probe("site summary")},
    }
    people = [
        {"id": "ed", "name": probe("editor"), "title": "Dr", "org": "board", "post": probe("post of the editor"),
         "kind": "staff", "attribution": "named"},
        {"id": "lead", "name": probe("lead"), "org": "board", "post": "Post", "kind": "staff", "attribution": "named"},
        {"id": "critic", "name": probe("reviewer"), "org": "office", "kind": "staff", "attribution": "named"},
        {"id": "hidden", "name": HIDDEN, "org": "office", "post": HIDDEN, "kind": "staff", "attribution": "none"},
    ]  # fmt: skip
    organizations = [
        {"id": "board", "name": probe("publisher"), "acronym": "BRD"},
        {"id": "office", "name": probe("organization")},
    ]
    decision = {"meeting": probe("meeting"), "on": "2020-02-05", "kind": "decision", "who": ["lead"], "owner": "lead"}
    decisions = [
        {"id": "d1", "text": probe("decision"), **decision, "due": "2020-02-20"},
        {"id": "d2", "text": WITHHELD, **decision, "meeting": "first", "sensitivity": "restricted"},
    ]
    comment = {"by": "critic", "on": "2020-02-04", "sending": 1}
    reviews = {
        "chapter": "dams",
        "sendings": [{"number": 1, "to": "critic", "on": "2020-02-01", "due": "2020-02-10", "commit": _COMMIT}],
        "comments": [
            {"number": 1, **comment, "quote": probe("quoted passage"), "text": probe("comment"),
             "replies": [{"by": "lead", "on": "2020-02-05", "text": probe("reply")}],
             "answer": {"disposition": "reject", "reason": probe("reason"), "by": "ed", "on": "2020-02-06"}},
            {"number": 2, **comment, "kind": "critical", "text": probe("open comment")},
            {"number": 3, **comment, "text": WITHHELD, "sensitivity": "restricted"},
        ],
    }  # fmt: skip
    timeline = {
        "start": "2020-01-06",
        "deadline": "2020-03-31",
        "gates": [
            {"id": "drafts", "title": probe("gate"), "due": "2020-02-14", "days": 5, "leaves": "drafting"},
            {"id": "reviewed", "title": probe("last gate"), "due": "2020-03-16", "days": 5, "leaves": "review"},
        ],
        "events": [{"id": "meeting", "title": probe("event"), "meeting": True, "dates": ["2020-02-05", "2020-03-04"]}],
    }
    fact = {"id": "dams", "value": "4,200", "unit": "dams", "source": "survey"}
    facts = [fact, {"id": "levels", "value": "0", "unit": probe("unit"), "source": "survey"}]
    source = {"id": "survey", "type": "report", "title": probe("source"), "issued": "2019", "publisher": "Press"}
    acronyms = [{"short": "QRS", "long": probe("abbreviation")}]
    return {
        "paper/paper.yaml": settings,
        "paper/timeline.yaml": timeline,
        "contributors.yaml": {"organizations": organizations, "people": people},
        "paper/references.yaml": {"references": [source]},
        "paper/registers/facts.yaml": {"facts": facts},
        "paper/registers/acronyms.yaml": {"acronyms": acronyms},
        "paper/registers/decisions.yaml": {"decisions": decisions},
        "reviews/dams.yaml": reviews,
    }


def _chapters(probe: Probes) -> dict[str, str]:
    front = {
        "id": "dams",
        "title": probe("chapter"),
        "category": "dams",
        "status": "review",
        "summary": probe("summary"),
        "key_figure": {"fact": "levels", "text": probe("key figure")},
        "contributors": [
            {"id": who, "role": role} for who, role in (("lead", "lead"), ("critic", "reviewer"), ("hidden", "author"))
        ],
        "links": [{"to": "lists", "how": probe("link")}],
        "clearances": [{"body": "office", "contact": "critic", "state": "requested"}],
        "blocked": probe("blocked"),
    }

    def box(id_: str, kind: str, name: str, *fields: str) -> str:
        return "\n".join((f"::: {{#{id_} .{kind}}}", f"{probe(name, MARKDOWN)}.", "", *fields, ":::", ""))

    names = (
        "Support",
        "Indicator",
        "Baseline",
        "Target",
        "Source of data",
        "Frequency",
        "Legal basis",
        "Cost",
        "Funding",
        "Risk",
    )
    fields = [f"- {name}: {probe(f'field {name}', MARKDOWN)}" for name in names]
    common = ("- Owner: board", "- By: 2020-12-31", "- Priority: high", "- Closes: gap-da-one")
    body = [
        f"## {probe('heading', MARKDOWN)}",
        f"{probe('text', MARKDOWN)}, @fact-levels and QRS [@survey].[^n]",
        f"[^n]: {probe('note', MARKDOWN)}.",
        "| a | b |\n|---|---|\n| "
        + probe("cell", MARKDOWN)
        + f" | 0 |\n\n: {probe('caption', MARKDOWN)} {{#tbl-da-one}}",
        "See @tbl-da-one.",
        box("fnd-da-one", "finding", "finding"),
        box("gap-da-one", "gap", "gap", f"- Type: {probe('type of the gap', MARKDOWN)}"),
        box("rec-da-one", "recommendation", "recommendation", *common, *fields),
        f"::: {{.linkage to=lists}}\n{probe('linkage', MARKDOWN)}.\n:::",
        f"::: {{#gap-da-two .gap .restricted}}\n{WITHHELD} is open.\n\n- Type: legal\n:::",
        box("rec-da-new", "recommendation", "new recommendation", "- Owner: office", "- By: 2020-11-30"),
    ]
    lists = "\n".join(
        f"::: {{.generated list={name}}}\n:::\n"
        for name in ("action-plan", "monitoring", "findings", "recommendations", "linkages", "timeline")
    )
    other = {
        "id": "lists",
        "title": "Lists",
        "category": "cross-cutting",
        "status": "drafting",
        "contributors": [{"id": "lead", "role": "lead"}],
    }
    return {
        "chapters/dams.md": f"---\n{json.dumps(front, ensure_ascii=False)}\n---\n\n" + "\n\n".join(body) + "\n",
        "chapters/lists.md": f"---\n{json.dumps(other)}\n---\n\n{lists}\n",
    }


def texts_of(file: Path) -> Iterator[str]:  # noqa: C901 - one branch a format
    """Texts that a reader of any output can see."""
    data = file.read_bytes()
    match file.suffix:
        case ".docx":
            yield from _texts_between_tags(data, r"word/[a-z]+\d*\.xml", r"</w:p>|<w:(?:tab|br)\b[^>]*/>")
        case ".xlsx":
            yield from _texts_between_tags(data, r"xl/.*\.xml", r"</t>")
        case ".epub":
            yield from _texts_between_tags(data, r".*\.(?:xhtml|opf|ncx)", r"<(?:br|/p|/li|/td|/th|/h\d|/span)\b[^>]*>")
        case ".ics":
            yield re.sub(r"\\([,;\\])", r"\1", re.sub(r"\r?\n ", "", data.decode()))
        case ".json":
            yield json.dumps(json.loads(data), ensure_ascii=False).replace('\\"', '"').replace("\\n", "\n")
        case ".csv":
            yield data.decode("utf-8-sig").replace('""', '"')
        case ".eml":
            message = message_from_bytes(data, policy=default)
            yield f"{message['Subject']}\n{message.get_content()}"
        case ".pdf":
            yield from map(unescape, words_of(file))
        case ".html":
            yield from words_of_html(re.sub(r"<annotation\b.*?</annotation>", "", data.decode(), flags=re.DOTALL))
        case ".md":
            yield re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", data.decode())
        case _:
            yield from words_of(file)


def _texts_between_tags(data: bytes, names: str, breaks: str) -> Iterator[str]:
    """Texts of the parts with such names, with a blank for each break."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if re.fullmatch(names, name) and not name.endswith("styles.xml"):
                text = re.sub(r"<(w:instrText|annotation)\b.*?</\1>", "", archive.read(name).decode(), flags=re.DOTALL)
                yield unescape(re.sub(r"<[^>]*>", "", re.sub(breaks, " ", text)))
