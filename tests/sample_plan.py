"""A plan of five months, and chapters to put on it: data for the tests of progress and of its reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_positions import YamlData
from nioc_paper.model import (
    Chapter,
    Contributors,
    Decisions,
    Diagnostic,
    FrontMatter,
    History,
    Paper,
    Progress,
    Record,
    Reviews,
    Settings,
    Timeline,
)
from nioc_paper.progress import measure_progress

R = TypeVar("R", bound=Record)
GATES = (
    ("m0", "Kick-off", 9, "2019-11-22", None),
    ("m1", "Outlines and leads accepted", 12, "2019-12-05", "outline"),
    ("m2", "Evidence and gap lists", 25, "2019-12-23", None),
    ("m3", "First full drafts", 8, "2020-01-28", "drafting"),
    ("m4", "Internal comments in", 6, "2020-02-10", None),
    ("m5", "Review draft out", 12, "2020-02-18", "internal-review"),
    ("m6", "Peer comments in", 7, "2020-03-05", None),
    ("m7", "Revised and sent for clearance", 10, "2020-03-16", "peer-review"),
    ("m8", "Clearance granted", 8, "2020-03-31", "clearance"),
    ("m9", "Copy-edit done, text frozen", 3, "2020-04-10", "copy-edit"),
    ("m10", "Outputs built and checked", 5, "2020-04-15", None),
    ("m11", "Signed off and launched", 0, "2020-04-22", None),
)
STATUSES = (
    ("outline", "Outline", "lead"),
    ("drafting", "Drafting", "lead"),
    ("internal-review", "Internal review", "reviewers"),
    ("peer-review", "Peer review", "reviewers"),
    ("clearance", "Clearance", "clearances"),
    ("copy-edit", "Copy-edit", "editor"),
    ("final", "Final", "nobody"),
)
TIMELINE: Mapping[str, Any] = {
    "start": "2019-11-22",
    "deadline": "2020-04-22",
    "holidays": [{"on": day, "name": "holiday"} for day in ("2019-12-25", "2020-02-05", "2020-03-23", "2020-05-01")],
    "gates": [dict(zip(("id", "title", "days", "due", "leaves"), gate, strict=True)) for gate in GATES],
    "events": [
        {"id": "news", "title": "Newsletter", "every": "month", "since": "2019-11-22", "until": "2020-04-30"},
        {"id": "board", "title": "Board meeting", "dates": ["2019-12-05", "2020-02-07", "2020-03-06", "2020-04-03"]},
    ],
}
SETTINGS: Mapping[str, Any] = {
    "title": "A strategy",
    "statuses": [dict(zip(("id", "title", "owes"), status, strict=True)) for status in STATUSES],
    "kinds": {"front": {"words": {"target": 1000}}},
}
PEOPLE: Mapping[str, Any] = {
    "organizations": [{"id": "bureau", "name": "Bureau of Records"}],
    "people": [
        {"id": "amna", "name": "Amna Shah", "kind": "researcher"},
        {"id": "bilal", "name": "Bilal Khan", "kind": "official", "org": "bureau", "permission": {"state": "pending"}},
    ],
}


def record(cls: type[R], value: Mapping[str, Any]) -> R:
    """A record as it is read from a file with these values."""
    findings: list[Diagnostic] = []
    built = build_record(cls, YamlData(as_written(value)), "plan.yaml", findings.append)
    assert findings == []
    return built


def as_written(value: Any) -> Any:
    """A value as YAML is read: of lists, mappings and texts."""
    if isinstance(value, Mapping):
        return {key: as_written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_written(inner) for inner in value]
    return value if value is None else str(value)


def chapter(
    name: str, status: str, *, lead: str = "amna", words: int = 0, target: int | None = None, **front: Any
) -> Chapter:
    """A chapter with this id and status; an empty `lead` for nobody."""
    people = [*front.pop("contributors", ()), *([{"id": lead, "role": "lead"}] if lead else ())]
    title = front.pop("title", name.replace("-", " ").capitalize())
    values = {"id": name, "title": title, "status": status, "contributors": people, "words": {"target": target}}
    matter = record(FrontMatter, {"category": "crime", **values, **front})
    return Chapter(path=f"chapters/{name}.md", front=matter, text="", words=words)


def paper(
    *chapters: Chapter,
    timeline: Mapping[str, Any] = TIMELINE,
    decisions: list[dict[str, Any]] | None = None,
    reviews: Mapping[str, Any] | None = None,
) -> Paper:
    """A paper of these chapters on the plan of five months."""
    return Paper(
        settings=record(Settings, SETTINGS),
        timeline=record(Timeline, timeline),
        contributors=record(Contributors, PEOPLE),
        decisions_file=record(Decisions, {"decisions": decisions or []}),
        chapters=chapters,
        reviews=(record(Reviews, reviews),) if reviews else (),
    )


def on(day: str, *chapters: Chapter, **kwargs: Any) -> Progress:
    """The progress of these chapters on a day."""
    return measure_progress(paper(*chapters, **kwargs), History(), date.fromisoformat(day))
