"""The names under which the C library's own symbols are known to everyone else.

A profile shows what the dynamic linker chose: ``__sin_fma`` for ``sin``, ``__memmove_avx_unaligned_erms`` for
``memmove``. Names with two leading underscores belong to the implementation (C11 7.1.3), so no portable program is
misread.
"""

import re

_LONGEST = 128

_PUBLIC = {
    "__libc_start_main_impl": "__libc_start_main",
    "__libc_malloc": "malloc",
    "__libc_calloc": "calloc",
    "__libc_realloc": "realloc",
    "__libc_free": "free",
    "__libc_memalign": "memalign",
}

_VARIANT = re.compile(
    r"__(?:ieee754_)?(?P<public>[a-z][a-z0-9_]*?)"
    r"_(?:fma4?|avx(?:2|512)?|sse(?:2|3|4_1|4_2)|ssse3|evex(?:512)?|generic|finite)(?:_[a-z0-9_]+)?"
)


def public_name(symbol: str) -> str:
    """``symbol`` as the C library's manual calls it; unchanged if it is not one of the library's aliases."""
    if not symbol.startswith("__") or len(symbol) > _LONGEST:
        return symbol
    internal = symbol.removeprefix("__GI_")
    if internal in _PUBLIC:
        return _PUBLIC[internal]
    if variant := _VARIANT.fullmatch(internal):
        return variant["public"]
    if internal == symbol or internal.startswith("__libc_"):
        return internal
    return internal.lstrip("_") or symbol
