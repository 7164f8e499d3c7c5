"""For benchmark commands that build what they run, such as ``make bench``: one untimed run after each build."""

from pesquared.core.running import RunResult
from pesquared.errors import BaselineError
from pesquared.verify.trees.files import changed, snapshot
from pesquared.verify.trees.linked import fingerprint
from pesquared.verify.verifier import PerformanceVerifier
from pesquared.verify.workspace import Workspace


class BenchmarkBuildsError(BaselineError):
    """The benchmark command links a program: that would be timed as well."""


def prime(verifier: PerformanceVerifier, workspace: Workspace) -> RunResult | None:
    """Runs the benchmark once, so that timed runs find everything made.

    Returns:
        The run if it failed without linking anything, which is a failed build; else None. A program that was
        linked and then failed is for the checks to judge.
    """
    before = snapshot(workspace.tree)
    result = verifier.bench(workspace)
    after = snapshot(workspace.tree)
    linked = fingerprint(workspace.tree, changed(before, after) & after.keys()).linked
    return None if result.ok or linked else result
