"""What a further rung of the ladder is: it learns from the unchanged code, or judges nobody."""

from typing import Protocol

from pesquared.verify.failure import Failed


class Rung(Protocol):
    """Looks at a candidate that builds, passes the quick tests and whose benchmark prints what it should."""

    @property
    def name(self) -> str:
        """Of its gate, as verdicts show it."""

    @property
    def stage(self) -> str:
        """What it does to a candidate, for whoever watches: "running the cases"."""

    @property
    def judges(self) -> bool:
        """Has it anything to say of candidates? If not, why has been said."""

    def learn(self) -> None:
        """Baseline against baseline. Whoever rejects the unchanged code, or cannot run, judges nobody."""

    def candidate(self, commit: str, *, cold: bool) -> Failed | None:
        """What is wrong with the candidate ``commit``, in its slot; ``cold``: it had to be built from nothing."""

    def adopted(self, commit: str) -> None:
        """The candidate seen last is the new baseline. What is right was settled by the unchanged code."""
