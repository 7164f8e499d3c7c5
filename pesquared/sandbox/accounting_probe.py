"""Tries whether the accounting of processor time sees what is spent in a tier."""

import re

from pesquared.core.protocols import Sandbox
from pesquared.core.running import TASK_CLOCK, Command
from pesquared.sandbox.scratch import scratch_folder

# A child of the shell counts and then says itself what it used: minutes and seconds, user and system.
_BURN = "( i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; times )"
_TIME_USED = re.compile(rb"(\d{1,6})m([\d.]{1,20})s (\d{1,6})m([\d.]{1,20})s")
_SEEN_AT_LEAST = 0.5  # an event that a privilege change took away sees next to nothing


def counts_processor_time(sandbox: Sandbox) -> bool:
    """Does the accounting see a time of which the program itself says that it was spent?

    The event may be refused by the kernel, or be lost on the way: a set-uid bubblewrap drops it.
    """
    if sandbox.accounting != TASK_CLOCK:
        return False
    with scratch_folder("tree") as tree:
        tree.chmod(0o755)
        result = sandbox.run(Command(("sh", "-c", _BURN), tree=tree, cwd=tree))
    used = _TIME_USED.search(result.stdout)
    if not used or result.usage.cpu_s is None:
        return False
    minutes, seconds = int(used[1]) + int(used[3]), float(used[2]) + float(used[4])
    spent = 60 * minutes + seconds
    return spent > 0 and result.usage.cpu_s >= _SEEN_AT_LEAST * spent
