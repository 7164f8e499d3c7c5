"""``pesquared measure CODEBASE BASE [CANDIDATE]``: the judge on its own, for code that is there already."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from pesquared.cli.host import describe_host
from pesquared.cli.interruption import interruptible
from pesquared.cli.json_target import JsonTarget
from pesquared.cli.opening import Asked, Opened, opened
from pesquared.cli.options import configure, judging_options, sensitive_option
from pesquared.core.document import measurement_document
from pesquared.core.events import BaselineReady, Event, Notice, Observer, Observers
from pesquared.core.measurement import Measurement, Side
from pesquared.core.protocols import Judge
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Noise, Verdict, Word
from pesquared.errors import StoppedError, UsageError
from pesquared.reporters.measurement import measurement_text
from pesquared.reporters.terminal import Terminal
from pesquared.search.engine import visible_gain
from pesquared.vcs.claim import is_attempt
from pesquared.vcs.repository import GitRepository
from pesquared.verify.judge import TreeJudge

_IDENTICAL = Verdict(Word.UNCHANGED, "identical", "both are the same files")


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
@click.argument("base")
@click.argument("candidate", default="")
@judging_options
@click.option("--max-pairs", type=int, metavar="N", help="Pairs after which it stays undecided.  [default: 150]")
@click.option("--alpha", type=float, metavar="X", help="How often it may be wrong.  [default: 0.001]")
@sensitive_option
@click.option("--json", "json_file", metavar="FILE|-", help="Write the result as one JSON document.")
@click.option("--seed", type=int, metavar="N", help="Of the coin that orders pairs.  [default: drawn]")
@click.option("--unsafe-no-sandbox", is_flag=True, default=None, help="Run a model's code without a sandbox.")
@click.option("--debug", is_flag=True, help="Print every pair, and tracebacks of internal errors.")
@click.pass_context
def measure(ctx: click.Context, /, codebase: Path, base: str, candidate: str, **options: object) -> None:
    """Say whether CANDIDATE is faster than BASE, and still right.

    Both are revisions as git names them; without CANDIDATE it is the working tree as it is. An attempt's branch
    shows whether its claim holds here. Nothing is left in the repository.
    """
    configured = configure(codebase, options)
    target = JsonTarget.open(options["json_file"])
    stop = StopRequest()
    with interruptible(stop):
        asked = Asked(codebase, configured, str(options["verifier"]), bool(options["debug"]), stop, ctx.obj)
        measurement = Comparing(asked, base, candidate).run()
    seen = sys.stdout.isatty() and sys.stderr.isatty()  # then the notes stand on the screen already
    shown = replace(measurement, notices=()) if seen else measurement
    click.echo(measurement_text(shown), err=target.takes_stdout)
    target.write(measurement_document(measurement))
    ctx.exit(exit_code(measurement))


def exit_code(measurement: Measurement) -> int:
    """0 faster, 3 not, 130 interrupted."""
    if measurement.interrupted:
        return 130
    return 0 if measurement.verdict.accepted else 3


@dataclass(frozen=True, slots=True)
class Noted:
    """Keeps the notices for the report."""

    texts: list[str] = field(default_factory=list)

    def notify(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.texts.append(event.text)


@dataclass(frozen=True, slots=True)
class Comparing:
    """What was asked for on the command line."""

    asked: Asked
    base: str  # revisions as the user names them
    candidate: str  # "" for the working tree

    def run(self) -> Measurement:
        """Measures it.

        Raises:
            UsageError: a revision or a setting cannot be used.
            BaselineError: the base does not build or pass.
            NoiseError: nothing can be told apart here.
        """
        verifier = self.asked.make_verifier()
        noted = Noted()
        with ExitStack() as stack:
            terminal = stack.enter_context(Terminal(debug=self.asked.debug))
            observer = Observers(terminal, noted)
            it = stack.enter_context(opened(self.asked, observer))
            base = Side(self.base, it.repository.revisions.commit_of(self.base))
            candidate, notices = self._candidate(it.repository)
            for text in (*it.notices(), *notices, *trusting(it, base, candidate)):
                observer.notify(Notice(text))
            judge = TreeJudge(replace(it.rig(verifier, observer), must_be_checked=False), base.commit)
            measured = self._measured(it.repository, judge, base, candidate, observer)
            return replace(
                measured,
                host=describe_host(),
                sandbox=it.choice.sandbox.tier,
                notices=tuple(dict.fromkeys(noted.texts)),
            )

    def _candidate(self, repository: GitRepository) -> tuple[Side, tuple[str, ...]]:
        if self.candidate:
            return Side(self.candidate, repository.revisions.commit_of(self.candidate)), ()
        snapshot = repository.snapshot()
        return Side("", snapshot.commit), snapshot.notices

    def _measured(
        self, repository: GitRepository, judge: Judge, base: Side, candidate: Side, observer: Observer
    ) -> Measurement:
        """The measurement, but for where it was made."""
        noise: Noise | None = None
        runtime_s: float | None = None
        accept = self.asked.settings.accept

        def told(found: Noise) -> None:
            nonlocal noise, runtime_s
            noise, runtime_s = found, judge.runtime_s
            observer.notify(BaselineReady(judge.metric, runtime_s, noise, visible_gain(noise, accept)))

        files = repository.tree(base.commit)
        if files == repository.tree(candidate.commit):
            verdict = _IDENTICAL
        else:
            try:
                verdict = judge.compare(candidate.commit, told)
            except StoppedError as stopped:  # it waited for its turn on this host
                verdict = Verdict(Word.INCONCLUSIVE, "interrupted", stopped.message)
        claim = repository.revisions.claim_of(candidate.commit)
        fits = claim is not None and bool(claim.over) and repository.tree(claim.over) == files
        return Measurement(
            base, candidate, verdict, noise, runtime_s, accept.alpha, "", "", accept.beta, claim, fits
        )


def trusting(it: Opened, *sides: Side) -> Iterator[str]:
    """The user's own code may run without a sandbox, and it is said; code that a run proposed may not.

    Raises:
        UsageError: one side is a run's, and nothing confines it.
    """
    if it.choice.sandbox.confines:
        return
    proposed = [side for side in sides if is_attempt(it.repository.revisions.message(side.commit))]
    if proposed and not it.asked.settings.sandbox.unsafe_no_sandbox:
        raise UsageError(
            f"{proposed[0].revision or 'the working tree'} was proposed in a run, perhaps by a model, "
            f"and there is no sandbox: {it.choice.why}",
            "install bubblewrap, or read the change and accept the risk with --unsafe-no-sandbox",
        )
    yield "both revisions run without a sandbox: they are taken for your own code"
