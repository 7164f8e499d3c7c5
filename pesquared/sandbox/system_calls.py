"""Numbers of the system calls that filters speak of, by machine.

Sources: the kernel's <asm/unistd_64.h>, <asm-generic/unistd.h>, <asm/unistd_32.h> and <linux/audit.h>.
"""

import platform
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of program that a kernel runs: how a filter knows it, and its column in the table."""

    name: str
    audit: int  # AUDIT_ARCH_…
    column: int

    def numbers(self) -> dict[str, int]:
        """Those of the calls that this machine has."""
        numbers = ((name, row[self.column]) for name, row in _NUMBERS.items())
        return {name: number for name, number in numbers if number is not None}


_X86_64 = Machine("x86_64", 0xC000003E, 0)
_AARCH64 = Machine("aarch64", 0xC00000B7, 1)
_I386 = Machine("i386", 0x40000003, 2)

# Untested: the numbers of aarch64 are the kernel's, but no filter with them has run yet.
_BESIDE: dict[str, tuple[Machine, ...]] = {"x86_64": (_X86_64, _I386), "aarch64": (_AARCH64,)}


def machines() -> tuple[Machine, ...]:
    """All that programs here can be, our own first; empty on a machine that is not known."""
    return _BESIDE.get(platform.machine(), ())


_NUMBERS: dict[str, tuple[int | None, int | None, int | None]] = {
    "acct": (163, 89, 51),
    "add_key": (248, 217, 286),
    "adjtimex": (159, 171, 124),
    "bpf": (321, 280, 357),
    "chown": (92, None, 182),
    "chown32": (None, None, 212),
    "chroot": (161, 51, 61),
    "clock_adjtime": (305, 266, 343),
    "clock_adjtime64": (None, None, 405),
    "clock_settime": (227, 112, 264),
    "clock_settime64": (None, None, 404),
    "clone": (56, 220, 120),
    "clone3": (435, 435, 435),
    "delete_module": (176, 106, 129),
    "fanotify_init": (300, 262, 338),
    "fchown": (93, 55, 95),
    "fchown32": (None, None, 207),
    "fchownat": (260, 54, 298),
    "finit_module": (313, 273, 350),
    "fremovexattr": (199, 16, 237),
    "fsconfig": (431, 431, 431),
    "fsetxattr": (190, 7, 228),
    "fsmount": (432, 432, 432),
    "fsopen": (430, 430, 430),
    "fspick": (433, 433, 433),
    "init_module": (175, 105, 128),
    "io_uring_enter": (426, 426, 426),
    "io_uring_register": (427, 427, 427),
    "io_uring_setup": (425, 425, 425),
    "ioctl": (16, 29, 54),
    "ioperm": (173, None, 101),
    "iopl": (172, None, 110),
    "ioprio_set": (251, 30, 289),
    "ipc": (None, None, 117),
    "kcmp": (312, 272, 349),
    "kexec_file_load": (320, 294, None),
    "kexec_load": (246, 104, 283),
    "keyctl": (250, 219, 288),
    "landlock_add_rule": (445, 445, 445),
    "landlock_create_ruleset": (444, 444, 444),
    "landlock_restrict_self": (446, 446, 446),
    "lchown": (94, None, 16),
    "lchown32": (None, None, 198),
    "lookup_dcookie": (212, 18, 253),
    "lremovexattr": (198, 15, 236),
    "lsetxattr": (189, 6, 227),
    "memfd_secret": (447, 447, 447),
    "migrate_pages": (256, 238, 294),
    "modify_ldt": (154, None, 123),
    "mount": (165, 40, 21),
    "mount_setattr": (442, 442, 442),
    "move_mount": (429, 429, 429),
    "move_pages": (279, 239, 317),
    "mq_open": (240, 180, 277),
    "msgget": (68, 186, 399),
    "name_to_handle_at": (303, 264, 341),
    "nfsservctl": (180, 42, 169),
    "open_by_handle_at": (304, 265, 342),
    "open_tree": (428, 428, 428),
    "perf_event_open": (298, 241, 336),
    "pidfd_getfd": (438, 438, 438),
    "pivot_root": (155, 41, 217),
    "prlimit64": (302, 261, 340),
    "process_madvise": (440, 440, 440),
    "process_vm_readv": (310, 270, 347),
    "process_vm_writev": (311, 271, 348),
    "ptrace": (101, 117, 26),
    "quotactl": (179, 60, 131),
    "quotactl_fd": (443, 443, 443),
    "reboot": (169, 142, 88),
    "removexattr": (197, 14, 235),
    "removexattrat": (466, 466, 466),
    "request_key": (249, 218, 287),
    "sched_setattr": (314, 274, 351),
    "sched_setparam": (142, 118, 154),
    "sched_setscheduler": (144, 119, 156),
    "seccomp": (317, 277, 354),
    "semget": (64, 190, 393),
    "setns": (308, 268, 346),
    "setpriority": (141, 140, 97),
    "setrlimit": (160, 164, 75),
    "settimeofday": (164, 170, 79),
    "setxattr": (188, 5, 226),
    "setxattrat": (463, 463, 463),
    "shmget": (29, 194, 395),
    "socket": (41, 198, 359),
    "socketcall": (None, None, 102),
    "swapoff": (168, 225, 115),
    "swapon": (167, 224, 87),
    "syslog": (103, 116, 103),
    "umount": (None, None, 22),
    "umount2": (166, 39, 52),
    "unshare": (272, 97, 310),
    "userfaultfd": (323, 282, 374),
    "vhangup": (153, 58, 111),
    "vm86": (None, None, 166),
}
