"""Does a candidate put functions of its own in the place of those that others rely on?

Whoever defines ``clock_gettime`` decides what a benchmark says of itself, and whoever defines ``__asan_on_error``
what a sanitizer does. A change of one function has no business there, so it is set aside for somebody to look at.
What counts is the linker's view, not the source's: macros and includes hide nothing from it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pesquared.core.verdict import Word
from pesquared.verify.failure import Failed
from pesquared.verify.trees.elf_symbols import Symbols, symbols_of
from pesquared.verify.trees.files import snapshot

_CLOCKS = frozenset(
    {
        "clock", "clock_getres", "clock_gettime", "clock_nanosleep", "ftime", "getrusage", "gettimeofday",
        "nanosleep", "sleep", "time", "times", "timespec_get", "usleep", "__clock_gettime", "__gettimeofday",
        "__vdso_clock_gettime", "__vdso_gettimeofday",
        "_ZNSt6chrono3_V212steady_clock3nowEv", "_ZNSt6chrono3_V212system_clock3nowEv",  # libstdc++
        "_ZNSt3__16chrono12steady_clock3nowEv", "_ZNSt3__16chrono12system_clock3nowEv",  # libc++
    }
)  # fmt: skip
# What the C library and the loader look up by name, whether or not the program itself uses it.
_LOOKED_UP = frozenset(
    {
        "aligned_alloc", "calloc", "free", "malloc", "memalign", "posix_memalign", "realloc", "valloc",
        "_start", "__libc_start_main", "__cxa_atexit", "__cxa_finalize",
    }
)  # fmt: skip
_SANITIZERS = ("__asan_", "__ubsan_", "__sanitizer_", "__lsan_", "__tsan_", "__msan_")
_OF_TEMPLATES = "_Z"  # such names, defined weakly, come and go with what the compiler inlines
_SHOWN = 5


class Interposing:
    """What the baseline's build defines and wants, to hold candidates against."""

    def __init__(self, tree: Path) -> None:
        """Of the built tree at its place."""
        self._files = symbols_of(tree, snapshot(tree))

    def found(self, tree: Path, made: Iterable[str], *, reports_itself: bool) -> Failed | None:
        """What a candidate does of the kind, None for nothing.

        Args:
            tree: where it is built.
            made: paths of what its build made or changed.
            reports_itself: the figure that counts is one that the benchmark reports, by a clock that it reads.
        """
        files = symbols_of(tree, made)
        taken = self._taken(files)
        if taken:
            return _failed(f"defines {_named(taken)}, which others rely on")
        lost = self._lost(files) if reports_itself else set()
        if lost:
            return _failed(f"no longer asks the system for the time by {_named(lost)}")
        return None

    def _taken(self, files: Mapping[str, Symbols]) -> set[str]:
        """Objects and programs apart: a static program defines the C library's names on either side."""
        taken = set()
        for is_object in (True, False):
            before, after = _alike(self._files.values(), is_object), _alike(files.values(), is_object)
            defined: set[str] = set().union(*(file.defined for file in before))
            foreign = set[str]().union(*(file.wanted for file in before)) - defined
            for file in after:
                taken |= {
                    name for name in file.defined - defined if _counts(name, file) and _relied(name, foreign)
                }
        return taken

    def _lost(self, files: Mapping[str, Symbols]) -> set[str]:
        """Clocks that a program took from a shared library and does no more."""
        lost: set[str] = set()
        for path, file in files.items():
            before = self._files.get(path)
            if before and not before.is_object and not file.is_object:
                lost |= (before.wanted - file.wanted) & _CLOCKS
        return lost


def _alike(files: Iterable[Symbols], is_object: bool) -> list[Symbols]:
    return [file for file in files if file.is_object == is_object]


def _counts(name: str, file: Symbols) -> bool:
    return name in _CLOCKS or not (name in file.weak and name.startswith(_OF_TEMPLATES))


def _relied(name: str, foreign: set[str]) -> bool:
    return name in foreign or name in _CLOCKS or name in _LOOKED_UP or name.startswith(_SANITIZERS)


def _failed(what: str) -> Failed:
    return Failed(
        Word.QUARANTINED, "interposes", f"it {what}: what it and its checks say cannot be trusted unseen"
    )


def _named(names: set[str]) -> str:
    some = sorted(names)
    more = f" and {len(some) - _SHOWN} more" if len(some) > _SHOWN else ""
    return ", ".join(some[:_SHOWN]) + more
