"""A git-native call-chain optimizer. The four names users know are imported when first asked for."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["DependencyExtractor", "FunctionOptimizer", "PerformanceVerifier", "StackAnalyzer", "__version__"]

_HOMES = {
    "StackAnalyzer": "pesquared.profiles",
    "DependencyExtractor": "pesquared.source",
    "FunctionOptimizer": "pesquared.propose",
    "PerformanceVerifier": "pesquared.verify",
}

if TYPE_CHECKING:
    from pesquared.profiles import StackAnalyzer
    from pesquared.propose import FunctionOptimizer
    from pesquared.source import DependencyExtractor
    from pesquared.verify import PerformanceVerifier


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'pesquared' has no attribute {name!r}")
    import importlib  # noqa: PLC0415

    return getattr(importlib.import_module(_HOMES[name]), name)
