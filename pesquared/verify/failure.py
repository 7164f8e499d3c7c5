"""Why a candidate goes no further: a verdict in the making."""

from dataclasses import dataclass

from pesquared.core.verdict import Gain, Gate, Verdict, Word


@dataclass(frozen=True, slots=True)
class Failed:
    """A step the candidate did not pass. ``detail`` is for the repair turn: what exactly went wrong."""

    word: Word
    reason_code: str
    reason: str
    detail: str = ""

    def verdict(self, gates: tuple[Gate, ...] = (), gain: Gain | None = None) -> Verdict:
        return Verdict(self.word, self.reason_code, self.reason, gates, gain)


def unstable(reason: str, detail: str = "") -> Failed:
    """The baseline did not do again what it did before, so that there is nothing to hold the candidate against."""
    return Failed(Word.INCONCLUSIVE, "baseline-unstable", f"the baseline did not repeat itself: {reason}", detail)
