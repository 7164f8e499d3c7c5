"""Applying edits to the bytes of one file: each is tied by a hash to what it replaces, and none may overlap."""

import hashlib
from collections.abc import Sequence

from pesquared.core.proposal import Edit
from pesquared.errors import PesquaredError


class StaleEdit(PesquaredError):  # noqa: N818  the name says it
    """An edit does not fit the bytes it was made for."""


def apply_edits(source: bytes, edits: Sequence[Edit]) -> bytes:
    """Returns ``source`` with all edits of one file made; offsets count bytes of ``source``, in whatever order.

    Insertions (``start == end``) at one offset keep their order and stand before a replacement that begins there.

    Raises:
        StaleEdit: an edit lies outside the file, overlaps another, or its bytes have another hash.
    """
    pieces: list[bytes] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        _require_fit(source, edit, done)
        pieces += (source[done : edit.start], edit.replacement)
        done = edit.end
    pieces.append(source[done:])
    return b"".join(pieces)


def _require_fit(source: bytes, edit: Edit, done: int) -> None:
    place = f"the edit of {edit.path!r} at bytes {edit.start}–{edit.end}"
    if not 0 <= edit.start <= edit.end <= len(source):
        raise StaleEdit(f"{place} lies outside the file, which has {len(source)} bytes")
    if edit.start < done:
        raise StaleEdit(f"{place} overlaps another one, which ends at byte {done}")
    if hashlib.sha256(source[edit.start : edit.end]).hexdigest() != edit.sha256:
        raise StaleEdit(f"{place} was made for other bytes than the file holds there")
