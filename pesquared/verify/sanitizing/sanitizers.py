"""The rung of sanitizers: memory errors and undefined behaviour that no output shows.

The unchanged code goes first. What it trips over by itself is said once and taken out of the build, check by
check; where it cannot be built or run with sanitizers at all, the rung is skipped, and that is said.
"""

from collections.abc import Sequence
from dataclasses import replace

from pesquared.core.events import Notice, StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.verdict import Word
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.ladder.building import is_included
from pesquared.verify.rig import Rig
from pesquared.verify.sanitizing.sanitized_build import Recipe, SanitizedBuild
from pesquared.verify.sanitizing.sanitized_runs import Probe
from pesquared.verify.sanitizing.sanitizer_reports import Report

_ROUNDS = 6  # builds of the unchanged code, at most, until it reports nothing
_TOLD = 5  # findings


class Sanitizers:
    """Runs the probes in a tree that is built with sanitizers; implements ``Rung``.

    The slot SANITIZED keeps the baseline's build, of which the slot VARIANT gets a copy for each candidate.

    Args:
        rig: what to work with.
        commit: the unchanged code.
        probes: what to run.
    """

    name = "sanitizers"
    stage = "building and running with sanitizers"

    def __init__(self, rig: Rig, commit: str, probes: Sequence[Probe]) -> None:
        self._rig = rig
        self._commit = commit
        self._possible = tuple(probes)
        self._probes: list[Probe] = []  # those that pass on the unchanged code
        self._build = SanitizedBuild(rig)
        self._cold = False  # the candidate had to be built from nothing

    @property
    def judges(self) -> bool:
        return bool(self._probes)

    def learn(self) -> None:
        self._rig.observer.notify(StageStarted("building the unchanged code with sanitizers"))
        why = self._settle()
        if why:
            self._skip(why)

    def candidate(self, commit: str, *, cold: bool) -> Failed | None:
        why = self._bring(commit, cold=cold)
        if why:
            reason = "it does not build with sanitizers, as the unchanged code does"
            return Failed(Word.WRONG, "sanitizer", reason, f"{reason}\n{why}")
        for probe in self._probes:
            reports, difference = self._try(probe)
            if not reports and not difference:
                continue
            self._rig.workspaces.copy(Slot.SANITIZED, Slot.VARIANT)
            known, deviation = self._try(probe)
            if (reports and not known) or not (known or deviation):
                return _failed(probe, reports, difference)
            return unstable(f"{probe.what} with sanitizers")  # left out, it would pass what nobody looked at
        return None

    def adopted(self, commit: str) -> None:
        """Builds the new baseline with sanitizers, so that the next candidate has little left to build."""
        self._rig.observer.notify(StageStarted("building the new baseline with sanitizers"))
        self._rig.workspaces.update(Slot.SANITIZED, commit)
        if self._cold or self._build.build(Slot.SANITIZED):
            why = self._build.cold(Slot.SANITIZED, commit)
            if why:
                self._probes.clear()
                self._skip(why)

    def _settle(self) -> str:
        """Looks for a recipe by which the unchanged code builds and reports nothing. Returns why there is none."""
        why = ""
        for _ in range(_ROUNDS):
            if self._rig.stop.requested:
                return "interrupted"
            why, recipe = self._unbuilt()
            if not why:
                reports = self._reports_of_baseline()
                if not reports and self._probes:
                    return ""
                why, recipe = self._sparing(reports)
            if recipe is None:
                return why
            self._build.recipe = recipe
        return why

    def _unbuilt(self) -> tuple[str, Recipe | None]:
        """Builds the unchanged code. Why it cannot be used, and what to try instead."""
        recipe = self._build.recipe
        why = self._build.cold(Slot.SANITIZED, self._commit)
        if why:  # linked statically, for example, which AddressSanitizer does not bear
            return why, replace(recipe, address=False) if recipe.address and "too long" not in why else None
        if self._build.carries():
            return "", None
        why = "the build does not take their options: it calls the compiler by its whole path, or links nothing"
        return why, None if recipe.variables else replace(recipe, variables=True)

    def _reports_of_baseline(self) -> list[Report]:
        """What the unchanged code trips over. If that is nothing: settles which probes can be used."""
        reports: list[Report] = []
        kept, odd = [], []
        self._rig.workspaces.copy(Slot.SANITIZED, Slot.VARIANT)
        self._rig.observer.notify(StageStarted("running the unchanged code with sanitizers"))
        for probe in self._possible:
            probe.learn(self._build.setup())
            found, difference = self._try(probe)
            if found:
                reports += found + self._try(probe, halt=False)[0]
            elif difference:
                odd.append(f"{probe.what}: not run with sanitizers, since {difference.partition(chr(10))[0]}")
            else:
                kept.append(probe)
        self._probes = [] if reports else kept
        for text in () if reports or not kept else odd:
            self._tell(text)
        return reports

    def _sparing(self, reports: Sequence[Report]) -> tuple[str, Recipe | None]:
        """Says what was found, and leaves out what found it."""
        recipe: Recipe | None = self._build.recipe
        if not reports:  # a program that is loaded into another one, for example
            without = replace(self._build.recipe, address=False) if self._build.recipe.address else None
            return "neither tests nor benchmark run with them", without
        distinct = list({str(report): report for report in reports}.values())
        for report in distinct[:_TOLD]:
            self._tell(f"found in the unchanged code, and not held against candidates: {report}")
        if len(distinct) > _TOLD:
            self._tell(f"sanitizers found {len(distinct) - _TOLD} more things in the unchanged code")
        for report in distinct:
            recipe = recipe and recipe.sparing(report)
        return f"the unchanged code trips over them: {distinct[0]}", recipe

    def _bring(self, commit: str, *, cold: bool) -> str:
        """The candidate, built with sanitizers in the slot VARIANT. Returns why it cannot be, "" if it is."""
        self._rig.workspaces.copy(Slot.SANITIZED, Slot.VARIANT)
        edited = self._rig.workspaces.update(Slot.VARIANT, commit)
        self._cold = cold or any(map(is_included, edited))
        return self._build.cold(Slot.VARIANT, commit) if self._cold else self._build.build(Slot.VARIANT)

    def _try(self, probe: Probe, *, halt: bool = True) -> tuple[list[Report], str]:
        """What sanitizers report of a run in the slot VARIANT, and what it does otherwise than it should."""
        self._rig.workspaces.activate(Slot.VARIANT)
        self._build.forget_reports()
        result, difference = probe.run(self._build.setup(halt=halt))
        return self._build.reports(result.stderr, result.stdout), difference

    def _skip(self, why: str) -> None:
        self._tell(f"sanitizers are skipped: {why.partition(chr(10))[0]}")

    def _tell(self, text: str) -> None:
        self._rig.observer.notify(Notice(text))


def _failed(probe: Probe, reports: Sequence[Report], difference: str) -> Failed:
    if probe.hidden:
        reason = f"with sanitizers, a hidden case differs: {probe.hidden}"
        return Failed(Word.WRONG, "sanitizer", reason, reason)
    if reports:
        reason = f"{probe.what}: {reports[0]}"
        return Failed(Word.WRONG, "sanitizer", reason, f"{reason}\n{reports[0].excerpt}")
    reason = f"{probe.what}: with sanitizers, not what the unchanged code does"
    return Failed(Word.WRONG, "sanitizer", reason, f"{reason}\n{difference}")
