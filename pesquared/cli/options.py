"""Options that several commands share, and the settings that options stand for."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from pesquared.cli import places
from pesquared.cli.configuration import Configured, load
from pesquared.core.settings import SANDBOX_TIERS
from pesquared.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")

# option → the setting it stands for
SETTING_OF = {
    "num_functions": ("search", "num_functions"),
    "max_depth": ("search", "max_depth"),
    "attempts": ("search", "attempts"),
    "correction_attempts": ("search", "correction_attempts"),
    "function": ("search", "function"),
    "seed": ("search", "seed"),
    "branch_prefix": ("search", "branch_prefix"),
    "context_tokens": ("search", "context_tokens"),
    "build": ("build", "command"),
    "test": ("test", "quick"),
    "full_test": ("test", "full"),
    "bench": ("bench", "command"),
    "metric": ("accept", "metric"),
    "max_pairs": ("accept", "max_pairs"),
    "alpha": ("accept", "alpha"),
    "provider": ("model", "provider"),
    "model": ("model", "model"),
    "temperature": ("model", "temperature"),
    "base_url": ("model", "base_url"),
    "price": ("model", "price"),
    "max_cost": ("model", "max_cost_usd"),
    "max_calls": ("model", "max_calls"),
    "max_minutes": ("model", "max_minutes"),
    "sandbox": ("sandbox", "tier"),
    "isolated": ("sandbox", "isolated"),
    "unsafe_no_sandbox": ("sandbox", "unsafe_no_sandbox"),
}

SENSITIVE = {("accept", "min_gain"): 0.0, ("accept", "target"): 0.01}  # what --sensitive stands for

_CHECKING = (
    click.option("--bench", metavar="CMD", help="Benchmark command, run in CODEBASE; its time is what counts."),
    click.option("--build", metavar="CMD", help="Build command.  [default: make or cmake, by what is there]"),
    click.option("--test", metavar="CMD", help="Tests that judge every attempt."),
    click.option("--full-test", metavar="CMD", help="Tests that judge what is about to be accepted."),
    click.option(
        "--verifier", default="command", metavar="NAME|FILE:CLASS", help="Who builds, checks and measures."
    ),
    click.option("--sandbox", type=click.Choice(SANDBOX_TIERS), help="The tier to use.  [default: the best]"),
    click.option("--isolated", is_flag=True, default=None, help="This machine is a sandbox already."),
)
_JUDGING = (
    *_CHECKING,
    click.option(
        "--metric", type=click.Choice(["auto", "cpu", "wall"]), help="What is compared.  [default: auto]"
    ),
)


def checking_options(command: Callable[P, R]) -> Callable[P, R]:
    """Adds the options that say how a code base is built and checked."""
    for option in reversed(_CHECKING):
        command = option(command)
    return command


sensitive_option = click.option(
    "--sensitive", is_flag=True, help="Look for any gain, of 1 % and more: takes more pairs."
)


def judging_options(command: Callable[P, R]) -> Callable[P, R]:
    """Adds the options that say how a code base is built, checked and measured."""
    for option in reversed(_JUDGING):
        command = option(command)
    return command


def configure(codebase: Path, options: Mapping[str, object]) -> Configured:
    """The settings in force for ``codebase``, a command's given ``options`` on top.

    Raises:
        UsageError: ``codebase`` is no folder, or a setting cannot be used.
    """
    if not codebase.is_dir():
        raise UsageError(f"{codebase} is not a folder", "CODEBASE is a folder in a git repository")
    given = {
        SETTING_OF[name]: value
        for name, value in options.items()
        if name in SETTING_OF and name != "model" and value is not None
    }
    given |= _models(options.get("model"))
    if options.get("sensitive"):
        given |= SENSITIVE
    state = places.state_path(os.environ)
    return load(codebase, given, os.environ, places.user_configuration(), places.trusted_hashes(state))


def _models(given: object) -> dict[tuple[str, str], object]:
    """``--model``: one is the model, several are a mix of weighted ones."""
    names = given if isinstance(given, tuple) else ()
    if len(names) > 1:
        return {("model", "mix"): names, ("model", "model"): ""}
    return {("model", "model"): names[0], ("model", "mix"): ()} if names else {}
