"""Brings a candidate into its slot, built: warm where that can be trusted, from nothing where not.

A warm build compiles what the build tool believes to be affected, and many a Makefile knows nothing of headers. It
would leave objects of the old code in the candidate: a mixture of two programs, or the baseline once more.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pesquared.core.protocols import Slot
from pesquared.core.verdict import Word
from pesquared.source.clang.arguments import UNIT_SUFFIXES
from pesquared.verify.failure import Failed
from pesquared.verify.ladder.gates import Gates
from pesquared.verify.rig import Rig
from pesquared.verify.trees.effect import effect_of
from pesquared.verify.trees.linked import Fingerprint

_INCLUDED = frozenset(
    {".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp", ".tpp", ".txx", ".inc", ".def", ".tcc", ".icc", ".cuh"}
)
_IDENTICAL = Failed(Word.UNCHANGED, "identical", "the files are the baseline's")
_SAME_PROGRAM = Failed(Word.UNCHANGED, "same-program", "the compiler makes the same program of it")


@dataclass(frozen=True, slots=True)
class Built:
    """The candidate as it stands in its slot, or why it need not be judged further."""

    failed: Failed | None
    cold: bool = False
    products: Fingerprint | None = None  # None where the baseline has none
    edited: tuple[str, ...] = ()  # paths relative to the tree
    made: frozenset[str] = frozenset()  # what the build made or changed, likewise


def build_candidate(rig: Rig, gates: Gates, commit: str, baseline: Fingerprint | None) -> Built:
    """Builds ``commit`` in the slot CANDIDATE; ``unchanged`` if all that is linked is the baseline's."""
    rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
    edited = rig.workspaces.update(Slot.CANDIDATE, commit)
    if not edited:
        return Built(_IDENTICAL)
    return replace(_built(rig, gates, commit, baseline, edited), edited=edited)


def _built(rig: Rig, gates: Gates, commit: str, baseline: Fingerprint | None, edited: tuple[str, ...]) -> Built:
    if not all(map(_is_compiled, edited)):
        baseline = None  # a script or a table that is read at run time is in no program
    included = [path for path in edited if is_included(path)]
    if included:
        return _cold(rig, gates, commit, baseline, f"{included[0]} is part of other files")
    built, idle = _build(rig, gates, baseline, "building the candidate")
    same = baseline is not None and built.products == baseline
    if built.failed or not (idle or same):
        return built
    # Nothing new came of it. Before that is believed: did the build miss the change?
    return _cold(rig, gates, commit, baseline, "the warm build made nothing new")


def _is_compiled(path: str) -> bool:
    return is_included(path) or PurePosixPath(path).suffix in UNIT_SUFFIXES


def build_again(rig: Rig, gates: Gates, commit: str, warm: Built) -> Built:
    """The same candidate from nothing, so that nothing is claimed for a mixture of old objects and new ones."""
    rig.workspaces.place(Slot.CANDIDATE, commit)
    built, _ = _build(rig, gates, warm.products, "building it from nothing, before anything is claimed")
    return replace(built, cold=True, edited=warm.edited)


def is_included(path: str) -> bool:
    """Is it a file that others include, of which many a build tool knows nothing?"""
    return PurePosixPath(path).suffix.lower() in _INCLUDED


def _cold(rig: Rig, gates: Gates, commit: str, baseline: Fingerprint | None, reason: str) -> Built:
    rig.workspaces.place(Slot.CANDIDATE, commit)
    built, _ = _build(rig, gates, baseline, f"building the candidate from nothing: {reason}")
    if not built.failed and baseline is not None and built.products == baseline:
        return replace(built, failed=_SAME_PROGRAM, cold=True)
    return replace(built, cold=True)


def _build(rig: Rig, gates: Gates, baseline: Fingerprint | None, text: str) -> tuple[Built, bool]:
    """Builds what is in the slot. Also says whether a build ran and touched no file."""
    rig.workspaces.activate(Slot.CANDIDATE)
    failed, effect = effect_of(rig.workspaces.tree, lambda: gates.build(Slot.CANDIDATE, text))
    idle = not effect.touched and bool(gates.all)
    products = None if baseline is None or failed else effect.products(baseline.digests)
    return Built(failed, products=products, made=effect.made), idle
