"""May a number be a measured time, though it came out the same in every run of the unchanged code?

A coarse timing ("0.01 s") does, and is another one on the candidate. This is a guess, so it is kept narrow: a
number with a unit of time or rate, a fraction on a line that speaks of time or in the report of time(1); without
a sign, of at most three significant digits (a time measured to four does not repeat, a result does), and times
below 1000 of their unit. Even then it excuses only a number written in the same way, and at most ten times as
large or small.
"""

import re
from collections.abc import Sequence

_DIGITS, _LARGEST, _FACTOR = 3, 1000.0, 10.0
_TIME = rb"(?:ns|us|\xc2\xb5s|\xce\xbcs|ms|s|secs?|seconds?|msecs?|usecs?|nsecs?|minutes?)"
_RATE = rb"(?:[A-Za-z]{1,12}/(?:ns|us|ms|s|sec|second)|[KMGTkmgt]?(?:FLOPS|FLOP/s|fps|IOPS))"
UNIT = rb"(?:" + _RATE + rb"|" + _TIME + rb")(?![A-Za-z0-9_/])"
_DECIMAL = re.compile(
    rb"(?P<mantissa>[0-9]{0,64}(?:\.(?P<decimals>[0-9]{0,64}))?)(?P<exponent>[eE][-+]?[0-9]{1,5})?"
    rb"[ \t]{0,4}(?:(?P<rate>" + _RATE + rb")|(?P<time>" + _TIME + rb"))?\Z"
)
_TIMING_WORD = re.compile(
    rb"(?<![a-z])(?:time|elapsed|seconds?|secs?|duration|took|throughput|latency|runtime)(?![a-z])", re.IGNORECASE
)
# POSIX time -p and the report of bash, three lines: "real 0.12", "real\t0m0.123s"
_OF_TIME = tuple(
    re.compile(name + rb"[ \t]{1,8}(?:[0-9]{1,6}m)?[0-9]{1,9}\.[0-9]{1,9}s?[ \t\r]{0,8}\Z")
    for name in (rb"real", rb"user", rb"sys")
)


def reports_of_time(lines: Sequence[bytes]) -> frozenset[int]:
    """Numbers of the lines that are the report of time(1): real, user and sys, one below the other."""
    found: set[int] = set()
    for start in range(len(lines) - len(_OF_TIME) + 1):
        block = range(start, start + len(_OF_TIME))
        if all(form.match(lines[number]) for form, number in zip(_OF_TIME, block, strict=True)):
            found.update(block)
    return frozenset(found)


def looks_like_timing(line: bytes, token: bytes, *, of_time: bool = False) -> bool:
    """May this number of a line be a measured time? ``of_time``: the line belongs to a report of time(1)."""
    form = _DECIMAL.match(token)
    if form is None:  # hexadecimal, or signed
        return False
    if len(form["mantissa"].replace(b".", b"").lstrip(b"0")) > _DIGITS:
        return False
    if form["rate"]:
        return True
    if _value(form) >= _LARGEST:
        return False
    fraction = form["decimals"] is not None or form["exponent"] is not None
    return of_time or form["time"] is not None or (fraction and _TIMING_WORD.search(line) is not None)


def close_enough(one: bytes, other: bytes) -> bool:
    """Are both written in the same way, with the same unit, and within a factor of ten?

    0 counts as one in its last digit.
    """
    first, second = _DECIMAL.match(one), _DECIMAL.match(other)
    if first is None or second is None:
        return False
    if any(first[part] != second[part] for part in ("rate", "time")) or _step(first) != _step(second):
        return False
    values = [_value(form) or _step(form) for form in (first, second)]
    return max(values) <= _FACTOR * min(values) * (1 + 1e-9)


def _value(form: re.Match[bytes]) -> float:
    return float((form["mantissa"].strip(b".") or b"0") + (form["exponent"] or b""))


def _step(form: re.Match[bytes]) -> float:
    """What one more in the last digit is worth."""
    return float(b"1e%d" % -len(form["decimals"] or b""))
