"""Which tier foreign code runs in: the best one that holds when an escape from it is tried."""

import dataclasses
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pesquared.core.running import TASK_CLOCK, Command
from pesquared.errors import PesquaredError
from pesquared.sandbox.accounting import WALL
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.escape import find_escapes
from pesquared.sandbox.none import Unconfined

Tier = TypeVar("Tier", Bubblewrap, Unconfined)

# A child of the shell counts and then says itself what it used: minutes and seconds, user and system.
_BURN = "( i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; times )"
_TIME_USED = re.compile(rb"(\d{1,6})m([\d.]{1,20})s (\d{1,6})m([\d.]{1,20})s")
_SEEN_AT_LEAST = 0.5  # an event that a privilege change took away sees next to nothing


@dataclass(frozen=True, slots=True)
class Choice:
    """The tier that was taken, and in one sentence why not a better one; "" when there is none better."""

    sandbox: Bubblewrap | Unconfined
    why: str


def choose(environ: Mapping[str, str]) -> Choice:
    """Tries the tiers, best first, and whether processor time can be accounted for in the one that is taken.

    Args:
        environ: the user's environment; only ``PATH``, ``HOME`` and ``CONDA_PREFIX`` are read.
    """
    bubblewrap = Bubblewrap.installed(environ)
    if bubblewrap is None:
        why = "bubblewrap is not installed (package bubblewrap, program bwrap; root needs setpriv too)"
        return Choice(_with_accounting(Unconfined.with_tools_of(environ)), why)
    refused = _why_refused(bubblewrap)
    if refused:
        why = f"bubblewrap is installed but does not hold here: {refused}"
        return Choice(_with_accounting(Unconfined.with_tools_of(environ)), why)
    return Choice(_with_accounting(bubblewrap), "")


def _why_refused(sandbox: Bubblewrap) -> str:
    try:
        return "; ".join(find_escapes(sandbox, sandbox.owner))
    except PesquaredError as error:
        return error.message


def _with_accounting(sandbox: Tier) -> Tier:
    """The same tier, set to the wall clock if the task-clock event does not see what is spent in it."""
    return sandbox if counts_processor_time(sandbox) else dataclasses.replace(sandbox, accounting=WALL)


def counts_processor_time(sandbox: Bubblewrap | Unconfined) -> bool:
    """Does the accounting see a time of which the program itself says that it was spent?

    The event may be refused by the kernel, or be lost on the way: a set-uid bubblewrap drops it.
    """
    if sandbox.accounting != TASK_CLOCK:
        return False
    with tempfile.TemporaryDirectory(prefix="pesquared-tree-") as folder:
        Path(folder).chmod(0o755)
        tree = Path(folder)
        result = sandbox.run(Command(("sh", "-c", _BURN), tree=tree, cwd=tree))
    used = _TIME_USED.search(result.stdout)
    if not used or result.usage.cpu_s is None:
        return False
    minutes, seconds = int(used[1]) + int(used[3]), float(used[2]) + float(used[4])
    spent = 60 * minutes + seconds
    return spent > 0 and result.usage.cpu_s >= _SEEN_AT_LEAST * spent
