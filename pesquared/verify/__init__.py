"""Is it right, is it faster: verifiers, gates, paired measurement and the statistics of the verdict."""

from pesquared.verify.judge import TreeJudge
from pesquared.verify.registry import load_verifier
from pesquared.verify.verifier import PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace

__all__ = ["PerformanceVerifier", "Suite", "TreeJudge", "Workspace", "load_verifier"]
