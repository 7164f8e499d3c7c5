"""Mangled names as people read them: binutils' ``c++filt``, asked name by name while a profile is read.

It is a process of its own because a crafted name can grow without end, or crash it, when it is demangled.
"""

import os
import re
import resource
import select
import shutil
import subprocess
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from pesquared.profiles.lines import to_text

_MANGLED = re.compile(r"_{1,3}[ZR][\w$]{2,4096}", re.ASCII)  # C++ (Itanium ABI) and Rust
_PROGRAM = "c++filt"
_PATIENCE_S = 5.0  # for all names together, beyond what a good one takes
_GOOD_S = 0.001
_LONGEST = 1 << 14  # bytes of a name for people
_MOST_FAILURES = 4  # names that are too much for it
_MEMORY = 1 << 29
_ONE_READ = 1 << 16


class Demangler:
    """A context, which ends the process. Without c++filt, or where it fails, mangled names stay what they are."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._left_s = _PATIENCE_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def shown(self, name: str) -> str:
        """``ns::f(int)`` for ``_ZN2ns1fEi``; whatever is not mangled stays as it is."""
        if self._failures >= _MOST_FAILURES or not _MANGLED.fullmatch(name):
            return name
        begun = time.monotonic()
        try:
            answer = self._asked(name.encode())
        except OSError:  # it has ended, or cannot be started
            answer = None
        self._left_s -= max(time.monotonic() - begun - _GOOD_S, 0.0)
        if answer is None:
            self._failures = self._failures + 1 if self._left_s > 0 else _MOST_FAILURES
            self._end()
            return name
        return to_text(answer) or name

    def _asked(self, name: bytes) -> bytes | None:
        """What c++filt makes of it; None if that is too long or takes too long."""
        process = self._process or self._begun()
        if process is None or process.stdin is None or process.stdout is None:
            return None
        process.stdin.write(name + b"\n")
        process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], max(self._left_s, 0.0))
            piece = os.read(process.stdout.fileno(), _ONE_READ) if ready else b""
            answer += piece
            if not piece or len(answer) > _LONGEST:
                return None
        return answer.removesuffix(b"\n")

    def _begun(self) -> subprocess.Popen[bytes] | None:
        program = shutil.which(_PROGRAM)
        if program is None:
            self._failures = _MOST_FAILURES
            return None
        self._process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
        if hasattr(resource, "prlimit"):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError):  # what it was asked last may still wait to be written
                process.communicate()
