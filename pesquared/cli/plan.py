"""What a run would try, as ``--dry-run`` prints it."""

from pesquared.core.attempt import Skipped
from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.settings import Settings
from pesquared.core.source import Ambiguous, Missing
from pesquared.reporters.words import percent, printable
from pesquared.search.chain import Target, describe_candidates, targets, why_skipped


def plan_text(profile: Profile, source: SourceIndex, settings: Settings) -> str:
    """The functions in the order in which they would be tried, with the most that each could save.

    The ceiling is Amdahl's: what the profile spends at and below a function is all that a rewrite of it can save.
    """
    import tabulate

    rows = [
        _row(place, target, source, settings) for place, target in enumerate(_plan(profile, source, settings), 1)
    ]
    if not rows:
        return "nothing to try: no function of the profile is defined in the code base"
    headers = ["#", "function", "place", "role", "at most saved", "note"]
    proposals = settings.search.attempts * sum(1 for row in rows if not row[-1])
    table = tabulate.tabulate(rows, headers=headers, disable_numparse=True)
    return f"{table}\n\nup to {proposals} proposals; nothing was built, nothing was written"


def _plan(profile: Profile, source: SourceIndex, settings: Settings) -> list[Target]:
    return list(targets(profile, source, settings.search))


def _row(place: int, target: Target, source: SourceIndex, settings: Settings) -> list[str]:
    resolution = source.resolve(target.symbol)
    where, skipped = "", None
    if isinstance(resolution, Ambiguous):
        skipped = Skipped(target.symbol, f"ambiguous: {describe_candidates(resolution)}")
    elif isinstance(resolution, Missing):
        skipped = Skipped(target.symbol, resolution.reason)
    else:
        where = f"{resolution.extent.path}:{resolution.extent.line}"
        skipped = why_skipped(resolution, settings.seal.files)
    note = f"not tried: {printable(skipped.reason)}" if skipped else ""
    return [str(place), printable(target.symbol), printable(where), target.role.value, percent(target.share), note]
