"""Reports of AddressSanitizer and UndefinedBehaviorSanitizer, as gcc and clang print them.

Formats: compiler-rt's ``ubsan_diag.cpp`` ("FILE:LINE:COLUMN: runtime error: MESSAGE") and ``asan_report.cpp``
("==PID==ERROR: AddressSanitizer: KIND on …", "SUMMARY: AddressSanitizer: KIND FILE:LINE in FUNCTION").
"""

import re
from dataclasses import dataclass

from pesquared.verify.diagnosis import visible

_SCANNED = 1 << 20  # bytes of each end of a stream
_LINES, _LINE = 30, 200  # of an excerpt
_MOST = 50  # reports of one stream
_UNDEFINED = re.compile(rb"^([^\s:][^\n:]{0,500}:\d{1,9}):\d{1,9}: runtime error: ([^\n]{1,300})", re.MULTILINE)
_FATAL = re.compile(rb"ERROR: (Address|UndefinedBehavior)Sanitizer: ([^\n]{1,300})")
_SUMMARY = re.compile(rb"^SUMMARY: \w{1,40}Sanitizer: \S{1,100} (\S{1,500}:\d{1,9})", re.MULTILINE)
# The -fsanitize= name of the check behind a message, by what only its messages say.
_CHECKS = (
    ("signed-integer-overflow", rb"signed integer overflow|^negation of|^division of .{1,100} by -1 "),
    ("shift", rb"^left shift of|^shift exponent|^right shift of"),
    ("integer-divide-by-zero", rb"^division by zero"),
    ("bounds", rb"^index .{1,100} out of bounds"),
    ("alignment", rb"misaligned address"),
    ("object-size", rb"insufficient space"),
    ("pointer-overflow", rb"^pointer index expression|^applying |^(?:addition|subtraction) of unsigned offset"),
    ("null", rb"(?:of|to|on|within) null pointer"),
    ("bool", rb"not a valid value for type '(?:bool|_Bool)'"),
    ("enum", rb"not a valid value for type"),
    ("nonnull-attribute", rb"^null pointer passed as argument"),
    ("returns-nonnull-attribute", rb"^null pointer returned"),
    ("return", rb"end of a value-returning function"),
    ("unreachable", rb"reached an unreachable"),
    ("vla-bound", rb"^variable length array bound"),
    ("float-cast-overflow", rb"outside the range of representable values"),
    ("builtin", rb"^passing zero to "),
    ("function", rb"^call to function"),
)
_BY_MESSAGE = tuple((check, re.compile(pattern)) for check, pattern in _CHECKS)


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that a sanitizer found."""

    sanitizer: str  # "address" or "undefined"
    check: str  # the -fsanitize= name of an undefined behaviour, "" if it is not known
    message: str
    place: str  # "src/a.c:4", "" if it is not known
    excerpt: str  # the report's first lines

    def __str__(self) -> str:
        name = "AddressSanitizer" if self.sanitizer == "address" else "UndefinedBehaviorSanitizer"
        return f"{name}: {self.message}{f', {self.place}' if self.place else ''}"


def find_reports(data: bytes, tree: str) -> list[Report]:
    """The reports in what a program printed, or in a sanitizer's log, in their order and each place once.

    Args:
        data: foreign bytes.
        tree: the path of the tree it ran in, which is taken off the places.
    """
    ends = data if len(data) <= 2 * _SCANNED else data[:_SCANNED] + b"\n" + data[-_SCANNED:]
    ends = ends.replace(tree.encode(errors="surrogateescape") + b"/", b"")
    found: dict[tuple[str, str], tuple[int, Report]] = {}
    for match in _UNDEFINED.finditer(ends):
        report = Report(
            "undefined", _check(match[2]), _text(match[2]), _text(match[1]), _excerpt(ends, match.start())
        )
        found.setdefault((report.check, report.place), (match.start(), report))
        if len(found) >= _MOST:
            break
    match_ = _FATAL.search(ends)  # ends the program: there is one
    if match_ is not None:
        summary = _SUMMARY.search(ends, match_.end())
        sanitizer = "address" if match_[1] == b"Address" else "undefined"
        message, place = _text(match_[2]).partition(" on address ")[0], _text(summary[1]) if summary else ""
        report = Report(sanitizer, "", message, place, _excerpt(ends, match_.start()))
        found[sanitizer, ""] = match_.start(), report
    return [report for _, report in sorted(found.values(), key=lambda item: item[0])]


def _check(message: bytes) -> str:
    return next((check for check, pattern in _BY_MESSAGE if pattern.search(message)), "")


def _text(data: bytes) -> str:
    return " ".join(visible(data).split())


def _excerpt(data: bytes, position: int) -> str:
    lines = visible(data[position : position + _LINES * _LINE]).splitlines()[:_LINES]
    return "\n".join(line[:_LINE] for line in lines if line.strip())
