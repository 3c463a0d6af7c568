"""Use cases that commands, the preview and editors share. Nothing here knows click."""
