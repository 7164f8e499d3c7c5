"""The plan of a run, for ``--dry-run``: what would be tried, where it stands, what would be passed over."""

from pesquared.core.attempt import Skipped
from pesquared.core.plan import PlannedFunction
from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.settings import Settings
from pesquared.core.source import Ambiguous, Missing
from pesquared.search.chain import Target, describe_candidates, targets, why_skipped


def plan(profile: Profile, source: SourceIndex, settings: Settings) -> list[PlannedFunction]:
    """The functions in the order in which they would be tried."""
    return [_planned(target, source, settings) for target in targets(profile, source, settings.search)]


def _planned(target: Target, source: SourceIndex, settings: Settings) -> PlannedFunction:
    resolution = source.find(target.symbol)
    place, skipped = "", None
    if isinstance(resolution, Ambiguous):
        skipped = Skipped(target.symbol, f"ambiguous: {describe_candidates(resolution)}")
    elif isinstance(resolution, Missing):
        skipped = Skipped(target.symbol, resolution.reason)
    else:
        place = f"{resolution.extent.path}:{resolution.extent.line}"
        skipped = why_skipped(resolution, settings)
    return PlannedFunction(
        target.symbol, place, target.role.value, target.share, skipped.reason if skipped else ""
    )
