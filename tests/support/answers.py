"""Requests about functions in a text, and a model and a provider that answer from a script."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from pesquared.core.proposal import ProposalRequest, Role, Stage
from pesquared.core.source import Caller, Definition, Extent, FunctionContext, Linkage
from pesquared.llm import Failed, Kind, NoAnswer, Question, Reply, Spoken
from pesquared.llm.spending.price import FREE, Price, Usage


def define(
    source: bytes, text: bytes, name: str, *, path: str = "src/a.c", language: str = "c", from_macro: bool = False
) -> Definition:
    """The definition of ``name`` whose source is ``text``, which stands once in ``source``."""
    start = source.index(text)
    end = start + len(text)
    extent = Extent(
        path,
        start,
        end,
        source.count(b"\n", 0, start) + 1,
        source.count(b"\n", 0, end) + 1,
        hashlib.sha256(text).hexdigest(),
    )
    signature = " ".join(text.partition(b"{")[0].decode().split())
    linkage = Linkage.INTERNAL if b"static" in text.partition(b"(")[0] else Linkage.EXTERNAL
    return Definition(name, signature, extent, linkage, language, f"{path}#{name}#{start}", from_macro)


def request_for(definition: Definition, source: bytes, **context: object) -> ProposalRequest:
    """A request for an optimisation of ``definition``; ``context`` are fields of its FunctionContext."""
    text = source[definition.extent.start : definition.extent.end].decode("utf-8", "surrogateescape")
    return ProposalRequest(
        attempt=1,
        stage=Stage.OPTIMIZE,
        role=Role.LEAF,
        context=FunctionContext(definition, text, **context),  # type: ignore[arg-type]
        chain=("main", definition.name),
        share=0.5,
        sealed=("**/test_*", "bench/**"),
    )


def caller_of(definition: Definition, source: bytes, share: float | None = 0.25) -> Caller:
    return Caller(definition, source[definition.extent.start : definition.extent.end].decode(), share)


def files(**by_name: bytes) -> Callable[[str], bytes]:
    """Reads from memory: ``files(**{"src/a.c": b"…"})``."""

    def read(path: str) -> bytes:
        if path not in by_name:
            raise FileNotFoundError(path)
        return by_name[path]

    return read


@dataclass
class ScriptedModel:
    """Gives the answers of its script one after the other and remembers what it was asked."""

    script: list[str | Reply | NoAnswer]
    provider: str = "scripted"
    model: str = "script-1"
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question) -> Reply | NoAnswer:
        self.asked.append(question)
        said = self.script.pop(0)
        if not isinstance(said, str):
            return said
        return Reply(said, self.provider, self.model, 10, 20, 0.5)


@dataclass
class ScriptedProvider:
    """Sends what its script says, then refuses. A body that ends with ``…`` was cut off, ``?`` is none."""

    script: list[bytes | Failed]
    price: Price = FREE
    longest_answer: int = 100
    provider: str = "scripted"
    model: str = "script-1"
    identity: str = "scripted"
    asked: list[Question] = field(default_factory=list)

    def send(self, question: Question) -> bytes | Failed:
        self.asked.append(question)
        return self.script.pop(0) if self.script else Failed(Kind.FATAL_CONFIG, "the script is over")

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        if body == b"?":
            return Failed(Kind.RETRY, "no answer", perhaps_paid=True, strange=True)
        text = body.decode()
        return Spoken(text.rstrip("…"), Usage(10, 20), text.endswith("…"), "" if text else "empty-reply")
