"""Parse a bibliography file: entries in CSL, and all that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load import source_text
from nioc_paper.load.bibliography.bibtex import scan_bibtex
from nioc_paper.load.bibliography.cached_entry import CachedEntry
from nioc_paper.load.bibliography.convert import Converted, convert, without_unprinted
from nioc_paper.load.bibliography.csl_json import scan_csl_json
from nioc_paper.load.bibliography.csl_values import as_csl_json, clean_value, readable_values, with_others
from nioc_paper.load.bibliography.csl_yaml import scan_csl_yaml
from nioc_paper.load.bibliography.faults import Fault, ParsedEntry, find_faults
from nioc_paper.load.bibliography.ris import correct_ris, scan_ris
from nioc_paper.load.bibliography.scanned import Field, Scan, ScannedEntry, without_repeats
from nioc_paper.load.bibliography.source_dates import printed_date
from nioc_paper.load.bibliography.vocabulary import DATE_VARIABLES, NAME_VARIABLES
from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import Diagnostic, Place, Reference
from nioc_paper.system import pandoc
from nioc_paper.system.requirements import pip_command

MAX_ENTRIES = 20_000
_READERS: Mapping[str, str] = {"bib": "biblatex", "ris": "ris", "json": "csljson", "yaml": "csljson"}


def parse(data: bytes, path: str, kind: str, context: LoadContext) -> dict[str, object]:
    """Return entries, faults and diagnostics as JSON holds them, and whether the next run would find the same."""
    return _FileParser(path, kind, context).parse(data)


class _FileParser(Struct):
    """Parser of the bytes of one file into what is cached."""

    path: str
    kind: str
    context: LoadContext
    diagnostics: list[Diagnostic] = field(default_factory=list)
    complete: bool = True
    """Whether the next run would find the same."""

    def parse(self, data: bytes) -> dict[str, object]:
        text = source_text.decode_text(data, self.path, self.diagnostics.append)
        scan = self.scan(text or "")
        converted = self.convert(scan)
        faults = [
            (parsed.scanned.id, *fault)
            for parsed in self.first_entries(scan, converted)
            for fault in self.judge(parsed)
        ]
        return {
            "entries": [_to_json(self.kind, entry, converted.get(entry.id, Converted())) for entry in scan.entries],
            "faults": faults,
            "diagnostics": [
                (d.place.line, d.place.column, d.rule, d.message, int(d.severity), d.hint, d.lost)
                for d in self.diagnostics
            ],
            "complete": self.complete,
        }

    def first_entries(self, scan: Scan, converted: Mapping[str, Converted]) -> Iterator[ParsedEntry]:
        for entry in without_repeats(scan.entries):
            if entry.id in converted and (entry.type or entry.fields):
                yield ParsedEntry(self.kind, entry, converted[entry.id].csl, converted[entry.id].lost)

    def judge(self, parsed: ParsedEntry) -> list[Fault]:
        """Return the faults of an entry. Reports the keys that a YAML file needs."""
        faults = list(find_faults(parsed))
        written = {"type": parsed.scanned.type, "title": parsed.csl.get("title")}
        for name in [key for key, value in written.items() if not value] if self.kind == "yaml" else []:
            # A misspelled key is one fault, not two.
            if not any(fault.rule == "misspelled-source-field" and f"'{name}'" in fault.hint for fault in faults):
                place = Place(self.path, *parsed.scanned.type_position)
                message, hint = f"the key '{name}' is missing", f"add '{name}: …'"
                self.diagnostics.append(Diagnostic(place, "missing-key", message, hint=hint, lost=(parsed.scanned.id,)))
        return faults

    def scan(self, text: str) -> Scan:
        if self.kind == "yaml":
            scan = scan_csl_yaml(text, self.path, self.diagnostics.append, self.context.cache)
        else:
            scan = {"bib": scan_bibtex, "ris": scan_ris, "json": scan_csl_json}[self.kind](text)
        for problem in scan.problems:
            self.report(problem.position, problem.message, problem.hint)
        if len(scan.entries) > MAX_ENTRIES:
            hint = "split the file, and list only the parts that the paper needs"
            self.report((1, 1), f"has {len(scan.entries)} sources; {MAX_ENTRIES} are allowed", hint)
            scan.entries = []
        return scan

    def report(self, position: tuple[int, int], message: str, hint: str) -> None:
        self.diagnostics.append(Diagnostic(Place(self.path, *position), "bad-bibliography", message, hint=hint))

    def convert(self, scan: Scan) -> dict[str, Converted]:
        """Return the entries in CSL by key."""
        readable = [self.prepare(entry) for entry in without_repeats(scan.entries)]
        try:
            converted, problems = convert(_READERS[self.kind], readable)
        except pandoc.PandocError as error:
            self.complete = error.reason == "failed"
            self.diagnostics.append(_failure(error, self.path))
            return {}
        for problem in problems:
            self.report(*problem)
        for entry in readable:
            if entry.id in converted:
                self.complete_csl(entry, converted[entry.id])
        complete = _as_from_json(readable, converted) if self.kind == "ris" else converted
        for csl in (each.csl for each in complete.values()):
            csl |= {key: printed_date(csl[key]) for key in DATE_VARIABLES & csl.keys()}
        return complete

    def complete_csl(self, entry: ScannedEntry, converted: Converted) -> None:
        """Add to the CSL of an entry what pandoc loses."""
        if self.kind == "ris":
            converted.csl = correct_ris(entry, converted.csl)
        elif self.kind == "yaml":
            if not entry.type:
                converted.csl.pop("type", None)
            if (note := entry.field("note")) and isinstance(note.value, str):
                converted.csl["note"] = note.value
        names = {key: converted.csl[key] for key in NAME_VARIABLES & converted.csl.keys()}
        converted.csl |= {key: with_others(value) for key, value in names.items() if isinstance(value, list)}
        converted.csl = {key: value for key, value in converted.csl.items() if value != []}

    def prepare(self, entry: ScannedEntry) -> ScannedEntry:
        """Return an entry with the text that pandoc reads."""
        if self.kind not in ("json", "yaml"):
            return entry
        fields = [Field(f.name, clean_value(f.value), f.position, f.value_position) for f in entry.fields]
        values = readable_values(fields)
        if self.kind == "yaml":
            values.pop("note", None)  # pandoc takes 'Words: more' in it for a variable
        return replace(entry, fields=fields, text=as_csl_json(entry, values))


def _as_from_json(entries: Sequence[ScannedEntry], converted: Mapping[str, Converted]) -> dict[str, Converted]:
    """Return entries of RIS with the quotes and the markup that CSL-JSON has: pandoc takes both for letters in RIS."""
    written = [replace(e, text=json.dumps({"id": e.id, **converted[e.id].csl})) for e in entries if e.id in converted]
    return convert("csljson", written)[0]


def _failure(error: pandoc.PandocError, path: str) -> Diagnostic:
    if error.reason == "missing":
        return Diagnostic(Place(path), "missing-tool", "pandoc is not installed", hint=pip_command(["pypandoc_binary"]))
    message = f"pandoc cannot read this file: {error.detail.splitlines()[0] if error.detail else error.reason}"
    return Diagnostic(Place(path), "bad-bibliography", message[:200], hint="split the file, or export it again")


def _to_json(kind: str, entry: ScannedEntry, converted: Converted) -> CachedEntry:
    csl = without_unprinted(converted.csl)
    values = {"id": entry.id, "type": csl.pop("type", ""), "title": csl.pop("title", "")}
    names = {key: name for name in Reference.names if (key := Reference.key_of(name)) in Reference.own_keys}
    values |= {names[field.name]: field.value for field in entry.own}
    rich = {key: inlines for key, inlines in converted.rich.items() if key in csl or key == "title"}
    written = (*entry.fields, *entry.own) if kind == "yaml" else ()
    return CachedEntry(
        values,
        json.dumps(csl) if csl else "",
        json.dumps(rich) if rich else "",
        entry.position,
        {field.name: field.value_position for field in written},
    )
