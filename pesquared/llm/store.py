"""Keeps every reply in a file named by the hash of its question, on disk before anyone looks at it."""

import json
import os
import tempfile
from pathlib import Path

import msgspec

from pesquared.llm.model import Reply


class StoredReply(msgspec.Struct, frozen=True):
    """The file. Texts may hold lone surrogates, for bytes that are not UTF-8: ``json`` writes them in ASCII."""

    question: str  # the hash
    provider: str
    model: str
    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    estimated: bool
    prompt: str


class ReplyStore:
    """A folder of replies.

    Args:
        folder: made when the first reply comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Reply | None:
        """The reply to the question with this hash; a file that cannot be read is none."""
        try:
            stored = msgspec.convert(json.loads(self._file(key).read_bytes()), StoredReply)
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
            return None
        if stored.question != key:
            return None
        return Reply(
            stored.text,
            stored.provider,
            stored.model,
            stored.input_tokens,
            stored.output_tokens,
            stored.cost_usd,
            stored.estimated,
        )

    def keep(self, key: str, prompt: str, reply: Reply) -> None:
        """Writes the reply so that it survives a power cut at any moment."""
        stored = StoredReply(
            question=key,
            provider=reply.provider,
            model=reply.model,
            text=reply.text,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            cost_usd=reply.cost_usd,
            estimated=reply.estimated,
            prompt=prompt,
        )
        target = self._file(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(msgspec.to_builtins(stored), indent=1).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _file(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"
