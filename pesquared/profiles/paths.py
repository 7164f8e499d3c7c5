"""Where the folders of a build that was made elsewhere are here."""

from collections.abc import Iterable


def relocated(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The first pair whose FROM is the path's beginning, up to the border of a folder, decides."""
    for before, after in pairs:
        folder = before.rstrip("/")
        if path.startswith(folder + "/"):
            return after.rstrip("/") + path[len(folder) :]
    return path
