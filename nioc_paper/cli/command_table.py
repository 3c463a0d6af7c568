"""Table of the commands. Standard library only: build.py reads it before anything is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

DESCRIPTION = "Make one paper out of many people's chapters: checked, dated and printed."


class CommandEntry(NamedTuple):
    """Module of a command, and its line in `nioc --help`."""

    module: str
    """Module in `nioc_paper.cli`."""
    short_help: str = ""
    help: str = ""
    """First sentence of the command's docstring, if it has no short help; cut to the width of the terminal."""
    attribute: str = ""
    """Its name in the module, if Python keeps the name of the command for itself."""


COMMAND_GROUPS: Mapping[str, Mapping[str, CommandEntry]] = {
    "Write": {
        "check": CommandEntry("check", "Report errors and warnings, with places and hints."),
        "explain": CommandEntry("check", "Explain a rule, or list the rules."),
        "serve": CommandEntry("site_and_preview", "Preview the paper in a browser while you write."),
        "new": CommandEntry("new", help="Start a paper or a chapter."),
        "add": CommandEntry("new", "Add a fact, an abbreviation, a person or another record."),
        "unify": CommandEntry("new", "Make one record of two for the same thing."),
        "source": CommandEntry("source", "List sources, or add new ones."),
        "import": CommandEntry("new", "Make a paper from a project of another tool.", attribute="import_"),
    },
    "Plan": {
        "status": CommandEntry("chapter_status", "Show whether the deadline will be met, and each chapter's state."),
        "board": CommandEntry("derived_documents", "Report to the board on one page."),
        "remind": CommandEntry("exports_and_reminders", "Write letters to people who owe something."),
        "calendar": CommandEntry("exports_and_reminders", "Write the dates as a calendar file."),
        "move": CommandEntry("chapter_status", "Set the status of a chapter."),
        "approve": CommandEntry("chapter_status", "Sign a chapter off."),
    },
    "Review": {
        "send": CommandEntry("sendings", "Make Word files of a chapter for its reviewers."),
        "receive": CommandEntry("sendings", "Merge a received Word file into its chapter."),
        "comments": CommandEntry("sendings", "List comments of reviewers, and answer them."),
        "consult": CommandEntry("consult_bodies", "Ask bodies to agree to their actions."),
        "merge": CommandEntry("merge", "Merge a branch, or solve what git could not merge."),
        "redline": CommandEntry("derived_documents", "Show what changed between two versions."),
    },
    "Publish": {
        "build": CommandEntry("build", help="Make the paper in dist/."),
        "site": CommandEntry("site_and_preview", "Make the website of the paper in dist/site/."),
        "newsletter": CommandEntry("derived_documents", "Report what changed in a month."),
        "export": CommandEntry("exports_and_reminders", "Export the registers to a spreadsheet."),
    },
    "Set up": {
        "doctor": CommandEntry("set_up", "Show what is installed and what is missing."),
        "theme": CommandEntry("set_up", "List the templates, or copy them to change them."),
        "upgrade": CommandEntry("set_up", "List the changes that a new release requires."),
        "clean": CommandEntry("set_up", help="Delete the cache in .cache/, which makes builds quick."),
        "lsp": CommandEntry("set_up", "Start the language server; editors do this."),
        "schema": CommandEntry("set_up", "Print the JSON Schema of a kind of file."),
    },
}
"""Commands by the headings of `nioc --help`."""


# --- exit codes -------------------------------------------------------------------------------------------------------


OK, ERRORS, USAGE, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 3, 130
"""Success; errors in the paper; wrong usage; our own fault; interrupted."""
