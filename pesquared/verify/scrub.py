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

_LONGEST = 1000  # characters of an expression
_MATCHED = 8 << 20  # bytes of an output
_WORKER = """
import json, re, sys
data = sys.stdin.buffer.read()
for pattern in json.loads(sys.argv[1]):
    data = re.sub(pattern.encode(), b"", data, flags=re.MULTILINE)
sys.stdout.buffer.write(data)
"""


class Scrubber:
    """Deletes every match of the given expressions.

    Raises:
        UsageError: an expression is not one, or is too long.
    """

    def __init__(self, patterns: Sequence[str], timeout_s: float = 10.0) -> None:
        for pattern in patterns:
            try:
                re.compile(pattern.encode(), re.MULTILINE)
            except (re.error, OverflowError, RecursionError) as error:
                raise UsageError(f"[bench] ignore: {pattern!r} is no regular expression: {error}") from error
            if len(pattern) > _LONGEST:
                raise UsageError(f"[bench] ignore: an expression is longer than {_LONGEST} characters")
        self._patterns = tuple(patterns)
        self._timeout_s = timeout_s

    def __call__(self, data: bytes) -> bytes:
        """``data`` without the matches; only the first 8 MiB are kept.

        Raises:
            UsageError: matching takes too long.
        """
        if not self._patterns:
            return data
        command = [sys.executable, "-I", "-c", _WORKER, json.dumps(self._patterns)]
        try:
            done = subprocess.run(command, input=data[:_MATCHED], stdout=-1, check=True, timeout=self._timeout_s)
        except subprocess.TimeoutExpired as error:
            raise UsageError(
                f"[bench] ignore: matching takes more than {self._timeout_s:.0f} s", "simplify the expressions"
            ) from error
        return done.stdout
