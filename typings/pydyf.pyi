from typing import Any

class Object:
    @property
    def reference(self) -> bytes: ...

class String(Object):
    string: str
    def __init__(self, string: str = ...) -> None: ...

class Array(Object, list[Any]): ...
class Dictionary(Object, dict[str, Any]): ...

class Stream(Object):
    extra: dict[str, Any]

class PDF:
    objects: list[Any]
    catalog: Dictionary
    @property
    def page_references(self) -> tuple[bytes, ...]: ...
    def add_object(self, added: Object) -> None: ...
