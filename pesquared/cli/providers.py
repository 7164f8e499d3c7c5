"""Who proposes: from the settings and the keys at hand to a Proposer."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pesquared.cli.run_folder import REPLIES
from pesquared.core.attempt import Spending
from pesquared.core.events import Observer
from pesquared.core.protocols import Proposer
from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError, UsageError
from pesquared.llm import Access, Correspondence, Means, Provider, ReplyStore, open_provider
from pesquared.llm.knobs import DEFAULT_MODELS
from pesquared.llm.mixture import Mixture, parse_mix
from pesquared.llm.patience.holds import Holds
from pesquared.llm.spending.budget import Budget, Limits
from pesquared.llm.spending.ledger import Ledger
from pesquared.llm.spending.price import parse_price
from pesquared.propose.optimizer import FunctionOptimizer
from pesquared.propose.rules import RuleProposer

KEY_OF = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
LEDGER, HOLDS = "spending.jsonl", "holds.json"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What asking takes beside the settings. ``folder`` is the run's own, below ``state``/runs."""

    environ: Mapping[str, str] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)  # API keys by the name of their variable
    read: Callable[[str], bytes]  # a file of the present baseline by its path relative to the code base
    folder: Path
    observer: Observer
    stop: StopRequest

    @property
    def runs(self) -> Path:
        return self.folder.parent


@dataclass(frozen=True, slots=True)
class Asking:
    """A proposer and what it may spend; no budget where nothing is asked that could cost anything."""

    proposer: Proposer
    budget: Budget | None = None

    def spending(self) -> Spending | None:
        """Until now; None where nobody was asked."""
        return self.budget.spending() if self.budget else None


def proposer_for(settings: ModelSettings, around: Surroundings, templates: str = "") -> Asking:
    """The proposer that the settings name; rules where they name none.

    Raises:
        UsageError: the settings contradict each other.
        ProposerError: the provider cannot be asked: program missing, no key, no price.
    """
    if not settings.provider and (settings.model or settings.mix):
        raise UsageError("--model needs --provider", "for example: --provider command --model './answer.sh'")
    if settings.provider in ("", "rules"):
        return Asking(RuleProposer())
    weighted = parse_mix(settings.mix) or [(settings.model, 1.0)]
    providers = [(provider_for(settings, model, around), weight) for model, weight in weighted]
    limits = Limits(settings.max_cost_usd, settings.max_calls, settings.max_minutes)
    budget = Budget(limits, Ledger(around.folder / LEDGER))
    means = _means(settings, budget, around)
    models = [(Correspondence(provider, means), weight) for provider, weight in providers]
    answerer = Mixture(models) if len(models) > 1 else models[0][0]
    return Asking(FunctionOptimizer(answerer, read=around.read, templates=templates), budget)


def provider_for(settings: ModelSettings, model: str, around: Surroundings) -> Provider:
    """One model of the settings' provider.

    Raises:
        UsageError, ProposerError: as ``proposer_for``.
    """
    key = KEY_OF.get(settings.provider, "")
    if key and key not in around.keys and not settings.base_url:
        raise ProposerError(f"{settings.provider} needs a key", f"set {key}, in the environment or in our .env")
    price = parse_price(settings.price) if settings.price else None
    access = Access(around.environ, around.keys.get(key, ""), price, around.stop, str(around.runs))
    return open_provider(replace(settings, model=model), access)


def _means(settings: ModelSettings, budget: Budget, around: Surroundings) -> Means:
    others = sorted(around.runs.glob(f"*/{REPLIES}"), reverse=True) if settings.reuse else []
    return Means(
        store=ReplyStore(around.folder / REPLIES),
        budget=budget,
        patience_s=settings.patience_s,
        earlier=tuple(ReplyStore(folder) for folder in others if folder.parent != around.folder),
        holds=Holds(around.runs.parent / HOLDS),
        chance=random.Random(),  # noqa: S311 - of pauses
        stop=around.stop,
        observer=around.observer,
    )


def advice(settings: ModelSettings, keys: Mapping[str, str]) -> str:
    """What to type next when nothing but the rules was asked; "" when a model was."""
    if settings.provider not in ("", "rules"):
        return ""
    for provider, key in KEY_OF.items():
        if key in keys:
            return f"{key} is set: add --provider {provider} to ask {DEFAULT_MODELS[provider]}, or --model NAME"
    return "add --provider command --model 'PROGRAM ARGS' to ask a program that answers for a model"
