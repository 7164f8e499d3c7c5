"""For benchmark commands that build what they run, such as ``make bench``: one untimed run after each build."""

from pesquared.core.running import RunResult
from pesquared.errors import BaselineError
from pesquared.verify.trees.effect import effect_of
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
    result, effect = effect_of(workspace.tree, lambda: verifier.bench(workspace))
    return None if result.ok or effect.products().linked else result
