from typing import Any

class String:
    def __init__(self, string: str = ...) -> None: ...

class Array(list[Any]): ...
class Dictionary(dict[str, Any]): ...

class PDF:
    objects: list[Any]
