"""The chain strategy: hot chains by weight, each walked from the root down.

Not calling beats calling faster: a function's callers are asked first whether they need it so often.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.attempt import Skipped
from pesquared.core.profile import CallChain, Hotspot
from pesquared.core.proposal import ProposalRequest, Role, Stage
from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.sealing import is_sealed
from pesquared.core.settings import SearchSettings, Settings
from pesquared.core.source import Ambiguous, Definition, FunctionContext, Missing, Resolution
from pesquared.errors import UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """A function of a hot chain that is worth an attempt. ``symbol`` is resolved anew when its turn comes."""

    symbol: str
    role: Role
    chain: CallChain
    share: float  # of the profile, at and below the function
    hot_callee: str  # the next frame of the chain that the code base owns; "" at the leaf


def owned_by(source: SourceIndex, symbol: str) -> bool:
    """Does the code base define it? An ambiguous symbol is the code base's too, though no target."""
    return not isinstance(source.resolve(symbol), Missing)


def hottest(profile: Profile, source: SourceIndex, settings: SearchSettings) -> list[Hotspot]:
    """The hotspots whose chains are walked. Time in libraries counts for the function of ours that called them."""
    found: list[Hotspot] = []
    for hotspot in profile.hotspots(owns=lambda symbol: owned_by(source, symbol)):
        if len(found) == settings.num_functions:
            break
        found.append(hotspot)
    return found


def targets(profile: Profile, source: SourceIndex, settings: SearchSettings) -> Iterator[Target]:
    """Functions in the order in which they are tried; each once.

    Raises:
        UsageError: ``--function`` names nothing, or more than one function.
    """
    if settings.function:
        yield _named(settings.function, profile, source)
        return
    seen: set[str] = set()
    for hotspot in hottest(profile, source, settings):
        for target in _walk(hotspot.chains[0], profile, source, settings.max_depth):
            function = _function(target.symbol, source)
            if function not in seen:
                seen.add(function)
                yield target


def _function(symbol: str, source: SourceIndex) -> str:
    """Instances of a template, and a function and the lambdas in it, are one place in the source."""
    found = source.resolve(symbol)
    return found.key if isinstance(found, Definition) else symbol


def _walk(chain: CallChain, profile: Profile, source: SourceIndex, max_depth: int) -> list[Target]:
    functions: dict[str, str] = {}
    for frame in chain.frames:
        if owned_by(source, frame):
            functions.setdefault(_function(frame, source), frame)
    own = list(functions.values())
    first = max(0, len(own) - max_depth) if max_depth else 0
    walked = []
    for place in range(first, len(own)):
        leaf = place == len(own) - 1
        walked.append(
            Target(
                symbol=own[place],
                role=Role.LEAF if leaf else Role.ROOT if place == 0 else Role.PARENT,
                chain=chain,
                share=profile.total_share(own[place]),
                hot_callee="" if leaf else own[place + 1],
            )
        )
    return walked


def _named(name: str, profile: Profile, source: SourceIndex) -> Target:
    resolution = source.find(name)
    if isinstance(resolution, Missing):
        known = [
            frame for hotspot in profile.hotspots() for frame in (hotspot.function,) if owned_by(source, frame)
        ]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"hot in the profile: {', '.join(known[:3]) or 'nothing'}"
        raise UsageError(f"no function {name!r}: {resolution.reason}", hint)
    if isinstance(resolution, Ambiguous):
        raise UsageError(
            f"{name!r} is ambiguous: {describe_candidates(resolution)}",
            f"name one in full, as {resolution.candidates[0].name!r}, with its parameters, or as FILE:FUNCTION",
        )
    for hotspot in profile.hotspots():
        for chain in hotspot.chains:
            for place, frame in enumerate(chain.frames):
                if source.resolve(frame) == resolution:
                    hot_callee = next((f for f in chain.frames[place + 1 :] if owned_by(source, f)), "")
                    role = Role.PARENT if hot_callee else Role.LEAF
                    return Target(frame, role, chain, profile.total_share(frame), hot_callee)
    return Target(name, Role.LEAF, CallChain((name,), 0.0, 0.0), 0.0, "")


def first_request(target: Target, context: FunctionContext, settings: Settings) -> ProposalRequest:
    """What is asked about a function before anything is known of the baseline: the metric as it is set."""
    return ProposalRequest(
        attempt=1,
        stage=Stage.OPTIMIZE,
        role=target.role,
        context=context,
        chain=target.chain.frames,
        share=target.share,
        hot_callee=target.hot_callee,
        metric="cpu" if settings.accept.metric == "auto" else settings.accept.metric,
        sealed=settings.seal.files,
    )


def why_skipped(symbol: str, resolution: Resolution, settings: Settings) -> Skipped | None:
    """What may not be edited, or is not one definition, with the reason; None for a definition to try.

    Sealing is by definition: a profiled function in a benchmark's file may be edited, its ``main`` may not. Any
    other ``main`` may be what prints the result that everything is judged by: it is tried only on demand.
    """
    if symbol == "main" and not settings.search.function:
        return Skipped(symbol, "it may print what everything is judged by; --function main tries it")
    if isinstance(resolution, Missing):
        return Skipped(symbol, resolution.reason)
    if isinstance(resolution, Ambiguous):
        return Skipped(symbol, f"ambiguous: {describe_candidates(resolution)}")
    path = resolution.extent.path
    if resolution.from_macro:
        return Skipped(resolution.name, f"{path}:{resolution.extent.line}: its definition is generated by a macro")
    if resolution.name == "main" and is_sealed(path, settings.seal.files):
        return Skipped(resolution.name, f"{path} is sealed: the benchmark's own main stays as it is")
    return None


def describe_candidates(ambiguous: Ambiguous) -> str:
    """The definitions that a symbol could mean, one place each; overloads in one file with their parameters."""
    overloaded = len({(d.extent.path, d.name) for d in ambiguous.candidates}) < len(ambiguous.candidates)
    places = [
        f"{d.signature if overloaded else d.name} at {d.extent.path}:{d.extent.line}" for d in ambiguous.candidates
    ]
    return ", ".join(places[:4]) + (f" and {len(places) - 4} more" if len(places) > 4 else "")
