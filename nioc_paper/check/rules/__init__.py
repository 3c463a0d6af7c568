"""Rules, a module per family."""
