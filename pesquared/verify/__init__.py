"""Is it right, is it faster: verifiers, gates, paired measurement and the statistics of the verdict."""

from pesquared.core.verdict import Evidence
from pesquared.verify.judge import TreeJudge
from pesquared.verify.registry import load_verifier
from pesquared.verify.verifier import PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace

__all__ = ["Evidence", "PerformanceVerifier", "Suite", "TreeJudge", "Workspace", "load_verifier"]
