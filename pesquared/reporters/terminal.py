"""The run as it goes, on standard error: a line for each step, and one that moves while pairs are measured."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from pesquared.core.events import (
    AttemptFinished,
    AttemptStarted,
    BaselineReady,
    BenchmarksChosen,
    CeilingSet,
    ChainChosen,
    Event,
    FunctionSkipped,
    MutantTried,
    Notice,
    PairMeasured,
    RunStarted,
    Spent,
    StageStarted,
)
from pesquared.core.words import percent
from pesquared.reporters.strength import tried_line
from pesquared.reporters.words import figure, gain_text, is_time, noise_text, printable, spending_text, worth

_NAMED = 6
_FIRST_SAID = 16  # pair of a stage


class Terminal:
    """An observer. Without a terminal it prints plain lines and nothing that moves. Use as a context manager."""

    def __init__(self, *, debug: bool = False, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._debug = debug
        self._status: Status | None = None
        self._noted: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def notify(self, event: Event) -> None:
        if isinstance(event, PairMeasured):
            self._pair(event)
            return
        line = describe(event)
        if isinstance(event, Notice):
            if line in self._noted:  # a step that is done again notes the same again
                return
            self._noted.add(line)
        if line:
            self._clear()
            self._console.print(Text(printable(line)), soft_wrap=True)

    def _pair(self, event: PairMeasured) -> None:
        running = gain_text(event.gain)
        line = f"  {event.stage}: pair {event.pair} of at most {event.at_most}  {running}"
        if self._debug:
            self._console.print(Text(f"{line}  {event.baseline:.6g} against {event.candidate:.6g}"))
        elif self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(line)
                self._status.start()
            self._status.update(Text(line))
        elif event.pair >= _FIRST_SAID and event.pair & (event.pair - 1) == 0:  # 16, 32, 64 … in a log file
            self._console.print(Text(line), soft_wrap=True)

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def describe(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912 (one line an event)
    """One line for an event; "" for those that say nothing to a person."""
    match event:
        case RunStarted():
            return f"run {event.run} on {event.codebase} from {event.base[:12]}, sandbox: {event.sandbox}"
        case StageStarted():
            return f"{event.text} …"
        case Notice():
            return f"note: {event.text}"
        case BaselineReady():
            visible = event.visible_gain
            seen = "" if visible is None else f": gains from about {percent(visible)} can be seen here"
            runtime = (
                f"{event.runtime_s * 1000:.1f} ms a run" if is_time(event.metric) else figure(event.runtime_s)
            )
            return f"baseline: {runtime} ({printable(event.metric)}), noise {noise_text(event.noise)}{seen}"
        case ChainChosen():
            return f"chain ({percent(event.chain.share)} of the profile): {' → '.join(event.chain.frames)}"
        case CeilingSet():
            shares = (
                f"{percent(event.share)} of the benchmark's time, at most {percent(event.at_most)} can be saved"
            )
            return f"  {event.function}: {shares}"
        case BenchmarksChosen():
            return f"  {_chosen(event)}"
        case FunctionSkipped():
            return f"  {event.skipped.function}: not attempted: {event.skipped.reason}"
        case AttemptStarted():
            turn = f", repair {event.turn}" if event.turn else ""
            return f"attempt {event.number}: {event.function}{turn} on {event.branch}"
        case AttemptFinished():
            return _verdict(event)
        case Spent():
            return f"  {spending_text(event.spending)}" if event.spending.spent_usd else ""
        case MutantTried():
            return f"  {event.number}/{event.of} {tried_line(event.tried)}"
        case _:
            return ""


def _chosen(event: BenchmarksChosen) -> str:
    functions = ", ".join(event.functions[:_NAMED]) + (" …" if len(event.functions) > _NAMED else "")
    if not event.chosen:
        return f"none of {event.of} benchmarks reaches {functions}: all of them count"
    more = len(event.chosen) - _NAMED
    names = ", ".join(event.chosen[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{len(event.chosen)} of {event.of} benchmarks count, the others do not reach {functions}: {names}"


def _verdict(event: AttemptFinished) -> str:
    attempt, verdict = event.attempt, event.attempt.verdict
    gain = f"  {gain_text(verdict.gain)}{worth(verdict.evidence)}" if verdict.gain else ""
    reason = "" if verdict.accepted else f"  {verdict.reason.splitlines()[0] if verdict.reason else ''}"
    return f"  → {attempt.function}: {verdict.word.value}{gain}{reason}"
