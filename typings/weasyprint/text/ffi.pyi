from collections.abc import Callable
from typing import Any

class Pointer: ...

class FFI:
    def gc(self, pointer: Pointer, destructor: Callable[[Pointer], None]) -> Pointer: ...

# Functions of a C library; cffi knows their types at run time only.
class Library:
    def __getattr__(self, name: str) -> Callable[..., Any]: ...

ffi: FFI
pango: Library
gobject: Library
