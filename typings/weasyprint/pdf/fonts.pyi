from collections.abc import Callable

class Font:
    hash: str
    missing: dict[int, int]
    bitmap: bool
    widths: dict[int, float]
    to_unicode: dict[int, str]
    file_content: bytes
    index: int
    clean: Callable[..., None]
