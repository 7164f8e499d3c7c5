"""libclang without its Python package's objects: a visited cursor costs 1 µs this way instead of 8.

The functions are clang-c/Index.h's, without their ``clang_``.
"""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_void_p
from functools import cache
from typing import Any

from pesquared.source.clang.library import cindex

BREAK, CONTINUE, RECURSE = 0, 1, 2  # enum CXChildVisitResult
MANY_OVERLOADS = 64


class Cursor(ctypes.Structure):
    """CXCursor. ``first`` tells declarations of one unit apart."""

    _fields_ = (
        ("kind", c_int),
        ("xdata", c_int),
        ("first", c_void_p),
        ("second", c_void_p),
        ("third", c_void_p),
    )


class Location(ctypes.Structure):
    """CXSourceLocation."""

    _fields_ = (("first", c_void_p), ("second", c_void_p), ("raw", c_uint))


class Range(ctypes.Structure):
    """CXSourceRange."""

    _fields_ = (("first", c_void_p), ("second", c_void_p), ("begin", c_uint), ("end", c_uint))


class String(ctypes.Structure):
    """CXString."""

    _fields_ = (("data", c_void_p), ("flags", c_uint))


class StringSet(ctypes.Structure):
    """CXStringSet."""

    _fields_ = (("strings", POINTER(String)), ("count", c_uint))


See = Callable[[Cursor, Cursor], int]
VISITOR = ctypes.CFUNCTYPE(c_int, Cursor, Cursor, c_void_p)
INCLUSION = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Location), c_uint, c_void_p)
_PLACE = (POINTER(c_void_p), POINTER(c_uint), POINTER(c_uint), POINTER(c_uint))
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "getTranslationUnitCursor": (Cursor, (c_void_p,)),
    "visitChildren": (c_uint, (Cursor, VISITOR, c_void_p)),
    "getCursorReferenced": (Cursor, (Cursor,)),
    "getCursorDefinition": (Cursor, (Cursor,)),
    "getCanonicalCursor": (Cursor, (Cursor,)),
    "getSpecializedCursorTemplate": (Cursor, (Cursor,)),
    "getCursorSemanticParent": (Cursor, (Cursor,)),
    "getCursorLexicalParent": (Cursor, (Cursor,)),
    "Cursor_isNull": (c_int, (Cursor,)),
    "Cursor_isInlineNamespace": (c_uint, (Cursor,)),
    "isCursorDefinition": (c_uint, (Cursor,)),
    "getCursorLocation": (Location, (Cursor,)),
    "getCursorExtent": (Range, (Cursor,)),
    "getRangeStart": (Location, (Range,)),
    "getRangeEnd": (Location, (Range,)),
    "getExpansionLocation": (None, (Location, *_PLACE)),
    "getCursorUSR": (String, (Cursor,)),
    "getCursorSpelling": (String, (Cursor,)),
    "getFileName": (String, (c_void_p,)),
    "getIncludedFile": (c_void_p, (Cursor,)),
    "getCString": (c_char_p, (String,)),
    "disposeString": (None, (String,)),
    "Cursor_getCXXManglings": (POINTER(StringSet), (Cursor,)),
    "disposeStringSet": (None, (POINTER(StringSet),)),
    "CXXMethod_isDefaulted": (c_uint, (Cursor,)),
    "CXXMethod_isVirtual": (c_uint, (Cursor,)),
    "Cursor_isDynamicCall": (c_int, (Cursor,)),
    "getOverriddenCursors": (None, (Cursor, POINTER(POINTER(Cursor)), POINTER(c_uint))),
    "disposeOverriddenCursors": (None, (POINTER(Cursor),)),
    "getNumOverloadedDecls": (c_uint, (Cursor,)),
    "getOverloadedDecl": (Cursor, (Cursor, c_uint)),
    "getInclusions": (None, (c_void_p, INCLUSION, c_void_p)),
}


