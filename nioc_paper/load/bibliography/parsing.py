"""Parse a bibliography file: entries in CSL, and all that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from nioc_paper.load import source_text
from nioc_paper.load.bibliography.bibtex import scan_bibtex
from nioc_paper.load.bibliography.cached_file import CachedEntry, CachedFile
from nioc_paper.load.bibliography.convert import WEB_ADDRESS, Converted, convert_bibtex, convert_csl
from nioc_paper.load.bibliography.csl import csl_json, printed_date, readable_values, scan_csl_json, scan_csl_yaml
from nioc_paper.load.bibliography.faults import find_faults
from nioc_paper.load.bibliography.ris import scan_ris
from nioc_paper.load.bibliography.scanned import Scan, ScannedEntry, ScanProblem
from nioc_paper.load.bibliography.vocabulary import DATE_VARIABLES, PRIVATE_VARIABLES
from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import Diagnostic, Place, Reference, SourceFault
from nioc_paper.system import pandoc
from nioc_paper.system.requirements import pip_command

_MAX_ENTRIES = 20_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def parse(data: bytes, path: str, kind: str, context: LoadContext) -> CachedFile:
    """Return what a file of a kind (bib, ris, json or yaml) has."""
    parser = _FileParser(path, kind, context)
    parser.parse(data)
    return parser.result


class _FileParser(Struct):
    """Parser of the bytes of one file."""

    path: str
    kind: str
    context: LoadContext
    result: CachedFile = field(default_factory=CachedFile)

    def parse(self, data: bytes) -> None:
        data = data if self.kind == "yaml" else data.removeprefix(_BYTE_ORDER_MARK)
        scan = self.scan(source_text.decode_text(data, self.path, self.result.diagnostics.append) or "")
        first = dict[str, ScannedEntry]()
        for entry in scan.entries:
            first.setdefault(entry.id, entry)
        try:
            converted = self.convert(scan, [*first.values()])
        except pandoc.PandocError as error:
            self.result.is_complete, converted = error.reason == "failed", {}
            self.report_failure(error)
        self.result.entries = [self.to_cached(entry, converted.get(entry.id, Converted())) for entry in scan.entries]

    def scan(self, text: str) -> Scan:
        if self.kind == "yaml":
            scan = scan_csl_yaml(text, self.path, self.result.diagnostics.append, self.context.cache)
        else:
            scan = {"bib": scan_bibtex, "ris": scan_ris, "json": scan_csl_json}[self.kind](text)
        if len(scan.entries) > _MAX_ENTRIES:
            message = f"has {len(scan.entries)} sources; {_MAX_ENTRIES} are allowed"
            hint = "split the file, and list only the parts that the paper needs"
            scan = Scan(problems=[*scan.problems, ScanProblem((1, 1), message, hint)])
        self.report(scan.problems)
        return scan

    def report(self, problems: Sequence[ScanProblem]) -> None:
        for position, message, hint in problems:
            place = Place(self.path, *position)
            self.result.diagnostics.append(Diagnostic(place, "bad-bibliography", message, hint=hint))

    def report_failure(self, error: pandoc.PandocError) -> None:
        if error.reason == "missing":
            hint = pip_command(["pypandoc_binary"])
            missing = Diagnostic(Place(self.path), "missing-tool", "pandoc is not installed", hint=hint)
            self.result.diagnostics.append(missing)
        else:
            message = f"pandoc cannot read this file: {(error.detail or error.reason).splitlines()[0]}"
            self.report([ScanProblem((1, 1), message[:200], "split the file, or export it again")])

    def convert(self, scan: Scan, entries: Sequence[ScannedEntry]) -> dict[str, Converted]:
        """Return the entries in CSL by key, and judge them. Raises PandocError."""
        if self.kind == "bib":
            converted, problems = convert_bibtex(scan, [entry for entry in entries if entry.text])
            self.report(problems)
            values = {key: each.csl for key, each in converted.items()}
        else:
            values = {entry.id: readable_values(entry) for entry in entries}
            converted = convert_csl([csl_json(values[entry.id], is_yaml=self.kind == "yaml") for entry in entries])
        for entry in entries:
            if entry.id in converted and (entry.type or entry.fields):
                self.judge(entry, values[entry.id])
                csl = converted[entry.id].csl
                csl |= {key: printed_date(csl[key]) for key in DATE_VARIABLES & csl.keys()}
                if self.kind == "yaml" and "note" in values[entry.id]:
                    csl["note"] = values[entry.id]["note"]
        return converted

    def judge(self, entry: ScannedEntry, values: Mapping[str, object]) -> None:
        """Note the faults of an entry. Reports the keys that a YAML file needs."""
        faults = list(find_faults(entry, values))
        written = {"type": entry.type, "title": values.get("title")}
        for name in [key for key, value in written.items() if not value] if self.kind == "yaml" else []:
            # A misspelled key is one fault, not two.
            misspelled = [f for f in faults if f[0] == "bad-source/unknown-field" and f"'{name}'" in f[3]]
            position, hint = misspelled[0][1::2] if misspelled else (entry.position, f"add '{name}: …'")
            place, message = Place(self.path, *position), f"the key '{name}' is missing"
            self.result.diagnostics.append(Diagnostic(place, "missing-key", message, hint=hint, lost=(entry.id,)))
            faults = [fault for fault in faults if fault not in misspelled]
        for rule, position, message, hint in faults:
            self.result.faults.append(SourceFault(entry.id, rule, Place(self.path, *position), message, hint))

    def to_cached(self, entry: ScannedEntry, converted: Converted) -> CachedEntry:
        """Return an entry without what no output may have: own notes, and addresses that are not of the web."""
        csl = {key: value for key, value in converted.csl.items() if key not in PRIVATE_VARIABLES}
        if ":" in (address := str(csl.get("URL", ""))) and not WEB_ADDRESS.match(address.strip()):
            del csl["URL"]
        if self.kind == "yaml" and not entry.type:
            csl["type"] = ""
        values = {"id": entry.id, "type": csl.pop("type", ""), "title": csl.pop("title", "")}
        own = {field.name: field.value for field in entry.own}
        values |= {name: own[key] for name in Reference.names if (key := Reference.key_of(name)) in own}
        rich = {key: inlines for key, inlines in converted.rich.items() if key in csl or key == "title"}
        extra, formatted = (json.dumps(texts) if texts else "" for texts in (csl, rich))
        positions = {f.name: f.position for f in (*entry.fields, *entry.own)} if self.kind == "yaml" else {}
        return CachedEntry(values, extra, formatted, entry.position, positions)
