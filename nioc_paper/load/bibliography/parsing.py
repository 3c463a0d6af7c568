"""Parse a bibliography file: entries in CSL, and all that is wrong with them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.load import source_text
from nioc_paper.load.bibliography import KINDS, CachedEntry, CachedFile, Position
from nioc_paper.load.bibliography.bibtex_and_ris import scan_bibtex, scan_ris
from nioc_paper.load.bibliography.csl import csl_json, printed_date, readable_values, scan_csl_json, scan_csl_yaml
from nioc_paper.load.bibliography.entries import DATE_VARIABLES, PRIVATE_VARIABLES, Scan, ScannedEntry, ScanProblem
from nioc_paper.load.bibliography.faults import find_faults
from nioc_paper.model import Diagnostic, Node, Place
from nioc_paper.system import pandoc
from nioc_paper.system.requirements import pip_command

WEB_ADDRESS = re.compile(r"(https?|ftp)://|mailto:", re.IGNORECASE)
_UPPER_CASE = {name.lower(): name for name in ("URL", "DOI", "ISBN", "ISSN", "PMID", "PMCID")}
_ERROR_LINE = re.compile(r"\(line (\d+), column")
_MAX_REFUSED = 20
"""Entries that pandoc may refuse in one file: each costs another run."""
_TAGS = {"Emph": "i", "Strong": "b", "Superscript": "sup", "Subscript": "sub", "SmallCaps": "sc"}
"""Markup of CSL by the node of pandoc's tree."""
_SECONDS, _BYTES_A_SECOND, _HEAP, _MAX_ENTRIES = 20, 50_000, "2g", 20_000


class Converted(Struct):
    """An entry in CSL: plain texts, and those with markup in the tags of CSL."""

    csl: dict[str, object] = field(default_factory=dict)
    tagged: dict[str, str] = field(default_factory=dict)


def convert_bibtex(scan: Scan, entries: Iterable[ScannedEntry]) -> tuple[dict[str, Converted], list[ScanProblem]]:
    """Return entries in CSL by key, and the problems of those that pandoc cannot read. Raises PandocError."""
    left, problems = list(entries), list[ScanProblem]()
    while left:
        try:
            return _run("biblatex", scan.macros + "".join(entry.text for entry in left)), problems
        except pandoc.PandocError as error:
            refused = _refused_entry(left, error, scan.macros.count("\n"))
            if refused is None:
                raise
            if len(problems) == _MAX_REFUSED:
                break
            # The first line of the message has a place in the text for pandoc, which is not that of the file.
            reason = error.detail.partition("\n")[2].partition("\n")[0].strip()[:120] or "no reason given"
            message = f"pandoc cannot read the entry '{refused.id}': {reason}"
            problems.append(ScanProblem(refused.position, message, "correct it, or export it again"))
            left.remove(refused)
    if left:
        message = f"pandoc refuses more than {_MAX_REFUSED} entries, so none of the file is read"
        problems.append(ScanProblem((1, 1), message, "correct those that are named, and check again"))
    return {}, problems


def _run(reader: str, text: str) -> dict[str, Converted]:
    data = text.encode()
    seconds = _SECONDS + len(data) / _BYTES_A_SECOND
    output = pandoc.run(["-f", reader, "-t", "json"], data, seconds=seconds, heap=_HEAP)
    meta = pandoc.read_document(output.stdout)["meta"]
    return dict(map(_read_entry, meta.get("references", {"c": []})["c"]))


def _refused_entry(entries: Sequence[ScannedEntry], error: pandoc.PandocError, line: int) -> ScannedEntry | None:
    """Return the entry at the line that pandoc's message names; the first one begins after `line`."""
    match = _ERROR_LINE.search(error.detail) if error.reason == "failed" else None
    if match is None or int(match[1]) <= line:
        return None
    for entry in entries:
        line += entry.text.count("\n")
        if int(match[1]) <= line:
            return entry
    return entries[-1]


def _read_entry(node: Node) -> tuple[str, Converted]:
    converted = Converted()
    for name, value in node["c"].items():
        key = _UPPER_CASE.get(name, name)
        plain = _read_value(value, key, converted)
        if plain not in ("", [], {}):
            converted.csl[key] = plain
    return str(converted.csl.pop("id", "")), converted


def _read_value(node: Node, key: str, converted: Converted) -> object:
    """Return a value of pandoc's metadata as texts, lists and mappings. Notes a text with markup under `key`."""
    content = node["c"]
    match node["t"]:
        case "MetaList":
            return [_read_value(item, "", converted) for item in content]
        case "MetaMap":
            return {name: _read_value(item, "", converted) for name, item in content.items()}
        case "MetaInlines":
            plain, tagged = tree.plain_text(content), " ".join(_tagged_text(content).split())
            if key and tagged != plain:
                converted.tagged[key] = tagged
            return plain
        case "MetaBlocks":
            return tree.plain_text(content)
    return content if isinstance(content, str) else str(content).lower()


