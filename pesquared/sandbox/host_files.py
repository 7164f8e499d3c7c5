"""What every tier shows of the host beside toolchains: system programs, the loader's settings, a few facts."""

from collections.abc import Iterator
from pathlib import Path

NOBODY = (65534, 65534)  # who runs foreign code where we are root
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")
PROCESSOR_FACTS = "/sys/devices/system/cpu"  # read by OpenMP and benchmark libraries
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_BESIDE_USR = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def beside_usr() -> Iterator[Path]:
    """The old places of programs and libraries: links into /usr on most systems, folders on some."""
    places = (Path("/") / name for name in _BESIDE_USR)
    return (place for place in places if place.is_symlink() or place.is_dir())


def system_folders() -> tuple[str, ...]:
    """The folders themselves, without the links to them."""
    return ("/usr", *(str(place) for place in beside_usr() if not place.is_symlink()))
