"""How strong the gates are: as text for people, and as one JSON document."""

from collections import Counter
from collections.abc import Iterator

from pesquared.core.events import Event, Notice, Observer, StageStarted
from pesquared.core.strength import Fate, FunctionGroup, GateStrength, Kind, Reach, Tried
from pesquared.core.words import percent
from pesquared.reporters.words import printable

SCHEMA = 1
NEVER = "no gate runs this line: add a test or a [[check.case]] that reaches it"
RUNS = "it runs, but no gate looks at what it changes; what would: "
UNKNOWN = "whether a gate runs it could not be told; what would tell the fault: "
NOT_COUNTED = {
    Fate.STILLBORN: "did not build",
    Fate.EQUIVALENT: "made the same program",
    Fate.UNJUDGED: "could not be judged",
}


class FirstSteps:
    """Passes on what a judge tells, but the steps of its work only until ``hush``: mutants bring hundreds."""

    def __init__(self, inner: Observer) -> None:
        self._inner = inner
        self._hushed = False
        self._notices: set[str] = set()

    def hush(self) -> None:
        self._hushed = True

    def notify(self, event: Event) -> None:
        if isinstance(event, Notice):
            if event.text in self._notices:
                return
            self._notices.add(event.text)
        if not (self._hushed and isinstance(event, StageStarted)):
            self._inner.notify(event)


def strength_text(report: GateStrength) -> str:
    """All that is printed to standard output at the end."""
    parts = [_functions(report.sample.functions)]
    if report.rejected:
        parts.append(_rejections(report))
    else:
        parts += [_score(report), _tables(report), _survivors(report)]
    if report.interrupted:
        parts.append("Interrupted: this is what was known by then.")
    return "\n\n".join(part for part in parts if part)


def what_kills(one: Tried) -> str:
    """What would make a gate notice a survivor."""
    if one.reach is Reach.NEVER:
        return NEVER
    return (RUNS if one.reach is Reach.RUNS else UNKNOWN) + one.mutant.advice


def _functions(groups: tuple[FunctionGroup, ...]) -> str:
    from tabulate import tabulate

    rows = [
        (printable(one.name), printable(one.place), one.possible or "", printable(one.skipped)) for one in groups
    ]
    return tabulate(rows, headers=("function", "place", "faults possible", ""), disable_numparse=True)


def _score(report: GateStrength) -> str:
    if report.score is None:
        return "No mutant counts: nothing can be said of the gates."
    killed = len(report.having(Fate.KILLED))
    share = percent(report.score)
    lines = [f"Killed: {killed} of {report.counted} mutants ({share}), drawn with seed {report.sample.seed}."]
    for fate, text in NOT_COUNTED.items():
        if count := len(report.having(fate)):
            lines.append(f"  not counted: {count} {text}")
    lines += dict.fromkeys(f"    {printable(one.reason)}" for one in report.having(Fate.UNJUDGED))
    passed = sum(1 for one in report.harmless if one.fate is Fate.SURVIVED)
    lines.append(f"  changes without effect that were let pass: {passed} of {passed + len(report.rejected)}")
    return "\n".join(lines)


def _tables(report: GateStrength) -> str:
    from tabulate import tabulate

    if not report.counted:
        return ""
    first = Counter(one.gate for one in report.having(Fate.KILLED))
    gates = dict.fromkeys((*report.gates, *first))
    by_gate = tabulate(
        [(gate, first[gate]) for gate in gates if gate != "build"], headers=("gate", "killed first")
    )
    killed, survived = (
        Counter(one.mutant.kind for one in report.having(fate)) for fate in (Fate.KILLED, Fate.SURVIVED)
    )
    rows = [(kind.value, killed[kind], survived[kind]) for kind in Kind if killed[kind] or survived[kind]]
    return f"{by_gate}\n\n{tabulate(rows, headers=('kind', 'killed', 'survived'))}"


def _survivors(report: GateStrength) -> str:
    survivors = sorted(report.having(Fate.SURVIVED), key=lambda one: (one.mutant.edit.path, one.mutant.line))
    if not survivors:
        return ""
    return "\n".join(["Survivors:", *(line for one in survivors for line in _entry(one, what_kills(one)))])


def _rejections(report: GateStrength) -> str:
    head = "The gates reject a change without effect, so nothing that they say can be trusted:"
    return "\n".join(
        [head, *(line for one in report.rejected for line in _entry(one, f"{one.gate}: {one.reason}"))]
    )


def _entry(one: Tried, comment: str) -> Iterator[str]:
    mutant = one.mutant
    yield f"  {printable(mutant.place)}  {printable(mutant.function)}, {mutant.kind.value}"
    yield f"    - {printable(mutant.before)}"
    yield f"    + {printable(mutant.after)}"
    yield f"    {printable(comment)}"


def tried_line(one: Tried) -> str:
    """One line of progress."""
    by = f" by {one.gate}" if one.gate else ""
    return f"{one.mutant.place} {one.mutant.kind.value}: {one.fate.value}{by}"


def strength_document(report: GateStrength) -> dict[str, object]:
    """The whole report, as docs/reference/json.md has it; ``score`` is a fraction, null where no mutant counts."""
    return {
        "schema": SCHEMA,
        "base": report.sample.base,
        "seed": report.sample.seed,
        "score": report.score,
        "killed": len(report.having(Fate.KILLED)),
        "counted": report.counted,
        "gates": list(report.gates),
        "functions": [
            {"name": one.name, "place": one.place, "possible": one.possible, "skipped": one.skipped}
            for one in report.sample.functions
        ],
        "harmless": [mutant_document(one) for one in report.harmless],
        "mutants": [mutant_document(one) for one in report.tried],
        "interrupted": report.interrupted,
    }


def mutant_document(one: Tried) -> dict[str, object]:
    """One mutant and what became of it."""
    mutant = one.mutant
    return {
        "kind": mutant.kind.value,
        "function": mutant.function,
        "file": mutant.edit.path,
        "line": mutant.line,
        "before": mutant.before,
        "after": mutant.after,
        "fate": one.fate.value,
        "gate": one.gate,
        "reason": one.reason,
        "reach": one.reach.value if one.fate is Fate.SURVIVED else "",
        "advice": what_kills(one) if one.fate is Fate.SURVIVED else "",
    }
