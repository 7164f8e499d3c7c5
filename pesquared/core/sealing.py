"""Which files stay as they are: tests, benchmarks, build files."""

from fnmatch import fnmatchcase


def is_sealed(path: str, globs: tuple[str, ...]) -> bool:
    """Does a glob of ``[seal] files`` match?

    Args:
        path: relative to the code base, with forward slashes.
        globs: as in gitignore ``**/`` also matches at the top; ``*`` crosses folders.
    """
    return any(fnmatchcase(path, glob) or fnmatchcase("/" + path, glob) for glob in globs)
