"""Names of runs and of their branches; whatever a function is called, git accepts the branch's name."""

import re
import secrets
from datetime import datetime

LONGEST_FUNCTION = 60  # characters


def new_run_id() -> str:
    """A run's name, ``YYYYMMDD-HHMMSS-xxxx``: local time, and chance for runs of the same second."""
    return run_id(datetime.now().astimezone(), secrets.token_hex(2))


def run_id(now: datetime, token: str) -> str:
    """The name of a run that began at ``now``."""
    return f"{now:%Y%m%d-%H%M%S}-{token}"


def attempt_name(run: str, number: int, function: str) -> str:
    """What identifies an attempt: ``<run>/<nn>-<function>``."""
    return f"{run}/{number:02d}-{ref_safe(function)}"


def attempt_branch(prefix: str, run: str, number: int, function: str) -> str:
    """The branch of an attempt, below ``refs/heads/``."""
    return f"{prefix}/{attempt_name(run, number, function)}"


def best_branch(prefix: str, run: str) -> str:
    """The branch at the last accepted attempt of a run."""
    return f"{prefix}/{run}/best"


def ref_safe(function: str) -> str:
    """A function's qualified name as a part of a branch's name: letters, digits, ``_``, ``.`` and ``-`` only.

    The rules are those of git-check-ref-format(1): no "..", no leading dot, no ".lock" at the end.
    """
    text = re.sub(r"[^A-Za-z0-9_.]+", "-", function.replace("::", "."))
    text = re.sub(r"\.{2,}", ".", text).strip(".-")[:LONGEST_FUNCTION]
    text = re.sub(r"(?:\.lock|[.-])+$", "", text)
    return text or "function"
