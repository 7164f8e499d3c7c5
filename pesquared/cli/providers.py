"""Who proposes: from the settings and the keys at hand to a Proposer."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pesquared.core.protocols import Proposer
from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError, UsageError
from pesquared.llm.budget import Budgeted
from pesquared.llm.model import Access
from pesquared.llm.price import parse_price
from pesquared.llm.registry import open_model
from pesquared.propose.optimizer import FunctionOptimizer
from pesquared.propose.rules import RuleProposer

KEY_OF = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def proposer_for(
    settings: ModelSettings,
    *,
    environ: Mapping[str, str],
    keys: Mapping[str, str],
    read: Callable[[str], bytes],
    replies: Path,
    stop: StopRequest,
) -> Proposer:
    """The proposer that the settings name; rules where they name none.

    Args:
        settings: section ``[model]``.
        environ: what a ``command`` may be given of the environment is taken from here.
        keys: API keys by the name of their variable.
        read: a file of the present baseline by its path relative to the code base.
        replies: folder in which every reply is stored before it is read.
        stop: who is being asked when it is set is not waited for.

    Raises:
        UsageError: the settings contradict each other.
        ProposerError: the provider cannot be asked: program missing, no key, no price.
    """
    if not settings.provider and settings.model:
        raise UsageError("--model needs --provider", "for example: --provider command --model './answer.sh'")
    if settings.provider in ("", "rules"):
        return RuleProposer()
    key = KEY_OF.get(settings.provider, "")
    if key and key not in keys and not settings.base_url:
        raise ProposerError(f"{settings.provider} needs a key", f"set {key}, in the environment or in our .env")
    price = parse_price(settings.price) if settings.price else None
    access = Access(environ=environ, api_key=keys.get(key, ""), price=price, stop=stop)
    model = Budgeted(open_model(settings, access), settings.max_cost_usd)
    return FunctionOptimizer(model, read=read, store=replies)


def advice(settings: ModelSettings, keys: Mapping[str, str]) -> str:
    """What to type next when nothing but the rules was asked; "" when a model was."""
    if settings.provider not in ("", "rules"):
        return ""
    for provider, key in KEY_OF.items():
        if key in keys:
            return f"{key} is set: add --provider {provider} --model NAME --price IN/OUT to ask a model"
    return "add --provider command --model 'PROGRAM ARGS' to ask a program that answers for a model"
