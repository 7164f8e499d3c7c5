"""Prints what it costs to put another built tree at the constant path: by two renames, by one exchange, by a copy.

The figures stand in docs/design/0001-slots-by-renaming.md. Usage: ``python benchmarks/slot_switch.py [FOLDER]``;
the trees are made below FOLDER (default: the system's temporary folder), whose file system is what is measured.
"""

import ctypes
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FILES, FILE_BYTES, ROUNDS, COPIES = 1000, 4096, 2000, 5

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def make_tree(root: Path) -> None:
    for number in range(FILES):
        folder = root / f"part{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number}.o").write_bytes(os.urandom(FILE_BYTES))


def two_renames(current: Path, one: Path, other: Path) -> Callable[[int], None]:
    """``current`` is given back to where it came from, and the next tree takes its place."""

    def switch(turn: int) -> None:
        active, waiting = (one, other) if turn % 2 else (other, one)
        current.rename(active)
        waiting.rename(current)

    return switch


def one_exchange(current: Path, other: Path) -> Callable[[int], None]:
    libc = ctypes.CDLL(None, use_errno=True)
    paths = (os.fsencode(current), os.fsencode(other))

    def switch(_turn: int) -> None:
        if libc.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), "renameat2")

    return switch


def copy(source: Path, current: Path) -> Callable[[int], None]:
    def switch(_turn: int) -> None:
        shutil.rmtree(current)
        shutil.copytree(source, current, symlinks=True)

    return switch


def median_us(switch: Callable[[int], None], rounds: int) -> float:
    taken = []
    for turn in range(rounds):
        begun = time.perf_counter_ns()
        switch(turn)
        taken.append((time.perf_counter_ns() - begun) / 1000)
    return statistics.median(taken)


def report(what: str, switch: Callable[[int], None], rounds: int) -> None:
    try:
        figure = f"{median_us(switch, rounds):10.1f} µs"
    except (OSError, AttributeError) as error:  # the file system, or the C library, does not offer it
        figure = f"not available here: {error}"
    print(f"{what:28} {figure}")


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as scratch:
        current, one, other = (Path(scratch, name) for name in ("current", "one", "other"))
        make_tree(current)
        make_tree(one)
        print(f"median cost of a switch between two trees of {FILES} files below {Path(scratch).parent}")
        report("two renames", two_renames(current, one, other), ROUNDS)
        report("one exchange (renameat2)", one_exchange(current, one), ROUNDS)
        report("removing and copying", copy(one, current), COPIES)


if __name__ == "__main__":
    main()
