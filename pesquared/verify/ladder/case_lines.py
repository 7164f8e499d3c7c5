"""Cases as command lines: program, arguments, input, seed. What is wrong with one is said before any build."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.settings import CheckCase, CheckSettings
from pesquared.errors import UsageError
from pesquared.verify.measuring.bench import in_tree
from pesquared.verify.rig import Rig
from pesquared.verify.trees.files import open_regular

_LONGEST = 100_000  # bytes of a command line; the kernel passes on no argument of 128 KiB
_MOST = 10_000
_SEED = "{seed}"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One run of a case."""

    case: CheckCase
    label: str  # its name, and the seed if there are several
    text: str  # for the shell


def case_lines(check: CheckSettings) -> tuple[CaseLine, ...]:
    """All runs of all cases, in their order.

    Raises:
        UsageError: one is too long, or there are too many.
    """
    number = sum(max(1, len(case.seeds)) for case in check.case)
    if number > _MOST:
        raise UsageError(f"[check]: {number} runs of cases are asked for; {_MOST} is the most", "give fewer seeds")
    lines = tuple(line for case in check.case for line in _lines(check, case))
    for line in lines:
        if len(line.text.encode(errors="surrogateescape")) > _LONGEST:
            raise UsageError(
                f"[check]: the case {line.case.name!r} is longer than {_LONGEST} bytes",
                "put its input into a file and name it:  stdin_file",
            )
    return lines


def require_files(rig: Rig) -> None:
    """Looks for the files that cases name in the slot that stands at the constant path, not yet built.

    Raises:
        UsageError: one is not there.
    """
    for case in rig.settings.check.case:
        for path in (*filter(None, (case.stdin_file,)), *case.files):
            file = open_regular(rig.workspaces.tree, in_tree(rig.workspaces, path))
            if file is None:
                raise UsageError(
                    f"[check]: the case {case.name!r} reads {path!r}, and the code base holds no such file",
                    "commit it; or, if git ignores it, name it in [build] include",
                )
            file.close()


def _lines(check: CheckSettings, case: CheckCase) -> Iterator[CaseLine]:
    program = case.command or check.command
    if not case.seeds:
        yield CaseLine(case, case.name, _fed(case, _called(program, case.argv)))
    for seed in case.seeds:
        argv = tuple(argument.replace(_SEED, str(seed)) for argument in case.argv)
        text = f"PESQUARED_SEED={seed}; export PESQUARED_SEED\n{_fed(case, _called(program, argv))}"
        yield CaseLine(case, f"{case.name}, seed {seed}", text)


def _called(program: str, argv: tuple[str, ...]) -> str:
    return " ".join((program, *map(shlex.quote, argv)))


def _fed(case: CheckCase, call: str) -> str:
    """The call with its standard input; the exit code of either form is the call's."""
    if case.stdin:
        return f"printf %s {shlex.quote(case.stdin)} | {{\n{call}\n}}"
    return f"{{\n{call}\n}} < {shlex.quote(case.stdin_file)}" if case.stdin_file else call
