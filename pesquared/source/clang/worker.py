"""A process that reads units for the index, each in a child of its own: what crashes libclang loses one unit only.

Started by ``workers``: ``python -m pesquared.source.clang.worker``. A job is a line of JSON on standard input, its
answer a length in eight bytes and that many bytes of JSON on standard output.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import msgspec

from pesquared.source.clang import library, raw
from pesquared.source.clang.compile_commands import CompileCommand
from pesquared.source.clang.facts import Facts, Reader
from pesquared.source.clang.unit import parse_unit

CPU_SECONDS = 300
WALL_SECONDS = 900  # a header may be a pipe that nobody writes to
MEMORY_BYTES = 8 << 30
NO_UNIT = "libclang cannot parse it at all"


class Job(msgspec.Struct):
    """A unit to be read."""

    root: str
    command: CompileCommand


class Answer(msgspec.Struct):
    """What came of it; ``failure`` says why there are no facts. ``cpu_s`` is the child's."""

    facts: Facts | None
    failure: str = ""
    cpu_s: float = 0.0


def main() -> None:
    """Answers jobs until standard input ends."""
    library.load()
    raw.load()
    for line in sys.stdin.buffer:
        answer = msgspec.json.encode(_answer(line))
        sys.stdout.buffer.write(len(answer).to_bytes(8, "big") + answer)
        sys.stdout.buffer.flush()


def _answer(line: bytes) -> Answer:
    reading, writing = os.pipe()
    before = _children_s()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _in_child(line, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    cpu_s = _children_s() - before
    if status != 0:
        why = f"libclang was ended by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
        return Answer(None, why, cpu_s)
    facts = msgspec.json.decode(data, type=Facts | None)
    return Answer(facts, "" if facts is not None else NO_UNIT, cpu_s)


def _in_child(line: bytes, writing: int) -> None:
    """Never returns."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    code = 1
    try:
        job = msgspec.json.decode(line, type=Job)
        unit = parse_unit(Path(job.root), job.command, detailed=False)
        facts = Reader(unit).read() if unit is not None else None
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(msgspec.json.encode(facts))
        code = 0
    finally:
        os._exit(code)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
