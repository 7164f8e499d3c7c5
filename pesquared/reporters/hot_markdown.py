"""A profile as Markdown, for a person or a model to read: the most important first, as far as a budget goes."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from pesquared.core.hot import HotFunction, HotReport, SourceLine
from pesquared.core.words import percent
from pesquared.reporters.hotspots import chain_text, notes, speed_up_text
from pesquared.reporters.words import printable

_CHAINS = 3  # of a function
_WIDEST_CHAIN = 300
_AROUND = 2  # lines shown before and after one that takes time, in a function that is not shown whole
_WHOLE = 40  # lines up to which a function is shown whole
_MOST_LINES = 20  # of a function whose source is not known


def hot_markdown(report: HotReport, fits: Callable[[str], bool]) -> str:
    """Summary, table, call chains, then the source of one function after the other while it fits.

    Args:
        report: what to show.
        fits: is a text within the budget? The summary is shown in any case.
    """
    text = _summary(report)
    left_out = 0
    for block in _blocks(report):
        longer = f"{text}\n{block}"
        if not left_out and fits(longer):
            text = longer
        else:
            left_out += 1
    return f"{text}\n{left_out} more blocks were left out: the budget is used up.\n" if left_out else text


def _summary(report: HotReport) -> str:
    where = f" of `{_code(report.codebase)}`" if report.codebase else ""
    lines = "\n".join(f"- {note}" for note in notes(report))
    return f"# Profile{where}\n\n- total weight: {report.total:g}\n{lines}\n"


def _blocks(report: HotReport) -> Iterator[str]:
    if report.functions:
        yield _table(report)
    for number, one in enumerate(report.functions, 1):
        if one.hotspot.chains:
            yield _chains(number, one)
    shown = set()
    for number, one in enumerate(report.functions, 1):
        if one.source:
            if one.place not in shown:
                yield _source(number, _with_all_shares(one, report))
            shown.add(one.place)
        elif one.lines:
            yield _lines(number, one)


def _with_all_shares(one: HotFunction, report: HotReport) -> HotFunction:
    """A function and the lambdas in it, or the instances of a template, are one piece of source."""
    shares: dict[int, float] = defaultdict(float)
    for same in report.functions:
        if same.place == one.place:
            for line in same.source:
                shares[line.number] += line.share
    return replace(one, source=tuple(replace(line, share=min(shares[line.number], 1.0)) for line in one.source))


def _table(report: HotReport) -> str:
    rows = "".join(
        f"| {number} | `{_code(one.hotspot.function)}` | {_code(one.place)} | {percent(one.hotspot.self_share)} |"
        f" {percent(one.hotspot.total_share)} | {speed_up_text(one)} |\n"
        for number, one in enumerate(report.functions, 1)
    )
    heads = "| # | function | place | self | total | program's speed-up if its own time were gone |\n"
    return f"## Hot functions\n\n{heads}|---|---|---|---|---|---|\n{rows}"


def _chains(number: int, one: HotFunction) -> str:
    rows = "".join(
        f"- {percent(chain.share)}: `{_code(chain_text(chain, _WIDEST_CHAIN))}`\n"
        for chain in one.hotspot.chains[:_CHAINS]
    )
    return f"## Chains to {number}, `{_code(one.hotspot.function)}`\n\n{rows}"


def _source(number: int, one: HotFunction) -> str:
    shown = _shown(one.source)
    longest = max((len(run) for line in one.source for run in _fences(line.text)), default=0)
    fence = "`" * max(3, longest + 1)
    rows = []
    before = one.source[0].number - 1
    for line in shown:
        if line.number != before + 1:
            rows.append("          …")
        share = percent(line.share) if line.share else ""
        rows.append(f"{share:>8} {line.number:>5}  {printable_tabs(line.text)}")
        before = line.number
    title = f"## Source of {number}, `{_code(one.hotspot.function)}`, {_code(one.place)}"
    return f"{title}\n\nShare of the profile that runs through each line, line number, text.\n\n" + "\n".join(
        [fence, *rows, fence, ""]
    )


def _shown(source: tuple[SourceLine, ...]) -> tuple[SourceLine, ...]:
    """The whole function, or of a long one the lines that take time and those around them."""
    if len(source) <= _WHOLE:
        return source
    hot = [index for index, line in enumerate(source) if line.share] or list(range(_WHOLE))
    near = {0, *(index for at in hot for index in range(at - _AROUND, at + _AROUND + 1))}
    return tuple(line for index, line in enumerate(source) if index in near)


def _lines(number: int, one: HotFunction) -> str:
    rows = "".join(
        f"- {percent(line.share)}: {_code(line.file)}:{line.line}\n" for line in one.lines[:_MOST_LINES]
    )
    return f"## Lines of {number}, `{_code(one.hotspot.function)}`\n\n{rows}"


def _fences(text: str) -> list[str]:
    runs = "".join(char if char == "`" else " " for char in text)
    return runs.split()


def _code(text: str) -> str:
    """Foreign text that cannot end a span of code or a cell."""
    return printable(text).replace("`", "'").replace("|", "¦")


def printable_tabs(text: str) -> str:
    """A line of source, its tabs as spaces."""
    return printable(text.expandtabs(4))
