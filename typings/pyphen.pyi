from collections.abc import Mapping
from pathlib import Path
from typing import Any

LANGUAGES: Mapping[str, Path]
ignored: tuple[str, ...]

class HyphDict:
    patterns: dict[str, Any]
    cache: dict[str, list[int]]
    maxlen: int
    def __init__(self, path: Path) -> None: ...
