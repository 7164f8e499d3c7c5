"""What a type's canonical spelling tells a rule: width, sign, and what may share memory with what."""

_BITS = {
    "char": 8,
    "signed char": 8,
    "unsigned char": 8,
    "short": 16,
    "unsigned short": 16,
    "int": 32,
    "unsigned int": 32,
    "long": 64,
    "unsigned long": 64,
    "long long": 64,
    "unsigned long long": 64,
}  # LP64; rules refuse 32-bit targets
_FLOATING = frozenset({"float", "double", "long double"})
_CHARACTERS = frozenset({"char", "signed char", "unsigned char", "std::byte"})


def unqualified(spelling: str) -> str:
    """The type without ``const``: "const double" is "double"."""
    return " ".join(word for word in spelling.split() if word != "const")


def is_arithmetic(spelling: str) -> bool:
    return unqualified(spelling) in _BITS or unqualified(spelling) in _FLOATING


def integer_bits(spelling: str) -> int:
    """The width of an integer type, 0 for any other type."""
    return _BITS.get(unqualified(spelling), 0)


def is_unsigned(spelling: str) -> bool:
    return unqualified(spelling).startswith("unsigned")


def wraps(spelling: str) -> bool:
    """May arithmetic in this type wrap around within a run that ends? 64 bits take centuries to count through."""
    return is_unsigned(spelling) and integer_bits(spelling) < 64


def may_share_memory(one: str, other: str) -> bool:
    """May an access as ``one`` reach an object accessed as ``other``? C11 6.5p7, for scalar types."""
    one, other = unqualified(one), unqualified(other)
    if one in _CHARACTERS or other in _CHARACTERS:
        return True
    return one.removeprefix("unsigned ") == other.removeprefix("unsigned ")


def is_array(spelling: str) -> bool:
    """Is it an array, not a pointer or a reference to one? Those are spelled "double (*)[16]"."""
    return spelling.endswith("]") and "(" not in spelling
