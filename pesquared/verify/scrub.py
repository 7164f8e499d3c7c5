"""Removes what ``[bench] ignore`` names from an output before it is compared.

The expressions come with the code base and may be made to take for ever, so they are matched by a process of
their own that can be ended. It runs nothing but Python's ``re``.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from pesquared.errors import UsageError
from pesquared.verify.diagnosis import visible

_LONGEST = 1000  # characters of an expression
_MATCHED = 17 << 20  # bytes of an output: more than is ever kept of a stream, or compared of a file
_SAID = 300  # bytes of a failure
_WORKER = """
import json, re, sys
data = sys.stdin.buffer.read()
for pattern in json.loads(sys.argv[1]):
    data = re.sub(pattern.encode(), b"", data, flags=re.MULTILINE)
sys.stdout.buffer.write(data)
"""


class EndlessMatchingError(UsageError):
    """The expressions cannot be matched against an output: it takes too long, or too much memory."""


class Scrubber:
    """Deletes every match of the given expressions.

    Raises:
        UsageError: an expression is not one, or is too long.
    """

    def __init__(self, patterns: Sequence[str], timeout_s: float = 10.0) -> None:
        for pattern in patterns:
            try:
                re.compile(pattern.encode(), re.MULTILINE)
            except (re.error, OverflowError, RecursionError, UnicodeError) as error:
                raise UsageError(f"[bench] ignore: {pattern!r} is no regular expression: {error}") from error
            if len(pattern) > _LONGEST:
                raise UsageError(f"[bench] ignore: an expression is longer than {_LONGEST} characters")
        self._patterns = tuple(patterns)
        self._timeout_s = timeout_s

    def __call__(self, data: bytes) -> bytes:
        """``data`` without the matches. What lies behind the first 17 MiB stays as it is, and is compared so.

        Raises:
            EndlessMatchingError: matching takes too long, or its process dies of it.
        """
        if not self._patterns:
            return data
        command = [sys.executable, "-I", "-c", _WORKER, json.dumps(self._patterns)]
        head, rest = data[:_MATCHED], data[_MATCHED:]
        try:
            done = subprocess.run(command, input=head, capture_output=True, check=True, timeout=self._timeout_s)
        except subprocess.TimeoutExpired as error:
            raise EndlessMatchingError(
                f"[bench] ignore: matching takes more than {self._timeout_s:.0f} s", "simplify the expressions"
            ) from error
        except subprocess.CalledProcessError as error:
            raise EndlessMatchingError(
                f"[bench] ignore: matching broke off ({_last_line(error.stderr)})", "simplify the expressions"
            ) from error
        return done.stdout + rest


def _last_line(said: bytes) -> str:
    return visible(said[-_SAID:]).strip().rpartition("\n")[2] or "killed"
