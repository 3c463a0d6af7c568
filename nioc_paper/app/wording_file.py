"""Words of outputs in the language of a paper: its file of words, and those that it still lacks."""

from __future__ import annotations

import json

from nioc_paper.app.argument_parsing import parse_language
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.edit.yaml import to_scalar
from nioc_paper.load import WORDING_FOLDER
from nioc_paper.model import OwnWords
from nioc_paper.wording import ENGLISH, NO_OWN_WORDS, primary_language, shipped_words

_INTRODUCTION = (
    "# Words that outputs and letters have in English so far. Translate a text, and delete the '# ' before its key.\n"
    "# Keep the keys and the braces. Months and weekdays are names with one blank between them.\n"
)


def words_path(language: str) -> str:
    """Return the path of a paper's words in a language."""
    return f"{WORDING_FOLDER}/{primary_language(language)}.yaml"


def missing_keys(language: str, own: OwnWords = NO_OWN_WORDS) -> list[str]:
    """Return the keys of the words that are printed in English for want of others."""
    name = primary_language(language)
    known = {*shipped_words(name), *(key for tag, key, _ in own.texts if primary_language(tag) == name)}
    return [] if name == "en" else [key for key in ENGLISH if key not in known]


def words_text(keys: list[str], before: str = "") -> str:
    """Return the text of a file of words: its own lines, then the missing words, in English and as comments."""
    suggested = {key: f"# {to_scalar(key)}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in ENGLISH.items()}
    made = {*suggested.values(), *_INTRODUCTION.splitlines(keepends=True)}
    own = "".join(line for line in before.splitlines(keepends=True) if line not in made)
    return own + (_INTRODUCTION + "".join(suggested[key] for key in keys) if keys else "")


def write_missing_words(project: Project, language: str) -> str:
    """Add the missing words in a language to their file, and return a line on it. Raises RequestError or AppError."""
    settings = project.load().paper.settings
    language = parse_language(language or settings.language)
    keys, path = missing_keys(language, settings.own_words), words_path(language)
    before = (project.read_text(path) or "") if keys else ""
    if not keys:
        return f"no word is missing in '{language}'; to replace one, write its key and text to {path}"
    commits = OwnCommits(project)
    write_source(project, path, words_text(keys, before))
    commits.save([path], f"List the words to translate into '{language}'")
    return f"{path}: {len(keys)} words to translate; until then outputs have them in English"
