"""The plan of a run, for ``--dry-run``: what would be tried, where it stands, what would be passed over."""

from collections.abc import Iterator

from pesquared.core.plan import PlannedFunction
from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.settings import Settings
from pesquared.core.source import Definition
from pesquared.llm.tokens import token_text
from pesquared.propose.prompt import render
from pesquared.search.chain import Target, first_request, targets, why_skipped


def plan(profile: Profile, source: SourceIndex, settings: Settings) -> list[PlannedFunction]:
    """The functions in the order in which they would be tried."""
    return [_planned(target, source, settings) for target in targets(profile, source, settings.search)]


def _planned(target: Target, source: SourceIndex, settings: Settings) -> PlannedFunction:
    resolution = source.find(target.symbol)
    skipped = why_skipped(target.symbol, resolution, settings)
    place = f"{resolution.extent.path}:{resolution.extent.line}" if isinstance(resolution, Definition) else ""
    return PlannedFunction(
        target.symbol, place, target.role.value, target.share, skipped.reason if skipped else ""
    )


def first_prompts(profile: Profile, source: SourceIndex, settings: Settings) -> Iterator[str]:
    """What a model would be asked first about each function, with how much that is."""
    for target in targets(profile, source, settings.search):
        resolution = source.find(target.symbol)
        if not isinstance(resolution, Definition) or why_skipped(target.symbol, resolution, settings):
            continue
        request = first_request(target, source.extract(resolution, profile), settings)
        text = render(request, settings.prompts.folder).text
        yield f"=== {resolution.name} ({token_text(text)}) ===\n\n{text}"
