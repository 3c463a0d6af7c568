"""Pages from templates in a sandbox; a paper's own templates are rendered in a worker process.

The sandbox stops access to Python's objects, but neither endless loops nor endless texts: the worker has limits of
processor time and memory. Templates get plain data: texts, numbers, dates, lists, mappings and records of these.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache as once
from functools import lru_cache
from threading import Lock
from types import NoneType, SimpleNamespace
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from msgspec import Struct

from nioc_paper.model import MissingTemplateError, Record, TemplateError, Templates
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.render.common.bidi import RTL_CHARACTERS
from nioc_paper.system.cache import cache_key
from nioc_paper.system.processes import LimitError
from nioc_paper.system.workers import Worker, WorkerError
from nioc_paper.wording import format_date, localized_digits, text_direction

MAX_SECONDS = 20
"""Processor time for one page of a paper's own templates."""
MAX_PAGE_BYTES = 100 * 2**20
PAGE_ANSWER, FAULT_ANSWER = b"+", b"-"
"""First byte of a worker's answer: a page follows, or a fault as JSON. A worker's answer is never unpickled."""
_HIDDEN_FIELDS = frozenset(
    ("blocks", "block", "charts", "assets", "fonts", "references", "template", "revision", "paper")
)
"""Fields of records that templates do not get: large, and of no use on a page."""
_REQUIRED_HEAD = (
    r'\s*<!DOCTYPE html>\s*<html[^<>]*>\s*<head>\s*<meta charset="utf-8">\s*'
    r'<meta http-equiv="Content-Security-Policy" content="{}">'
)
_HTTP_EQUIV = late_pattern(r"<\s*meta\b[^>]*\bhttp-equiv", re.IGNORECASE)
"""Meta elements that act like headers: no policy stops one from loading another page."""
_LINK = late_pattern(r"<\s*link\b", re.IGNORECASE)
_LOCAL_LINK = late_pattern(
    r'<link(?: (?!rel=)[a-z]+="[^"<>]*")* rel="(?:alternate|canonical|icon|next|prev|stylesheet)"'
    r'(?: [a-z]+="[^"<>]*")*>'
)
"""Links that the policy governs, or that load nothing; it does not stop one that only looks an address up."""
_RTL_RUN = late_pattern(f"{RTL_CHARACTERS.pattern}(?:[^A-Za-z]*{RTL_CHARACTERS.pattern})?")
_WORKER_MODULE = "nioc_paper.render.common.template_worker"


class PageRenderer:
    """Renderer of pages that share a context."""

    def __init__(self, templates: Templates, context: Mapping[str, object]) -> None:
        self.templates, self.context = templates, to_plain_data(context)
        self._environment = None if templates.from_paper else _shared_environment(frozenset(templates.files.items()))

    def render(self, name: str, /, **more: object) -> str:
        """Return the page of a template, with more context. Raises TemplateError."""
        if self._environment:
            return render_template(self._environment, name, {**self.context, **to_plain_data(more)})
        return _current_worker.render(self.templates, name, {**self.context, **to_plain_data(more)})


def to_plain_data(value: object) -> Any:
    """Return a value as plain data: a record becomes a namespace of its fields and properties."""
    for kinds, convert in _CONVERTERS:
        if isinstance(value, kinds):
            return convert(value)
    if isinstance(value, Struct):
        # No bytes: they are large, and of no use on a page.
        shown = ((name, getattr(value, name)) for name in _visible_names(type(value)))
        return _namespace({name: item for name, item in shown if not isinstance(item, bytes)})
    raise TypeError(f"{type(value).__name__} is not plain data")


def _namespace(values: Mapping[str, object]) -> SimpleNamespace:
    return SimpleNamespace(**{name: to_plain_data(value) for name, value in values.items()})


@once
def _visible_names(kind: Any) -> Sequence[str]:
    names = [*kind.__struct_fields__]
    names += [name for name, member in vars(kind).items() if isinstance(member, property)]
    return [name for name in names if name not in _HIDDEN_FIELDS and not name.startswith("_")]


_CONVERTERS: tuple[tuple[Any, Callable[[Any], object]], ...] = (
    (Enum, str),
    ((NoneType, str, int, float, date, SimpleNamespace), lambda value: value),
    (Mapping, lambda value: {key: to_plain_data(item) for key, item in value.items()}),
    (
        (list, tuple),
        lambda value: _namespace(value._asdict()) if hasattr(value, "_asdict") else [*map(to_plain_data, value)],
    ),
    ((set, frozenset), lambda value: frozenset(map(to_plain_data, value))),
    (Record, lambda value: _namespace(dict(value.items()))),
)
"""Types in the order in which they are looked for, with their conversions; `Markup` is a `str`."""


def require_policy(name: str, page: str, policy: str) -> None:
    """Raise TemplateError unless a page begins with its content security policy, before anything could run."""
    if not re.match(_REQUIRED_HEAD.format(re.escape(str(Markup.escape(policy)))), page):
        line = '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">'
        raise TemplateError(name, 0, f"has to begin with the security policy: put {line} after the charset")
    if len(_HTTP_EQUIV.findall(page)) > 1:
        raise TemplateError(name, 0, "has a <meta http-equiv> besides the security policy, which may redirect readers")
    if len(_LINK.findall(page)) > len(_LOCAL_LINK.findall(page)):
        raise TemplateError(name, 0, "has a <link> that may load an address elsewhere, which no security policy stops")


