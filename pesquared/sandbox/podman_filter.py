"""Our filter of system calls in the form that podman reads: it makes the machine's own form of it.

Format: the profile of system calls that podman-run(1) takes as --security-opt seccomp=FILE.
"""

import errno
import json

from pesquared.core.running import Purpose
from pesquared.sandbox.seccomp import NEW_NAMESPACES, TYPES_INTO_THE_TERMINAL, refused_calls

_FAMILIES = 64  # more than there are
_INT = 0xFFFFFFFF  # the kernel looks at the lower half of these arguments only


def profile_for(purpose: Purpose, families: tuple[int, ...]) -> str:
    """The profile as JSON; see ``seccomp.filter_for``."""
    rules = [_refused(refused_calls(purpose), errno.EPERM), _refused(("clone3",), errno.ENOSYS)]
    rules += [_refused(("clone",), errno.EPERM, (0, bit, bit)) for bit in _bits(NEW_NAMESPACES)]
    rules += [_refused(("ioctl",), errno.EPERM, (1, _INT, request)) for request in TYPES_INTO_THE_TERMINAL]
    foreign = (family for family in range(_FAMILIES) if family not in families)
    rules += [_refused(("socket",), errno.EAFNOSUPPORT, (0, _INT, family)) for family in foreign]
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules})


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(32) if mask & 1 << place]


def _refused(
    names: tuple[str, ...], error: int, argument: tuple[int, int, int] | None = None
) -> dict[str, object]:
    """``argument``: its index, the bits of it that count, and the value they must have."""
    rule: dict[str, object] = {"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": error}
    if argument:
        index, mask, value = argument
        rule["args"] = [{"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}]
    return rule
