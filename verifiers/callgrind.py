"""Instructions executed, counted by Valgrind's callgrind: explains a gain, and never accepts one.

Counts repeat to the last digit and show a difference of a thousandth in one run, but they are not time: fewer
instructions with more cache misses or mispredicted branches are slower. A run takes some fifty times as long.

Format: the lines ``==PID== Collected : N`` that callgrind writes for each process.
"""

import re
import shlex

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import Evidence, Workspace

_COLLECTED = re.compile(rb"^==\d{1,10}== Collected : (\d{1,20})", re.MULTILINE)
_OURS = re.compile(rb"^==\d{1,10}==.*\n?", re.MULTILINE)
# A descriptor of its own, so that a program that redirects standard error takes no count away.
_VALGRIND = (
    "valgrind --tool=callgrind --callgrind-out-file=/dev/null --trace-children=yes --log-fd=9 sh -c {} 9>&2"
)


class CallgrindVerifier(CommandVerifier):
    """Instructions of all processes that the benchmark command starts, the shell's included."""

    metric_name = "instructions"
    evidence = Evidence.COUNTS

    def calibrate(self, workspace: Workspace) -> RunResult | None:
        """Whether the count repeats itself: not where a program prints its own timings, for example."""
        runs = [self.bench(workspace) for _ in range(3)]
        failed = [run for run in runs if not run.ok]
        if not failed:
            self.deterministic = len({self.metric(run) for run in runs}) == 1
        return failed[0] if failed else None

    def bench(self, workspace: Workspace) -> RunResult:
        return workspace.run(_VALGRIND.format(shlex.quote(self.command)))

    def metric(self, result: RunResult) -> float:
        counts = [int(count) for count in _COLLECTED.findall(result.stderr)]
        if not counts:
            raise ValueError("callgrind reports no count")
        return float(sum(counts))

    def comparable(self, stream: str, data: bytes) -> bytes:
        return _OURS.sub(b"", data) if stream == "stderr" else data