def _tagged_text(inlines: Iterable[Node]) -> str:
    """Return inlines as text with the tags of CSL; other markup, links and formulas are plain."""
    out = ""
    for node in inlines:
        kind, content = node["t"], node.get("c", " ")
        if kind in _TAGS:
            out += f"<{_TAGS[kind]}>{_tagged_text(content)}</{_TAGS[kind]}>"
        elif kind == "Span":  # words that keep their capitals
            out += f'<span class="nocase">{_tagged_text(content[1])}</span>'
        elif kind == "Quoted":
            marks = tree.plain_text({**node, "c": [content[0], []]})
            out += f"{marks[0]}{_tagged_text(content[1])}{marks[1]}"
        else:
            out += content if isinstance(content, str) else tree.plain_text([node])
    return out


def parse(files: Mapping[str, bytes]) -> dict[str, CachedFile]:
    """Return what files have, by path. One run of pandoc converts the sources of all in YAML, most with one source."""
    parsers = [_FileParser(path, KINDS[PurePosixPath(path).suffix.lower()]) for path in files]
    pairs = [(parser, parser.scan(data)) for parser, data in zip(parsers, files.values(), strict=True)]
    in_yaml = [(parser.path, entry) for parser, scan in pairs if parser.kind == "yaml" for entry in scan.entries]
    known = dict[tuple[str, Position], Converted]()
    if len(files) > 1 and in_yaml:
        values = [{**readable_values(entry), "id": str(number)} for number, (_, entry) in enumerate(in_yaml)]
        with contextlib.suppress(pandoc.PandocError):  # each file is converted alone, and its fault is reported
            converted = _run("csljson", f"[{','.join(csl_json(each, is_yaml=True) for each in values)}]")
            known = {
                (path, entry.position): converted.get(str(n), Converted()) for n, (path, entry) in enumerate(in_yaml)
            }
    for parser, scan in pairs:
        parser.parse(scan, known)
    return {parser.path: parser.result for parser in parsers}


class _FileParser(Struct):
    """Parser of one file of a kind (bib, ris, json or yaml)."""

    path: str
    kind: str
    result: CachedFile = field(default_factory=CachedFile)

    def parse(self, scan: Scan, known: Mapping[tuple[str, Position], Converted]) -> None:
        first = dict[str, ScannedEntry]()
        for entry in scan.entries:
            first.setdefault(entry.id, entry)
        try:
            converted = self.convert(scan, [*first.values()], known)
        except pandoc.PandocError as error:
            self.result.is_complete, converted = error.reason == "failed", {}
            self.report_failure(error)
        self.result.entries = [self.to_cached(entry, converted.get(entry.id, Converted())) for entry in scan.entries]

    def scan(self, data: bytes) -> Scan:
        data = data if self.kind == "yaml" else data.removeprefix(b"\xef\xbb\xbf")
        text = source_text.decode_text(data, self.path, self.result.diagnostics.append) or ""
        if self.kind == "yaml":
            scan = scan_csl_yaml(text, self.path, self.result.diagnostics.append)
        else:
            scan = {"bib": scan_bibtex, "ris": scan_ris, "json": scan_csl_json}[self.kind](text)
        if len(scan.entries) > _MAX_ENTRIES:
            message = f"the file has {len(scan.entries)} sources; {_MAX_ENTRIES} are allowed"
            scan = Scan(problems=[*scan.problems, ScanProblem((1, 1), message, "keep what the paper cites")])
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

    def convert(
        self, scan: Scan, entries: Sequence[ScannedEntry], known: Mapping[tuple[str, Position], Converted]
    ) -> dict[str, Converted]:
        """Return the entries in CSL by key, and judge them. Raises PandocError."""
        if self.kind == "bib":
            converted, problems = convert_bibtex(scan, [entry for entry in entries if entry.text])
            self.report(problems)
            values = {key: each.csl for key, each in converted.items()}
        else:
            values = {entry.id: readable_values(entry) for entry in entries}
            texts = [csl_json(values[entry.id], is_yaml=self.kind == "yaml") for entry in entries]
            converted = {e.id: known[self.path, e.position] for e in entries if (self.path, e.position) in known}
            converted = converted or (_run("csljson", f"[{','.join(texts)}]") if texts else {})
        for entry in entries:
            if entry.id in converted and (entry.type or entry.fields):
                self.judge(entry, values[entry.id])
                csl = converted[entry.id].csl
                csl |= {key: printed_date(csl[key]) for key in DATE_VARIABLES & csl.keys()}
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
            place = Place(self.path, *position)
            self.result.faults.append(Diagnostic(place, rule, message, hint=hint, lost=(entry.id,)))

    def to_cached(self, entry: ScannedEntry, converted: Converted) -> CachedEntry:
        """Return an entry without what no output may have: own notes, and addresses that are not of the web."""
        csl = {key: value for key, value in converted.csl.items() if key not in PRIVATE_VARIABLES}
        if ":" in (address := str(csl.get("URL", ""))) and not WEB_ADDRESS.match(address.strip()):
            del csl["URL"]
        if self.kind == "yaml" and not entry.type:
            csl["type"] = ""
        values = {"id": entry.id, "type": csl.pop("type", ""), "title": csl.pop("title", "")}
        values |= {field.name: field.value for field in entry.own}
        tagged = {key: text for key, text in converted.tagged.items() if key in csl or key == "title"}
        positions = {f.name: f.position for f in (*entry.fields, *entry.own)} if self.kind == "yaml" else {}
        return CachedEntry(values, csl, tagged, entry.position, positions)
