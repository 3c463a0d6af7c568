"""Format diagnostics, progress and letters, one module for each form. Prints nothing: every function returns text."""
