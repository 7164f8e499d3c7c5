"""What a commit says: a conventional subject, the rationale, and trailers with the evidence.

Foreign text (a model's rationale, names in the code) can neither add a trailer nor end the message early.
"""

import re
import textwrap
import unicodedata
from pathlib import PurePosixPath

from pesquared.core.attempt import Attempt
from pesquared.core.settings import TRAILERS
from pesquared.core.verdict import Gain, Verdict

SUBJECT_WIDTH = 72
BODY_WIDTH = 70  # two less, so that an indented line still fits
LONGEST_RATIONALE = 4000  # characters
LONGEST_VALUE = 200

# Lines that git takes for a trailer, a comment, the divider before a patch or the patch itself.
_SIGNIFICANT = re.compile(r"[\w-]+\s*:|#|---|diff |index |commit |\(cherry picked", re.IGNORECASE)


def compose(
    *,
    run: str,
    function: str,
    file: str,
    rationale: str,
    provider: str,
    model: str,
    verdict: Verdict | None = None,
    trailers: tuple[str, ...] = TRAILERS,
) -> str:
    """The message of an attempt's commit; without a verdict it says ``pending``.

    Ends with one block of trailers as git-interpret-trailers(1) reads them: those named in ``trailers``, in that
    order, that have a value.
    """
    lines = rationale.replace("\0", "")[:LONGEST_RATIONALE].splitlines()
    values = {
        "run": f"PESquared-Run: {_one_line(run)}",
        "function": f"PESquared-Function: {_one_line(function)}",
        "verdict": f"PESquared-Verdict: {verdict.word if verdict else 'pending'}",
        "gain": f"PESquared-Gain: {_gain(verdict.gain, verdict.benchmarks)}" if verdict and verdict.gain else "",
        "assisted-by": f"Assisted-by: PESquared ({_one_line(':'.join(filter(None, (provider, model))))})",
    }
    block = "\n".join(filter(None, (values[name] for name in trailers)))
    parts = (_subject(function, file, lines), _body(lines), block)
    return "\n\n".join(part for part in parts if part) + "\n"


def compose_judged(attempt: Attempt, trailers: tuple[str, ...] = TRAILERS) -> str:
    """The message of an attempt with its verdict, or with the ``pending`` one that it has until it is judged."""
    return compose(
        run=attempt.id.partition("/")[0],
        function=attempt.function,
        file=attempt.file,
        rationale=attempt.rationale,
        provider=attempt.provider,
        model=attempt.model,
        verdict=None if attempt.verdict.reason_code == "pending" else attempt.verdict,
        trailers=trailers,
    )


def _subject(function: str, file: str, rationale: list[str]) -> str:
    scope = re.sub(r"[^\w.+-]+", "-", _one_line(PurePosixPath(file).stem)) or "code"
    first = next((text for line in rationale if (text := _one_line(line).lstrip("#*-> "))), "")
    subject = f"perf({scope}): {_one_line(function)}" + (f": {first}" if first else "")
    return subject if len(subject) <= SUBJECT_WIDTH else subject[: SUBJECT_WIDTH - 1].rstrip() + "…"


def _body(rationale: list[str]) -> str:
    wrapped: list[str] = []
    for line in rationale:
        wrapped += textwrap.wrap(_visible(line), BODY_WIDTH, break_on_hyphens=False) or [""]
    text = "\n".join(f"  {line}" if _SIGNIFICANT.match(line) else line for line in wrapped)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def judged_by(metric: str, benchmarks: tuple[str, ...]) -> str:
    """The metric of a gain, and of how many benchmarks where the profile chose them: it compares with no other."""
    if not benchmarks:
        return metric
    return f"{metric} of {len(benchmarks)} benchmark{'s' if len(benchmarks) > 1 else ''}"


def _gain(gain: Gain, benchmarks: tuple[str, ...]) -> str:
    metric = _one_line(judged_by(gain.metric, benchmarks))
    median, low, high = (f"{100 * value:.1f}" for value in (gain.median, gain.low, gain.high))
    return f"{median}% [{low}, {high}] {metric}, {gain.pairs} pairs"


def _visible(text: str) -> str:
    # Control and format characters can hide or reorder text in a terminal; lone surrogates are no UTF-8.
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text)


def _one_line(text: str) -> str:
    return " ".join(_visible(text[: 2 * LONGEST_VALUE]).split())[:LONGEST_VALUE]
