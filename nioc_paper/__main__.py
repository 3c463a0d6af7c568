"""`python -m nioc_paper`: the command line."""

from nioc_paper.cli import main

if __name__ == "__main__":  # chart processes import this too
    main()
