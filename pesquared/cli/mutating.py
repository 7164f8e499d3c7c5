"""Puts faults into a code base's hot functions and counts which the gates notice: ``pesquared gates`` at work."""

from collections.abc import Iterator
from pathlib import Path

from pesquared.cli.opening import Asked, Opened, opened
from pesquared.cli.profile_notices import profile_notices
from pesquared.core.events import Notice
from pesquared.core.protocols import Slot, SourceIndex
from pesquared.core.sealing import is_sealed
from pesquared.core.settings import Settings
from pesquared.core.source import Ambiguous, Definition, Missing
from pesquared.core.strength import FunctionGroup, GateStrength, Sample
from pesquared.errors import UsageError
from pesquared.profiles import StackAnalyzer
from pesquared.reporters.strength import FirstSteps
from pesquared.reporters.terminal import Terminal
from pesquared.search.chain import describe_candidates, targets, why_skipped
from pesquared.source.mutants import Faults, faults_of, sample
from pesquared.verify.judge import TreeJudge
from pesquared.verify.strength.patience import impatient
from pesquared.verify.strength.strength import StrengthCheck

SEED = 1  # the same mutants every time, so that a better figure means better gates


def try_gates(asked: Asked, stacks: Path | None, functions: tuple[str, ...], count: int) -> GateStrength:
    """Tries ``count`` mutants of the named functions, or of those that are hot in ``stacks``.

    Raises:
        UsageError: no function is left to look at, or faulty programs have no sandbox to run in.
        BaselineError: the unchanged code does not build or pass, or there is nothing to be right by.
    """
    verifier = impatient(asked.make_verifier())
    profile = StackAnalyzer.read(stacks) if stacks is not None else None
    with Terminal(debug=asked.debug) as terminal, opened(asked, terminal) as base:
        _require_confinement(base)
        snapshot = base.repository.snapshot()
        said = profile_notices(profile) if profile is not None else ()
        for notice in (*base.notices(), *said, *snapshot.notices):
            terminal.notify(Notice(notice))
        base.workspaces.place(Slot.ORIGINAL, snapshot.commit)
        base.workspaces.activate(Slot.ORIGINAL)
        source = base.source()
        names = functions or tuple(_hot(profile, source, asked.settings))
        chosen = _sample(base, source, snapshot.commit, names, count)
        steps = FirstSteps(terminal)

        def established() -> None:
            verifier.tighten()
            steps.hush()

        check = StrengthCheck(
            judge=TreeJudge(base.rig(verifier, steps), snapshot.commit),
            commit=lambda edits, message: base.repository.commit_edits(snapshot.commit, edits, message),
            established=established,
            observer=terminal,
            stop=asked.stop,
        )
        return check.run(chosen)


def _require_confinement(base: Opened) -> None:
    """A faulty program does what nobody meant: it may remove the wrong file."""
    if not base.choice.sandbox.confines and not base.asked.settings.sandbox.unsafe_no_sandbox:
        raise UsageError(
            f"faulty programs need a sandbox, and there is none: {base.choice.why}",
            "install bubblewrap, or accept the risk with --unsafe-no-sandbox",
        )


def _hot(profile: StackAnalyzer | None, source: SourceIndex, settings: Settings) -> Iterator[str]:
    """What the main job would try: any ``main`` is left out."""
    for target in targets(profile, source, settings.search) if profile is not None else ():
        skipped = why_skipped(target.symbol, source.find(target.symbol), settings)
        if skipped is None or skipped.function != "main":
            yield target.symbol


def _sample(base: Opened, source: SourceIndex, commit: str, names: tuple[str, ...], count: int) -> Sample:
    """What is tried in the named functions, and why some of them are passed over.

    Raises:
        UsageError: no function is left.
    """
    faults: list[Faults] = []
    skipped: list[FunctionGroup] = []
    for name in dict.fromkeys(names):
        found = _faults(base, source, commit, name)
        if isinstance(found, FunctionGroup):
            skipped.append(found)
        elif found.definition not in [one.definition for one in faults]:
            faults.append(found)
    if not faults:
        why = "; ".join(f"{one.name}: {one.skipped}" for one in skipped)
        raise UsageError(
            f"there is no function to look at: {why or 'no function of the profile is defined here'}",
            "name one in full, or as FILE:FUNCTION, with --function",
        )
    seed = base.asked.settings.search.seed or SEED
    return sample(commit, faults, count, seed, tuple(skipped))


def _faults(base: Opened, source: SourceIndex, commit: str, name: str) -> Faults | FunctionGroup:
    found = source.find(name)
    if isinstance(found, Missing):
        return FunctionGroup(name, "", skipped=found.reason)
    if isinstance(found, Ambiguous):
        return FunctionGroup(name, "", skipped=f"ambiguous: {describe_candidates(found)}")
    why = _why_not(base, commit, found)
    if not why:
        faults = faults_of(base.repository.read(commit, found.extent.path), found)
        if faults is not None and faults.changes:
            return faults
        why = "there is nothing in it that could be changed"
    return FunctionGroup(found.name, f"{found.extent.path}:{found.extent.line}", skipped=why)


def _why_not(base: Opened, commit: str, definition: Definition) -> str:
    path = definition.extent.path
    if definition.from_macro:
        return "its definition is generated by a macro"
    if is_sealed(path, base.asked.settings.seal.files):
        return "its file is sealed: tests, benchmarks and build files are what judges, not what is judged"
    return (
        ""
        if base.repository.tracks(commit, path)
        else "its file is none of the repository: generated, or of a submodule"
    )
