"""Compilers with further options, for builds that take them in no other way: many a Makefile sets CFLAGS itself.

A shim is a script with a compiler's name. It stands first on PATH and calls the real one with options appended, so
that they win over what the build says. Builds that call a compiler by its whole path are not reached.
"""

import shlex
from pathlib import Path

_C, _CPP = ("cc", "gcc", "clang", "c89", "c99"), ("c++", "g++", "clang++")
_GCC, _CLANG = range(5, 17), range(7, 24)  # versions that distributions name in a program
_PATH = "PESQUARED_PATH"  # the search path without the shims, for the shims
_SHIM = """\
#!/bin/sh
# PESquared: a compiler with further options
PATH=${{{variable}:-/usr/local/bin:/usr/bin:/bin}}
exec {program} "$@" {flags}
"""


def write_shims(folder: Path, flags: tuple[str, ...], compiler: str = "") -> str:
    """Makes ``folder``, and a folder in it for each shim: only those of compilers that are there may be found.

    Args:
        folder: does not exist yet; its parent is a tree that commands see, at the path that they see.
        flags: options appended to each call.
        compiler: a C compiler to be called whatever is asked for, and its C++ compiler too: "gcc", "clang-14".

    Returns:
        Shell text to be run before a command: it puts the shims on PATH.

    Raises:
        OSError: something is in the way.
    """
    names = _names()
    _make(folder)
    for name in names:
        _make(folder / name)
        shim = folder / name / name
        program = _of_family(compiler, name) if compiler else name
        text = _SHIM.format(variable=_PATH, program=shlex.quote(program), flags=shlex.join(flags))
        shim.write_text(text, encoding="utf-8")
        shim.chmod(0o755)
    shims = shlex.quote(str(folder))
    return (
        f"{_PATH}=$PATH; export {_PATH} PATH\n"
        f"for shim in {' '.join(names)}\n"
        f'do ! command -v "$shim" > /dev/null || PATH={shims}/$shim:$PATH\n'
        "done; unset shim"
    )


def _names() -> tuple[str, ...]:
    versions = {"gcc": _GCC, "g++": _GCC, "clang": _CLANG, "clang++": _CLANG}
    return _C + _CPP + tuple(f"{name}-{number}" for name, numbers in versions.items() for number in numbers)


def _make(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)  # builds may run as somebody else


def _of_family(compiler: str, name: str) -> str:
    """The C or C++ program of a compiler, whichever ``name`` asks for."""
    if "++" not in name:
        return compiler
    family, dash, version = compiler.partition("-")
    return {"gcc": "g++", "clang": "clang++", "cc": "c++"}.get(family, family) + dash + version
