"""Which system calls a command may make, by what it is run for.

Builds and tests get the long list of refusals, what is timed the short one: what would reach out, or reach deep
into the kernel. A filter costs about 25 ns for every system call. Its length hardly matters where the kernel
remembers which calls always pass (Linux 5.11 and later, docs/design/0008-seccomp.md); where it does not, it does.
"""

import errno
import socket
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pesquared.core.running import Purpose
from pesquared.sandbox import bpf
from pesquared.sandbox.mark import FILE_LOCKS
from pesquared.sandbox.system_calls import Machine, machines

_NETLINK = 16  # lists network interfaces
LOCAL_SOCKETS = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, _NETLINK)  # within a network of its own
INTERNET_SOCKETS = (socket.AF_INET, socket.AF_INET6, _NETLINK)  # in the host's: not its services' local sockets
NO_SOCKETS: tuple[int, ...] = ()  # but pairs

_PROFILING = "perf_event_open"
_ALWAYS_REFUSED = (
    "io_uring_setup", "io_uring_enter", "io_uring_register",  # opens sockets past every filter
    "bpf", "userfaultfd", "keyctl", "add_key", "request_key", "unshare", "setns", "mount", "move_mount",
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
)  # fmt: skip
_REFUSED_BUILDING = (
    "acct", "adjtimex", "chroot", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64",
    "delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module",
    "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "lookup_dcookie", "memfd_secret",
    "mount_setattr", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree", "pivot_root",
    "process_madvise", "quotactl", "quotactl_fd", "reboot", "settimeofday", "swapoff", "swapon", "syslog",
    "umount", "umount2", "vhangup", "vm86",
)  # fmt: skip
_SOCKETCALL_SOCKET = 1
_SHARED_WITH_OTHERS = ("shmget", "semget", "msgget", "mq_open", "ipc")
_OWNERS = ("chown", "chown32", "fchown", "fchown32", "fchownat", "lchown", "lchown32")
_ATTRIBUTES = (
    "setxattr", "setxattrat", "lsetxattr", "fsetxattr", "removexattr", "removexattrat", "lremovexattr",
    "fremovexattr",
)  # fmt: skip
_OF_A_PROCESS = ("sched_setattr", "sched_setparam", "sched_setscheduler", "migrate_pages", "move_pages")
_ITSELF = 0
_PRIORITY_OF_A_USER, _IO_PRIORITY_OF_A_USER = 2, 3
NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS … CLONE_NEWNET
TYPES_INTO_THE_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX


def refused_calls(purpose: Purpose) -> tuple[str, ...]:
    """Names of the calls that fail with EPERM whatever their arguments."""
    building = _REFUSED_BUILDING if purpose in (Purpose.BUILD, Purpose.TEST) else ()
    return (*_ALWAYS_REFUSED, *building, *(() if purpose is Purpose.PROFILE else (_PROFILING,)))


@lru_cache(maxsize=32)
def filter_for(purpose: Purpose, families: tuple[int, ...], *, shares_host: bool = False) -> bytes:
    """The filter as an array of ``struct sock_filter``; empty on a machine whose numbers are not known.

    Args:
        purpose: of the command.
        families: of sockets, which it may make; any other is "not supported" (EAFNOSUPPORT), an error that
            programs expect where there is no network.
        shares_host: there are no namespaces that would hide the user's other files and processes: calls that
            reach what the files' contents are not, or other processes, fail.
    """
    known = machines()
    rules = ((machine.audit, _rules(machine, purpose, families, shares_host)) for machine in known)
    return bpf.assemble(rules) if known else b""


def _rules(machine: Machine, purpose: Purpose, families: tuple[int, ...], shares_host: bool) -> Iterator[bpf.Rule]:
    known = machine.numbers()
    yield bpf.allow_values(known["socket"], 0, families, errno.EAFNOSUPPORT)
    if "socketcall" in known:  # the old way, whose arguments no filter can see
        yield bpf.refuse_values(known["socketcall"], 0, (_SOCKETCALL_SOCKET,), errno.EAFNOSUPPORT)
    yield bpf.refuse(known["clone3"], errno.ENOSYS)  # its flags cannot be seen; everybody falls back to clone
    yield bpf.refuse_bits(known["clone"], 0, NEW_NAMESPACES, errno.EPERM)
    yield bpf.refuse_values(known["ioctl"], 1, TYPES_INTO_THE_TERMINAL, errno.EPERM)
    yield from _keeping_the_mark(known, shares_host=shares_host)
    if shares_host:
        yield from _leaving_others_alone(known)
    refused = (*refused_calls(purpose), *(_SHARED_WITH_OTHERS if shares_host else ()))
    yield from (bpf.refuse(known[name], errno.EPERM) for name in refused if name in known)


def _keeping_the_mark(known: Mapping[str, int], *, shares_host: bool) -> Iterator[bpf.Rule]:
    """The limit by which we find our own is not even read; other processes' limits are theirs."""
    marked = bpf.is_one(1, (FILE_LOCKS,), errno.EPERM)
    others = bpf.is_other(0, (_ITSELF,), errno.EPERM) if shares_host else ()
    yield bpf.refuse_any(known["prlimit64"], marked, others)
    yield bpf.refuse_values(known["setrlimit"], 0, (FILE_LOCKS,), errno.EPERM)


def _leaving_others_alone(known: Mapping[str, int]) -> Iterator[bpf.Rule]:
    """Who asks for owners or attributes is told what file systems without them say: tools go on."""
    other = bpf.is_other(1, (_ITSELF,), errno.EPERM)
    yield bpf.refuse_any(known["setpriority"], bpf.is_one(0, (_PRIORITY_OF_A_USER,), errno.EPERM), other)
    yield bpf.refuse_any(known["ioprio_set"], bpf.is_one(0, (_IO_PRIORITY_OF_A_USER,), errno.EPERM), other)
    yield from (bpf.allow_values(known[name], 0, (_ITSELF,), errno.EPERM) for name in _OF_A_PROCESS)
    yield from (bpf.refuse(known[name], errno.EPERM) for name in _OWNERS if name in known)
    yield from (bpf.refuse(known[name], errno.EOPNOTSUPP) for name in _ATTRIBUTES)
