"""Keeps every reply in files named by the hash of its question: as it came, then as read.

``<key>.raw`` is the reply's bytes, on disk before anyone looks at them. ``<key>.json`` is what they were found to
say; should that be missing or broken, they are read anew. What could not be read is kept as ``<key>.bad``.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pesquared.errors import PesquaredError
from pesquared.llm.model import Question, Reply

LONGEST_RECORD = 96 << 20


class StoredReply(msgspec.Struct, frozen=True):
    """The record. Texts may hold lone surrogates, for bytes that are not UTF-8: ``json`` writes them in ASCII."""

    key: str
    question: str  # its digest, whoever was asked
    target: str
    stage: str
    attempt: int
    turn: int
    provider: str
    model: str
    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    estimated: bool
    truncated: bool
    prompt: str

    @property
    def reply(self) -> Reply:
        return Reply(
            self.text,
            self.provider,
            self.model,
            self.input_tokens,
            self.output_tokens,
            self.cost_usd,
            self.estimated,
            self.truncated,
        )


class ReplyStore:
    """A folder of replies.

    Args:
        folder: made when the first reply comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Reply | None:
        """The reply to the question with this hash; a file that cannot be read is none."""
        record = read_record(self._file(key, "json"))
        return record.reply if record is not None and record.key == key else None

    def find_raw(self, key: str) -> bytes | None:
        """The reply's bytes, of a run that was killed before it had read them."""
        try:
            return self._file(key, "raw").read_bytes()
        except OSError:
            return None

    def keep_raw(self, key: str, body: bytes) -> None:
        """Writes the reply so that it survives a power cut at any moment.

        Raises:
            PesquaredError: it cannot be written.
        """
        self._write(self._file(key, "raw"), body, lasting=True)

    def set_aside(self, key: str) -> None:
        """The bytes are no answer: the question is asked again, and they are kept to be looked at."""
        raw = self._file(key, "raw")
        if raw.exists():
            raw.replace(self._file(key, "bad"))

    def keep(self, key: str, question: Question, reply: Reply) -> None:
        """Writes down what the reply says.

        Raises:
            PesquaredError: it cannot be written.
        """
        record = StoredReply(
            key=key,
            question=question.digest,
            target=question.target,
            stage=question.stage.value,
            attempt=question.attempt,
            turn=question.turn,
            provider=reply.provider,
            model=reply.model,
            text=reply.text,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            cost_usd=reply.cost_usd,
            estimated=reply.estimated,
            truncated=reply.truncated,
            prompt=question.prompt.text,
        )
        content = json.dumps(msgspec.to_builtins(record), indent=1).encode("ascii")
        self._write(self._file(key, "json"), content, lasting=not self._file(key, "raw").exists())

    def records(self) -> Iterator[StoredReply]:
        """All that can be read, in no order."""
        for path in sorted(self.folder.glob("??/*.json")):
            record = read_record(path)
            if record is not None:
                yield record

    def _write(self, target: Path, content: bytes, *, lasting: bool) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            Path(temporary).replace(target)
            if lasting:
                _sync(target.parent)
        except OSError as error:
            raise PesquaredError(f"{target} cannot be written: {error.strerror}", "make room there") from error

    def _file(self, key: str, suffix: str) -> Path:
        return self.folder / key[:2] / f"{key}.{suffix}"


def read_record(path: Path) -> StoredReply | None:
    """A record; None where there is none that can be read."""
    try:
        if path.stat().st_size > LONGEST_RECORD:
            return None
        return msgspec.convert(json.loads(path.read_bytes()), StoredReply)
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
