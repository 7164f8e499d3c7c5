"""Reads as much of an Itanium-mangled name as tells where to look for its definition.

The grammar: https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling.
"""

import re

_PREFIX = re.compile(r"[NLKVrRO]*(?:St)?")
_IDENTIFIER = re.compile(r"L?(\d{1,4})")
_SUBSTITUTION = re.compile(r"S(?:[tabsiod]|[0-9A-Z]*_)")
_PARAMETER = re.compile(r"[ST][0-9A-Z]*_")
_ABI_TAG = re.compile(r"B(\d{1,4})")
_LITERAL = re.compile(r"L[a-z]n?\d*E")


def mangled_word(mangled: str) -> str:
    """The function's own identifier, e.g. ``f`` in ``_ZN2ns3ClsIiE1fEv``.

    Constructors and destructors give their class, operators give ``operator``; "" where there is nothing to go by.
    """
    nested = mangled.startswith("_ZN")
    prefix = _PREFIX.match(mangled, 2)
    at = prefix.end() if prefix else 2
    word = ""
    while at < len(mangled):
        identifier = _IDENTIFIER.match(mangled, at)
        if identifier:
            at = identifier.end() + int(identifier[1])
            word = mangled[identifier.end() : at]
        elif mangled[at] == "I":
            at = _end_of_arguments(mangled, at)
        elif nested and (substitution := _SUBSTITUTION.match(mangled, at)):
            at = substitution.end()
        elif nested and (tag := _ABI_TAG.match(mangled, at)):
            at = tag.end() + int(tag[1])
        elif mangled[at].islower() and (nested or not word):
            return "operator"
        else:  # the end of the nested name, or the C1, D1 of a constructor, a destructor
            break
        if not nested:
            break
    return word


def _end_of_arguments(mangled: str, start: int) -> int:
    """Skips ``I … E``, counting what else an E closes; identifiers, literals and references are skipped whole."""
    depth, at = 0, start
    while at < len(mangled):
        skipped = _PARAMETER.match(mangled, at) or _LITERAL.match(mangled, at)
        identifier = _IDENTIFIER.match(mangled, at)
        if skipped:
            at = skipped.end()
        elif identifier:
            at = identifier.end() + int(identifier[1])
        else:
            depth += mangled[at] in "INLXJF"
            depth -= mangled[at] == "E"
            at += 1
            if depth == 0:
                break
    return at
