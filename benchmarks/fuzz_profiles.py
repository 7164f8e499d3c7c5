"""How readers of profiles take broken files, and how long they take for large and for hostile ones.

    python benchmarks/fuzz_profiles.py [--cases N] [--seed N] [--memory]

First each reader gets N broken variants of a good file (10,000 if not told otherwise) and must end with samples
and diagnostics. Then each gets files of 10 MB: its own format at that size, and files made to hurt. Printed are
CPU seconds and, with --memory, the most memory that Python held for objects: in a second, ten times slower run.
"""

import argparse
import json
import random
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from pesquared.core.profile import Diagnostic
from pesquared.profiles.formats import EVIDENCE, FORMATS, recognise
from tests.support import profile_specimens
from tests.support.pprof_writer import profile
from tests.support.profile_specimens import STACKS, broken

SIZE = 10_000_000
# How a format begins, and what can be repeated in it.
_TABLE, _MEM = STACKS["cProfile table"], profile_specimens.EVIDENCE["perf mem"]
_ROWS = {
    "macOS sample": (b"Call graph:\n", b"    9 Thread_1\n      9 main  (in p)\n        5 work  (in p)\n"),
    "cProfile table": (
        _TABLE[: _TABLE.index(b" 28630")],
        b" 28630/10    0.020    0.000    0.025    0.003 w.py:1(fib)\n",
    ),
    "perf mem": (_MEM[: _MEM.index(b"    61")], _MEM[_MEM.index(b"    61") : _MEM.index(b"     8.0")]),
    "pstats": (b"{", b")\x03z\x04w.pyi\x01\0\0\0z\x01f)\x05" + b"i\x01\0\0\0" * 2 + (b"g" + bytes(8)) * 2 + b"{0"),
}
REPEATED = ("perf script", "folded", "folded off-CPU", "perf stat", "coz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        fuzz(path, options.cases, options.seed)
        print(f"\n{'reader':16} {'file of 10 MB':28} {'CPU s':>6} {'MB held':>8} {'facts':>9}")
        for name in (*STACKS, *EVIDENCE):
            for what, content in (("its own format", large(name)), *hostile(name)):
                path.write_bytes(content)
                seconds, facts = timed(path, name)
                most = f"{held(path, name):8.1f}" if options.memory else f"{'':8}"
                print(f"{name:16} {what:28} {seconds:6.2f} {most} {facts:9}", flush=True)


def fuzz(path: Path, cases: int, seed: int) -> None:
    for name, good in {**STACKS, **profile_specimens.EVIDENCE}.items():
        begun, facts, said = time.process_time(), 0, 0
        for number in range(cases):
            path.unlink(missing_ok=True)
            path.write_bytes(broken(good, seed * cases + number))
            recognise(path)
            diagnostics: list[Diagnostic] = []
            facts += sum(1 for _ in read(path, name, diagnostics))
            said += len(diagnostics)
        seconds = time.process_time() - begun
        print(f"{name:16} {cases} broken files: {facts} facts, {said} diagnostics, {seconds:.1f} s", flush=True)


def read(path: Path, name: str, diagnostics: list[Diagnostic]) -> Iterator[object]:
    reader = (FORMATS if name in STACKS else EVIDENCE).load(name)()
    yield from reader.read(path, diagnostics)  # type: ignore[attr-defined]


def timed(path: Path, name: str) -> tuple[float, int]:
    begun = time.process_time()
    facts = sum(1 for _ in read(path, name, []))
    return time.process_time() - begun, facts


def held(path: Path, name: str) -> float:
    tracemalloc.start()
    for _ in read(path, name, []):
        pass
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most


def large(name: str) -> bytes:
    """A good file of about ``SIZE`` bytes."""
    dice = random.Random(1)
    if name in REPEATED:
        good = {**STACKS, **profile_specimens.EVIDENCE}[name]
        return good * (SIZE // len(good))
    if name == "pprof":
        stacks = [
            ([[f"f{dice.randrange(3000)}"] for _ in range(dice.randrange(5, 40))], [1, 10_000_000])
            for _ in range(17_000)
        ]
        return profile(["samples", "cpu"], stacks) * 10  # messages that follow each other are one
    if name == "speedscope":
        stacks = [[dice.randrange(3000) for _ in range(dice.randrange(5, 40))] for _ in range(85_000)]
        frames = [{"name": f"f{number}"} for number in range(3000)]
        kind = {"type": "sampled", "name": "", "unit": "none", "samples": stacks, "weights": [1] * len(stacks)}
        return json.dumps({"shared": {"frames": frames}, "profiles": [kind]}).encode()
    if name == "callgrind":
        parts = [
            f"fn=f{dice.randrange(5000)}\n1 9\ncfn=f{dice.randrange(5000)}\ncalls=1 1\n2 50\n"
            for _ in range(290_000)
        ]
        return b"events: Ir\n" + "".join(parts).encode()
    head, row = _ROWS[name]
    return head + row * (SIZE // len(row))


def hostile(name: str) -> Iterator[tuple[str, bytes]]:
    yield "one line", b"a" * SIZE
    yield "empty lines", b"\n" * SIZE
    if name in ("pprof", "pstats"):
        yield "zeros", bytes(SIZE)
        yield (
            "empty messages or tuples",
            b"\x12\x00" * (SIZE // 2) if name == "pprof" else b"{" + b")\x00)\x00" * (SIZE // 4),
        )
    if name == "pprof":
        inlined = b"".join(b"\x22\x02\x08\x01" for _ in range(64))
        location = (
            b"\x22" + bytes((0x80 | (len(inlined) + 2) & 0x7F, (len(inlined) + 2) >> 7)) + b"\x08\x01" + inlined
        )
        yield "short locations", b"\x22\x02\x08\x01" * (SIZE // 4)
        yield "empty strings", b"\x32\x00" * (SIZE // 2)
        yield "short samples", b"\x12\x01\x10" * (SIZE // 3)
        yield (
            "short samples of deep stacks",
            location
            + b"\x12\x16\x0a\x10"
            + b"\x01" * 16
            + b"\x10\x01\x12\x00"
            + (b"\x12\x14\x0a\x10" + b"\x01" * 16 + b"\x10\x01") * (SIZE // 22),
        )
    if name == "speedscope":
        opened = b",".join(b'{"type":"O","frame":0,"at":%d}' % number for number in range(SIZE // 36))
        yield (
            "frames that are never closed",
            b'{"shared":{"frames":[{"name":"a"}]},"profiles":[{"type":"evented","events":[' + opened + b"]}]}",
        )
        yield "open brackets", b"[" * SIZE
    if name == "callgrind":
        dense = "".join(f"fn=f{a}\n1 1\ncfn=f{b}\ncalls=1 1\n1 1\n" for a in range(600) for b in range(600))
        yield "everybody calls everybody", b"events: Ir\n" + dense.encode()
    if name == "macOS sample":
        yield (
            "deep",
            b"Call graph:\n"
            + b"".join(
                b" " * (number % 4000 + 1) + b"%d f  (in x)\n" % (9000 - number % 4000) for number in range(5000)
            ),
        )
    if name == "perf script":
        yield (
            "brackets",
            profile_specimens.PERF_SCRIPT.splitlines(keepends=True)[0] + b"\t 12 f(<(/" * (SIZE // 10),
        )


if __name__ == "__main__":
    main()
