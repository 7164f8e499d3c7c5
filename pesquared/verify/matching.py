"""Matches expressions that come with the code base, in a process of its own that can be ended.

An expression may be made to take for ever, and so may what it is matched against. The process runs nothing but
Python's ``re``.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from pesquared.errors import UsageError
from pesquared.verify.diagnosis import visible

LONGEST = 1000  # characters of an expression
MATCHED = 17 << 20  # bytes of a text: more than is ever kept of a stream, or compared of a file
TIMEOUT_S = 10.0
_SAID = 300  # bytes of a failure
# Their first line of standard input is an argument in JSON: the command line has room for 128 KiB, and there may
# be many expressions.
_REMOVE = """
import json, re, sys
patterns, data = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
for pattern in patterns:
    data = re.sub(pattern.encode(), b"", data, flags=re.MULTILINE)
sys.stdout.buffer.write(data)
"""
_FIND = """
import json, re, sys
pattern, data = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
found = [match.span(1) for match in re.finditer(pattern.encode(), data, re.MULTILINE)]
json.dump(found[-1] if found else None, sys.stdout)
"""
_SELECT = """
import json, re, sys
pattern, names = re.compile(json.loads(sys.stdin.buffer.readline())), json.load(sys.stdin.buffer)
json.dump([number for number, name in enumerate(names) if pattern.search(name)], sys.stdout)
"""


class EndlessMatchingError(UsageError):
    """The expressions cannot be matched against a text: it takes too long, or too much memory."""


def must_be_an_expression(setting: str, pattern: str, groups: int | None = None) -> None:
    """Checks an expression that somebody has set.

    Args:
        setting: where it stands, for messages: "[bench] ignore".
        pattern: the expression.
        groups: how many groups it must have.

    Raises:
        UsageError: it is none, is too long, or has other groups.
    """
    if len(pattern) > LONGEST:
        raise UsageError(f"{setting}: an expression is longer than {LONGEST} characters", "simplify it")
    try:
        found = re.compile(pattern.encode(), re.MULTILINE).groups
    except (re.error, OverflowError, RecursionError, UnicodeError) as error:
        raise UsageError(f"{setting}: {pattern!r} is no regular expression: {error}", "see Python's re") from error
    if groups is not None and found != groups:
        raise UsageError(
            f"{setting}: {pattern!r} has {found} groups, not {groups}", "(?:…) groups without counting"
        )


def remove(setting: str, patterns: Sequence[str], data: bytes, timeout_s: float = TIMEOUT_S) -> bytes:
    """``data`` without the matches. What lies behind the first 17 MiB stays as it is.

    Raises:
        EndlessMatchingError: matching takes too long, or its process dies of it.
    """
    head, rest = data[:MATCHED], data[MATCHED:]
    return _run(setting, _REMOVE, list(patterns), head, timeout_s) + rest


def last_group(setting: str, pattern: str, data: bytes, timeout_s: float = TIMEOUT_S) -> tuple[int, int] | None:
    """Where the group of the last match stands, None if nothing matches; raises as ``remove``."""
    span = json.loads(_run(setting, _FIND, pattern, data[:MATCHED], timeout_s))
    return None if span is None or span[0] < 0 else (span[0], span[1])


def select(setting: str, pattern: str, names: Sequence[str], timeout_s: float = TIMEOUT_S) -> frozenset[str]:
    """The names in which the expression is found; raises as ``remove``."""
    found = json.loads(_run(setting, _SELECT, pattern, json.dumps(list(names)).encode(), timeout_s))
    return frozenset(names[number] for number in found)


def _run(setting: str, program: str, argument: object, data: bytes, timeout_s: float) -> bytes:
    command = [sys.executable, "-I", "-S", "-c", program]
    said = json.dumps(argument).encode() + b"\n" + data
    try:
        # Without our environment, in which keys may lie.
        return subprocess.run(
            command,
            input=said,
            env={},
            capture_output=True,
            check=True,
            timeout=timeout_s,
            start_new_session=True,  # Ctrl-C is for us
        ).stdout
    except subprocess.TimeoutExpired:
        _give_up(setting, f"matching takes more than {timeout_s:.0f} s")
    except subprocess.CalledProcessError as error:
        _give_up(setting, f"matching broke off ({_last_line(error.stderr)})")


def _give_up(setting: str, what: str) -> NoReturn:
    raise EndlessMatchingError(f"{setting}: {what}", "simplify the expressions")


def _last_line(said: bytes) -> str:
    return visible(said[-_SAID:]).strip().rpartition("\n")[2] or "killed"
