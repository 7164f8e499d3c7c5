"""Makes two spellings of a C++ type equal: the demangler's ``char const *`` and libclang's ``const char *``."""

import re

_TAGS = re.compile(r"\b(?:struct|class|union|enum|typename)\s+")
_QUALIFIERS = re.compile(r"(?<!\w)(const|volatile)(?!\w)")
_DEEP = 50  # no compiler nests arguments of a hot function further
_OPENING, _CLOSING = "<([{", ">)]}"


def split_top_level(text: str, separators: str) -> list[str]:
    """Splits at separators that stand in no brackets; each separator but a comma stays at the end of its part."""
    parts: list[str] = []
    depth = start = 0
    for place, mark in enumerate(text):
        if mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth -= 1
        elif depth == 0 and mark in separators:
            parts.append(text[start:place] if mark == "," else text[start : place + 1])
            start = place + 1
    return [*parts, text[start:]]


def parameter_types(text: str) -> tuple[str, ...]:
    """``int, char const*`` → ``("int", "constchar*")``; ``void`` and nothing are no parameters."""
    if text.strip() in ("", "void"):
        return ()
    return tuple(normal_type(part) for part in split_top_level(text, ","))


def normal_type(text: str) -> str:
    """One spelling for equal types: qualifiers first at each level, no spaces, no tags, no ABI namespace.

    What the outermost level is qualified with does not tell overloads apart and is dropped.
    """
    plain = _TAGS.sub("", text.replace("std::__cxx11::", "std::").strip())
    if plain.count("<") > _DEEP:
        plain = without_arguments(plain)
    levels = split_top_level(plain, "*&")
    last = len(levels) - 1
    return "".join(_level(level, outermost=place == last) for place, level in enumerate(levels))


def _level(level: str, *, outermost: bool) -> str:
    """``std::vector<char const*> const*`` → ``conststd::vector<constchar*>*``."""
    opening = level.find("<")
    arguments = ""
    if opening >= 0 and (closing := level.rfind(">")) > opening:
        inner = split_top_level(level[opening + 1 : closing], ",")
        arguments = "<" + ",".join(normal_type(one) for one in inner) + ">"
        level = level[:opening] + level[closing + 1 :]
    qualifiers = "" if outermost else "".join(sorted(set(_QUALIFIERS.findall(level))))
    base, mark = _QUALIFIERS.sub("", level), ""
    if base[-1:] in ("*", "&"):
        base, mark = base[:-1], base[-1]
    return qualifiers + re.sub(r"\s+", "", base) + arguments + mark


def without_arguments(normal: str) -> str:
    """A normal type without template arguments: libclang leaves out defaulted ones, the demangler does not."""
    kept: list[str] = []
    depth = 0
    for mark in normal:
        depth += mark == "<"
        if depth == 0:
            kept.append(mark)
        depth -= mark == ">" and depth > 0
    return "".join(kept)
