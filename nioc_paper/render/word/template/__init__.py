"""Word template of a ministry: its styles, headers and footers in our file, and findings about missing styles.

The file is written and finished with our styles, and gets those of the template last. So no other module depends on
templates, and pandoc never reads one.
"""
