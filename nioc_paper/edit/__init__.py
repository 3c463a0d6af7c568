"""Changes to authors' files that keep their comments and layout."""
