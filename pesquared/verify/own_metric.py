"""A verifier's own metric has a name and a reader. With one of them alone, something else would be measured."""

from pesquared.verify.verifier import PerformanceVerifier


def half_a_metric(verifier: PerformanceVerifier) -> tuple[str, int | None] | None:
    """What is missing of the metric, and the line of what is there, if that is known; None where all is well.

    A class that says ``metric_name = ""`` itself has decided to be measured by time.
    """
    reader, named = _definition(verifier, "metric"), _definition(verifier, "metric_name")
    if reader is None and verifier.metric_name:
        return f"metric_name is {verifier.metric_name!r}, but there is no metric() that reads it", None
    if reader is not None and not verifier.metric_name and named is None:
        line = getattr(getattr(reader, "__code__", None), "co_firstlineno", None)
        return "metric() has no metric_name, so that time would be measured in its place", line
    return None


def _definition(verifier: PerformanceVerifier, name: str) -> object:
    """What the object or the nearest of its classes says, None where only the base class does."""
    kinds = type(verifier).__mro__
    for owner in (verifier, *kinds[: kinds.index(PerformanceVerifier)]):
        if name in vars(owner):
            found: object = vars(owner)[name]
            return found
    return None
