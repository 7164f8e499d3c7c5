"""Reads the few kinds of values that Python's ``marshal`` writes into a profile, and refuses all others.

``marshal.loads`` itself must not be given foreign bytes: it can crash the interpreter. Format: Python/marshal.c,
the same from version 3 on. A value is a letter and its contents; its eighth bit says that a later ``r`` may refer
to it.
"""

import struct
from dataclasses import dataclass, field

Value = None | int | float | str | tuple["Value", ...] | dict["Value", "Value"]

_MAY_BE_MEANT = 0x80
_DEEPEST = 8  # a profile's values lie five deep
_NULL = object()

_CONSTANTS = {"0": _NULL, "N": None}
_SHORT_TEXTS = "zZ"  # one byte says the length
_LONG_TEXTS = "aAut"
_DIGIT_BITS = 15
_KEY_PARTS = 3  # file, line and name of a function: nothing else is a key in a profile


class MarshalError(ValueError):
    """The bytes are no value of a kind that profiles hold."""


def load(data: bytes) -> Value:
    """The value at the beginning of ``data``.

    Raises:
        MarshalError: it is cut off, of another kind, or deeper than any profile.
    """
    value = _Reader(data).value(0)
    if value is _NULL:
        raise MarshalError("nothing where a value should be")
    return value  # type: ignore[return-value]


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0
    seen: list[object] = field(default_factory=list)  # what may be referred to, in the order in which it began

    def value(self, depth: int) -> object:
        """The next value, or ``_NULL``, which ends a dictionary."""
        at = self.at
        if self.data[at : at + 1] == b"i" and at + 5 <= len(self.data):  # most values are that
            self.at = at + 5
            return int.from_bytes(self.data[at + 1 : at + 5], "little", signed=True)
        if depth > _DEEPEST:
            raise MarshalError("nested too deep")
        code = self._take(1)[0]
        kind = chr(code & ~_MAY_BE_MEANT)
        place = len(self.seen)
        if code & _MAY_BE_MEANT:
            self.seen.append(_NULL)
        found = self._holder(kind, depth) if kind in "({)" else self._plain(kind)
        if code & _MAY_BE_MEANT and _is_flat(found):
            self.seen[place] = found
        return found

    def _holder(self, kind: str, depth: int) -> object:
        return self._dict(depth) if kind == "{" else self._tuple(kind, depth)

    def _plain(self, kind: str) -> object:
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _SHORT_TEXTS:
            return self._text(self._take(1)[0])
        if kind in _LONG_TEXTS:
            return self._text(self._size())
        read = {"i": self._int, "g": self._float, "l": self._long, "r": self._reference}.get(kind)
        if read is None:
            raise MarshalError(f"a value of kind {kind!r}, which profiles do not hold")
        return read()

    def _reference(self) -> object:
        """Only to flat values: others could be made as deep as one likes."""
        index = self._size()
        if index >= len(self.seen) or self.seen[index] is _NULL:
            raise MarshalError("a reference to nothing, or to more than a plain value")
        return self.seen[index]

    def _dict(self, depth: int) -> dict[object, object]:
        found: dict[object, object] = {}
        while (key := self.value(depth + 1)) is not _NULL:
            value = self.value(depth + 1)
            if value is _NULL:
                raise MarshalError("a key without a value")
            if not (isinstance(key, tuple) and len(key) == _KEY_PARTS and _is_flat(key)):
                raise MarshalError("a key that is no function")
            found[key] = value
        return found

    def _tuple(self, kind: str, depth: int) -> tuple[object, ...]:
        size = self._take(1)[0] if kind == ")" else self._size()
        if size > len(self.data) - self.at:
            raise MarshalError("ends too early")
        found = tuple([self.value(depth + 1) for _ in range(size)])
        if _NULL in found:
            raise MarshalError("nothing where a value should be")
        return found

    def _take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise MarshalError("ends too early")
        self.at += size
        return piece

    def _float(self) -> float:
        return float(struct.unpack("<d", self._take(8))[0])

    def _int(self) -> int:
        return int.from_bytes(self._take(4), "little", signed=True)

    def _size(self) -> int:
        size = self._int()
        if size < 0:
            raise MarshalError("a negative size")
        return size

    def _long(self) -> int:
        """An integer beyond 32 bits, in digits of 15 bits; beyond 64 bits no profile counts."""
        size = self._int()
        if abs(size) > 5:
            raise MarshalError("a number beyond 64 bits")
        digits = struct.unpack(f"<{abs(size)}H", self._take(2 * abs(size)))
        number: int = sum(digit << (_DIGIT_BITS * place) for place, digit in enumerate(digits))
        return -number if size < 0 else number

    def _text(self, size: int) -> str:
        return self._take(size).decode("utf-8", errors="replace")


def _is_flat(value: object) -> bool:
    """Is it a plain value, or a tuple of such?"""
    parts = value if isinstance(value, tuple) else (value,)
    return not any(isinstance(part, (tuple, dict)) for part in parts)
