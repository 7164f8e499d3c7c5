"""Verifiers whose figures are what programs say on standard error: ``fig NAME VALUE``."""

import re

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import BenchSettings, Settings
from pesquared.core.verdict import Evidence
from pesquared.verifiers.command import CommandVerifier

_SAID = re.compile(rb"^fig (\S+) (\S+)$", re.MULTILINE)


class SaidFigures(CommandVerifier):
    """Several benchmarks, each the same in every run."""

    metric_name = "said"
    deterministic = True

    def metric(self, result):
        return {name.decode(): float(value) for name, value in _SAID.findall(result.stderr)}


class NoisyFigures(SaidFigures):
    """The same, but judged by statistics."""

    deterministic = False


class Held(NoisyFigures):
    """The same, but what is said is no time: bytes, say."""

    is_time = False


class Summary(NoisyFigures):
    evidence = Evidence.SUMMARY


class Counts(SaidFigures):
    evidence = Evidence.COUNTS


def a_run(stdout: bytes = b"", stderr: bytes = b"", peak: int | None = None) -> RunResult:
    return RunResult(0, stdout, stderr, Usage(1.0, 1.0, peak, "task-clock"))


def bench_settings(**bench: object) -> Settings:
    return Settings(bench=BenchSettings(command="./bench", **bench))  # type: ignore[arg-type]
