"""The profile formats, and which of them a file is in, judged by its content."""

from pathlib import Path

from pesquared.core.profile import Diagnostic
from pesquared.core.protocols import ProfileReader
from pesquared.core.registry import Registry

HEAD = 8192  # bytes a reader is shown

# In the order in which they are asked: the most particular first, text that may be anything last.
FORMATS: Registry[type[ProfileReader]] = Registry(
    "profile format",
    {
        "perf script": "pesquared.profiles.perf_script:PerfScriptReader",
        "folded": "pesquared.profiles.folded:FoldedReader",
    },
)

# First bytes of what people hand over by mistake.
_FOREIGN = (
    (b"PERFILE2", "is a recording of perf itself; print it: perf script -i FILE > stacks.txt"),
    (b"\x1f\x8b", "is compressed; unpack it with gunzip"),
)


def recognise(path: Path) -> ProfileReader | Diagnostic:
    """The reader for the file, or why there is none."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        return Diagnostic(str(path), 0, f"cannot be read: {error.strerror or error}")
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            return Diagnostic(str(path), 0, what)
    for name in FORMATS:
        reader = FORMATS.load(name)()
        if reader.recognises(head):
            return reader
    return Diagnostic(str(path), 0, f"is in no known profile format (known: {', '.join(FORMATS)})")
