"""What has to be said of a profile before anything is made of it: another build, events left out, bad lines."""

from collections.abc import Iterator

from pesquared.profiles import StackAnalyzer

_SHOWN = 3  # of each kind


def profile_notices(profile: StackAnalyzer) -> Iterator[str]:
    """One text for whatever concerns a whole file, and one for all lines that could not be used."""
    whole = [str(one) for one in profile.diagnostics if not one.line]
    lines = [str(one) for one in profile.diagnostics if one.line]
    yield from whole[:_SHOWN]
    if len(whole) > _SHOWN:
        yield f"and {len(whole) - _SHOWN} more notes of this kind"
    if lines:
        yield f"{len(lines)} lines of the profile were left out: {'; '.join(lines[:_SHOWN])}"
