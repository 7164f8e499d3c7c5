"""The result as text: one row an attempt, what was left alone, the branch to review and how to look at it."""

import shlex

from pesquared.core.attempt import Attempt, RunReport
from pesquared.core.words import counted
from pesquared.reporters.words import gain_text, is_time, printable, speed_up, spending_text, worth

WIDEST = 160  # characters of foreign text on a line
MOST_BENCHMARKS = 10  # of an attempt


def attempts_table(report: RunReport) -> str:
    """A table of all attempts, in order."""
    import pandas as pd
    from tabulate import tabulate

    rows = pd.DataFrame([_row(attempt) for attempt in report.attempts])
    return tabulate(rows.to_dict("list"), headers="keys", showindex=False, disable_numparse=True)


def _row(attempt: Attempt) -> dict[str, str]:
    gain = attempt.verdict.gain
    return {
        "#": str(attempt.number),
        "function": printable(attempt.function),
        "file": printable(attempt.file),
        "by": printable(attempt.model or attempt.provider),
        "verdict": attempt.verdict.word.value,
        "gain": gain_text(gain) + (worth(attempt.verdict.evidence) if gain else ""),
        "pairs": f"{gain.pairs} {gain.metric}" if gain else "",
        "checked to": attempt.verdict.level,
        "repairs": str(attempt.repairs),
    }


def summary(report: RunReport, repository: str) -> str:
    """All that is printed to standard output at the end of a run.

    Args:
        report: the finished run.
        repository: the path a user gives ``git -C`` to look at the branches.
    """
    parts = []
    if report.attempts:
        parts.append(attempts_table(report))
        parts.extend(_reasons(report))
        parts.extend(_benchmarks(attempt) for attempt in report.attempts)
        parts.extend(_to_look_at(report))
    if report.skipped:
        lines = [f"  {printable(s.function)}: {printable(s.reason)}" for s in report.skipped]
        parts.append("\n".join(["not attempted:", *lines]))
    parts.extend(f"note: {printable(notice)}" for notice in report.notices)
    if report.spending and report.spending.spent_usd:
        parts.append(spending_text(report.spending))
    parts.append(_outcome(report, repository))
    return "\n\n".join(part for part in parts if part)


def _reasons(report: RunReport) -> list[str]:
    lines = [
        f"  #{attempt.number} {attempt.verdict.word.value} ({attempt.verdict.reason_code}): {_told(attempt)}"
        for attempt in report.attempts
        if not attempt.verdict.accepted
    ]
    return ["\n".join(lines)] if lines else []


def _to_look_at(report: RunReport) -> list[str]:
    """What reviews of accepted attempts found worth a look."""
    lines = [
        f"  #{attempt.number} {finding.topic}: {printable(finding.text)[:WIDEST]}"
        for attempt in report.accepted
        for finding in attempt.verdict.findings
        if finding.concern
    ]
    return ["\n".join(["before you merge:", *lines])] if lines else []


def _benchmarks(attempt: Attempt) -> str:
    """The gain of each benchmark, where there are several: the most changed first."""
    parts = sorted(attempt.verdict.parts, key=lambda part: -abs(part.gain.median))
    lines = [
        f"    {gain_text(part.gain):>28}  {printable(part.name)[:WIDEST]}" for part in parts[:MOST_BENCHMARKS]
    ]
    if len(parts) > MOST_BENCHMARKS:
        lines.append(f"    and {len(parts) - MOST_BENCHMARKS} more, in the JSON document and the git note")
    return "\n".join([f"  #{attempt.number} by benchmark:", *lines]) if lines else ""


def _told(attempt: Attempt) -> str:
    """The reason, and the line of the failed gate's output that tells most: an error, else the first."""
    reason = attempt.verdict.reason.splitlines()[0] if attempt.verdict.reason else ""
    failed = next((gate.detail for gate in attempt.verdict.gates if not gate.passed), "")
    lines = [line.strip() for line in failed.splitlines() if line.strip() and line.strip() != reason]
    telling = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")
    return printable(reason)[:WIDEST] + (f"\n       {printable(telling)[:WIDEST]}" if telling else "")


def _outcome(report: RunReport, path: str) -> str:
    repository = shlex.quote(path)
    if not report.best_branch:
        shown = [attempt.branch for attempt in report.attempts if attempt.branch]
        look = ""
        if shown:
            pattern = f"refs/heads/{shown[0].rsplit('/', 1)[0]}"
            look = f"\nThe attempts are kept: git -C {repository} for-each-ref {pattern}"
        return "Nothing accepted. The code base stays as it is." + look
    lines = []
    if report.total:
        total = report.total
        lines.append(
            f"Original against final, built cold: {report.total_word}, "
            f"{printable(total.metric)}{' time' if is_time(total.metric) else ''} saved: "
            f"{gain_text(total)}, {speed_up(total)}, {counted(total.pairs, 'pair')}"
        )
    lines += [
        f"Branch to review: {report.best_branch}",
        f"  git -C {repository} log --stat {report.base[:12]}..{report.best_branch}",
        f"  git -C {repository} diff {report.base[:12]} {report.best_branch}",
        f"  git -C {repository} notes --ref=pesquared show {report.best_branch}   # the evidence",
    ]
    return "\n".join(lines)