@lru_cache(maxsize=4)
def _shared_environment(files: frozenset[tuple[str, bytes]]) -> ImmutableSandboxedEnvironment:
    """Return Jinja over the tool's templates, which stay compiled: that takes longer than to render most pages."""
    return create_environment(Templates(dict(files)))


# --- in this process, or in the worker --------------------------------------------------------------------------------


def create_environment(templates: Templates) -> ImmutableSandboxedEnvironment:
    """Return Jinja over the templates: sandboxed, everything escaped, a misspelled name an error."""

    def load_template(name: str) -> tuple[str, str, None] | None:
        return (templates.text(name), name, None) if name in templates else None

    jinja = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {
        "direction": text_direction,
        "language": _language_attribute,
        "title": _isolated_title,
        "isolated": _isolated_runs,
    }
    jinja.globals |= {"when": _format_day, "digits": _format_digits}
    return jinja


def render_template(environment: ImmutableSandboxedEnvironment, name: str, context: Mapping[str, object]) -> str:
    """Return a page. Raises TemplateError with the template's line, whatever goes wrong in it."""
    try:
        page = environment.get_template(name).render(context)
    except TemplateSyntaxError as error:
        raise TemplateError(error.name or name, error.lineno, f"cannot be read: {error.message}") from None
    except MissingTemplateError:
        raise
    except Exception as error:  # noqa: BLE001 - a template can raise anything
        raise TemplateError(*_error_place(error, name), _error_reason(error)) from None
    if len(page) > MAX_PAGE_BYTES:
        raise TemplateError(name, 0, f"makes a page of {len(page):,} letters; {MAX_PAGE_BYTES:,} are allowed")
    return page


def _error_place(error: Exception, name: str) -> tuple[str, int]:
    """Return the template and line of an error: Jinja's frames have the template's name as file."""
    place, trace = (name, 0), error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith((".html", ".svg")) and not file.startswith("/"):
            place = file, trace.tb_lineno
        trace = trace.tb_next
    return place


def _error_reason(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"asks for '{error.name}', which does not exist"
    if isinstance(error, MemoryError):
        return "needs more memory than allowed"
    if isinstance(error, RecursionError):
        return "calls itself without end"
    return f"fails: {' '.join(str(error).split())[:200] or type(error).__name__}"


def _isolated_title(entry: Any) -> str:
    """Return the title of an entry in a list; one in the other direction is between direction marks.

    Marks instead of an element, because links stay flat, for PDF/UA.
    """
    mark = {"rtl": "\u200f", "ltr": "\u200e"}[text_direction(entry.language)] if entry.language else ""
    return f"{mark}{entry.title}{mark}"


def _isolated_runs(text: str) -> Markup:
    """Return a text with each run of right-to-left words in an element of that direction."""
    pieces, end = [], 0
    for run in _RTL_RUN.finditer(text):
        pieces += [Markup.escape(text[end : run.start()]), Markup('<bdi dir="rtl">{}</bdi>').format(run[0])]
        end = run.end()
    return Markup("").join((*pieces, Markup.escape(text[end:])))


def _language_attribute(entry: Any) -> Markup:
    """Return the attribute of a line whose title is in another language than the paper's."""
    return Markup(' lang="{}"').format(entry.language) if entry.language else Markup("")


@pass_context
def _format_day(context: Context, on: date | None) -> str:
    return format_date(on, context["words"])


@pass_context
def _format_digits(context: Context, text: object) -> str:
    return localized_digits(str(text), context["words"])


# --- the worker -------------------------------------------------------------------------------------------------------


class _CurrentWorker:
    """Worker for the templates that were used last; it serves all formats of a build."""

    def __init__(self) -> None:
        self._lock, self._templates_key = Lock(), ""
        self._worker: Worker | None = None

    def render(self, templates: Templates, name: str, context: Mapping[str, object]) -> str:
        """Return a page that the worker renders. Raises TemplateError."""
        with self._lock:
            try:
                answer = self._worker_for(templates).ask(pickle.dumps((name, context)), MAX_SECONDS)
            except (WorkerError, LimitError) as error:
                self.end()
                reason = f"takes {error}" if isinstance(error, LimitError) else "needs more memory than allowed"
                raise TemplateError(name, 0, reason) from None
        if answer[:1] == PAGE_ANSWER:
            return answer[1:].decode()
        template, line, reason = json.loads(answer[1:])
        raise TemplateError(str(template), int(line), str(reason))

    def _worker_for(self, templates: Templates) -> Worker:
        used = cache_key(*(part for name, data in sorted(templates.files.items()) for part in (name, data)))
        if self._worker is None or self._worker.has_ended() or used != self._templates_key:
            self.end()
            self._worker, self._templates_key = Worker(_WORKER_MODULE), used
            self._worker.ask(pickle.dumps(templates), MAX_SECONDS)
        return self._worker

    def end(self) -> None:
        """End the worker."""
        if self._worker:
            self._worker.kill()
            self._worker = None


_current_worker = _CurrentWorker()
