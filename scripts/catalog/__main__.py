"""Lets `python -m catalog` do what `catalog` does."""

from catalog.cli import main

main()
