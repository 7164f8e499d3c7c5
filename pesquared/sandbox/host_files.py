"""What every tier shows of the host beside toolchains: system programs, the loader's settings, a few facts."""

from collections.abc import Iterator
from pathlib import Path

NOBODY = (65534, 65534)  # who runs foreign code where we are root
NO_OTHER_USER = "root needs another user to run it as, and this user namespace has no 65534"
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")
PROCESSOR_FACTS = "/sys/devices/system/cpu"  # read by OpenMP and benchmark libraries
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_BESIDE_USR = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def nobody_is_mapped() -> bool:
    """Can files be given to ``NOBODY`` here? In a user namespace that maps few users they cannot.

    Format: user_namespaces(7); where the kernel has no such namespaces, everybody is there.
    """
    for name, number in (("uid_map", NOBODY[0]), ("gid_map", NOBODY[1])):
        try:
            lines = Path("/proc/self", name).read_text(encoding="ascii").splitlines()
        except OSError:
            return True
        ranges = (tuple(map(int, line.split())) for line in lines)
        if not any(first <= number < first + length for first, _, length in ranges):
            return False
    return True


def beside_usr() -> Iterator[Path]:
    """The old places of programs and libraries: links into /usr on most systems, folders on some."""
    places = (Path("/") / name for name in _BESIDE_USR)
    return (place for place in places if place.is_symlink() or place.is_dir())


def system_folders() -> tuple[str, ...]:
    """The folders themselves, without the links to them."""
    return ("/usr", *(str(place) for place in beside_usr() if not place.is_symlink()))
