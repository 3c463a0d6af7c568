"""Code that runs in WeasyPrint's process."""
