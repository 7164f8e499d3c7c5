"""The hottest functions of a profile: as a table, with their call chains, and as a JSON document."""

from collections.abc import Iterator
from dataclasses import asdict

from pesquared.core.document import SCHEMA
from pesquared.core.hot import HotFunction, HotReport
from pesquared.core.profile import CallChain
from pesquared.core.words import percent
from pesquared.reporters.words import printable

WIDEST_CHAIN = 70  # characters in the table
_WIDEST_NAME = 60
_SHOWN_CHAINS = 5  # of a function
_SHOWN_NOTES = 5
_ARROW = " → "


def hotspots_text(report: HotReport, *, chains: bool = False) -> str:
    """A table, and below it the call chains of each function where they are asked for."""
    from tabulate import tabulate

    if not report.functions:
        return "\n".join([*_left_out(report), "no function of the profile is defined in the code base"])
    with_places = bool(report.codebase)
    rows = [_row(number, one, with_places=with_places) for number, one in enumerate(report.functions, 1)]
    heads = ("#", "function", *(("place",) if with_places else ()), "self", "total", "at most", "heaviest chain")
    blocks = [tabulate(rows, headers=heads, disable_numparse=True)]
    if chains:
        blocks += ["\n".join(_chain_lines(number, one)) for number, one in enumerate(report.functions, 1)]
    blocks.append("\n".join(notes(report)))
    return "\n\n".join(blocks)


def notes(report: HotReport) -> Iterator[str]:
    """What has to be known to read the figures."""
    shown = sum(one.hotspot.self_share for one in report.functions)
    whose = "defined in the code base" if report.codebase else "in the profile"
    yield (
        f"{len(report.functions)} of {report.functions_in_all} functions {whose}; their own time is"
        f" {percent(shown)} of the profile, that of all {percent(report.owned_share)}"
    )
    if not report.exact_chains:
        yield "note: there are more call chains than are kept: a chain weighs at least what is shown"
    yield from _left_out(report)


def _left_out(report: HotReport) -> Iterator[str]:
    yield from (f"note: {printable(one)}" for one in report.left_out[:_SHOWN_NOTES])
    if len(report.left_out) > _SHOWN_NOTES:
        yield f"note: and {len(report.left_out) - _SHOWN_NOTES} more of this kind"


def _row(number: int, one: HotFunction, *, with_places: bool) -> tuple[str, ...]:
    hotspot = one.hotspot
    place = printable(one.place) or ("ambiguous" if one.ambiguous else "")
    return (
        str(number),
        _shortened(printable(hotspot.function), _WIDEST_NAME),
        *((place,) if with_places else ()),
        percent(hotspot.self_share),
        percent(hotspot.total_share),
        speed_up_text(one),
        chain_text(hotspot.chains[0], WIDEST_CHAIN),
    )


def speed_up_text(one: HotFunction) -> str:
    """``1.25×``; ``∞×`` where the function is all there is."""
    return f"{one.speed_up:.2f}×" if one.speed_up is not None else "∞×"


def chain_text(chain: CallChain, widest: int) -> str:
    """Root to leaf; the middle goes where it is too wide."""
    names = [printable(name) for name in chain.frames]
    if len(_ARROW.join(names)) <= widest or len(names) < 3:
        return _shortened(_ARROW.join(names), widest)
    kept = len(names) - 1
    while kept > 1 and len(_ARROW.join([names[0], "…", *names[-kept:]])) > widest:
        kept -= 1
    return _shortened(_ARROW.join([names[0], "…", *names[-kept:]]), widest)


def _chain_lines(number: int, one: HotFunction) -> Iterator[str]:
    yield f"#{number} {printable(one.hotspot.function)}"
    for chain in one.hotspot.chains[:_SHOWN_CHAINS]:
        yield f"  {percent(chain.share):>7}  {_ARROW.join(printable(name) for name in chain.frames)}"
    if len(one.hotspot.chains) > _SHOWN_CHAINS:
        yield "           and lighter ones"


def _shortened(text: str, widest: int) -> str:
    return text if len(text) <= widest else text[: widest - 1] + "…"


def hotspots_document(report: HotReport) -> dict[str, object]:
    """Shares are fractions of the profile, weights are in its own unit. Described in docs/reference/json.md."""
    return {
        "schema": SCHEMA,
        "total": report.total,
        "functions": [_function_document(one) for one in report.functions],
        "functions_in_all": report.functions_in_all,
        "owned_share": report.owned_share,
        "exact_chains": report.exact_chains,
        "left_out": list(report.left_out),
    }


def _function_document(one: HotFunction) -> dict[str, object]:
    hotspot = one.hotspot
    return {
        "function": hotspot.function,
        "symbol": hotspot.symbol,
        "place": one.place,
        "ambiguous": one.ambiguous,
        "self_weight": hotspot.self_weight,
        "total_weight": hotspot.total_weight,
        "self_share": hotspot.self_share,
        "total_share": hotspot.total_share,
        "speed_up": one.speed_up,
        "chains": [{**asdict(chain), "frames": list(chain.frames)} for chain in hotspot.chains],
        "lines": [asdict(line) for line in one.lines],
    }
