"""All the hostile programs by sort, and how each sort is run."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Purpose
from tests.support.hostile.campaign import Fate, run_flood, run_one
from tests.support.hostile.escapes import ESCAPES
from tests.support.hostile.floods import FLOODS
from tests.support.hostile.program import Hostile
from tests.support.hostile.seekers import SEEKERS
from tests.support.hostile.trees import TREES
from tests.support.hostile.walks import walks

SORTS = {"escape": ESCAPES, "tree": TREES, "denial of service": FLOODS, "secrets": SEEKERS}
EVERY = tuple(program for programs in SORTS.values() for program in programs)

Run = Callable[[Hostile, Path], Fate]


@contextlib.contextmanager
def running(sort: str, sandbox: Sandbox, purpose: Purpose = Purpose.BENCH) -> Iterator[Run]:
    """What runs one program of a sort in ``sandbox``; escapes and seekers run for ``purpose``."""
    if sort == "tree":
        with walks(sandbox) as opened:
            yield opened.run_one
    elif sort == "denial of service":
        yield partial(run_flood, sandbox)
    else:
        yield lambda program, binary: run_one(sandbox, program, binary, purpose)
