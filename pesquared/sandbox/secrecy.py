"""Keeps our own memory and environment, in which keys may lie, from programs of the same user."""

import ctypes
import sys

_SET_DUMPABLE = 4  # prctl(2)


def hide_ourselves() -> None:
    """No process without privileges may read or trace us from now on, and we leave no core behind.

    Programs that we start are not affected: ``exec`` sets the mark anew.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
