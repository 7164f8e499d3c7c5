"""The entry point: which command is meant, and how errors leave the house."""

import difflib
import errno
import importlib
import os
import sys
import traceback
from pathlib import Path

import click

from pesquared import __version__
from pesquared.cli import places
from pesquared.cli.optimize import optimize
from pesquared.cli.outputs import OutputError, lasting_outputs
from pesquared.cli.start import INTERRUPTED
from pesquared.errors import PesquaredError, StoppedError
from pesquared.reporters.words import printable, printable_lines

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


# What the help says of the other commands; where each lives is imported when it is called.
COMMANDS = {
    "measure": "Say whether CANDIDATE is faster than BASE, and still right.",
    "profile": "Record the stacks of COMMAND, or of a process, with perf, for the other...",
    "hotspots": "Say where STACKS spend their time: functions, shares, call chains.",
    "gates": "Say how many small faults in the hot functions of CODEBASE its tests and its...",
    "context": "Print what a model would see of FUNCTION: its text, what it uses, who calls...",
    "doctor": "Say what there is to work with: models that can be reached, what they cost,...",
    "clean": "Remove what runs left: branches that were not accepted, built trees.",
    "trust": "Let CODEBASE's pesquared.toml set [model], [prompts] and [sandbox] too.",
}


class CommandOrCodebase(click.Group):
    """A group whose default command is the main job: what is no command's name is the code base.

    A command name wins over a folder of that name (``./measure`` means the folder). The main job's options
    stand in the top-level help.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return ["optimize", *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now: what it works with takes longer than the help of another."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"pesquared.cli.{cmd_name}")
        command = getattr(module, cmd_name)
        return command if isinstance(command, click.Command) else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if args and args[0] not in own and args[0] not in self.list_commands(ctx):
            if not args[0].startswith("-") and not Path(args[0]).exists():
                raise click.UsageError(self._neither(args[0]))
            args = ["optimize", *args]
        return super().parse_args(ctx, args)

    def _neither(self, word: str) -> str:
        folders = [path.name for path in Path(word).absolute().parent.glob("*/")]
        near = difflib.get_close_matches(Path(word).name, [*COMMANDS, *folders], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; see --help"
        return f"{printable(word)!r} is neither a command nor a folder{hint}"

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "CODEBASE STACKS [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        optimize.format_options(click.Context(optimize, parent=ctx), formatter)
        with formatter.section("Commands"):
            formatter.write_dl([("optimize", optimize.get_short_help_str(80)), *COMMANDS.items()])


@click.group(
    cls=CommandOrCodebase,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="pesquared")
def group() -> None:
    """Finds what is slow in a code base, tries faster code, keeps what is measured to be faster and still right.

    CODEBASE is a folder in a git repository; STACKS a folder of folded stacks (*.folded, *.stacks, *.txt) or one
    such file. Every attempt becomes a branch; the checkout itself is never touched.
    """


def main(arguments: list[str] | None = None) -> None:
    """Runs a command and exits with its code; expected errors are one message on standard error."""
    with lasting_outputs() as outputs:
        code = run(sys.argv[1:] if arguments is None else arguments)
        try:
            outputs.must_have_taken_all()
        except OutputError as error:
            click.echo(f"error: {error}", err=True)
            code = error.exit_code
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Like ``main`` but returns the exit code (docs/reference/exit-codes.md)."""
    try:
        environ = places.withhold(os.environ)
        code = group.main(arguments, prog_name="pesquared", standalone_mode=False, obj=environ)
    except click.ClickException as error:
        error.show()
        return 2
    except StoppedError as stopped:
        click.echo(printable_lines(str(stopped)), err=True)
        return stopped.exit_code
    except PesquaredError as error:
        click.echo(f"error: {printable_lines(str(error))}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last door: a bug becomes one message, not a traceback)
        if "--debug" in arguments:
            traceback.print_exc()
        click.echo(printable_lines(_unexpected(error)), err=True)
        return 1
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        where = f"{error.filename}: " if error.filename else ""
        return (
            f"error: {where}{error.strerror}\n  make room there, or set PESQUARED_STATE_DIR; git keeps what it has"
        )
    return f"internal error: {type(error).__name__}: {error}\n  run again with --debug and report what it prints"
