"""Code that runs in the WeasyPrint process."""
