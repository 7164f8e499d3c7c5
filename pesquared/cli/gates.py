"""``pesquared gates CODEBASE [STACKS]``: how strong the gates are that a change has to pass."""

from pathlib import Path

import click

from pesquared.cli.interruption import interruptible
from pesquared.cli.json_target import JsonTarget
from pesquared.cli.mutating import try_gates
from pesquared.cli.opening import Asked
from pesquared.cli.options import checking_options, configure
from pesquared.core.stopping import StopRequest
from pesquared.core.strength import GateStrength
from pesquared.errors import BaselineError, UsageError
from pesquared.reporters.strength import strength_document, strength_text

MUTANTS = 50


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
@click.argument("stacks", type=click.Path(path_type=Path), required=False)
@click.option("--function", "functions", metavar="NAME", multiple=True, help="Look at this one; may be repeated.")
@click.option(
    "--mutants", type=click.IntRange(1, 10_000), default=MUTANTS, metavar="N", help="Faults to try.  [default: 50]"
)
@checking_options
@click.option("--json", "json_file", metavar="FILE|-", help="Write the result as one JSON document.")
@click.option("--seed", type=int, metavar="N", help="By which mutants are drawn.  [default: 1]")
@click.option("--unsafe-no-sandbox", is_flag=True, default=None, help="Run faulty programs without a sandbox.")
@click.option("--debug", is_flag=True, help="Print tracebacks of internal errors.")
@click.pass_context
def gates(
    ctx: click.Context,
    /,
    codebase: Path,
    stacks: Path | None,
    functions: tuple[str, ...],
    mutants: int,
    **options: object,
) -> None:
    """Say how many small faults in the hot functions of CODEBASE its tests and its benchmark's output notice.

    STACKS say which functions are hot; without them, name functions.
    """
    if stacks is None and not functions:
        raise UsageError("nobody says which functions to look at", "give STACKS, or --function NAME")
    configured = configure(codebase, options)
    target = JsonTarget.open(options["json_file"])
    stop = StopRequest()
    asked = Asked(codebase, configured, str(options["verifier"]), bool(options["debug"]), stop, ctx.obj)
    with interruptible(stop):
        report = try_gates(asked, stacks, functions, mutants)
    click.echo(strength_text(report), err=target.takes_stdout)
    target.write(strength_document(report))
    ctx.exit(exit_code(report))


def exit_code(report: GateStrength) -> int:
    """0: it is a report. 4 where the gates reject what is right, 130 interrupted."""
    if report.interrupted:
        return 130
    return BaselineError.exit_code if report.rejected else 0
