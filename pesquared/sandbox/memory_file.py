"""Bytes for a program that reads them from a descriptor: nobody else can see them, and nothing is left on disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory_file(content: bytes) -> Iterator[int]:
    """A descriptor of a file in memory that holds ``content``, set to its beginning."""
    descriptor = os.memfd_create("pesquared")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
