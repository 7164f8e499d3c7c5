"""What the user decides, section by section as in ``pesquared.toml``. Defaults stand here and nowhere else."""

import difflib
from dataclasses import dataclass, field

DEFAULT_SEALS = (
    "test/**", "tests/**", "**/test/**", "**/tests/**", "**/test_*", "**/*_test.*",
    "bench/**", "benches/**", "benchmark/**", "benchmarks/**", "**/bench.*", "**/bench_*", "**/*_bench.*",
    "**/benchmark.*", "**/benchmark_*", "**/*_benchmark.*",
    "**/Makefile", "**/makefile", "**/GNUmakefile", "**/*.mk", "**/CMakeLists.txt", "**/*.cmake",
    "**/configure", "**/configure.ac", "**/meson.build", "pesquared.toml",
)  # fmt: skip
TRAILERS = ("run", "function", "verdict", "gain", "assisted-by")

SANDBOX_TIERS = ("bubblewrap", "landlock", "podman", "sandbox-exec", "already-isolated", "none")  # best first


_COMPARABLE = ("stdout", "stderr")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _require_command(text: str) -> None:
    _require("\0" not in text, "a NUL cannot be part of a command")


def _require_comparable(places: tuple[str, ...]) -> None:
    for place in places:
        known = place in _COMPARABLE or place.startswith("file:")
        _require(known, f'{place!r} is not "stdout", "stderr" or "file:PATH"')


@dataclass(frozen=True, slots=True)
class BuildSettings:
    command: str = ""  # "" means: make or cmake, by what is there
    timeout_s: float = 600.0
    include: tuple[str, ...] = ()  # ignored files that the build needs nevertheless
    outside: bool = False  # build outside the sandbox: the user's risk

    def __post_init__(self) -> None:
        _require_command(self.command)
        _require(self.timeout_s > 0, "timeout_s must be more than 0")


@dataclass(frozen=True, slots=True)
class TestSettings:
    quick: str = ""  # judges every attempt
    full: str = ""  # judges what is about to be accepted
    timeout_s: float = 300.0

    def __post_init__(self) -> None:
        for command in (self.quick, self.full):
            _require_command(command)
        _require(self.timeout_s > 0, "timeout_s must be more than 0")


@dataclass(frozen=True, slots=True)
class BenchSettings:
    command: str = ""
    timeout_s: float = 0.0  # 0 means: ten times the baseline's run, at least 30 s
    compare: tuple[str, ...] = ("stdout",)  # "stdout", "stderr", "file:PATH"
    ignore: tuple[str, ...] = ()  # regular expressions; what they match in the output is not compared
    writes: tuple[str, ...] = ()  # files or folders it writes; empty means: learned from the baseline
    tolerance: float = 0.0  # by which share numbers of the output may differ
    filter: str = ""  # regular expression: which of several benchmarks count; "" means: those that reach a change
    combine: str = "geomean"  # how they count together: "geomean" of their costs, or their "sum"
    guard: str = ""  # regular expression: which of them may veto by a loss; "" means: none
    guard_loss: float = 0.02  # of a guarding benchmark
    number: str = ""  # regular expression with one group: the figure that the verifier "number" reads
    number_name: str = "number"
    higher_is_better: bool = False
    deterministic: bool = False
    own_clock: bool = False  # a time that it says of itself counts, though its CPU time does not confirm it

    def __post_init__(self) -> None:
        _require_command(self.command)
        _require(self.timeout_s >= 0, "timeout_s must not be negative")
        _require_comparable(self.compare)
        _require(0 <= self.tolerance < 1, "tolerance must lie between 0 and 1")
        _require(0 < self.guard_loss < 1, "guard_loss must lie between 0 and 1")
        _require(0 < len(self.number_name) <= 60, "number_name must have 1 to 60 characters")
        _require(self.number_name.isprintable(), "number_name must be printable")
        _require(self.combine in ("geomean", "sum"), 'combine must be "geomean" or "sum"')


