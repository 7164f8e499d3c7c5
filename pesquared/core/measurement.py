"""Two revisions against each other, as ``pesquared measure`` shows it."""

from dataclasses import dataclass

from pesquared.core.verdict import Gain, Noise, Verdict


@dataclass(frozen=True, slots=True)
class Claim:
    """What a commit says of its own gain. Anybody can write that into a commit; it is only held against ours."""

    gain: Gain
    over: str  # the commit that it is a gain over: its first parent; "" when it has none


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two revisions."""

    revision: str  # as the user named it; "" for the working tree as it is
    commit: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What became of it, and what it was found with."""

    base: Side
    candidate: Side
    verdict: Verdict
    noise: Noise | None  # None: nothing was measured, as both make the same or the candidate does not build
    runtime_s: (
        float | None
    )  # likewise; of a run of the base, median; in the metric's own unit where that is no time
    alpha: float
    host: str
    sandbox: str
    beta: float = 0.05  # the level at which a gain is ruled out
    claim: Claim | None = None
    claim_fits: bool = False  # it is a gain over just these files of the base
    notices: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Do the claimed and the measured interval overlap? None where they cannot be compared."""
        measured = self.verdict.gain
        if self.claim is None or measured is None or not self.claim_fits:
            return None
        claimed = self.claim.gain
        if claimed.metric != measured.metric:
            return None
        return claimed.low <= measured.high and measured.low <= claimed.high

    @property
    def interrupted(self) -> bool:
        return self.verdict.reason_code == "interrupted"
