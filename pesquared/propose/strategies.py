"""Which way a proposal is asked to go. Diversity comes from what is asked: newer models take no temperature."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from pesquared.core.proposal import ProposalRequest, Role
from pesquared.errors import UsageError

FILE = "strategies.toml"
LONGEST_FILE = 1 << 20


class Strategy(msgspec.Struct, frozen=True):
    """One way. ``roles`` are those to which it is suggested."""

    name: str
    text: str
    roles: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True, slots=True)
class _Listed:
    strategies: tuple[Strategy, ...]


def strategy_for(request: ProposalRequest, folder: str = "") -> Strategy | None:
    """The way for this attempt at its function: the first is free to choose, the others take turns.

    Raises:
        UsageError: the user's own list cannot be read.
    """
    number = request.of_function
    fitting = [one for one in strategies(folder) if request.role in one.roles]
    return fitting[(number - 1) % len(fitting)] if number and fitting else None


@cache
def strategies(folder: str = "") -> tuple[Strategy, ...]:
    """All ways, in the order in which they are tried.

    Args:
        folder: of the user's own templates, "" for none.

    Raises:
        UsageError: the list there cannot be read.
    """
    own = Path(folder, FILE)
    try:
        if folder and own.is_file():
            with own.open("rb") as file:
                content = file.read(LONGEST_FILE)
        else:
            content = resources.files("pesquared.propose").joinpath("prompts", FILE).read_bytes()
        return msgspec.convert(tomllib.loads(content.decode()), _Listed).strategies
    except (OSError, ValueError, RecursionError, msgspec.ValidationError) as error:
        raise UsageError(f"{own}: {error}", "it holds tables [[strategies]] with name, text and roles") from error
