"""Scripted parts for the engine: a proposer that answers from a list, a judge that reads verdicts from the code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pesquared.core.edits import apply_edits
from pesquared.core.events import Event
from pesquared.core.inspection import Inspection
from pesquared.core.profile import CallChain, Hotspot
from pesquared.core.proposal import Answer, Answerer, Edit, Proposal, ProposalRequest
from pesquared.core.protocols import BenchmarkProfiles, Profile
from pesquared.core.source import (
    CompiledUnit,
    CompileView,
    Definition,
    Extent,
    FunctionContext,
    Linkage,
    Missing,
    Resolution,
)
from pesquared.core.verdict import Gain, Gate, Noise, Verdict, Word

MODEL = Answerer("scripted", "model-1", 0.25)
GAIN = Gain(0.5, 0.45, 0.55, 20, "cpu", 0.0005)
CONFIRMED = Verdict(Word.ACCEPTED, "faster", "confirmed", (), GAIN)


@dataclass
class ScriptedProfile:
    """A profile that is one chain, all of its weight in the leaf."""

    frames: tuple[str, ...]
    total: float = 100.0

    def hotspots(self, owns: Callable[[str], bool] | None = None) -> Iterator[Hotspot]:
        frames = self.frames
        if owns is not None:
            while frames and not owns(frames[-1]):
                frames = frames[:-1]
        if frames:
            chain = CallChain(frames, self.total, 1.0)
            yield Hotspot(frames[-1], self.total, self.total, 1.0, 1.0, (chain,))

    def edge_share(self, caller: str, callee: str) -> float | None:
        return 1.0 if (caller, callee) in zip(self.frames, self.frames[1:], strict=False) else None

    def share_where(self, holds: Callable[[Sequence[str]], bool]) -> float:
        return 1.0 if holds(self.frames) else 0.0

    def total_share(self, function: str) -> float:
        return 1.0 if function in self.frames else 0.0


@dataclass
class MemoryRepository:
    """Commits as dictionaries of files; branches and notes as git would have them."""

    files: dict[str, bytes]
    prefix: str = ""
    commits: dict[str, tuple[str, dict[str, bytes], str]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commits["base"] = ("", dict(self.files), "base")

    def _add(self, parent: str, files: dict[str, bytes], message: str) -> str:
        commit = f"c{len(self.commits)}"
        self.commits[commit] = (parent, files, message)
        return commit

    def commit_edits(self, parent: str, edits: tuple[Edit, ...], message: str) -> str:
        files = dict(self.commits[parent][1])
        for path in {edit.path for edit in edits}:
            files[path] = apply_edits(files[path], [edit for edit in edits if edit.path == path])
        return self._add(parent, files, message)

    def reword(self, commit: str, message: str) -> str:
        parent, files, _ = self.commits[commit]
        return self._add(parent, files, message)

    def set_branch(self, name: str, commit: str) -> None:
        self.branches[name] = commit

    def delete_branch(self, name: str) -> None:
        del self.branches[name]

    def read(self, commit: str, path: str) -> bytes:
        return self.commits[commit][1][path]

    def tracks(self, commit: str, path: str) -> bool:
        return path in self.commits[commit][1]

    def add_note(self, commit: str, text: str) -> None:
        self.notes[commit] = text


@dataclass
class LineSource:
    """A language in which a function is a line ``name: body`` of the file ``code``; layout is white space."""

    repository: MemoryRepository
    current: Callable[[], str]

    def resolve(self, symbol: str) -> Resolution:
        source = self.repository.read(self.current(), "code")
        start = 0
        for number, line in enumerate(source.splitlines(keepends=True), 1):
            if line.split(b":")[0].decode() == symbol:
                end = start + len(line.rstrip(b"\n"))
                extent = Extent("code", start, end, number, number, "")
                return Definition(symbol, f"{symbol}()", extent, Linkage.EXTERNAL, "c", symbol)
            start += len(line)
        return Missing(symbol, "not in the code base")

    def find(self, name: str) -> Resolution:
        return self.resolve(name)

    def extract(self, definition: Definition, profile: object = None, tokens: int = 0) -> FunctionContext:
        source = self.repository.read(self.current(), "code")
        return FunctionContext(definition, source[definition.extent.start : definition.extent.end].decode())

    def code_key(self, source: bytes) -> str:
        return "".join(source.decode().split())

    def units_of(self, path: str) -> tuple[CompiledUnit, ...]:
        return ()

    def layouts(self, path: str) -> Mapping[str, str]:
        return {}

    def compile_view(self, definition: Definition) -> CompileView:
        return CompileView(self.extract(definition).text, minimal=True, arguments=())

    def interface_change(self, definition: Definition, files: Mapping[str, bytes]) -> str:
        return ""

    def inspect(self) -> Inspection:
        return Inspection("scripted", "high", 1, 1, (), (), 1, ())

    def refresh(self) -> None:
        pass


@dataclass
class ScriptedProposer:
    """Gives its answers in order: a text replaces the function's line, a function is called; an ``Answer`` is as it is."""

    answers: list[str | Answer | Callable[[ProposalRequest], Answer]]
    name: str = "scripted"
    model: str = "model-1"
    trusted: bool = True
    requests: list[ProposalRequest] = field(default_factory=list)
    then: Exception | None = None  # raised when no answer is left

    def propose(self, request: ProposalRequest) -> Answer:
        self.requests.append(request)
        if self.then is not None and not self.answers:
            raise self.then
        answer = self.answers.pop(0)
        if callable(answer):
            return answer(request)
        if not isinstance(answer, str):
            return answer
        extent = request.context.definition.extent
        digest = sha256(request.context.text.encode()).hexdigest()
        edit = Edit(extent.path, extent.start, extent.end, digest, answer.encode())
        return Proposal((edit,), f"because {answer}", MODEL, reply=answer)


