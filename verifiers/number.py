"""A number that the benchmark prints: throughput, latency, a hit rate. ``[bench] number`` says where it stands.

```toml
[bench]
command = "./serve --selftest"
number = "([0-9.]+) requests/s"     # one group; the last match counts, of standard output or else standard error
number_name = "requests/s"
higher_is_better = true
deterministic = false
```
"""

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.errors import UsageError
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.matching import EndlessMatchingError, last_group, must_be_an_expression

_SETTING = "[bench] number"
_SHOWN = 60  # bytes of what is no number


class NumberVerifier(CommandVerifier):
    """The number that ``[bench] number`` matches, in whatever unit it is printed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        bench = settings.bench
        if not bench.number:
            raise UsageError(
                "the verifier number needs [bench] number", 'say where it stands: number = "([0-9.]+) requests/s"'
            )
        must_be_an_expression(_SETTING, bench.number, groups=1)
        self.metric_name = bench.number_name
        self.higher_is_better = bench.higher_is_better
        self.deterministic = bench.deterministic

    def metric(self, result: RunResult) -> float:
        for stream in (result.stdout, result.stderr):
            if place := self._place(stream):
                return _number(stream[slice(*place)])
        raise ValueError(f"nothing that it prints matches “{self.settings.bench.number}”")

    def comparable(self, stream: str, data: bytes) -> bytes:
        """All but the number itself, which is meant to become another one."""
        place = self._place(data) if stream in ("stdout", "stderr") else None
        return data[: place[0]] + data[place[1] :] if place else data

    def _place(self, data: bytes) -> tuple[int, int] | None:
        try:
            return last_group(_SETTING, self.settings.bench.number, data)
        except (
            EndlessMatchingError
        ) as error:  # a matter of what is printed: not with what the unchanged code prints
            raise ValueError(error.message) from error


def _number(matched: bytes) -> float:
    try:
        return float(matched)
    except ValueError as error:
        shown = matched[:_SHOWN].decode("utf-8", "backslashreplace")
        raise ValueError(f"{_SETTING} matches {shown!r}, which is no number") from error
