"""Runs PESquared from a checkout: ``python main.py CODEBASE STACKS``."""

from pesquared.cli.main import main

main()
