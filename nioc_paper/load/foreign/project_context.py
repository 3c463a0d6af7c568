"""Everything about a foreign project that the conversion of one file needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct, field

from nioc_paper.load.foreign.labels import ForeignLabels, normalize_label
from nioc_paper.load.foreign.pictures import Pictures
from nioc_paper.load.foreign.sources import Sources


class ProjectContext(Struct, dict=True):
    """Everything about the project that the text of a file needs."""

    labels: ForeignLabels
    chapters: Mapping[str, str]
    """Ids of chapters by file."""
    pictures: Pictures
    sources: Sources
    tags: Mapping[str, str]
    computed: Mapping[str, str]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def computed_labels(self) -> set[str]:
        """Labels of what is drawn, printed or numbered by a run of the tool."""
        return {normalize_label(label) for label in self.computed}
