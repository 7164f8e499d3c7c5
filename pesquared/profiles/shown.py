"""Mangled names as people read them. The mangled name stays the key: it tells overloads apart in few characters.

binutils' ``c++filt`` does it, in a process of its own: a crafted name can grow without end when it is demangled.
"""

import re
import shutil
from collections.abc import Iterable, Mapping
from itertools import islice

from pesquared.profiles.lines import to_text
from pesquared.profiles.printed import printed

_MANGLED = re.compile(r"_{1,3}[ZR][\w.$]{1,4096}")  # C++ (Itanium ABI) and Rust, with clone suffixes
_MOST_NAMES = 10_000
_MOST_BYTES = 16 << 20
_LONGEST_NAME = 1 << 14
_LONGEST_S = 10
_PROGRAM = "c++filt"


def shown(names: Iterable[str]) -> Mapping[str, str]:
    """Mangled name → demangled, of those that are mangled; none where ``c++filt`` is missing or hangs."""
    mangled = list(islice((name for name in dict.fromkeys(names) if _MANGLED.fullmatch(name)), _MOST_NAMES))
    program = shutil.which(_PROGRAM)
    if program is None or not mangled:
        return {}
    lines = _output(program, "".join(f"{name}\n" for name in mangled).encode()).split(b"\n")
    if len(lines) != len(mangled) + 1:
        return {}
    pairs = zip(mangled, lines, strict=False)
    return {
        name: to_text(line) for name, line in pairs if line and len(line) < _LONGEST_NAME and line != name.encode()
    }


def _output(program: str, names: bytes) -> bytes:
    """What it prints, at most ``_MOST_BYTES``."""
    try:
        with printed([program], _LONGEST_S, given=names) as stream:
            return stream.read(_MOST_BYTES)
    except OSError:
        return b""
