"""How root starts foreign code: as a user without rights, and with no way back."""

import shutil

from pesquared.sandbox.host_files import NO_OTHER_USER, nobody_is_mapped
from pesquared.sandbox.toolchains import SYSTEM_PATH

SWITCH = "setpriv"


def why_not() -> str:
    """What root lacks for it, "" for nothing."""
    if shutil.which(SWITCH, path=":".join(SYSTEM_PATH)) is None:
        return "root needs setpriv to use it (package util-linux)"
    return "" if nobody_is_mapped() else NO_OTHER_USER


def as_lesser_user(owner: tuple[int, int] | None) -> tuple[str, ...]:
    """The words to put before a command line; none where we are an ordinary user ourselves."""
    if owner is None:
        return ()
    uid, gid = map(str, owner)
    program = shutil.which(SWITCH, path=":".join(SYSTEM_PATH)) or SWITCH
    switch = (program, "--reuid", uid, "--regid", gid, "--clear-groups")
    return (*switch, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")