@dataclass(frozen=True, slots=True)
class AcceptSettings:
    metric: str = "auto"  # "auto", "cpu" or "wall"
    min_gain: float = 0.005  # d0: a gain must be shown to exceed this
    target: float = 0.015  # "not faster" rules out a gain of this size
    alpha: float = 0.001  # false accepts over the whole run
    screen_alpha: float = 0.05
    beta: float = 0.05
    screen_pairs: int = 40
    max_pairs: int = 150
    claim_pairs: int = 20
    guard_loss: float = 0.05  # the other metric and peak memory may not be worse by more
    also: tuple[str, ...] = ()  # further builds under which an accepted gain is measured: "clang -O3", "-O2"

    def __post_init__(self) -> None:
        _require(self.metric in ("auto", "cpu", "wall"), 'metric must be "auto", "cpu" or "wall"')
        for name in ("alpha", "screen_alpha", "beta", "guard_loss"):
            _require(0 < getattr(self, name) < 1, f"{name} must lie between 0 and 1")
        _require(0 <= self.min_gain < self.target < 1, "0 ≤ min_gain < target < 1 must hold")
        for name in ("screen_pairs", "max_pairs", "claim_pairs"):
            _require(8 <= getattr(self, name) <= 100_000, f"{name} must lie between 8 and 100000")


@dataclass(frozen=True, slots=True)
class CheckCase:
    """One input on which a candidate must do what the unchanged code does."""

    name: str
    command: str = ""  # "" means: [check] command
    argv: tuple[str, ...] = ()  # quoted and appended to the command
    stdin: str = ""
    stdin_file: str = ""  # relative to the code base
    files: tuple[str, ...] = ()  # what it reads beside that, relative to the code base: must be there
    seeds: tuple[int, ...] = ()  # run once with each, in $PESQUARED_SEED and for {seed} in argv
    compare: tuple[str, ...] = ("stdout",)  # as in [bench] compare
    hidden: bool = False  # no prompt ever shows its input or what was said to it

    def __post_init__(self) -> None:
        _require(
            bool(self.name.strip()) and self.name.isprintable(), "a case needs a name, of printable characters"
        )
        _require(
            not (self.stdin and self.stdin_file), f"case {self.name!r}: stdin and stdin_file exclude each other"
        )
        for text in (self.command, self.stdin, *self.argv):
            _require("\0" not in text, f"case {self.name!r}: a NUL cannot be part of a command or its input")
        _require_comparable(self.compare)


@dataclass(frozen=True, slots=True)
class CheckSettings:
    command: str = ""  # the program that cases run
    case: tuple[CheckCase, ...] = ()
    sanitizers: bool = True  # run quick tests, cases and benchmark under them, where the build allows
    timeout_s: float = 60.0  # of one case

    def __post_init__(self) -> None:
        _require(self.timeout_s > 0, "timeout_s must be more than 0")
        seen: set[str] = set()
        for case in self.case:
            _require(bool(case.command or self.command), f"case {case.name!r} has no command, and [check] neither")
            _require(case.name not in seen, f"two cases have the name {case.name!r}")
            seen.add(case.name)


@dataclass(frozen=True, slots=True)
class SealSettings:
    files: tuple[str, ...] = DEFAULT_SEALS


