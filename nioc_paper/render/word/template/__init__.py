"""A ministry's own Word template: what of its look our file takes over, and where it has nothing to say.

The file is written with our styles and finished by their names; only then does it put on the template's. So nothing
but this knows of templates, and pandoc never sees one.
"""
