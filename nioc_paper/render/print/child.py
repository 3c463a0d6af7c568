"""Starts the process that lays the page out, in an environment that holds nothing of the user's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nioc_paper.render import fonts

SECONDS = 600


def run(job: Mapping[str, Any], scratch: Path) -> tuple[dict[str, Any], bytes]:
    """What the child found, and its PDF; an empty one when it wrote none."""
    files = {}
    for number, (name, (mime, data)) in enumerate(job["assets"].items()):
        (scratch / f"asset-{number}").write_bytes(data)
        files[name] = (mime, f"asset-{number}")
    (scratch / "job.json").write_text(json.dumps({**job, "assets": files}), encoding="utf-8")
    hand = scratch / "hand"
    hand.mkdir()
    for face in job["faces"]:
        shutil.copyfile(face, hand / Path(face).name)
    (scratch / "fonts.conf").write_text(fonts.fontconfig(scratch / "cache", hand), encoding="utf-8")
    command = [sys.executable, "-m", "nioc_paper.render.print.weasy", str(scratch)]
    root = Path(__file__).parents[3]
    try:
        run = subprocess.run(  # noqa: S603 - our own module, from an argument list
            command, cwd=root, env=_environment(scratch), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {SECONDS} s"}, b""
    found, pdf = scratch / "found.json", scratch / "paper.pdf"
    if not found.exists():
        last = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return {"failed": last[0] if last else f"exit code {run.returncode}"}, b""
    return json.loads(found.read_text(encoding="utf-8")), pdf.read_bytes() if pdf.exists() else b""


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's environment but what a process needs to start."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "DYLD_FALLBACK_LIBRARY_PATH") if name in os.environ
    }
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
    return {**kept, **own, "FONTCONFIG_FILE": str(scratch / "fonts.conf"), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