@dataclass(frozen=True, slots=True)
class SearchSettings:
    num_functions: int = 3  # hotspots; each brings its chain
    max_depth: int = 0  # frames of a chain, counted from the leaf; 0 means: all
    attempts: int = 1  # proposals per function
    correction_attempts: int = 2  # repair turns per proposal
    function: str = ""  # only this one
    seed: int = 0  # of the coin that orders pairs; 0 means: drawn from the system
    branch_prefix: str = "pesq"
    context_tokens: int = 6000  # about how many a model is shown of a function, its own text included

    def __post_init__(self) -> None:
        _require(
            100 <= self.context_tokens <= 1_000_000,
            "context_tokens must lie between 100 and 1000000",
        )
        for name in ("num_functions", "attempts"):
            _require(1 <= getattr(self, name) <= 10_000, f"{name} must lie between 1 and 10000")
        for name in ("max_depth", "correction_attempts", "seed"):
            _require(getattr(self, name) >= 0, f"{name} must not be negative")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    provider: str = ""  # "" means: rules
    model: str = ""
    temperature: float = 0.7
    base_url: str = ""  # an OpenAI-compatible endpoint
    api: str = "auto"  # OpenAI's two: "responses" or "chat"; auto: what the address and the model speak
    mix: tuple[str, ...] = ()  # "MODEL=WEIGHT" each: one is drawn for every proposal
    headers: tuple[str, ...] = ()  # "Name: value" each; ${VARIABLE} stands for one of the environment
    ca_file: str = ""  # certificates, in PEM form, that are trusted beside the system's
    price: str = ""  # "IN/OUT" in USD per million tokens; "" means: as listed
    max_cost_usd: float = 1.0  # of a run; no question is asked that could exceed it
    max_calls: int = 0  # of a run; 0 means: any number
    max_minutes: float = 0.0  # after which nobody is asked any more; 0 means: no limit
    max_tokens: int = 16_384  # of one answer
    pass_env: tuple[str, ...] = ()  # variables that a command gets beside PATH, HOME, LANG, TMPDIR
    timeout_s: float = 300.0
    patience_s: float = 1800.0  # for which one question is asked again where the provider is busy or broke
    reuse: bool = True  # what was paid for in an earlier run is not bought again

    def __post_init__(self) -> None:
        _require(self.api in ("auto", "responses", "chat"), 'api must be "auto", "responses" or "chat"')
        for name in ("max_cost_usd", "max_calls", "max_minutes", "patience_s"):
            _require(getattr(self, name) >= 0, f"{name} must not be negative")
        _require(256 <= self.max_tokens <= 1_000_000, "max_tokens must lie between 256 and 1000000")
        _require(self.timeout_s > 0, "timeout_s must be more than 0")


@dataclass(frozen=True, slots=True)
class PromptSettings:
    folder: str = ""  # templates and strategies there take the place of ours
    remarks: bool = True  # tell what the compiler could not do to the function


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    unsafe_no_sandbox: bool = False
    tier: str = ""  # "" means: the best that holds here
    isolated: bool = False  # the user says: this machine is a sandbox already
    read: tuple[str, ...] = ()  # further files and folders that commands may read
    write: tuple[str, ...] = ()  # and write
    env: tuple[str, ...] = ()  # variables of the environment that they get
    network: bool = False  # for builds and tests, never for what is timed
    memory_mib: int = 0  # of a command; 0 means: half of the memory, a benchmark by what the baseline uses
    disk_mib: int = 0  # by which a tree may grow in one command; 0 means: half of what is free

    def __post_init__(self) -> None:
        _require(self.tier in ("", *SANDBOX_TIERS), f"tier must be one of {', '.join(SANDBOX_TIERS)}")
        _require(self.memory_mib >= 0, "memory_mib must not be negative")
        _require(self.disk_mib >= 0, "disk_mib must not be negative")


@dataclass(frozen=True, slots=True)
class CommitSettings:
    """What is written into the commits of attempts."""

    trailers: tuple[str, ...] = TRAILERS  # in this order

    def __post_init__(self) -> None:
        for name in self.trailers:
            near = difflib.get_close_matches(name, TRAILERS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(TRAILERS)}"
            _require(name in TRAILERS, f"{name!r} is no trailer; {hint}")
        _require(len(set(self.trailers)) == len(self.trailers), "a trailer is named twice")


@dataclass(frozen=True, slots=True)
class Settings:
    build: BuildSettings = field(default_factory=BuildSettings)
    test: TestSettings = field(default_factory=TestSettings)
    bench: BenchSettings = field(default_factory=BenchSettings)
    accept: AcceptSettings = field(default_factory=AcceptSettings)
    check: CheckSettings = field(default_factory=CheckSettings)
    seal: SealSettings = field(default_factory=SealSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    prompts: PromptSettings = field(default_factory=PromptSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    commit: CommitSettings = field(default_factory=CommitSettings)
