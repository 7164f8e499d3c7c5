"""The kernel's Landlock, by its system calls: which files a thread and all it starts may reach from now on.

What each version of the interface added is asked for only where it is there; the escape probe decides whether that
was enough. Numbers and layouts: <linux/landlock.h>, landlock(7).
"""

import ctypes
import os
import stat
import struct
from dataclasses import dataclass

from pesquared.sandbox.system_calls import machines

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_VERSION = (1 << 13) - 1
_BIND_TCP_CONNECT_TCP = 3
_SCOPE_ABSTRACT_SOCKETS_SIGNALS = 3
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV  # what a rule for a file may name

_ASK_VERSION = 1
_BENEATH = 1
_SET_NO_NEW_PRIVILEGES = 38  # prctl(2)
_SET_MODE_FILTER = 1  # seccomp(2)


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached. Paths that do not exist are left out: nothing can be reached there."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    devices: tuple[str, ...]
    network: bool


def version() -> int:
    """Of the kernel's interface; 0 where there is none, or where it is switched off."""
    try:
        return _call("landlock_create_ruleset", None, 0, _ASK_VERSION)
    except OSError:
        return 0


def make_rules(reach: Reach) -> int:
    """A descriptor of the rules, to be bound to a thread by ``bind`` and closed by the caller.

    Raises:
        OSError: the kernel refuses.
    """
    abi = version()
    files = _FIRST_VERSION
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        files |= right if abi >= since else 0
    network = _BIND_TCP_CONNECT_TCP if abi >= 4 and not reach.network else 0
    scope = _SCOPE_ABSTRACT_SOCKETS_SIGNALS if abi >= 6 else 0
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    attributes = struct.pack("=QQQ", files, network, scope)[:size]
    rules = _call("landlock_create_ruleset", attributes, size, 0)
    try:
        readable = files & (_EXECUTE | _READ_FILE | _READ_DIR)
        writable = files & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)
        usable = files & (_READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV)
        for paths, rights in ((reach.read, readable), (reach.write, writable), (reach.devices, usable)):
            for path in paths:
                _allow(rules, path, rights)
    except OSError:
        os.close(rules)
        raise
    return rules


def bind(rules: int, program: bytes) -> None:
    """Binds this thread, for good, and whatever it starts: to the rules and to a filter of system calls.

    Raises:
        OSError: the kernel refuses.
    """
    if ctypes.CDLL(None).prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(0, "no_new_privs cannot be set")
    _call("landlock_restrict_self", rules, 0)
    code = ctypes.create_string_buffer(program, len(program))
    _call("seccomp", _SET_MODE_FILTER, 0, struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        _call("landlock_add_rule", rules, _BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _call(name: str, *arguments: int | bytes | None) -> int:
    if not machines():
        raise OSError(0, "the numbers of this machine's system calls are not known")
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    given = (ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments)
    result = syscall(ctypes.c_long(machines()[0].numbers()[name]), *given)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return int(result)
