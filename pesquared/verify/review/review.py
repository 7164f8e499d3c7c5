"""All reviews of an accepted change, one after the other; the costly ones, other builds, last."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from pesquared.core.events import Observer, StageStarted
from pesquared.core.verdict import Finding, Verdict
from pesquared.errors import PesquaredError, StoppedError
from pesquared.verify.baseline.establish import Established
from pesquared.verify.baseline.scale import Scale
from pesquared.verify.diagnosis import one_line
from pesquared.verify.ladder.building import Built
from pesquared.verify.review.also import also_under
from pesquared.verify.review.layouts import changed_layouts
from pesquared.verify.review.size import program_sizes
from pesquared.verify.review.subject import Subject, subject_of
from pesquared.verify.review.symbols import exported_symbols
from pesquared.verify.review.warnings import new_warnings

Review = Callable[[Subject], Iterator[Finding]]
REVIEWS: Sequence[tuple[str, Review]] = (
    ("warnings", new_warnings),
    ("symbols", exported_symbols),
    ("abi", changed_layouts),
    ("size", program_sizes),
)


def reviewed(
    verdict: Verdict, known: Established, scale: Scale, built: Built, commits: tuple[str, str]
) -> Verdict:
    """An accepted verdict with all findings.

    Args:
        verdict: accepted.
        known: of the unchanged code.
        scale: what was measured by.
        built: the candidate in its slot.
        commits: of the baseline and of the candidate.
    """
    subject = subject_of(known.rig, built.edited, built.products)
    findings = review(subject, known.rig.observer) if subject else ()
    further = _looked_at("also", lambda: also_under(known, scale, *commits))
    return replace(verdict, findings=(*verdict.findings, *findings, *further))


def review(
    subject: Subject, observer: Observer, reviews: Sequence[tuple[str, Review]] = REVIEWS
) -> tuple[Finding, ...]:
    """What they find, topic by topic. One that cannot be made says so; it takes nothing from the verdict."""
    observer.notify(StageStarted("looking at what a maintainer would check"))
    return tuple(found for topic, one in reviews for found in _looked_at(topic, partial(one, subject)))


def _looked_at(topic: str, one: Callable[[], Iterator[Finding]]) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings += one()
    except StoppedError:  # the verdict stands; it is the review that is wanting
        findings.append(Finding(topic, "interrupted before it was looked at"))
    except (PesquaredError, OSError) as error:
        why = error.message if isinstance(error, PesquaredError) else str(error)
        findings.append(Finding(topic, f"could not be looked at: {one_line(why)}"))
    return findings
