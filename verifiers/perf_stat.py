"""An event counted by ``perf stat``: task-clock, or the one that ``[bench] number_name`` names.

Times are judged like any other. Counts (instructions, cache-misses …) explain and never accept. Many virtual
machines count software events only.

Format: perf-stat(1), ``-x,``: value, unit, event, …; the value may be ``<not supported>`` or ``<not counted>``.
"""

import re
import shlex

from pesquared.core.running import RunResult
from pesquared.core.settings import BenchSettings, Settings
from pesquared.errors import UsageError
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import Evidence, Workspace

_TIMES = frozenset({"task-clock", "cpu-clock", "duration_time", "user_time", "system_time"})
_EVENT = re.compile(r"[A-Za-z0-9_./:=-]{1,60}")


class PerfStatVerifier(CommandVerifier):
    """The value of one event over all processes of a run, in perf's unit."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        named = settings.bench.number_name
        self._event = "task-clock" if named == BenchSettings().number_name else named
        if not _EVENT.fullmatch(self._event):
            raise UsageError(f"[bench] number_name: {self._event!r} is no event of perf", "see: perf list")
        self.metric_name = self._event
        self.evidence = Evidence.RUNS if self._event in _TIMES else Evidence.COUNTS

    def calibrate(self, workspace: Workspace) -> RunResult | None:
        """Whether this host counts the event at all."""
        result = self.bench(workspace)
        value = self._value(result)
        if value.startswith(b"<"):
            raise UsageError(
                f"this host cannot count {self._event}: perf says {value.decode('ascii', 'replace')}",
                "count task-clock, or use a host with hardware counters",
            )
        return result

    def bench(self, workspace: Workspace) -> RunResult:
        # A descriptor of its own, so that a program that redirects standard error takes no count away.
        return workspace.profiling().run(
            f"perf stat -x, -e {shlex.quote(self._event)} --log-fd 9 -- sh -c {shlex.quote(self.command)} 9>&2"
        )

    def metric(self, result: RunResult) -> float:
        return float(self._value(result))

    def comparable(self, stream: str, data: bytes) -> bytes:
        ours = (line for line in data.split(b"\n") if self._reported(line) is None)
        return b"\n".join(ours) if stream == "stderr" else data

    def _value(self, result: RunResult) -> bytes:
        """The last line of the event: perf writes when all is over."""
        values = [value for line in result.stderr.split(b"\n") if (value := self._reported(line)) is not None]
        return values[-1] if values else b""

    def _reported(self, line: bytes) -> bytes | None:
        fields = line.split(b",")
        if len(fields) < 4:
            return None
        event = fields[2].decode("ascii", "replace")
        return fields[0] if event == self._event or event.rpartition(":")[0] == self._event else None
