"""``files``: prompts are written to a folder, and answers picked up there, whoever puts them: a colleague, a chat.

``NNN-FUNCTION-STAGE.prompt.md`` is the prompt, ``NNN-FUNCTION-STAGE.reply.md`` beside it the answer. A prompt that
lies there already keeps its file: a run that is begun again finds the answers that came meanwhile.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pesquared.core.proposal import Stage
from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.model import Question
from pesquared.llm.provider import Access, Failed, Kind, Spoken, estimated
from pesquared.llm.spending.price import FREE, Price

PROMPT, REPLY = ".prompt.md", ".reply.md"
LONGEST_REPLY = 4 << 20
LOOK_EVERY_S = 0.5
UNFIT = re.compile(r"[^A-Za-z0-9_.+-]+")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class FolderModel:
    """Waits for as long as it takes: Ctrl-C ends it, and the next run goes on."""

    folder: Path
    stop: StopRequest = field(default_factory=StopRequest)
    provider: str = "files"
    price: Price = FREE
    longest_answer: int = 0

    @property
    def model(self) -> str:
        return str(self.folder)

    @property
    def identity(self) -> str:
        return "files"

    def send(self, question: Question) -> bytes | Failed:
        """Writes the prompt and waits until there is an answer that stays as it is."""
        try:
            answer = self.place(question)
            seen: bytes | None = None
            while not self.stop.requested:
                content = _content(answer)
                if content is not None and content.strip() and content == seen:  # not half written
                    return content
                seen = content
                time.sleep(LOOK_EVERY_S)
        except OSError as error:
            fix = "give a folder that can be written as --model DIR"
            return Failed(Kind.FATAL_CONFIG, f"{self.folder}: {error.strerror}", fix=fix)
        return Failed(Kind.STOPPED, f"there is no {answer.name} in {self.folder} yet")

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        """The file as it is."""
        text = body.decode("utf-8", "surrogateescape")
        return Spoken(text, estimated(question, text))

    def place(self, question: Question) -> Path:
        """Where the answer goes. The prompt stands beside it, written now if it was not there.

        Raises:
            OSError: it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        prompt = question.prompt.text.encode("utf-8", "surrogateescape")
        for path in self._names(question):
            if _content(path) == prompt:
                return _answer_to(path)
            if not path.exists() and not _answer_to(path).exists():
                _write(path, prompt)
                return _answer_to(path)
        raise AssertionError("there is always another name")

    def _names(self, question: Question) -> Iterator[Path]:
        function = UNFIT.sub("-", question.target).strip("-.")[:LONGEST_NAME] or "function"
        stage = question.stage.value + (str(question.turn) if question.stage is Stage.REPAIR else "")
        name = f"{question.attempt:03}-{function}-{stage}"
        yield self.folder / f"{name}{PROMPT}"
        for number in count(2):
            yield self.folder / f"{name}.{number}{PROMPT}"


def _answer_to(prompt: Path) -> Path:
    return prompt.with_name(prompt.name.removesuffix(PROMPT) + REPLY)


def _content(path: Path) -> bytes | None:
    """The file's bytes; None if there is none, or it is longer than any answer."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_REPLY + 1)
    except OSError:
        return None
    return content if len(content) <= LONGEST_REPLY else None


def _write(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def open_provider(settings: ModelSettings, access: Access) -> FolderModel:
    """The folder named in ``settings.model``.

    Raises:
        ProposerError: it is not named, or no folder.
    """
    if not settings.model:
        raise ProposerError("no folder is named", "add --model DIR: prompts are written there")
    folder = Path(settings.model).absolute()
    if folder.exists() and not folder.is_dir():
        raise ProposerError(f"{folder} is no folder", "give a folder as --model DIR")
    return FolderModel(folder, access.stop)