@cache
def function(name: str) -> Any:
    """A function of libclang, by its name without ``clang_``."""
    found = _library()[f"clang_{name}"]
    found.restype, found.argtypes = _FUNCTIONS[name][0], list(_FUNCTIONS[name][1])
    return found


def load() -> None:
    """Makes all functions ready, so that processes forked from here need not."""
    for name in _FUNCTIONS:
        function(name)


@cache
def _library() -> ctypes.CDLL:
    """A handle of our own: the package puts checks on its handle's functions that would slow these down."""
    return ctypes.CDLL(cindex.conf.get_filename())


def visit(cursor: Cursor, see: See) -> None:
    """Calls ``see(child, parent)`` for what is below ``cursor``; what it returns says how to go on.

    An exception ends the visit and is raised here: out of a callback, ctypes would print it and go on.
    """
    failed: list[BaseException] = []

    def guarded(child: Cursor, parent: Cursor, _: object) -> int:
        try:
            return see(child, parent)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)
            return BREAK

    function("visitChildren")(cursor, VISITOR(guarded), None)
    if failed:
        raise failed[0]


def text(string: String) -> str:
    """A string of libclang's as text, given back to it; bytes that are not UTF-8 are surrogate-escaped."""
    data = function("getCString")(string)
    function("disposeString")(string)
    return data.decode("utf-8", "surrogateescape") if data else ""


def is_null(cursor: Cursor) -> bool:
    return bool(function("Cursor_isNull")(cursor))


def manglings(cursor: Cursor) -> tuple[str, ...]:
    """All names under which the linker may know a constructor or a destructor."""
    found = function("Cursor_getCXXManglings")(cursor)
    if not found:
        return ()
    names = tuple(
        (function("getCString")(found.contents.strings[at]) or b"").decode("utf-8", "replace")
        for at in range(found.contents.count)
    )
    function("disposeStringSet")(found)
    return names


def overridden(method: Cursor) -> tuple[Cursor, ...]:
    """The methods that ``method`` overrides directly."""
    array, count = POINTER(Cursor)(), c_uint()
    function("getOverriddenCursors")(method, byref(array), byref(count))
    found = tuple(Cursor.from_buffer_copy(array[at]) for at in range(count.value))
    if array:
        function("disposeOverriddenCursors")(array)
    return found


class Places:
    """Reads locations as (file, offset, line): where a macro is expanded, for what comes out of one."""

    def __init__(self) -> None:
        self._file, self._line, self._column, self._offset = c_void_p(), c_uint(), c_uint(), c_uint()
        self._out = tuple(byref(one) for one in (self._file, self._line, self._column, self._offset))
        self._expansion = function("getExpansionLocation")

    def of(self, location: Location) -> tuple[int, int, int]:
        """The file's handle (0: none), byte offset, 1-based line."""
        self._expansion(location, *self._out)
        return self._file.value or 0, self._offset.value, self._line.value


def as_package_cursor(cursor: Cursor, parsed: Any) -> Any:
    """The package's own object for the cursor; ``parsed`` is the package's translation unit."""
    made = cindex.Cursor.from_buffer_copy(cursor)
    made._tu = parsed  # noqa: SLF001 - how the package itself keeps the unit alive
    return made


def as_raw(cursor: Any) -> Cursor:
    """The other way round."""
    return Cursor.from_buffer_copy(cursor)


def overloads(reference: Cursor) -> tuple[Cursor, ...]:
    """All functions that an unresolved name in a template may mean."""
    count = function("getNumOverloadedDecls")(reference)
    return tuple(function("getOverloadedDecl")(reference, at) for at in range(min(count, MANY_OVERLOADS)))


def inclusions(parsed: Any, name_of: Callable[[int], str]) -> list[str]:
    """All files that the unit was read from, itself first, each as ``name_of(handle)``."""
    found: dict[str, None] = {}

    def take(file: int, _stack: object, _depth: int, _data: object) -> None:
        found[name_of(file or 0)] = None

    function("getInclusions")(parsed, INCLUSION(take), None)
    return [name for name in found if name]
