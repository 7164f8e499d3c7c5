"""Which tier foreign code runs in: the best one that holds when an escape from it is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pesquared.core.settings import SandboxSettings
from pesquared.errors import PesquaredError, UsageError
from pesquared.sandbox.accounting import WALL
from pesquared.sandbox.accounting_probe import counts_processor_time
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.escape import find_escapes
from pesquared.sandbox.landlock import Landlocked
from pesquared.sandbox.none import AlreadyIsolated, Unconfined
from pesquared.sandbox.podman import Podman
from pesquared.sandbox.rations import Rationed
from pesquared.sandbox.sandbox_exec import SandboxExec
from pesquared.sandbox.scratch import sweep
from pesquared.sandbox.secrecy import hide_ourselves
from pesquared.sandbox.strays import end_strays
from pesquared.sandbox.widening import NOT_WIDENED, Widening

Confining = Bubblewrap | Landlocked | Podman | SandboxExec
Tier = Confining | Unconfined | AlreadyIsolated

_DEFAULTS = SandboxSettings()

# Best first. Each is made as this host has it, or says why it cannot be.
_CONFINING: dict[str, Callable[[Mapping[str, str], Widening], Confining | str]] = {
    Bubblewrap.tier: Bubblewrap.installed,
    Landlocked.tier: Landlocked.installed,
    Podman.tier: Podman.installed,
    SandboxExec.tier: SandboxExec.installed,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The tier that was taken.

    ``why`` says in one sentence why not a better one, "" when there is none better; ``widened`` what the user lets
    commands have beside it, a sentence each.
    """

    sandbox: Rationed
    why: str
    widened: tuple[str, ...] = ()


def choose(environ: Mapping[str, str], settings: SandboxSettings = _DEFAULTS) -> Choice:
    """Tries the tiers, best first, and whether processor time can be accounted for in the one that is taken.

    From here on, programs of the same user cannot read our memory and environment any more. What killed runs of
    this user left on the host is ended and removed first.

    Args:
        environ: the user's environment; only ``PATH``, ``HOME``, those that lead to toolchains and the variables
            that ``[sandbox] env`` names are read.
        settings: what the user has decided.

    Raises:
        UsageError: the tier that was asked for does not hold here, or a widening names what is not there.
    """
    hide_ourselves()
    end_strays()
    sweep()
    widening = Widening.of(settings, environ)
    tier, why = _best(environ, settings, widening)
    return Choice(Rationed(_with_accounting(tier), settings), why, tuple(widening.described()))


def _best(environ: Mapping[str, str], settings: SandboxSettings, widening: Widening) -> tuple[Tier, str]:
    refused: list[str] = []
    for name, make in _CONFINING.items():
        if settings.tier in ("", name):
            tier = make(environ, widening)
            reason = tier if isinstance(tier, str) else _why_refused(tier)
            if not isinstance(tier, str) and not reason:
                return tier, "; ".join(refused)
            refused.append(f"{name}: {reason}")
    why = "; ".join(refused)
    if settings.tier in _CONFINING:
        raise UsageError(f"the sandbox that was asked for does not hold here: {why}", "leave [sandbox] tier out")
    if settings.isolated or settings.tier == AlreadyIsolated.tier:
        return AlreadyIsolated.with_tools_of(environ, widening), why
    return Unconfined.with_tools_of(environ, widening), why


def _why_refused(tier: Confining) -> str:
    """What got out of it, "" for nothing. What the user opens on purpose is not counted."""
    try:
        return "; ".join(find_escapes(replace(tier, widening=NOT_WIDENED), tier.owner))
    except PesquaredError as error:
        return error.message


def _with_accounting(tier: Tier) -> Tier:
    """The same tier, set to the wall clock if the task-clock event does not see what is spent in it."""
    return tier if counts_processor_time(tier) else replace(tier, accounting=WALL)
