"""A frame as perf prints it."""

import re
from dataclasses import dataclass

from pesquared.core.profile import UNKNOWN

MAX_FRAMES = 1024  # of a stack; perf itself stops at 127 unless told otherwise

_KERNEL_ADDRESS = re.compile(r"ffff[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as perf printed it. ``object`` is "" for an inlined function: that around it counts."""

    address: str
    symbol: str  # without its offset
    object: str  # path of the program or library, or "[vdso]", "[unknown]" and the like
    inlined: bool
    line: str = ""  # "file.c:12", "" where perf was not asked or does not know

    @property
    def name(self) -> str:
        """As folding scripts name it: the library where only that is known; inlined and kernel frames flagged."""
        if self.symbol == UNKNOWN:
            module = self.object.rsplit("/", 1)[-1].strip("[]")
            return f"[{module}]" if module and not self.object.startswith("[") else UNKNOWN
        flag = "_[i]" if self.inlined else "_[k]" if _KERNEL_ADDRESS.fullmatch(self.address) else ""
        return self.symbol + flag
