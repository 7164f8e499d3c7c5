"""Formats that say something about a program, but not where its time goes."""
