"""Crash messages of runs that end as they should: a program, or a script around it, may hide that it broke."""

import re

from pesquared.core.events import Notice, Observer
from pesquared.core.running import RunResult
from pesquared.core.verdict import Word
from pesquared.verify.diagnosis import visible
from pesquared.verify.failure import Failed

_SCANNED = 1 << 20  # bytes of each end of each stream that are looked at
_SHOWN = 200  # characters of a message
# What breaking programs leave to be read: sanitizers, shells, glibc, libstdc++ and libc++, Python, Rust, Go, Java.
_SIGNS = {
    "a sanitizer's report": rb"(?:ERROR|WARNING): [A-Za-z]{1,30}Sanitizer:|: runtime error: ",
    "a signal": rb"Segmentation fault|Bus error|Illegal instruction|\(core dumped\)|^Aborted$|: Aborted$",
    "a damaged heap or stack": rb"\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*"
    rb"|double free or corruption|(?:free|realloc|munmap_chunk)\(\): invalid|malloc\(\): [a-z]"
    rb"|corrupted size vs\. prev_size",
    "an exception that nobody caught": rb"terminate called |libc\+\+abi: terminating|pure virtual method called"
    rb"|Traceback \(most recent call last\):|Exception in thread \"",
    "an assertion": rb"Assertion [^\n]{1,500} failed|Assertion failed: ",
    "a panic": rb"^thread '[^'\n]{0,200}' (?:\(\d{1,9}\) )?panicked at |^panic: |^goroutine \d{1,9} \[",
}
_EXPRESSIONS = {kind: re.compile(sign, re.MULTILINE) for kind, sign in _SIGNS.items()}


def crash_messages(result: RunResult) -> dict[str, str]:
    """The first line of each kind of crash message that a run printed, by kind; escaped for a terminal."""
    found: dict[str, str] = {}
    for stream in (result.stderr, result.stdout):
        ends = stream if len(stream) <= 2 * _SCANNED else stream[:_SCANNED] + b"\n" + stream[-_SCANNED:]
        for kind, expression in _EXPRESSIONS.items():
            match = expression.search(ends)
            if match is not None and kind not in found:
                found[kind] = _line(ends, match.start())
    return found


def _line(data: bytes, position: int) -> str:
    begin = max(data.rfind(b"\n", 0, position) + 1, position - _SHOWN // 2)
    return visible(data[begin : begin + _SHOWN].partition(b"\n")[0]).strip()


class CrashWatch:
    """Knows which crash messages the unchanged code prints by itself, by what was run; no other may appear."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._own: set[tuple[str, str]] = set()

    def learn(self, what: str, result: RunResult) -> None:
        """Takes in a run of the unchanged code; says once what it printed.

        Args:
            what: that was run: "the benchmark", "the quick tests", a case.
            result: what came of it.
        """
        for kind, line in crash_messages(result).items():
            if (what, kind) not in self._own:
                self._own.add((what, kind))
                self._observer.notify(Notice(f"{what} printed {kind} on the unchanged code: “{line}”"))

    def candidate(self, what: str, result: RunResult) -> Failed | None:
        """What a candidate's run printed that the unchanged code's did not."""
        for kind, line in crash_messages(result).items():
            if (what, kind) not in self._own:
                reason = f"{what} printed {kind}, as the unchanged code never does"
                return Failed(Word.WRONG, "crash-message", reason, f"{reason}: {line}")
        return None
