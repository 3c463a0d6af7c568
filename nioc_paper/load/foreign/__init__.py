"""Read projects of other tools, and convert their text to that of our chapters.

A module per tool reads the layout of a project to a `ForeignProject`. The text of each of its files is converted in two
steps: forms that pandoc does not know on the text (`forms`, `cells`, `directives`), the rest on pandoc's tree
(`conversion`). No step changes the number of a line, so that findings have the place in the original.
"""

from nioc_paper.load.foreign.conversion import ConvertedChapter, ConvertedProject, convert_project
from nioc_paper.load.foreign.detection import read_project
from nioc_paper.load.foreign.project import ForeignProject, ProjectFiles

__all__ = [
    "ConvertedChapter",
    "ConvertedProject",
    "ForeignProject",
    "ProjectFiles",
    "convert_project",
    "read_project",
]
