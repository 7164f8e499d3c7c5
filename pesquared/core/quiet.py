"""A host on which nobody else builds or measures: what stands for a lock where none is wanted or to be had."""

from contextlib import AbstractContextManager, nullcontext


class QuietHost:
    """Implements ``core.protocols.HostLock`` without keeping anybody away."""

    def measuring(self) -> AbstractContextManager[None]:
        return nullcontext()

    def working(self) -> AbstractContextManager[None]:
        return nullcontext()
