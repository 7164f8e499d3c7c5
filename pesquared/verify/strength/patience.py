"""Time limits learned from the unchanged code: who judges many faulty programs meets many endless loops."""

from dataclasses import replace

from pesquared.core.running import RunResult
from pesquared.verify.blame import answerable
from pesquared.verify.verifier import PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace
from pesquared.verify.wrapped import Wrapped

FACTOR = 10  # times the longest run of the unchanged code
SHORTEST_S = 5.0


class Impatient(Wrapped):
    """Another verifier, whose tests and benchmark are stopped early once ``tighten`` has been called.

    A limit holds for one command in one kind of build, since under sanitizers everything takes longer. What was
    never run before has the time that the settings give it.
    """

    def __init__(self, inner: PerformanceVerifier) -> None:
        super().__init__(inner)
        self._longest: dict[tuple[str, str], float] = {}
        self._learning = True

    def tighten(self) -> None:
        """From now on no run may take longer than ten times the longest until now, and five seconds."""
        self._learning = False

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:
        result = self._inner.test(self._hurried(suite.value, workspace), suite)
        if result is not None:
            self._learn(suite.value, workspace, result)
        return result

    def bench(self, workspace: Workspace) -> RunResult:
        result = self._inner.bench(self._hurried("bench", workspace))
        self._learn("bench", workspace, result)
        return result

    def _learn(self, what: str, workspace: Workspace, result: RunResult) -> None:
        if self._learning:
            key = (what, workspace.setup)
            self._longest[key] = max(self._longest.get(key, 0.0), result.usage.wall_s)

    def _hurried(self, what: str, workspace: Workspace) -> Workspace:
        """The workspace with the limit that was learned for ``what``."""
        longest = self._longest.get((what, workspace.setup))
        if self._learning or longest is None:
            return workspace
        return replace(workspace, timeout_s=min(workspace.timeout_s, max(SHORTEST_S, FACTOR * longest)))


def impatient(verifier: PerformanceVerifier) -> Impatient:
    """``verifier`` with limits that it learns; what goes wrong in a user's own is still reported as theirs."""
    return Impatient(answerable(verifier))
