"""Git, asked only here: history of the paper, and commits.

No program named in the repository is run: git sees neither its settings nor its attributes.
"""

from nioc_paper.system.git.commits import (
    MERGE_HEADS,
    commit_files,
    copy_history,
    is_in_hook,
    move_branch_back,
    start_repository,
)
from nioc_paper.system.git.git_answers import REFUSAL_REASONS, refusal_findings
from nioc_paper.system.git.git_process import GitRefusedError, NoRepositoryError
from nioc_paper.system.git.history import (
    commit_at_end_of_day,
    commit_days,
    commit_timestamp,
    find_first_commit,
    find_tag,
    has_full_history,
    read_history,
    read_open_branches,
    read_versions,
)
from nioc_paper.system.git.merging import find_unmerged, operation_under_way
from nioc_paper.system.git.objects import read_files_at, resolve_commit
from nioc_paper.system.git.uncommitted import is_kept_out, list_changed, list_uncommitted
