"""One small, good file of each profile format; and broken ones made from them."""

import json
import marshal
import random
from collections.abc import Callable

from tests.support import pprof_writer

PERF_SCRIPT = b"""\
prog 4711/4712 11188.842726:     333444 cpu-clock:
\t            1226 mix+0x6 (inlined)
\t            1226 outer+0x46 (/home/me/prog)
\t            125c main+0x2c (/home/me/prog)

prog 4711/4713 11188.852726:         10 cycles:
\t            125c main+0x2c (/home/me/prog)

"""

FOLDED = b"main;work;leaf 42\nmain;rest 7.5\nmain;diff 3 4\n# comment\n"

OFF_CPU = b"prog;main;read;-;__schedule_[k];finish_task_switch.isra.0_[k] 1200\nprog;main;lock;schedule_[k] 30\n"

CALLGRIND = b"""\
# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 1
cmd: ./demo
part: 1

positions: line
events: Ir Dr
summary: 700 70

ob=(1) /home/me/demo
fl=(1) demo.c
fn=(1) main
16 100 10
cob=(1)
cfn=(2) work
calls=2 50
+3 500 50
cfi=(2) other.c
cfn=(3) rest
calls=1 9
* 100 10

fn=(2)
50 400 40
cfi=(2)
cfn=(3)
calls=1 9
* 100

fl=(2)
fn=(3)
9 200 20
totals: 700 70
"""

MACOS = b"""\
Analysis of sampling prog (pid 42) every 1 millisecond
Process:         prog [42]

Call graph:
    900 Thread_1234   DispatchQueue_1: com.apple.main-thread  (serial)
    + 900 start  (in dyld) + 1903  [0x18f1]
    +   900 main  (in prog) + 120  [0x1029]  demo.c:9
    +     700 work(int)  (in prog) + 44  [0x102a]
    +     ! 500 ???  (in libz.dylib)  load address 0x1 + 0x2  [0x3]
    +     100 read  (in libsystem_kernel.dylib) + 8  [0x44]
    40 Thread_99
      40 thread_start  (in libsystem_pthread.dylib) + 8  [0x55]

Total number in stack (recursive counted multiple, when >=5):
        5       main  (in prog) + 120  [0x1029]

Sort by top of stack, same collapsed (when >= 5):
        work(int)  (in prog)        200
"""

TABLE = b"""\
fib(18) is 2584
         28694 function calls (64 primitive calls) in 0.030 seconds

   Ordered by: standard name

   ncalls  tottime  percall  cumtime  percall filename:lineno(function)
 28630/10    0.020    0.000    0.025    0.003 work.py:1(fib)
        1    0.001    0.001    0.030    0.030 work.py:1(<module>)
        5    0.004    0.001    0.004    0.001 {built-in method builtins.sorted}

"""

PERF_STAT = b"""\
# started on Fri Nov 20 20:51:28 2026

{"counter-value" : "4.399631", "unit" : "msec", "event" : "task-clock", "event-runtime" : 4399631, "pcnt-running" : 100.00}
{"counter-value" : "117.000000", "unit" : "", "event" : "page-faults", "event-runtime" : 4399631, "pcnt-running" : 50.00}
{"counter-value" : "<not supported>", "unit" : "", "event" : "cycles", "event-runtime" : 0, "pcnt-running" : 100.00}
"""

PERF_MEM = b"""\
# Samples: 30  of event 'cpu/mem-loads,ldlat=30/P'
#
# Overhead       Samples  Local Weight  Memory access   Symbol                Shared Object
# ........  ............  ............  ..............  ....................  .............
#
    61.25%            12  231           RAM hit         [.] chase(node*)      prog
     8.00%            18  7             L1 hit          [k] copy_page         [kernel.kallsyms]

#
# (Tip: sample with --phys-data)
"""

