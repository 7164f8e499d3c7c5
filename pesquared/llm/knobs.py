"""Which model is asked if none is named, and what each takes: a knob that a model refuses is never sent to it.

The one place that has to change when providers bring out new models.
"""

import re
from dataclasses import dataclass

DEFAULT_MODELS = {"openai": "gpt-6.1-sol", "anthropic": "claude-sonnet-5-5"}
LONGEST_ANSWER = 16_384  # tokens; the most that a provider which charges is asked for


@dataclass(frozen=True, slots=True)
class Knobs:
    """What may be sent to a model.

    ``longest`` is the most tokens that it writes in one answer; ``api`` which of OpenAI's it is asked by.
    """

    temperature: bool = False
    longest: int = LONGEST_ANSWER
    api: str = "responses"


# The first pattern that fits the beginning of the name counts.
_KNOWN = (
    (re.compile(r"gpt-3\.5"), Knobs(temperature=True, longest=4096, api="chat")),
    (re.compile(r"gpt-4(?:-turbo|-\d{4}|-vision|$)"), Knobs(temperature=True, longest=4096, api="chat")),
    (re.compile(r"gpt-4|chatgpt-4o"), Knobs(temperature=True)),
    (re.compile(r"gpt-(?:[5-9]|\d\d)|o\d|codex"), Knobs()),  # reasoning models answer 400 to a temperature
    (re.compile(r"claude"), Knobs()),
)
_OTHER = Knobs(temperature=True, api="chat")  # a model of the user's own behind a compatible address


def knobs_of(model: str) -> Knobs:
    """What the model takes; a gateway's prefix (``openai/gpt-5``) is passed over."""
    name = model.rsplit("/", 1)[-1].lower()
    return next((knobs for pattern, knobs in _KNOWN if pattern.match(name)), _OTHER)


def longest_answer(model: str, wanted: int) -> int:
    """Tokens that the model is asked for at most."""
    return min(wanted, knobs_of(model).longest) if knobs_of(model) != _OTHER else wanted
