"""Do the record types of the edited files still lie in memory as they did?"""

from collections.abc import Iterator

from pesquared.core.verdict import Finding
from pesquared.verify.review.subject import BEFORE_AND_AFTER, Subject

_LONGEST = 300  # characters of a layout that are shown


def changed_layouts(subject: Subject) -> Iterator[Finding]:
    """Types whose size or members changed, or that are gone: code compiled against the old ones breaks."""
    before, after = (dict(subject.layouts(slot)) for slot in BEFORE_AND_AFTER)
    same = True
    for (path, name), old in before.items():
        new = after.get((path, name), "gone")
        if new != old:
            same = False
            yield Finding("abi", f"{path}: {name} was {_short(old)}; now {_short(new)}", concern=True)
    if before and same:
        types = "the record type" if len(before) == 1 else f"all {len(before)} record types"
        yield Finding("abi", f"{types} of the edited files as before")


def _short(layout: str) -> str:
    return layout if len(layout) <= _LONGEST else layout[: _LONGEST - 1] + "…"
