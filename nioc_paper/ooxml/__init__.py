"""Word files as they are made: a zip of parts that relate to each other, and the elements in them."""
