"""Who proposes: from the settings and the keys at hand to a Proposer."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pesquared.core.protocols import Proposer
from pesquared.core.settings import ModelSettings
from pesquared.errors import UsageError
from pesquared.llm.protocol import Model
from pesquared.propose.optimizer import FunctionOptimizer
from pesquared.propose.rules import RuleProposer

KEY_OF = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def proposer_for(
    settings: ModelSettings, keys: Mapping[str, str], read: Callable[[str], bytes], replies: Path
) -> Proposer:
    """The proposer that the settings name; rules where they name none.

    Raises:
        UsageError: the settings contradict each other.
        ProposerError: the provider cannot be asked: program missing, no key, no price.
    """
    if not settings.provider and settings.model:
        raise UsageError("--model needs --provider", "for example: --provider command --model './answer.sh'")
    if settings.provider in ("", "rules"):
        return RuleProposer()
    return FunctionOptimizer(_model(settings, keys), read=read, replies=replies)


def advice(settings: ModelSettings, keys: Mapping[str, str]) -> str:
    """What to type next when nothing but the rules was asked; "" when a model was."""
    if settings.provider not in ("", "rules"):
        return ""
    for provider, key in KEY_OF.items():
        if key in keys:
            return f"{key} is set: add --provider {provider} --model NAME --price IN/OUT to ask a model"
    return "add --provider command --model 'PROGRAM ARGS' to ask a program that answers for a model"


def _model(settings: ModelSettings, keys: Mapping[str, str]) -> Model:
    raise NotImplementedError
