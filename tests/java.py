"""Programs of Java that validate outputs: how they are started."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # a third of the processor time of short runs
        "LC_ALL": "C.UTF-8",  # in another locale Java finds no file whose name is not ASCII
    }
)
"""Variables of the environment."""
