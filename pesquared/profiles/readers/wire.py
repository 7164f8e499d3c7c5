"""Reads the wire format of protocol buffers, as far as profiles use it.

Format: https://protobuf.dev/programming-guides/encoding. A message is a row of (field number, value); a value is
a number of 7 bits a byte, or bytes with their length, or four or eight bytes. Nothing here calls itself, so that
deep nesting costs nothing.
"""

import re
from collections.abc import Iterator

_NUMBER, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_WIDTH = {_EIGHT: 8, _FOUR: 4}
_EMPTY_RUN = re.compile(rb"(?:\x12\x00)+")  # field 2 of a profile: samples that say nothing
_LONGEST_NUMBER = 10  # bytes
_NEGATIVE = 1 << 63


class WireError(ValueError):
    """The bytes are no message."""


def fields(  # noqa: C901, PLR0912 # a call for each of millions of fields would cost more than the work
    data: bytes, passed_over: frozenset[int] = frozenset()
) -> Iterator[tuple[int, int | bytes]]:
    """Each field's number and value, but for fixed-width fields, because profiles have none.

    Args:
        data: a message.
        passed_over: numbers of fields that are not wanted. Runs of empty ones cost nothing.

    Raises:
        WireError: where the bytes stop being a message.
    """
    at, end = 0, len(data)
    while at < end:
        key = data[at]
        at += 1
        if key >= 0x80:
            key, at = _number(data, at - 1)
        kind, number = key & 7, key >> 3
        if not number:
            raise WireError("a field without a number")
        if kind in _WIDTH:
            at += _WIDTH[kind]
            if at > end:
                raise WireError("a field that ends beyond its message")
            continue
        if kind not in (_NUMBER, _BYTES):
            raise WireError("a field of an unknown kind")
        if at < end and data[at] < 0x80:
            value = data[at]
            at += 1
        else:
            value, at = _number(data, at)
        if kind == _NUMBER:
            if number not in passed_over:
                yield number, value
            continue
        begin, at = at, at + value
        if at > end:
            raise WireError("a field that ends beyond its message")
        if number not in passed_over:
            yield number, data[begin:at]
        elif not value and (run := _EMPTY_RUN.match(data, at)):
            at = run.end()


def numbers(value: int | bytes) -> list[int]:
    """A repeated number: one of them, or several packed into bytes."""
    if isinstance(value, int):
        return [value]
    if value.isascii():
        return list(value)
    found, at = [], 0
    while at < len(value):
        number, at = _number(value, at)
        found.append(number)
    return found


def signed(number: int) -> int:
    """A number as 64 bits with a sign."""
    return number - (1 << 64) if number & _NEGATIVE else number


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at`` and where it ends."""
    piece = data[at : at + _LONGEST_NUMBER]
    number = shift = 0
    for length, byte in enumerate(piece, 1):
        if byte < 0x80:
            return (number | byte << shift) & 0xFFFF_FFFF_FFFF_FFFF, at + length
        number |= (byte & 0x7F) << shift
        shift += 7
    raise WireError("a number without an end")
