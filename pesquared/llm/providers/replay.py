"""``replay``: a recorded run answers, as it did. What it was not asked, it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pesquared.core.settings import ModelSettings
from pesquared.errors import ProposerError
from pesquared.llm.model import Question
from pesquared.llm.provider import Access, Failed, Kind, Spoken
from pesquared.llm.spending.price import FREE, Price, Usage
from pesquared.llm.store import ReplyStore, StoredReply

Place = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Recording:
    """Replies by their question; and by function, stage, attempt and turn, where a prompt says other figures."""

    model: str
    by_question: Mapping[str, StoredReply] = field(repr=False)
    by_place: Mapping[Place, StoredReply] = field(repr=False)
    provider: str = "replay"
    price: Price = FREE
    longest_answer: int = 0

    @property
    def identity(self) -> str:
        return f"replay {self.model}"

    def send(self, question: Question) -> bytes | Failed:
        """The recorded reply."""
        found = self.by_question.get(question.digest) or self.by_place.get(_place(question))
        if found is None:
            return Failed(Kind.REPAIR, f"run {self.model} has no reply to this question")
        return found.text.encode("utf-8", "surrogatepass")

    def read(self, body: bytes, question: Question) -> Spoken | Failed:  # noqa: ARG002 - nothing is counted
        """The recorded text."""
        return Spoken(body.decode("utf-8", "surrogatepass"), Usage(0, 0))


def _place(question: Question) -> Place:
    return question.target, question.stage.value, question.attempt, question.turn


def open_provider(settings: ModelSettings, access: Access) -> Recording:
    """The run named in ``settings.model``: by its name, or by the folder of its replies.

    Raises:
        ProposerError: there is no such run, or it has no replies.
    """
    if not settings.model:
        raise ProposerError("no run is named", "add --model RUN")
    runs = Path(access.runs)
    named = (
        runs / settings.model / "replies" if access.runs and "/" not in settings.model else Path(settings.model)
    )
    folder = named / "replies" if (named / "replies").is_dir() else named
    records = list(ReplyStore(folder).records()) if folder.is_dir() else []
    if not records:
        known = sorted((path.parent.name for path in runs.glob("*/replies")), reverse=True) if access.runs else []
        hint = f"there are: {', '.join(known[:5])}" if known else "no run has kept any replies"
        raise ProposerError(f"there are no replies of a run {settings.model!r}", hint)
    places = {(one.target, one.stage, one.attempt, one.turn): one for one in records}
    return Recording(settings.model, {one.question: one for one in records}, places)
