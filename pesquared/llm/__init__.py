"""Who answers: a program of the user's, OpenAI, Anthropic. Replies are kept: none is bought twice."""

from pesquared.llm.model import Access, LanguageModel, NoAnswer, Prompt, Question, Reply
from pesquared.llm.registry import PROVIDERS, open_model
from pesquared.llm.store import ReplyStore

__all__ = [
    "PROVIDERS",
    "Access",
    "LanguageModel",
    "NoAnswer",
    "Prompt",
    "Question",
    "Reply",
    "ReplyStore",
    "open_model",
]
