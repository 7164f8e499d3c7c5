"""Two revisions against each other, as text."""

from collections.abc import Iterator

from pesquared.core.measurement import Measurement, Side
from pesquared.core.verdict import Verdict
from pesquared.reporters.words import gain_text, noise_text, printable, speed_up, worth

_SHORT = 12  # characters of a commit's id
_NAME_WIDTH = 10
_RULED_OUT = ("not-faster", "slower")  # reason codes of tests that ended so
_AFTERWARDS = ("not-repeated", "tail")  # of fresh pairs, once a test had found it to be faster
_AGREES = {True: "agrees with it", False: "does not agree with it"}


def measurement_text(measurement: Measurement) -> str:
    """All that is printed to standard output: the word first, then what it rests on."""
    verdict = measurement.verdict
    blocks = [
        f"{word(verdict)}: {printable(verdict.reason.splitlines()[0] if verdict.reason else '')}",
        "\n".join(f"  {name:<{_NAME_WIDTH}}{text}" for name, text in _facts(measurement)),
        _failed_gate(verdict),
        _parts(verdict),
        "\n".join(
            f"{'look at ' if one.concern else ''}{one.topic}: {printable(one.text)}" for one in verdict.findings
        ),
        "\n".join(f"note: {printable(notice)}" for notice in measurement.notices),
    ]
    return "\n\n".join(block for block in blocks if block)


def word(verdict: Verdict) -> str:
    """The verdict word, in which nothing is accepted that nobody has to accept."""
    return "faster" if verdict.accepted else verdict.word.value


def _facts(measurement: Measurement) -> Iterator[tuple[str, str]]:
    verdict, gain = measurement.verdict, measurement.verdict.gain
    if gain:
        yield "gain", f"{gain_text(gain)} of {printable(gain.metric)}, {speed_up(gain)}{worth(verdict.evidence)}"
        yield "pairs", f"{gain.pairs}{_level(measurement)}"
    if measurement.noise:
        yield "noise", f"{noise_text(measurement.noise)} of the base against itself"
    if verdict.gates:
        yield "passed", ", ".join(gate.name for gate in verdict.gates if gate.passed) or "nothing"
    yield "base", _side(measurement.base)
    yield "candidate", _side(measurement.candidate)
    if measurement.claim:
        yield "claimed", _claim(measurement)
    yield "host", printable(measurement.host)
    yield "sandbox", measurement.sandbox


def _level(measurement: Measurement) -> str:
    """At which level it was decided, or which were not reached; "" where no level matters."""
    verdict = measurement.verdict
    if verdict.gain is None or not verdict.gain.alpha:
        return ""
    alpha, beta = f"α = {measurement.alpha:g}", f"β = {measurement.beta:g}"
    if verdict.accepted:
        return f", decided at {alpha}"
    if verdict.reason_code in _RULED_OUT:
        return f", a gain ruled out at {beta}"
    if verdict.reason_code in _AFTERWARDS:
        return f", fresh ones, after others had reached {alpha}"
    return f", which reached neither {alpha} nor {beta}" if verdict.reason_code == "max-pairs" else ""


def _side(side: Side) -> str:
    named = printable(side.revision) if side.revision else "the working tree"
    short = side.commit[:_SHORT]
    return short if side.commit.startswith(side.revision or "?") else f"{named} ({short})"


def _claim(measurement: Measurement) -> str:
    claim = measurement.claim
    if claim is None:
        return ""
    said = f"{gain_text(claim.gain)} of {printable(claim.gain.metric)}"
    if not measurement.claim_fits:
        over = f"over {claim.over[:_SHORT]}" if claim.over else "over nothing that is known"
        return f"{said}, {over}, which is not the base here"
    if measurement.agrees is None:
        return f"{said}, which cannot be compared with what was measured"
    return f"{said}; what was measured {_AGREES[measurement.agrees]}"


def _failed_gate(verdict: Verdict) -> str:
    """What the gate that did not hold said: a compiler's errors, a failed test."""
    detail = next((gate.detail for gate in verdict.gates if not gate.passed), "")
    return "\n".join(f"  {printable(line)}" for line in detail.splitlines())


def _parts(verdict: Verdict) -> str:
    from tabulate import tabulate

    if not verdict.parts:
        return ""
    rows = [(printable(part.name), gain_text(part.gain), str(part.gain.pairs)) for part in verdict.parts]
    return tabulate(rows, headers=("benchmark", "gain", "pairs"), disable_numparse=True)
