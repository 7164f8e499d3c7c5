"""Which files the user means: one file, or the stacks of a folder."""

from pathlib import Path

from pesquared.errors import UsageError

SUFFIXES = (".folded", ".stacks", ".txt")
_PACKED = ".gz"

HOW_TO_RECORD = (
    "record stacks with: perf record -g -- CMD && perf script > stacks.txt"
    " (or folded, one line a stack: main;parent;leaf 42)"
)


def stack_files(path: Path) -> tuple[Path, ...]:
    """The file itself, or all ``SUFFIXES`` files directly in the folder, packed or not, sorted by name.

    Raises:
        UsageError: there is nothing there that could hold stacks.
    """
    try:
        if path.is_dir():
            files = tuple(sorted(child for child in path.iterdir() if _holds_stacks(child)))
        elif path.is_file():
            files = (path,)
        elif path.exists():
            # A pipe cannot be looked at first and read afterwards.
            raise UsageError(f"{path} is neither a file nor a folder", "save the stacks to a file first")
        else:
            raise UsageError(f"there is no file or folder {path}", HOW_TO_RECORD)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}", HOW_TO_RECORD) from error
    if not files:
        endings = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise UsageError(f"the folder {path} holds no stacks (no {endings})", HOW_TO_RECORD)
    return files


def _holds_stacks(path: Path) -> bool:
    return path.name.removesuffix(_PACKED).endswith(SUFFIXES) and not path.name.startswith(".") and path.is_file()
