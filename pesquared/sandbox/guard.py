"""Ends what our commands have started if we are killed ourselves: a small program that outlives us by a moment.

It waits for the end of a pipe that only we hold open, and kills whoever bears our mark. In the tiers with a pid
namespace the kernel does that; in the others nobody would, until the next run.
"""

import fcntl
import os
from functools import lru_cache

from pesquared.sandbox import mark

_HIGH = 10
# The shell that we start goes at once and leaves the guard behind, which is then nobody's child that we know of.
# All are stopped before any is killed, since a program that forks in a loop would win the race. Zombies have
# limits, too, until somebody takes note of them: so there is an end to the rounds.
_GUARD = r"""
guard() {
    trap '' HUP INT TERM
    read -r never <&3
    round=0
    while [ $round -lt 100 ]; do
        found=$(grep -lsE "^Max file locks +[^ ]+ +$1[0-9]{4} " /proc/[0-9]*/limits)
        [ -n "$found" ] || exit 0
        for signal in STOP KILL; do
            for limits in $found; do
                pid=${limits#/proc/}
                kill -$signal "${pid%/limits}"
            done
        done
        round=$((round + 1))
    done
}
guard "$1" &
"""


def stand_guard() -> None:
    """Starts it, once in the life of a process that runs commands."""
    if mark.ours():
        _start(os.getpid())


@lru_cache(maxsize=1)
def _start(_pid: int) -> None:
    """Not by ``subprocess``: a signal for us, or a change of our folder, shall not be one for the guard."""
    read_end, write_end = map(_out_of_the_way, os.pipe())  # the latter stays open for as long as we live
    quiet = _out_of_the_way(os.open(os.devnull, os.O_RDWR))
    places = [(os.POSIX_SPAWN_DUP2, quiet, number) for number in range(3)]
    try:
        shell = os.posix_spawn(
            "/bin/sh",
            ("sh", "-c", _GUARD, "pesquared-guard", mark.ours()),
            {"PATH": os.defpath},
            file_actions=[*places, (os.POSIX_SPAWN_DUP2, read_end, 3)],
            setsid=True,
        )
        os.waitpid(shell, 0)
    except (OSError, NotImplementedError):  # the next run will end them
        os.close(write_end)
    finally:
        os.close(read_end)
        os.close(quiet)


def _out_of_the_way(descriptor: int) -> int:
    """Where our standard input is closed, a new descriptor could be number 0, which the shell needs."""
    higher = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(descriptor)
    return higher
