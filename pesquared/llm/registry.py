"""Which providers there are. One is added by one line here and a module with ``open_model``."""

from pesquared.core.registry import Registry
from pesquared.core.settings import ModelSettings
from pesquared.llm.model import Access, LanguageModel, OpenModel

PROVIDERS: Registry[OpenModel] = Registry(
    "provider",
    {
        "command": "pesquared.llm.command:open_model",
        "openai": "pesquared.llm.openai:open_model",
        "anthropic": "pesquared.llm.anthropic:open_model",
    },
)


def open_model(settings: ModelSettings, access: Access) -> LanguageModel:
    """The model that ``settings`` ask for, checked as far as that goes without asking it.

    Raises:
        UsageError: there is no such provider.
        ProposerError: it cannot be asked: no program, no key, no price.
    """
    return PROVIDERS.load(settings.provider)(settings, access)
