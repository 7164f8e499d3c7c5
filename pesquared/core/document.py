"""The JSON form of a run, of an attempt and of a measurement: one schema for ``--json``, the journal and notes."""

from dataclasses import asdict

from pesquared.core.attempt import Attempt, RunReport
from pesquared.core.measurement import Measurement
from pesquared.core.verdict import Verdict

SCHEMA = 1


def attempt_document(attempt: Attempt) -> dict[str, object]:
    """One attempt; gains are fractions, cost is in USD."""
    verdict = attempt.verdict
    return {
        "id": attempt.id,
        "function": attempt.function,
        "file": attempt.file,
        "branch": attempt.branch,
        "commit": attempt.commit,
        **_said(verdict),
        "repairs": attempt.repairs,
        **_evidence(verdict),
        "benchmarks": list(verdict.benchmarks),
        "ceiling": verdict.ceiling,
        "provider": attempt.provider,
        "model": attempt.model,
        "cost_usd": attempt.cost_usd,
        "methodology": attempt.methodology,
    }


def report_document(report: RunReport) -> dict[str, object]:
    """The whole run. ``total`` compares the original with the final state, built cold."""
    return {
        "schema": SCHEMA,
        "run": report.run,
        "base": report.base,
        "best": report.best,
        "host": report.host,
        "sandbox": report.sandbox,
        "sandbox_widened": list(report.widened),
        "attempts": [attempt_document(attempt) for attempt in report.attempts],
        "skipped": [asdict(skipped) for skipped in report.skipped],
        "total": asdict(report.total) if report.total else None,
        "total_verdict": report.total_word or None,
        "total_benchmarks": list(report.total_benchmarks),
        "noise": asdict(report.noise) if report.noise else None,
        "notices": list(report.notices),
        "interrupted": report.interrupted,
        "spending": asdict(report.spending) if report.spending else None,
    }


def measurement_document(measurement: Measurement) -> dict[str, object]:
    """Two revisions against each other."""
    one, claim = measurement, measurement.claim
    return {
        "schema": SCHEMA,
        "base": asdict(one.base),
        "candidate": asdict(one.candidate),
        **_said(one.verdict),
        **_evidence(one.verdict),
        "alpha": one.alpha,
        "beta": one.beta,
        "noise": asdict(one.noise) if one.noise else None,
        "runtime_s": one.runtime_s,
        "claim": {**asdict(claim), "agrees": one.agrees} if claim else None,
        "host": one.host,
        "sandbox": one.sandbox,
        "notices": list(one.notices),
        "interrupted": one.interrupted,
    }


def _said(verdict: Verdict) -> dict[str, object]:
    return {"verdict": verdict.word.value, "reason_code": verdict.reason_code, "reason": verdict.reason}


def _evidence(verdict: Verdict) -> dict[str, object]:
    return {
        "gates": [asdict(gate) for gate in verdict.gates],
        "level": verdict.level,
        "gain": asdict(verdict.gain) if verdict.gain else None,
        "parts": [asdict(part) for part in verdict.parts],
        "evidence": verdict.evidence.value,
        "findings": [asdict(finding) for finding in verdict.findings],
    }
