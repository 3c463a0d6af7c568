from collections.abc import Mapping
from collections.abc import Set as AbstractSet

INHERITED: AbstractSet[str]
INITIAL_NOT_COMPUTED: AbstractSet[str]
INITIAL_VALUES: Mapping[str, object]
