"""The main job's command: ``pesquared CODEBASE STACKS``."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from pesquared.cli import places, wiring
from pesquared.cli.configuration import Configured, load
from pesquared.cli.json_target import JsonTarget
from pesquared.core.attempt import RunReport
from pesquared.core.stopping import StopRequest
from pesquared.errors import UsageError

# option → the setting it stands for
SETTING_OF = {
    "num_functions": ("search", "num_functions"),
    "max_depth": ("search", "max_depth"),
    "attempts": ("search", "attempts"),
    "correction_attempts": ("search", "correction_attempts"),
    "function": ("search", "function"),
    "seed": ("search", "seed"),
    "branch_prefix": ("search", "branch_prefix"),
    "build": ("build", "command"),
    "test": ("test", "quick"),
    "full_test": ("test", "full"),
    "bench": ("bench", "command"),
    "metric": ("accept", "metric"),
    "provider": ("model", "provider"),
    "model": ("model", "model"),
    "temperature": ("model", "temperature"),
    "base_url": ("model", "base_url"),
    "price": ("model", "price"),
    "max_cost": ("model", "max_cost_usd"),
    "unsafe_no_sandbox": ("sandbox", "unsafe_no_sandbox"),
}


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
@click.argument("stacks", type=click.Path(path_type=Path))
@click.option("--bench", metavar="CMD", help="Benchmark command, run in CODEBASE; its time is what counts.")
@click.option("--build", metavar="CMD", help="Build command.  [default: make or cmake, by what is there]")
@click.option("--test", metavar="CMD", help="Tests that judge every attempt.")
@click.option("--full-test", metavar="CMD", help="Tests that judge what is about to be accepted.")
@click.option("--metric", type=click.Choice(["auto", "cpu", "wall"]), help="What is compared.  [default: auto]")
@click.option("--verifier", default="command", metavar="NAME|FILE:CLASS", help="Who builds, checks and measures.")
@click.option("--num-functions", type=int, metavar="N", help="Hotspots whose call chains are tried.  [default: 3]")
@click.option("--function", metavar="NAME", help="Try only this function; FILE:NAME where the name is ambiguous.")
@click.option("--max-depth", type=int, metavar="N", help="Frames of a chain, from the leaf up.  [default: all]")
@click.option("--attempts", type=int, metavar="N", help="Proposals per function.  [default: 1]")
@click.option("--correction-attempts", type=int, metavar="N", help="Repair turns per proposal.  [default: 2]")
@click.option(
    "--provider", metavar="NAME", help="Who proposes: rules, command, openai, anthropic.  [default: rules]"
)
@click.option("--model", metavar="NAME", help="The model; with --provider command: 'PROGRAM ARGS'.")
@click.option("--temperature", type=float, help="Sent only to models that take it.  [default: 0.7]")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp).")
@click.option("--price", metavar="IN/OUT", help="USD per million tokens; paid models need it.")
@click.option("--max-cost", type=float, metavar="USD", help="The most that a run may spend.  [default: 1]")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the result as one JSON document.")
@click.option("--seed", type=int, metavar="N", help="Of the coin that orders pairs.  [default: drawn]")
@click.option("--branch-prefix", metavar="NAME", help="Of all branches made.  [default: pesq]")
@click.option("--dry-run", is_flag=True, help="Show what would be tried, and stop.")
@click.option("--unsafe-no-sandbox", is_flag=True, default=None, help="Run a model's code without a sandbox.")
@click.option("--debug", is_flag=True, help="Print every pair, and tracebacks of internal errors.")
@click.pass_context
def optimize(ctx: click.Context, /, codebase: Path, stacks: Path, **options: object) -> None:
    """Optimize CODEBASE where STACKS say that its time goes (the default command)."""
    if options["dry_run"] and options["json_file"]:
        raise UsageError("--dry-run has no result to write", "leave --json out")
    configured = _configure(codebase, options)
    target = JsonTarget.open(options["json_file"])
    stop = StopRequest()
    with _interruptible(stop):
        job = wiring.Job(
            codebase=codebase,
            stacks=stacks,
            configured=configured,
            verifier=str(options["verifier"]),
            debug=bool(options["debug"]),
            stop=stop,
        )
        if options["dry_run"]:
            click.echo(job.plan())
            return
        report = job.run()
    click.echo(job.summary(report), err=target.takes_stdout)
    target.write(report)
    ctx.exit(exit_code(report))


def exit_code(report: RunReport) -> int:
    """0 something accepted, 3 nothing, 130 interrupted; else that of what ended the run early."""
    if report.interrupted:
        return 130
    if report.exit_code is not None:
        return report.exit_code
    return 0 if report.best_branch else 3


def _configure(codebase: Path, options: dict[str, object]) -> Configured:
    if not codebase.is_dir():
        raise UsageError(f"{codebase} is not a folder", "CODEBASE is a folder in a git repository")
    given = {
        SETTING_OF[name]: value for name, value in options.items() if name in SETTING_OF and value is not None
    }
    state = places.state_folder(os.environ)
    return load(codebase, given, os.environ, places.user_configuration(), places.trusted_hashes(state))


@contextmanager
def _interruptible(stop: StopRequest) -> Iterator[None]:
    """The first Ctrl-C asks the run to finish what it measures and to save; the second stops it."""

    def asked(_signal: int, _frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        click.echo("stopping as soon as nothing is lost by it; press Ctrl-C again to stop at once", err=True)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
