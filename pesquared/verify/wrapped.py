"""A verifier around another one, for those that change one step of it and leave the rest as it is."""

from collections.abc import Sequence

from pesquared.core.running import RunResult
from pesquared.verify.verifier import Metric, PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace


class Wrapped(PerformanceVerifier):
    """Hands everything on to ``inner``, and is what that one is, also after its calibration."""

    def __init__(self, inner: PerformanceVerifier) -> None:
        super().__init__(inner.settings)
        self._inner = inner
        self._take_attributes()

    def _take_attributes(self) -> None:
        self.metric_name, self.higher_is_better = self._inner.metric_name, self._inner.higher_is_better
        self.deterministic, self.evidence = self._inner.deterministic, self._inner.evidence
        self.is_time = self._inner.is_time

    def build(self, workspace: Workspace) -> RunResult | None:
        return self._inner.build(workspace)

    def prepare(self, workspace: Workspace) -> RunResult | None:
        return self._inner.prepare(workspace)

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:
        return self._inner.test(workspace, suite)

    def calibrate(self, workspace: Workspace) -> RunResult | None:
        result = self._inner.calibrate(workspace)
        self._take_attributes()
        return result

    def bench(self, workspace: Workspace) -> RunResult:
        return self._inner.bench(workspace)

    def metric(self, result: RunResult) -> Metric:
        return self._inner.metric(result)

    def frames_of(self, benchmark: str) -> Sequence[str]:
        return self._inner.frames_of(benchmark)

    def comparable(self, stream: str, data: bytes) -> bytes:
        return self._inner.comparable(stream, data)

    @property
    def compares(self) -> bool:
        return self._inner.compares

    def differs(self, stream: str, expected: bytes, actual: bytes) -> str | None:
        return self._inner.differs(stream, expected, actual)
