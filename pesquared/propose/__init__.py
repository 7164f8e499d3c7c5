"""What might be faster: a model's answer, or a rule's, turned into edits that are not yet applied anywhere."""

from typing import TYPE_CHECKING

__all__ = ["FunctionOptimizer"]

if TYPE_CHECKING:
    from pesquared.propose.optimizer import FunctionOptimizer


def __getattr__(name: str) -> object:
    if name != "FunctionOptimizer":
        raise AttributeError(f"module 'pesquared.propose' has no attribute {name!r}")
    from pesquared.propose.optimizer import FunctionOptimizer  # noqa: PLC0415

    return FunctionOptimizer
