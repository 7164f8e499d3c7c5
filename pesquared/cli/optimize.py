"""The main job's command: ``pesquared CODEBASE STACKS``."""

from pathlib import Path

import click

from pesquared.cli.interruption import interruptible
from pesquared.cli.json_target import JsonTarget
from pesquared.cli.options import configure, judging_options, sensitive_option
from pesquared.core.attempt import RunReport
from pesquared.core.document import report_document
from pesquared.core.stopping import StopRequest
from pesquared.errors import UsageError


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
@click.argument("stacks", type=click.Path(path_type=Path))
@judging_options
@sensitive_option
@click.option("--num-functions", type=int, metavar="N", help="Hotspots whose call chains are tried.  [default: 3]")
@click.option("--function", metavar="NAME", help="Try only this function; FILE:NAME where the name is ambiguous.")
@click.option("--max-depth", type=int, metavar="N", help="Frames of a chain, from the leaf up.  [default: all]")
@click.option("--attempts", type=int, metavar="N", help="Proposals per function.  [default: 1]")
@click.option("--correction-attempts", type=int, metavar="N", help="Repair turns per proposal.  [default: 2]")
@click.option(
    "--provider",
    metavar="NAME",
    help="Who proposes: rules, command, files, openai, anthropic, replay.  [default: rules]",
)
@click.option(
    "--model",
    metavar="NAME",
    multiple=True,
    help="The model; several, as NAME=WEIGHT, are drawn from. command: 'PROGRAM ARGS', files: DIR, replay: RUN.",
)
@click.option("--temperature", type=float, help="Sent only to models that take it.  [default: 0.7]")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp).")
@click.option("--price", metavar="IN/OUT", help="USD per million tokens.  [default: as listed]")
@click.option("--max-cost", type=float, metavar="USD", help="The most that a run may spend.  [default: 1]")
@click.option("--max-calls", type=int, metavar="N", help="The most calls that a run makes.  [default: any]")
@click.option("--max-minutes", type=float, metavar="N", help="After which nobody is asked.  [default: never]")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the result as one JSON document.")
@click.option("--seed", type=int, metavar="N", help="Of the coin that orders pairs.  [default: drawn]")
@click.option(
    "--context-tokens", type=int, metavar="N", help="What a model is shown of a function, about.  [default: 6000]"
)
@click.option("--branch-prefix", metavar="NAME", help="Of all branches made.  [default: pesq]")
@click.option("--show-prompts", is_flag=True, help="Print what a model would be asked, and stop.")
@click.option("--dry-run", is_flag=True, help="Show what would be tried, and stop.")
@click.option("--unsafe-no-sandbox", is_flag=True, default=None, help="Run a model's code without a sandbox.")
@click.option("--debug", is_flag=True, help="Print every pair, and tracebacks of internal errors.")
@click.pass_context
def optimize(ctx: click.Context, /, codebase: Path, stacks: Path, **options: object) -> None:
    """Optimize CODEBASE where STACKS say that its time goes (the default command)."""
    from pesquared.cli.opening import Asked
    from pesquared.cli.wiring import Job

    if (options["dry_run"] or options["show_prompts"]) and options["json_file"]:
        raise UsageError("--dry-run has no result to write", "leave --json out")
    configured = configure(codebase, options)
    target = JsonTarget.open(options["json_file"])
    stop = StopRequest()
    with interruptible(stop):
        asked = Asked(codebase, configured, str(options["verifier"]), bool(options["debug"]), stop, ctx.obj)
        job = Job(asked, stacks)
        if options["dry_run"]:
            click.echo(job.plan())
            return
        if options["show_prompts"]:
            click.echo(job.prompts().encode("utf-8", "replace"))
            return
        report = job.run()
    click.echo(job.summary(report), err=target.takes_stdout)
    target.write(report_document(report))
    ctx.exit(exit_code(report))


def exit_code(report: RunReport) -> int:
    """0 something accepted, 3 nothing, 130 interrupted; else that of what ended the run early."""
    if report.interrupted:
        return 130
    if report.exit_code is not None:
        return report.exit_code
    return 0 if report.best_branch else 3
