"""Everything that touches the machine: processes, files, git, caches."""