@dataclass
class CodeJudge:
    """Reads the verdict from the code itself: a line that says ``fast``, ``wrong`` or ``broken`` gets that word."""

    repository: MemoryRepository
    final: Verdict = CONFIRMED
    metric: str = "cpu"
    runtime_s: float = 0.01
    judged: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    profile: Profile | None = None  # of the benchmark
    profiles: BenchmarkProfiles | None = None  # of several benchmarks
    concluded: list[tuple[str, ...]] = field(default_factory=list)
    ceilings: list[float | None] = field(default_factory=list)

    def establish(self) -> Noise:
        return Noise(0.01, 30, "cpu")

    def establish_gates(self) -> None:
        pass

    def compare(self, commit: str, told: Callable[[Noise], None] = lambda _noise: None) -> Verdict:
        told(self.establish())
        return self.judge(commit)

    def check(self, commit: str) -> Verdict:
        verdict = self.judge(commit)
        right = verdict.word not in {Word.BUILD_FAILED, Word.WRONG}
        return Verdict(Word.INCONCLUSIVE, "not-measured", "passed", verdict.gates) if right else verdict

    def benchmark_profile(self) -> Profile | None:
        return self.profile

    def benchmark_profiles(self) -> BenchmarkProfiles | None:
        return self.profiles

    def judge(self, commit: str, ceiling: float | None = None, benchmarks: tuple[str, ...] = ()) -> Verdict:
        return replace(self._judge(commit, ceiling), benchmarks=benchmarks)

    def _judge(self, commit: str, ceiling: float | None) -> Verdict:
        self.ceilings.append(ceiling)
        self.judged.append(commit)
        parent, files, _ = self.repository.commits[commit]
        before = self.repository.commits[parent][1]["code"].splitlines()
        new = next(line for line in files["code"].splitlines() if line not in before)
        built = Gate("build", passed=True)
        if b"broken" in new:
            return Verdict(
                Word.BUILD_FAILED, "compiler", "error: broken", (Gate("build", False, "error: broken"),)
            )
        if b"wrong" in new:
            return Verdict(Word.WRONG, "output", "prints 2, not 1", (built, Gate("output", False, "2, not 1")))
        if b"fast" in new:
            return Verdict(Word.ACCEPTED, "faster", "faster", (built, Gate("output", passed=True)), GAIN)
        return Verdict(Word.NOT_FASTER, "futile", "no gain of 1.5 %", (built, Gate("output", passed=True)))

    def adopt(self, commit: str) -> None:
        self.adopted.append(commit)

    def conclude(self, commit: str, benchmarks: tuple[str, ...] = ()) -> tuple[Verdict, Gain | None]:
        self.concluded.append(benchmarks)
        return self.final, self.final.gain


@dataclass
class Recorder:
    """An observer that remembers."""

    events: list[Event] = field(default_factory=list)

    def notify(self, event: Event) -> None:
        self.events.append(event)
