"""Read the Word template that the paper names: a file inside the paper that runs and fetches nothing."""

from __future__ import annotations

from nioc_paper.load import assets
from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Asset, Diagnostic, Reporter, Settings, Severity, WordTemplateFile

_SUFFIXES = (".docx", ".dotx")
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HINT = "save it in Word as a .dotx without macros, linked files and password, and put it into the paper"


def read_word_template(files: PaperFiles, settings: Settings, report: Reporter) -> WordTemplateFile | None:
    """Return the template that paper.yaml names. Returns None if it names none, or a bad one, which is reported."""
    name, place = settings.word.template, settings.place("word", "template")
    if not name:
        return None
    # Late: few papers have a template, and XML libraries are slow to import.
    from nioc_paper.ooxml import safety
    from nioc_paper.ooxml.attachments import drop_attachments
    from nioc_paper.ooxml.live_content import live_content

    path, data, problem = assets.read_asset(files, place.path, name, safety.MAX_BYTES)
    if not problem and not path.lower().endswith(_SUFFIXES):
        problem = "is not a .docx or .dotx file"
    data, attachments = drop_attachments(data)
    if problem := problem or safety.rejection_reason(data) or live_content(data):
        report(Diagnostic(place, "bad-template/word", f"'{name}' {problem}", hint=_HINT))
        return None
    if attachments:
        message = f"'{name}' is used without what it links or embeds: {', '.join(attachments)}"
        report(Diagnostic(place, "bad-template/word", message, Severity.INFO, _HINT))
    styles = {ours: (theirs, settings.place("word", "styles", ours)) for ours, theirs in settings.word.styles.items()}
    return WordTemplateFile(Asset(path, _MIME, data), place, styles)
