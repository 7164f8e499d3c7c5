"""Peak memory of the benchmark, where that is what is to be less. Times and output are guarded as ever."""

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import Workspace


class PeakMemoryVerifier(CommandVerifier):
    """The most memory that all processes of a run were seen to hold together, in bytes."""

    metric_name = "peak-memory"
    is_time = False

    def bench(self, workspace: Workspace) -> RunResult:
        return workspace.watching().run(self.command)

    def metric(self, result: RunResult) -> float:
        if result.usage.peak_bytes is None:
            raise ValueError("memory is not watched here")
        return float(result.usage.peak_bytes)
