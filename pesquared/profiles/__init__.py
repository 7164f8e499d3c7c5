"""Where does the time go? Reads recorded stacks and weighs functions, calls and call chains.

``stacks`` says which files are read, ``formats`` how each is recognised, a reader such as ``folded`` turns one
into samples, ``symbols`` cleans their frames, and ``analyzer`` answers the questions.
"""

from pesquared.profiles.analyzer import StackAnalyzer
from pesquared.profiles.symbols import Symbol, clean

__all__ = ["StackAnalyzer", "Symbol", "clean"]
