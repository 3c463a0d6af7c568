"""Read projects of other tools, and convert their text to that of our chapters."""
