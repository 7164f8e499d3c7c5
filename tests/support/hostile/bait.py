"""What hostile programs go for, laid out on the host; and a look at what became of it.

Nothing here protects itself: it is readable and writable for everybody, so that only a sandbox can be what keeps a
program away. Each word that should not be seen is the same one, the canary.
"""

import contextlib
import os
import resource
import secrets
import selectors
import signal
import socket
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repos import git, write_files
from tests.support.hostile.seekers import SECRET_FILES

_MARK = "pesquared-mark"
_MARKED = tuple(Path(folder, _MARK) for folder in ("/dev/shm", "/tmp", "/var/tmp", "/usr/bin"))
_HOST_FACTS = ("/proc/self/mountinfo", "/etc/ld.so.preload", "/proc/sys/kernel/core_pattern")
_KEY_OF_SHARED_MEMORY = b" 6184542 "  # 0x5e5e5e


class Listeners:
    """What listens on the host: tells the canary to whoever connects, and counts."""

    def __init__(self, folder: Path, canary: str) -> None:
        self.hits = 0
        self._canary = canary.encode()
        self._selector = selectors.DefaultSelector()
        self._end, self._ended = socket.socketpair()
        self._selector.register(self._ended, selectors.EVENT_READ)
        self.abstract = f"pesquared-{secrets.token_hex(6)}"
        self._sockets = [
            tcp := socket.create_server(("127.0.0.1", 0)),
            udp := socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            *(
                self._local(address)
                for address in (f"{folder}/listens", f"{folder}/docker.sock", f"\0{self.abstract}")
            ),
        ]
        udp.bind(("127.0.0.1", 0))
        self.tcp, self.udp = tcp.getsockname()[1], udp.getsockname()[1]
        for one in self._sockets:
            self._selector.register(one, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @staticmethod
    def _local(address: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        if not address.startswith("\0"):
            Path(address).chmod(0o777)
        return listener

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._ended:
                    return
                self.hits += 1
                if isinstance(key.fileobj, socket.socket):
                    self._answer(key.fileobj)

    def _answer(self, listener: socket.socket) -> None:
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(64)
            return
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(self._canary)

    def close(self) -> None:
        self._end.send(b"x")
        self._thread.join()
        for one in (*self._sockets, self._end, self._ended):
            one.close()
        self._selector.close()


@dataclass(frozen=True)
class Bait:
    """All of it, and how it was before."""

    canary: str
    outside: Path
    listeners: Listeners
    process: subprocess.Popen[bytes]
    signals: list[int]
    before: Mapping[str, object]

    @property
    def env(self) -> dict[str, str]:
        """What a program is told. Not the canary."""
        return {
            "OUTSIDE": str(self.outside),
            "HOST_HOME": str(self.outside / "home"),
            "PROCESS": str(self.process.pid),
            "PARENT": str(os.getpid()),
            "TCP": str(self.listeners.tcp),
            "TELLS": str(self.listeners.tcp),
            "UDP": str(self.listeners.udp),
            "ABSTRACT": self.listeners.abstract,
            "AGENT": self.listeners.abstract,
        }

    def harm(self) -> str:
        """What has changed, "" for nothing."""
        found = [f"heard at a socket: {self.listeners.hits}"] if self.listeners.hits else []
        found += ["signalled its starter"] if self.signals else []
        after = _facts(self.outside, self.process)
        found += [
            f"changed {name}"
            for name in after.keys() | self.before.keys()
            if after.get(name) != self.before.get(name)
        ]
        for mark in _MARKED:
            if mark.exists():
                found.append(f"left {mark}")
                mark.unlink()
        return "; ".join(sorted(found))


@contextlib.contextmanager
def laid_out(owner: tuple[int, int] | None) -> Iterator[Bait]:
    """Lays it out, and removes it.

    Args:
        owner: uid and gid that the sandbox runs programs as, None for ours; the process to go for is the same user's.
    """
    canary = f"canary-{secrets.token_hex(12)}"
    with contextlib.ExitStack() as stack:
        # Not where a sandbox has reason to put a folder of its own.
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bait-", dir="/var/tmp")))
        _fill(outside, canary)
        listeners = Listeners(outside, canary)
        stack.callback(listeners.close)
        shared = Path("/dev/shm", f"{canary[:12]}-file")
        shared.write_text(canary)
        stack.callback(shared.unlink)
        process = stack.enter_context(_process(outside, canary, owner))
        signals: list[int] = []
        earlier = signal.signal(signal.SIGUSR2, lambda number, _frame: signals.append(number))
        stack.callback(signal.signal, signal.SIGUSR2, earlier)
        yield Bait(canary, outside, listeners, process, signals, _facts(outside, process))


def _fill(outside: Path, canary: str) -> None:
    write_files(
        outside, {"precious": canary, ".env": f"KEY={canary}", **{f"home/{path}": canary for path in SECRET_FILES}}
    )
    for folder in ("empty", "repository"):
        (outside / folder).mkdir()
    git(outside / "repository", "init", "-q")
    git(outside / "repository", "config", "core.fsmonitor", f"touch {outside}/created")
    for path in (outside, *outside.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


@contextlib.contextmanager
def _process(outside: Path, canary: str, owner: tuple[int, int] | None) -> Iterator[subprocess.Popen[bytes]]:
    uid, gid = owner or (None, None)
    with (outside / "precious").open("rb") as secret:
        process = subprocess.Popen(
            ("/bin/sh", "-c", "read -r line", canary),
            stdin=subprocess.PIPE,
            env={"SECRET": canary},
            cwd=outside,
            pass_fds=(secret.fileno(),),
            user=uid,
            group=gid,
            extra_groups=[] if owner else None,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate()


def _facts(outside: Path, process: subprocess.Popen[bytes]) -> dict[str, object]:
    """Everything that a program could change, by name."""
    facts: dict[str, object] = {str(path): _look(path) for path in (outside, *outside.rglob("*"))}
    facts |= {path: Path(path).read_bytes() if Path(path).exists() else None for path in _HOST_FACTS}
    facts["limits"] = resource.getrlimit(resource.RLIMIT_CORE)
    facts["shared memory"] = any(
        _KEY_OF_SHARED_MEMORY in Path(f"/proc/sysvipc/{kind}").read_bytes() for kind in ("shm", "msg")
    )
    return facts | _facts_of(process)


def _facts_of(process: subprocess.Popen[bytes]) -> dict[str, object]:
    if process.poll() is not None:
        return {"process": "dead"}
    pid = process.pid
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    return {
        "process": "stopped" if state in "Tt" else "lives",
        "priority": os.getpriority(os.PRIO_PROCESS, pid),
        "processors": os.sched_getaffinity(pid),
        "limits of the process": Path(f"/proc/{pid}/limits").read_text(),
        "chance to be killed": Path(f"/proc/{pid}/oom_score_adj").read_text(),
    }


def _look(path: Path) -> object:
    status = path.lstat()
    attributes = {
        name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)
    }
    content = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
    times = (status.st_mtime_ns,) if stat.S_ISREG(status.st_mode) else ()
    return status.st_mode, status.st_uid, status.st_nlink, status.st_ino, times, attributes, content
