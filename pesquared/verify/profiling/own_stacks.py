"""Makes stacks of the benchmark's own profile whose every doubt is a frame: ``UNKNOWN`` stands for any function.

A ceiling that is too low calls an honest gain a cheat, so nothing may be left out unseen:

- Code of ours without debug information may hold inlined functions that do not show.
- A stack that does not begin where programs and threads begin was cut, and anything may stand above.
- For the innermost of several inlined functions perf often prints the name of the outermost, but the right line:
  that line is the frame then. So it is for lambdas and other functions whose name does not tell where they stand.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from pesquared.core.profile import PLACE, UNKNOWN
from pesquared.profiles import clean
from pesquared.profiles.frames import Frame

# Where programs and threads begin: in the startup code of the C libraries, which is linked without lines.
_ROOTS = frozenset({
    "_start", "_start_c", "__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main",
    "_dl_start", "_dl_start_user", "_init", "_fini", "__libc_csu_init", "frame_dummy",
    "clone", "clone3", "__clone", "__clone3", "start_thread", "thread_start",
})  # fmt: skip
# What lies there was not built from the code base, so that no function of it can be inlined there.
_SYSTEM = ("/usr/", "/lib/", "/lib32/", "/lib64/", "/bin/", "/sbin/", "[vdso]", "[vsyscall]", "[kernel", "[guest")
_LAMBDA_MARKS = ("{lambda", "<lambda", "'lambda", "$_")
_PROCEDURE_LINKAGE = "@plt"


def stack_of(frames: Iterable[Frame]) -> tuple[str, ...]:
    """The stack, root first.

    Args:
        frames: of one sample, leaf first, with lines as far as they are known.
    """
    stack: list[str] = []
    whole = False
    for _, group in groupby(frames, key=lambda frame: frame.address):
        at_one_address = tuple(group)
        whole = _ends_whole(at_one_address[-1])
        stack.extend(_texts(at_one_address))
    if not whole:
        stack.append(UNKNOWN)
    return tuple(reversed(stack))


def _texts(group: tuple[Frame, ...]) -> Iterator[str]:
    """What stands for a function and those inlined in it at the sampled address, leaf first."""
    outermost = group[-1]
    if _is_foreign(outermost):
        yield from (_foreign(frame) for frame in group)
        return
    if not all(frame.line for frame in group) and outermost.symbol not in _ROOTS:
        yield UNKNOWN
    innermost = group[0]
    misnamed = len(group) > 1 and innermost.symbol == outermost.symbol
    yield _place(innermost.line) if misnamed or _is_vague(innermost) else innermost.symbol
    yield from (_place(frame.line) if _is_vague(frame) else frame.symbol for frame in group[1:])


def _is_vague(frame: Frame) -> bool:
    return frame.symbol.startswith(("operator", "_FUN")) or any(mark in frame.symbol for mark in _LAMBDA_MARKS)


def _place(line: str) -> str:
    text = f"[at {line}]"
    return text if PLACE.fullmatch(text) else UNKNOWN


def _is_foreign(frame: Frame) -> bool:
    if frame.symbol.endswith(_PROCEDURE_LINKAGE) or frame.name.endswith("_[k]"):
        return True
    return frame.object.startswith(_SYSTEM)


def _foreign(frame: Frame) -> str:
    """As its manual calls it: ``memset`` for ``__memset_avx2_unaligned``. Kernel functions keep their mark."""
    symbol = clean(frame.name)
    return symbol.text if symbol.kernel or symbol.module_only else symbol.name


def _ends_whole(root: Frame) -> bool:
    if root.symbol == UNKNOWN:
        return _is_foreign(root) and root.object.startswith("/")  # a stripped program or the loader itself
    return root.symbol in _ROOTS or root.symbol.partition("@")[0] in _ROOTS
