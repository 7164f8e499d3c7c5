"""Writes pprof's ``profile.proto``: as much of it as tests of its reader need."""

from collections.abc import Iterable, Sequence


def varint(number: int) -> bytes:
    """A number, 7 bits a byte; a negative one as 64 bits."""
    number &= (1 << 64) - 1
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*written, number))


def field(number: int, value: int | bytes | str) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def packed(number: int, values: Iterable[int]) -> bytes:
    """A repeated number."""
    return field(number, b"".join(map(varint, values)))


def profile(
    types: Sequence[str],
    stacks: Iterable[tuple[Sequence[Sequence[str]], Sequence[int]]],
    *,
    default: str = "",
    module: str = "/usr/lib/libfoo.so.1",
) -> bytes:
    """A profile. Of a stack, root first, each part is one location: a function, and after it those inlined there.

    An empty part is a location of which only the library is known. ``system|shown`` gives both names of a function.
    """
    strings = {"": 0}
    functions: dict[str, int] = {}
    locations: dict[tuple[str, ...], int] = {}

    def text(string: str) -> int:
        return strings.setdefault(string, len(strings))

    samples = b""
    for stack, values in stacks:
        numbers = [locations.setdefault(tuple(part), len(locations) + 1) for part in reversed(stack)]
        samples += field(2, packed(1, numbers) + packed(2, values))
    kinds = b"".join(field(1, field(1, text(kind)) + field(2, text("unit"))) for kind in types)
    tail = field(3, field(1, 1) + field(5, text(module)))
    for part, number in locations.items():
        lines = b""
        for name in reversed(part):
            function = functions.setdefault(name, len(functions) + 1)
            lines += field(4, field(1, function) + field(2, 7))
        tail += field(4, field(1, number) + field(2, 1) + lines)
    for name, number in functions.items():
        system, _, shown = name.partition("|")
        tail += field(5, field(1, number) + field(2, text(shown or system)) + field(3, text(system)))
    tail += field(14, text(default)) if default else b""
    return kinds + samples + tail + b"".join(field(6, string) for string in strings)
