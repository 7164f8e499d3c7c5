"""The JSON form of a run and of an attempt: one schema for ``--json``, the journal and the notes in git."""

from dataclasses import asdict

from pesquared.core.attempt import Attempt, RunReport

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
        "verdict": verdict.word.value,
        "reason_code": verdict.reason_code,
        "reason": verdict.reason,
        "repairs": attempt.repairs,
        "gates": [asdict(gate) for gate in verdict.gates],
        "level": verdict.level,
        "gain": asdict(verdict.gain) if verdict.gain else None,
        "parts": [asdict(part) for part in verdict.parts],
        "findings": [asdict(finding) for finding in verdict.findings],
        "provider": attempt.provider,
        "model": attempt.model,
        "cost_usd": attempt.cost_usd,
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
        "attempts": [attempt_document(attempt) for attempt in report.attempts],
        "skipped": [asdict(skipped) for skipped in report.skipped],
        "total": asdict(report.total) if report.total else None,
        "total_verdict": report.total_word or None,
        "noise": asdict(report.noise) if report.noise else None,
        "notices": list(report.notices),
        "interrupted": report.interrupted,
    }
