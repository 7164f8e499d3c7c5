"""Cleans a frame: what a profiler printed becomes the symbol that a source tree can be asked for."""

import re
from dataclasses import dataclass, replace

from pesquared.core.profile import UNKNOWN
from pesquared.profiles.names.demangled import take_apart
from pesquared.profiles.names.glibc import public_name

MAX_SYMBOL = 1 << 15  # characters; the longest template instances seen in the wild stay below

_KERNEL_FLAG = "_[k]"
_INLINED_FLAG = "_[i]"
_FLAGS = (
    _KERNEL_FLAG,
    _INLINED_FLAG,
    "_[j]",
)  # as stackcollapse-perf.pl --all marks kernel, inlined, just-in-time

# Copies that a compiler makes of a function. Those of the first row always carry a number.
_NUMBERED_CLONES = frozenset(("isra", "constprop", "part", "llvm", "lto_priv"))
_PLAIN_CLONES = frozenset(("cold", "localalias"))

_OFFSET = re.compile(r"\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?$")
_VERSION = re.compile(r"@@[A-Za-z_][\w.]*$|@[A-Z][\w.]*$|@plt$")
_MODULE = re.compile(r"\[.*\]", re.DOTALL)
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_PYTHON = re.compile(r"(?P<name>.+) \((?P<file>[^()]+\.pyx?|<[^<>()]+>)(?::\d+)?\)")

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Symbol:
    """A frame, understood as far as its text allows.

    ``text`` identifies the function: equal texts are one function. It is the frame without addresses, versions,
    clone suffixes, return type and template arguments, but with what keeps overloads apart. ``name`` is for
    finding definitions by name: qualified, without parameters and unnamed namespaces. A mangled name stays one.
    """

    raw: str
    text: str
    name: str
    parameters: str | None = None  # as printed between the parentheses; None when the profile does not say
    kernel: bool = False
    inlined: bool = False
    module_only: bool = False  # only the library is known, or not even that
    truncated: bool = False  # cut by a folding script, so that it fits several functions


def clean(raw: str) -> Symbol:
    """What a frame stands for. Total; a cleaned text stays as it is when it is cleaned again."""
    text = raw.strip()
    if len(text) > MAX_SYMBOL:
        return Symbol(raw, text, text, truncated=True)
    kernel = inlined = False
    for _ in range(_ROUNDS):
        bare, flags = _strip_affixes(text)
        kernel = kernel or _KERNEL_FLAG in flags
        inlined = inlined or _INLINED_FLAG in flags
        symbol = _understand(bare)
        if symbol.text == text:
            # The flag stays in the text: a kernel's ``schedule`` is not the ``schedule`` of the code base.
            marked = text + _KERNEL_FLAG if kernel and not symbol.module_only else text
            return replace(symbol, raw=raw, text=marked, kernel=kernel, inlined=inlined)
        text = symbol.text
    # No compiler nests suffixes in brackets in suffixes this deep.
    return Symbol(raw, raw.strip(), raw.strip(), truncated=True)


def _strip_affixes(text: str) -> tuple[str, set[str]]:
    """What tools append to a symbol, taken off; and the flags among it."""
    flags = set()
    while text[-4:] in _FLAGS and len(text) > 4:
        flags.add(text[-4:])
        text = text[:-4]
    for pattern in (_OFFSET, _VERSION):
        text = pattern.sub("", text) or text
    if text.endswith("]"):
        text = text.partition(" [clone .")[0] or text
    return _strip_clones(text).strip(), flags


def _strip_clones(text: str) -> str:
    """``f.constprop.0.isra.1`` → ``f``; ``main.cold`` → ``main``; ``main.part`` of another language stays."""
    parts = text.split(".")
    keep = len(parts)
    while True:
        word = keep - 1
        while word > 1 and parts[word].isdecimal():
            word -= 1
        numbered = word < keep - 1
        if word < 1 or not (parts[word] in _PLAIN_CLONES or (numbered and parts[word] in _NUMBERED_CLONES)):
            break
        keep = word
    return ".".join(parts[:keep]) or text


def _understand(text: str) -> Symbol:
    """The symbol behind a text without affixes; ``raw`` is filled in by the caller."""
    if not text or _ADDRESS.fullmatch(text):
        return Symbol(text, UNKNOWN, UNKNOWN, module_only=True)
    if _MODULE.fullmatch(text):
        return Symbol(text, text, text, module_only=True)
    if frame := _PYTHON.fullmatch(text):
        # py-spy shows the line that runs, not that of the definition: one function would become many.
        return Symbol(text, f"{frame['name']} ({frame['file']})", frame["name"])
    if ".(*" in text:
        return Symbol(text, text, text)  # a Go method, ``main.(*T).Method``
    parts = take_apart(text)
    if parts is None:
        return Symbol(text, text, text, truncated=True)
    return Symbol(text, parts.text, public_name(parts.name), parts.parameters)