COZ = (
    b"startup\ttime=1795185379542331749\n"
    + b"".join(
        b"experiment\tselected=parse.c:10\tspeedup=%.2f\tduration=%d\tselected-samples=26\n"
        b"throughput-point\tname=round\tdelta=10\n" % (speedup / 100, 1000 * (100 - speedup // 2))
        for speedup in (0, 20, 40, 60) * 3
    )
    + b"experiment\tselected=IO\tspeedup=0.50\tduration=100065636\tselected-samples=103\tdelay=51000000\n"
    + b"throughput-point\tname=round\tdelta=12\nlatency-point\tname=N\tarrivals=4\tdepartures=4\tdifference=1\n"
    + b"samples\tlocation=parse.c:7\tcount=1180\nruntime\ttime=11725567564\n"
)

SPEEDSCOPE = json.dumps({
    "$schema": "https://www.speedscope.app/file-format-schema.json",
    "shared": {"frames": [{"name": "main"}, {"name": "work", "file": "/src/w.py", "line": 3}, {"name": "leaf"}]},
    "profiles": [
        {"type": "sampled", "name": "T1", "unit": "seconds", "startValue": 0, "endValue": 9,
         "samples": [[0, 1, 2], [0, 1], [0]], "weights": [4, 2.5, 1]},
        {"type": "evented", "name": "T2", "unit": "seconds", "startValue": 0, "endValue": 9,
         "events": [{"type": "O", "frame": 0, "at": 0}, {"type": "O", "frame": 2, "at": 2},
                    {"type": "C", "frame": 2, "at": 5}, {"type": "C", "frame": 0, "at": 6}]},
    ],
}).encode()  # fmt: skip

PPROF = pprof_writer.profile(
    ["samples", "cpu"],
    [
        ([["main"], ["work", "inlined"], ["_Z4leafi|leaf"]], [2, 20_000_000]),
        ([["main"], []], [1, 10_000_000]),
    ],
)

_MAIN, _WORK = ("w.py", 1, "<module>"), ("/src/w.py", 9, "work")
_BUILT_IN = ("~", 0, "<built-in method builtins.sorted>")
PSTATS = marshal.dumps({
    _MAIN: (1, 1, 0.25, 4.0, {}),
    _WORK: (1, 3, 2.75, 3.75, {_MAIN: (1, 1, 2.75, 3.75), _WORK: (2, 2, 1.0, 2.0)}),
    _BUILT_IN: (5, 5, 1.0, 1.0, {_WORK: (5, 5, 1.0, 1.0)}),
})  # fmt: skip

STACKS = {
    "perf script": PERF_SCRIPT, "folded": FOLDED, "folded off-CPU": OFF_CPU, "callgrind": CALLGRIND,
    "macOS sample": MACOS, "cProfile table": TABLE, "speedscope": SPEEDSCOPE, "pprof": PPROF, "pstats": PSTATS,
}  # fmt: skip
EVIDENCE = {"perf stat": PERF_STAT, "perf mem": PERF_MEM, "coz": COZ}

_PIECES = (
    b"\n", b"\0", b"\xff\xff\xff\xff\xff\x0f", b" ", b";", b"-1", b"nan", b"1e999", b"99999999999999999999999", b"[[[[[[",
    b'"', b"(1)", b"fn=(", b"\t", b"+     900 x", b"calls=", b"{", b"}", b"\xc3\x28", b"inf", b"0.", b"(" * 40, b"r\0\0\0\0",
)  # fmt: skip


def broken(good: bytes, seed: int) -> bytes:
    """``good`` with a few bytes changed, left out, doubled or put in; or cut off; the same for the same seed."""
    dice = random.Random(seed)
    data = bytearray(good)
    ways: tuple[Callable[[int, int], object], ...] = (
        lambda at, _: data.__setitem__(slice(at, at + 1), bytes((dice.randrange(256),))),
        lambda at, end: data.__delitem__(slice(at, end)),
        lambda at, end: data.__setitem__(slice(at, at), data[at:end] * dice.randrange(1, 4)),
        lambda at, _: data.__setitem__(slice(at, at), dice.choice(_PIECES)),
        lambda at, _: data.__setitem__(slice(at, at), dice.randbytes(dice.randrange(1, 9))),
        lambda at, _: data.__delitem__(slice(at, None)) if dice.random() < 0.2 else None,
    )
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(len(data) + 1)
        dice.choice(ways)(at, at + dice.randrange(1, 40))
    return bytes(data)
