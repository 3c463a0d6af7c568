"""`python -m nioc_paper`: the command line."""

from nioc_paper.cli import main

main()
