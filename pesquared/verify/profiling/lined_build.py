"""The baseline built once more, with debug information: the same program, of which a profiler sees more.

Most builds are made without, and then functions that the compiler inlined do not show in a profile. Compilers make
the same code with ``-g`` as without; the fingerprint proves that it is so.
"""

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.verify.ladder.commands import run_build
from pesquared.verify.rig import Rig
from pesquared.verify.trees.effect import effect_of
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.trees.shims import write_shims

_FOLDER = ".pesquared-lines"  # in the tree's root: the shims


def build_with_lines(rig: Rig, commit: str, baseline: Fingerprint | None) -> bool:
    """Builds ``commit`` with ``-g`` in the slot VARIANT, whatever was there. Is the program the baseline's?

    Args:
        rig: what to build with.
        commit: the baseline's.
        baseline: what its build produced; None where builds do not repeat themselves: taken on trust.
    """
    rig.observer.notify(StageStarted("building the baseline with debug information"))
    rig.workspaces.place(Slot.VARIANT, commit)
    rig.workspaces.activate(Slot.VARIANT)
    tree = rig.workspaces.tree
    try:
        setup = write_shims(tree / _FOLDER, ("-g",))
    except OSError:
        return False
    result, effect = effect_of(tree, lambda: run_build(rig, Slot.VARIANT, setup))
    if result is not None and not result.ok:
        return False
    return baseline is None or effect.products(baseline.digests) == baseline
