"""``openai``: OpenAI, and by ``--base-url`` all that speak its API. Which of its two is spoken is settled here."""

from pesquared.core.settings import ModelSettings
from pesquared.errors import ProposerError
from pesquared.llm.knobs import DEFAULT_MODELS, knobs_of, longest_answer
from pesquared.llm.provider import Access, Provider
from pesquared.llm.providers.addressed import line_to
from pesquared.llm.providers.chat import ChatModel
from pesquared.llm.providers.responses import ResponsesModel
from pesquared.llm.spending.price import price_of

BASE_URL = "https://api.openai.com/v1"


def open_provider(settings: ModelSettings, access: Access) -> Provider:
    """The model named in the settings.

    Raises:
        ProposerError: no key where one is needed, no price, no model named for another address.
        UsageError: a header or the file of certificates cannot be used.
    """
    model = settings.model or ("" if settings.base_url else DEFAULT_MODELS["openai"])
    if not model:
        raise ProposerError("no model is named", "add --model NAME: what the address calls it")
    if not access.api_key and not settings.base_url:
        raise ProposerError("there is no key for OpenAI", "set OPENAI_API_KEY, or --base-url for another server")
    price = price_of("openai", model, settings.base_url, access.price)
    line = line_to(settings.base_url or BASE_URL, access.api_key or "none", settings, access)
    knobs = knobs_of(model)
    temperature = settings.temperature if knobs.temperature else None
    api = settings.api if settings.api != "auto" else "chat" if settings.base_url else knobs.api
    longest = longest_answer(model, settings.max_tokens)
    if api == "responses":
        return ResponsesModel(model, line, price, longest, temperature, access.stop)
    name = "max_tokens" if settings.base_url else "max_completion_tokens"
    return ChatModel(model, line, price, longest, temperature, name, access.stop)
