"""What a failed command says, cut to what a reader needs: the errors first, then the end. And who is to blame."""

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from pesquared.core.running import Limits, RunResult
from pesquared.errors import BaselineError

_LIMIT = 4096  # characters of an excerpt
_LINE = 300  # characters of a line
_ERROR_LINES = 20
_SCANNED = 1 << 20  # bytes of each stream that are looked at
_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b]{0,200}\x07?")
_ERROR = re.compile(
    r"\b(?:error|undefined reference|fatal|assert\w{0,20}|fail(?:ed|ure)?|no rule to make)\b", re.IGNORECASE
)
_NOT_FOUND = (
    re.compile(r"(?:^|: )(?P<name>[\w./+-]{1,200}): (?:command )?not found"),
    re.compile(r"make(?:\[\d+\])?: (?P<name>[\w./+-]{1,200}): No such file or directory"),
)
_MISSING = re.compile(
    r"no such file|no rule to make target|cannot find|not found|does not exist|cannot open", re.IGNORECASE
)
_STOPPED = {
    "timeout": "took too long",
    "output": "printed too much",
    "memory": "took too much memory",
    "disk": "filled the disk",
}
_REMEDIES = {
    "timeout": "allow it longer: timeout_s in [build], [test] or [bench]",
    "output": f"more than {Limits().output_killed >> 20} MiB end a command: send what nobody needs to /dev/null, "
    "or into a file that [bench] compare names",
    "memory": "[sandbox] memory_mib = N  allows N MiB",
    "disk": "free some space, or allow N MiB with  [sandbox] disk_mib = N",
}
_UNREACHABLE = re.compile(
    r"could not resolve|couldn't resolve|unable to resolve|name resolution|name or service not known"
    r"|network is unreachable|no address associated with|address family not supported"
    r"|unknownhostexception|getaddrinfo:? (?:failed|enotfound)|eai_again|enetunreach|dial tcp",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\s'\"`‘’:;,<>()]+")


def visible(data: bytes) -> str:
    r"""Foreign bytes as text that is safe on a terminal: no escape sequences, control characters as ``\xNN``."""
    text = _ESCAPES.sub("", data.decode("utf-8", "backslashreplace"))
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text.replace("\r\n", "\n"))


def one_line(text: str, most: int = 200) -> str:
    """Foreign text, safe on a terminal, on one line of at most ``most`` characters."""
    shown = visible(text.encode("utf-8", "backslashreplace"))
    return shown.replace("\n", "\\n").replace("\t", "\\t")[:most]


def _lines(result: RunResult) -> list[str]:
    text = visible(result.stderr[-_SCANNED:]) + "\n" + visible(result.stdout[-_SCANNED:])
    return [line[:_LINE] for line in text.splitlines() if line.strip()]


def excerpt(result: RunResult) -> str:
    """Lines that speak of errors, then the tail of what the command printed; at most 4 KiB."""
    lines = _lines(result)
    errors = [line for line in lines if _ERROR.search(line)][:_ERROR_LINES]
    stderr = [line[:_LINE] for line in visible(result.stderr[-_SCANNED:]).splitlines() if line.strip()]
    tail = (stderr or lines)[-_ERROR_LINES:]
    before = [line for line in errors if line not in tail]
    return "\n".join([*before, *(["…"] if before else []), *tail])[:_LIMIT]


def ending(result: RunResult) -> str:
    """How a command ended, in words."""
    if result.stopped:
        return f"{_STOPPED[result.stopped]} and was stopped"
    if result.exit_code < 0:
        return f"was killed by signal {-result.exit_code}"
    return f"ended with exit code {result.exit_code}"


def remedy(result: RunResult) -> str:
    """What to do about a limit that ended a command, "" if none did."""
    return _REMEDIES.get(result.stopped, "")


def missing_program(result: RunResult) -> str:
    """The program that the command could not find, "" if that was not the problem."""
    for line in _lines(result):
        for pattern in _NOT_FOUND:
            if (match := pattern.search(line)) and _is_program(match["name"]):
                return match["name"]
    return ""


def _is_program(name: str) -> bool:
    # "make: data.txt: No such file" names a file, "make: gfortran: No such file" a program
    return "." not in PurePosixPath(name).name or "/" in name


def needs_network(result: RunResult) -> bool:
    """Does its output speak of names that cannot be resolved, or of a network that is not there?"""
    return any(_UNREACHABLE.search(line) for line in _lines(result))


def missing_file(result: RunResult, ignored: Iterable[str]) -> str:
    """The file git ignores (so that a snapshot lacks it) that the output complains about; "" if there is none."""
    by_name: dict[str, str] = {}
    for path in ignored:
        by_name.setdefault(PurePosixPath(path).name, path)
    for line in _lines(result):
        if _MISSING.search(line):
            for word in _WORDS.findall(line):
                found = by_name.get(PurePosixPath(word).name)
                if found:
                    return found
    return ""


def explain(result: RunResult, ignored: Iterable[str]) -> tuple[str, str]:
    """Why a command failed on the baseline and what to do about it, for an error's message and fix."""
    if result.stopped:
        return "", remedy(result)
    if needs_network(result):
        fix = "[sandbox] network = true  opens it for builds and tests; what is timed has to do without"
        return "it needs the network, and the sandbox has no network", fix
    if path := missing_file(result, ignored):
        return (
            f"{path} is missing: git ignores it, so the snapshot does not hold it",
            f'add  [build] include = ["{path}"]  to pesquared.toml',
        )
    if name := missing_program(result):
        if shutil.which(name):
            return (
                f"{name} is installed but not visible inside the sandbox",
                'use a program below /usr, or name its folder in  [sandbox] read = ["…"]',
            )
        return f"command not found: {name}", f"install {name}, or name another command"
    return "", "run the same command in a fresh clone, with nothing to read (< /dev/null), to see what it needs"


def refusal(what: str, result: RunResult, ignored: Sequence[str]) -> BaselineError:
    """The error of a command that must succeed on the unchanged code; ``ignored`` as for ``explain``."""
    why, fix = explain(result, ignored)
    message = f"{what} {ending(result)} on the unchanged code{': ' + why if why else ''}"
    return BaselineError(f"{message}\n{excerpt(result)}".rstrip(), fix)
