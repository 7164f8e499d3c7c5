"""How foreign code runs: confined, limited, and with its processor time counted however deep it forks.

``choose`` is the door: it tries an escape from each tier and gives back the best one that held.
"""

from pesquared.sandbox.choose import Choice, choose

__all__ = ["Choice", "choose"]
