"""Writes what was recorded into a folder: folded stacks, or samples with the lines that ran."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

from pesquared.errors import UsageError
from pesquared.profiles.readers.perf_script import event_of
from pesquared.profiles.recording.perf_tool import SWITCHES

CPU_FILE = "cpu.folded"
LINES_FILE = "cpu.txt.gz"  # instead, as perf printed it: folded stacks have no place for lines
WAITS_FILE = "off-cpu/waits.folded"  # in a folder of its own: time on and off the processor never adds up

Folded = dict[tuple[str, ...], float]


def kept(folder: Path, on_cpu: Folded, off_cpu: Folded, text: Path | None = None) -> tuple[str, ...]:
    """Names of the files that were written; those of an earlier recording go.

    Args:
        folder: it exists.
        on_cpu: weights by stack.
        off_cpu: likewise; none are written if there are none.
        text: what perf printed of the samples, to be kept instead of ``on_cpu``.

    Raises:
        UsageError: they cannot be written.
    """
    written = []
    try:
        for name in (CPU_FILE, LINES_FILE, WAITS_FILE):
            (folder / name).unlink(missing_ok=True)
        if text is not None:
            with gzip.open(folder / LINES_FILE, "wb", compresslevel=6) as file:
                file.writelines(_samples(text))
            written.append(LINES_FILE)
        for name, stacks in ((CPU_FILE, on_cpu if text is None else {}), (WAITS_FILE, off_cpu)):
            if stacks:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text("".join(folded_lines(stacks)), encoding="utf-8")
                written.append(name)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", "name another folder with -o") from error
    return tuple(written)


def _samples(text: Path) -> Iterator[bytes]:
    """The lines of the samples, without those of threads that leave the processor."""
    wanted = True
    with text.open("rb") as lines:
        for line in lines:
            event = event_of(line)
            if event is not None:
                wanted = not event.startswith(SWITCHES)
            if wanted:
                yield line


def folded_lines(stacks: Folded) -> Iterator[str]:
    """``root;parent;leaf WEIGHT``, sorted; a separator in a name becomes a colon, as folding scripts do it."""
    for frames, weight in sorted(stacks.items()):
        yield f"{';'.join(_without_separator(frames))} {weight:.0f}\n"


def _without_separator(frames: Iterable[str]) -> Iterator[str]:
    return (" ".join(frame.replace(";", ":").split()) or "[unknown]" for frame in frames)
