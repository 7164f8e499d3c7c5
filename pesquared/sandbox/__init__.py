"""How foreign code runs: confined, limited, and with its processor time counted however deep it forks.

``choose`` is the door: it tries an escape from each tier and gives back the best one that held. ``Considerate``
makes a tier take turns with other runs on the host.
"""

from pesquared.sandbox.choose import Choice, choose
from pesquared.sandbox.considerate import Considerate
from pesquared.sandbox.host_lock import open_host_lock

__all__ = ["Choice", "Considerate", "choose", "open_host_lock"]
