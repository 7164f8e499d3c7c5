"""Runs PESquared from a checkout: ``python main.py CODEBASE STACKS``."""

from pesquared.cli.start import start

start()
