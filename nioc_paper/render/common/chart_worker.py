"""Worker process that draws charts with vl-convert: `python -m nioc_paper.render.common.chart_worker CONNECTION`.

A request is JSON: the name of a function of vl-convert, its arguments, its options. The answer is DRAWN and the
picture, or FAILED and the reason in one line.
"""

from __future__ import annotations

import json
from functools import cache
from types import ModuleType
from typing import Any

from nioc_paper.render.common import fonts
from nioc_paper.system.workers import serve_requests

DRAWN, FAILED = b"+", b"-"


def answer_request(request: bytes) -> bytes:
    """Return the answer to a request."""
    function, arguments, options = json.loads(request)
    try:
        result: Any = getattr(_load_engine(), function)(*arguments, **options)
    except (RuntimeError, ValueError) as error:  # SVG that cannot be drawn, a chart that is not valid
        # The other lines are the engine's stack, which does not help authors.
        lines = str(error).splitlines() or [""]
        default = f"Error: {lines[0]}" if isinstance(error, RuntimeError) else "its parts do not fit together"
        return FAILED + next((line for line in lines if "Error: " in line), default).encode()
    return DRAWN + (result.encode() if isinstance(result, str) else bytes(result))


@cache
def _load_engine() -> ModuleType:
    import vl_convert  # late: 40 MB, and the process that asks imports this module too

    for folder in fonts.font_folders():
        vl_convert.register_font_directory(str(folder))
    return vl_convert


if __name__ == "__main__":
    serve_requests(answer_request)
