"""Sources of a foreign project: its bibliography files, and those that the text names by an identifier alone."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping

from msgspec import Struct, field

from nioc_paper.load.bibliography.reading import KINDS, MAX_BYTES
from nioc_paper.load.foreign.project import ForeignProject, ProjectFiles
from nioc_paper.load.json_text import read_json
from nioc_paper.model import Place, short_slug
from nioc_paper.model.diagnostic import MAX_ID_LENGTH

_BIB_KEY = re.compile(
    r"^[ \t]*@(?!(?:string|comment|preamble)\b)\w+[ \t]*[{(][ \t]*([^,\s]+)[ \t]*,", re.MULTILINE | re.IGNORECASE
)
_YAML_KEY = re.compile(r"^[ -]*id: *[\"']?([^\s\"']+)", re.MULTILINE)
_KEYS: Mapping[str, re.Pattern[str]] = {".bib": _BIB_KEY, ".ris": re.compile(r"^ID  - *(\S+)", re.MULTILINE)}
"""Keys of the sources in a bibliography file, by its suffix."""
IDENTIFIER = re.compile(
    r"(?P<kind>doi|pmid|pmcid|pmc|arxiv|isbn|url|https?|wikidata|raw|biorxiv|clinicaltrials):(?P<value>.+)",
    re.IGNORECASE,
)
_ADDRESSES: Mapping[str, str] = {
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/{}/",
    "pmc": "https://www.ncbi.nlm.nih.gov/pmc/articles/{}/",
    "arxiv": "https://arxiv.org/abs/{}",
    "wikidata": "https://www.wikidata.org/wiki/{}",
    "clinicaltrials": "https://clinicaltrials.gov/study/{}",
}


class Sources(Struct, dict=True):
    """Bibliography files of the result, and the keys in them."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Contents by path in the result."""
    keys: dict[str, str] = field(default_factory=dict)
    """Keys of ours by those of the project."""
    named_sources: dict[str, dict[str, str]] = field(default_factory=dict)
    """Sources that are named by an identifier, by key: what the identifier says of them."""

    def find(self, key: str, tags: Mapping[str, str]) -> str | None:
        """Return our key for a key of the project; None if there is no such source.

        `tags` are the identifiers of sources by the tags that a text of Manubot gives them.
        """
        if key in self.keys:
            return self.keys[key]
        identifier = tags.get(key, key)
        if identifier in self.keys:
            return self.keys[identifier]
        if match := IDENTIFIER.fullmatch(identifier):
            new = self._free_key(identifier)
            self.named_sources[new] = {"title": identifier} | _describe(
                match["kind"].lower(), match["value"], identifier
            )
            self.keys[identifier] = self.keys[key] = new
            return new
        return None

    def add_key(self, key: str) -> str:
        """Add a key of the project, and return ours: the same one if it can be cited in a chapter."""
        is_plain = re.fullmatch(r"[\w:.+/-]*\w", key) and "//" not in key
        return self.keys.setdefault(key, key if is_plain else self._free_key(key))

    def _free_key(self, identifier: str) -> str:
        """Return a key for an identifier that no other source has: long addresses may begin alike."""
        stem, used_keys = short_slug(identifier), {*self.keys.values()}
        candidates = (f"{stem[: MAX_ID_LENGTH - 5]}-{n}" if n > 1 else stem for n in range(1, len(used_keys) + 2))
        return next(key for key in candidates if key not in used_keys)


def _describe(kind: str, value: str, identifier: str) -> dict[str, str]:
    """Return what an identifier says of a source."""
    if kind == "doi":
        return {"DOI": value}
    if kind == "isbn":
        return {"ISBN": value}
    if kind in ("url", "http", "https"):
        return {"URL": value if kind == "url" else identifier}
    return {"URL": _ADDRESSES[kind].format(value)} if kind in _ADDRESSES else {}


def read_sources(files: ProjectFiles, project: ForeignProject) -> Sources:
    """Return the sources in the bibliography files of a project."""
    sources = Sources()
    for path in map(posixpath.normpath, project.bibliographies):
        suffix = posixpath.splitext(path)[1].lower()
        if suffix not in KINDS or "://" in path:
            files.report_loss(
                Place(path[:200]), "this bibliography is not BibTeX, RIS, CSL-JSON or YAML", "export it as one"
            )
        elif not files.exists(path):
            files.report_loss(
                Place(path[:200]), "the project names this bibliography, and it is not in the folder", "add it"
            )
        elif (data := files.read_bytes(path, MAX_BYTES)) is not None:
            _add_file(sources, path, suffix, data)
    return sources


def _add_file(sources: Sources, path: str, suffix: str, data: bytes) -> None:
    text = data.decode("utf-8-sig", "replace")
    if suffix == ".json":
        text = _add_json(sources, text)
    else:
        sources.keys.update((key, key) for key in _KEYS.get(suffix, _YAML_KEY).findall(text))
    sources.files[f"paper/{_free_name(sources, path, suffix)}"] = text.encode(errors="replace")


def _free_name(sources: Sources, path: str, suffix: str) -> str:
    """Return the name of a bibliography file in the result, which no other file has."""
    name = f"{short_slug(posixpath.splitext(posixpath.basename(path))[0]) or 'sources'}{suffix}"
    name = name if suffix in (".bib", ".ris") or name.startswith("references") else f"references-{name}"
    number = 1
    while f"paper/{name}" in sources.files:
        number += 1
        name = f"references-{number}{suffix}"
    return name


def _add_json(sources: Sources, text: str) -> str:
    """Add the keys of a CSL-JSON file, and return its text with our keys."""
    try:
        entries = read_json(text)
    except ValueError:
        return text
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and (key := str(entry.get("id", ""))):
            entry["id"] = sources.add_key(key)
    return json.dumps(entries, ensure_ascii=False, indent=1) if entries else text
