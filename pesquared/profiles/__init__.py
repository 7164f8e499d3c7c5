"""Where does the time go? Reads recorded stacks and weighs functions, calls and call chains.

``stacks`` says which files are read, ``formats`` how each is recognised, a reader such as ``folded`` turns one
into samples, ``filters`` choose among them, ``symbols`` cleans their frames, ``tally`` adds them up, and
``analyzer`` answers the questions.
"""

from pesquared.profiles.analyzer import StackAnalyzer
from pesquared.profiles.filters import Filters
from pesquared.profiles.names.symbols import Symbol, clean

__all__ = ["Filters", "StackAnalyzer", "Symbol", "clean"]
