"""Who answers: a program of the user's, OpenAI, Anthropic, a colleague, a recording. None is paid twice."""

from pesquared.llm.correspondence import Correspondence, Means
from pesquared.llm.model import LanguageModel, NoAnswer, Prompt, Question, Reply
from pesquared.llm.provider import Access, Failed, Kind, Provider, Spoken
from pesquared.llm.registry import PROVIDERS, open_provider
from pesquared.llm.store import ReplyStore

__all__ = [
    "PROVIDERS",
    "Access",
    "Correspondence",
    "Failed",
    "Kind",
    "LanguageModel",
    "Means",
    "NoAnswer",
    "Prompt",
    "Provider",
    "Question",
    "Reply",
    "ReplyStore",
    "Spoken",
    "open_provider",
]
