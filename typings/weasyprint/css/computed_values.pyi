from collections.abc import Callable, Mapping

PHYSICAL_FUNCTIONS: Mapping[str, Callable[..., str]]
