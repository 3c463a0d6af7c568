"""Effects on the machine: child processes and temporary folders."""
