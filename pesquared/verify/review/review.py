"""All reviews of an accepted change, one after the other."""

from collections.abc import Callable, Iterator, Sequence

from pesquared.core.events import Observer, StageStarted
from pesquared.core.verdict import Finding
from pesquared.errors import PesquaredError
from pesquared.verify.review.layouts import changed_layouts
from pesquared.verify.review.size import program_sizes
from pesquared.verify.review.subject import Subject
from pesquared.verify.review.symbols import exported_symbols
from pesquared.verify.review.warnings import new_warnings

Review = Callable[[Subject], Iterator[Finding]]
REVIEWS: Sequence[tuple[str, Review]] = (
    ("warnings", new_warnings),
    ("symbols", exported_symbols),
    ("abi", changed_layouts),
    ("size", program_sizes),
)


def review(
    subject: Subject, observer: Observer, reviews: Sequence[tuple[str, Review]] = REVIEWS
) -> tuple[Finding, ...]:
    """What they find, topic by topic. One that cannot be made says so; it takes nothing from the verdict."""
    observer.notify(StageStarted("looking at what a maintainer would check"))
    findings: list[Finding] = []
    for topic, one in reviews:
        try:
            findings += one(subject)
        except PesquaredError as error:
            findings.append(Finding(topic, f"could not be looked at: {error.message}"))
    return tuple(findings)
