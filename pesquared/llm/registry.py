"""Which providers there are. One is added by one line here and a module with ``open_provider``."""

from pesquared.core.registry import Registry
from pesquared.core.settings import ModelSettings
from pesquared.llm.provider import Access, OpenProvider, Provider

PROVIDERS: Registry[OpenProvider] = Registry(
    "provider",
    {
        "command": "pesquared.llm.providers.command:open_provider",
        "openai": "pesquared.llm.providers.openai:open_provider",
        "anthropic": "pesquared.llm.providers.anthropic:open_provider",
        "files": "pesquared.llm.providers.files:open_provider",
        "replay": "pesquared.llm.providers.replay:open_provider",
    },
)


def open_provider(settings: ModelSettings, access: Access) -> Provider:
    """The provider that ``settings`` ask for, checked as far as that goes without asking it.

    Raises:
        UsageError: there is no such provider.
        ProposerError: it cannot be asked: no program, no key, no price.
    """
    return PROVIDERS.load(settings.provider)(settings, access)
