"""hyperfine's JSON report: the median time of a run of each command.

The command must print the report, and say how often to run, since hyperfine would decide by the clock:
``hyperfine --style none --export-json /dev/stdout --warmup 1 --runs 5 './decode a' './decode b'``.

Format: hyperfine's ``--export-json``: results[].command, times (in seconds), exit_codes.
"""

import statistics

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.documents import JsonObject, json_reports, named, objects, text


class HyperfineVerifier(CommandVerifier):
    """The median time of a run by command, in seconds. It comes from the time of each run: no summary."""

    metric_name = "hyperfine/run"

    def metric(self, result: RunResult) -> dict[str, float]:
        reports, _ = json_reports(result.stdout)
        whole = reports[-1]  # hyperfine writes the report anew after each command
        return named([(text(run, "command"), _median(run)) for run in objects(whole, "results")])

    def comparable(self, stream: str, data: bytes) -> bytes:
        """What the commands print, where ``--show-output`` lets them; the report holds nothing but times."""
        return json_reports(data)[1] if stream == "stdout" else data


def _median(run: JsonObject) -> float:
    times, codes = run.get("times"), run.get("exit_codes", [])
    if not isinstance(times, list) or not times or not all(isinstance(time, float | int) for time in times):
        raise ValueError(f"the report gives no times of {text(run, 'command')!r}")
    if not isinstance(codes, list) or any(codes):
        raise ValueError(f"{text(run, 'command')!r} does not end with exit code 0")
    return float(statistics.median(times))
