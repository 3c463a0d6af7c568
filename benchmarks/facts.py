"""Content of a PDF as JSON: `python benchmarks/facts.py FILE`. A program of its own, for run.py has to stay small."""

from __future__ import annotations

import json
import sys

import pikepdf

with pikepdf.open(sys.argv[1]) as pdf:
    facts = {"pages": len(pdf.pages), "tagged": "/StructTreeRoot" in pdf.Root}
print(json.dumps(facts))
