"""Which arguments of a compiler's command line libclang is given: those that decide what the code means.

It is a list of what is let through, for the command line is foreign: ``-fplugin``, ``-Xclang -load``, ``-B``,
``-specs`` and ``@file`` would load code or files, and what only gcc knows is an error to libclang.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

C_SUFFIXES = frozenset({".c"})
CXX_SUFFIXES = frozenset({".cc", ".cpp", ".cxx", ".c++", ".C", ".cp"})
UNIT_SUFFIXES = C_SUFFIXES | CXX_SUFFIXES
HEADER_SUFFIXES = frozenset(
    {".h", ".hh", ".hpp", ".hxx", ".h++", ".H", ".inc", ".inl", ".ipp", ".tpp", ".tcc", ".txx", ".def"}
)

_COMPILER = re.compile(r"(?:[\w.+-]*-)?(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|c99|c11|icx|icpx)(?:-[\d.]+)?")
_PATH_FLAGS = ("-isystem", "-iquote", "-idirafter", "-imacros", "-include", "-I")
_NEVER = ("-include-pch", "-include-path", "-imultilib", "-I-", "-include-with")
_TAKES_VALUE = frozenset(
    {"-o", "-MF", "-MT", "-MQ", "-MJ", "-T", "-u", "-L", "-l", "-z", "-B", "-x", "-D", "-U", "-arch", "-target"}
    | {"-Xclang", "-Xlinker", "-Xassembler", "-Xpreprocessor", "-wrapper", "-aux-info", "--param", "-specs"}
    | {"-include-pch", *_PATH_FLAGS}
)
_PLAIN = frozenset({"-ansi", "-pthread", "-m32", "-m64", "-mx32", "-nostdinc", "-nostdinc++", "-undef"})
_MEANING = re.compile(
    r"-std=[\w+:]+|-O(?:[0-3sgz]|fast)?|-march=[\w.+-]+"
    r"|-m(?:no-)?(?:mmx|sse\d?(?:\.\d)?|ssse3|sse4a|avx|avx2|avx512\w+|avxvnni|fma4?|f16c|bmi2?|lzcnt|popcnt|aes"
    r"|pclmul|vpclmulqdq|vaes|sha|gfni|adx|movbe|rdrnd|rdseed|xsave\w*|crc32)"
    r"|-f(?:no-)?(?:unsigned-char|signed-char|short-enums|short-wchar|exceptions|rtti|openmp|ms-extensions|builtin"
    r"|freestanding|fast-math|math-errno|finite-math-only|wrapv|gnu89-inline|char8_t|PIC|PIE|pic|pie|blocks)"
)


def is_compiler(program: str) -> bool:
    """Is this the name of a C or C++ compiler, with or without a path, a target prefix and a version?"""
    return _COMPILER.fullmatch(program.rsplit("/", 1)[-1]) is not None


def language_of(argv: Sequence[str], file: str) -> str:
    """``c`` or ``c++``: by ``-x``, else by the compiler's name, else by the file's suffix."""
    for flag, value in zip(argv, [*argv[1:], ""], strict=True):
        named = value if flag == "-x" else flag.removeprefix("-x") if flag.startswith("-xc") else ""
        if named in ("c", "c++"):
            return named
    programs = [word for word in argv[:8] if not word.startswith("-") and is_compiler(word)]
    if programs and "++" in programs[0].rsplit("/", 1)[-1]:
        return "c++"
    return "c++" if PurePosixPath(file).suffix in CXX_SUFFIXES else "c"


def units_in(argv: Sequence[str]) -> tuple[str, ...]:
    """The source files that a compiler's command line names, as it names them."""
    return tuple(word for word in _positional(argv) if PurePosixPath(word).suffix in UNIT_SUFFIXES)


def _positional(argv: Sequence[str]) -> Iterator[str]:
    skip = True  # the program itself
    for word in argv:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _TAKES_VALUE
        elif not word.startswith("@"):
            yield word


def clean(argv: Sequence[str], absolute: Callable[[str], str]) -> tuple[str, ...]:
    """What is let through, in order.

    Args:
        argv: the whole command line, program first.
        absolute: turns a path of the command line into an absolute one.
    """
    kept: list[str] = []
    words = iter(argv[1:])
    for word in words:
        if word in _TAKES_VALUE:
            value = next(words, "")
            if word in _PATH_FLAGS and value:
                kept += [word, absolute(value)]
            elif word in ("-D", "-U") and value:
                kept.append(word + value)
        elif not word.startswith(_NEVER):
            kept += _joined(word, absolute)
    return tuple(kept)


_LOADS = re.compile(
    r"@.*|-fplugin.*|-fpass-plugin.*|-load|-specs.*|-wrapper|-include-pch.*|-fmodule.*|-fprebuilt-module.*|.*\.(?:gch|pch|pcm)"
)


def refused(argv: Sequence[str]) -> Iterator[str]:
    """Arguments that would have loaded code or what another compiler has made; they are not let through."""
    return (word[:80] for word in argv[1:] if _LOADS.fullmatch(word))


def _joined(word: str, absolute: Callable[[str], str]) -> list[str]:
    """A flag that carries its own value, or stands alone; [] if it is not let through."""
    if (word.startswith(("-D", "-U")) and len(word) > 2) or word in _PLAIN or _MEANING.fullmatch(word):
        return [word]
    for flag in _PATH_FLAGS:
        if word.startswith(flag):
            return [flag, absolute(word[len(flag) :])]
    return []
