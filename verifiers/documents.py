"""Reports inside of what a foreign program printed, JSON and XML: bounded reading, and ValueError where not."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from lxml import etree

LARGEST = 16 << 20  # bytes; no more is ever kept of a stream
_MOST_ITEMS = 500_000  # each costs some hundred bytes once it is read
_TRIES = 20  # braces that begin no document, as in a line of code
_BEGINS = re.compile(r"^\{|\{[ \t]{0,8}\r?$", re.MULTILINE)  # pytest prints "[100%]" before it, on its line

JsonObject = Mapping[str, object]


def json_reports(data: bytes) -> tuple[list[JsonObject], bytes]:
    """The JSON objects in an output, each beginning at a line's start or end, and the text around them.

    Raises:
        ValueError: there is none, or it is too large or too deep.
    """
    text = _text(data)
    if text.count(",") + text.count("[") + text.count("{") > _MOST_ITEMS:
        raise ValueError("the JSON report is too large")
    decoder, reports, around, end, tries = json.JSONDecoder(), [], [], 0, 0
    while tries < _TRIES and (begin := _BEGINS.search(text, end)):
        try:
            report, after = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            report, after = {}, begin.end()
        if report:
            reports.append(cast("JsonObject", report))
            around.append(text[end : begin.start()])
        else:  # braces in a line of code, say
            tries += 1
            around.append(text[end:after])
        end = after
    if not reports:
        raise ValueError("there is no JSON report in the output")
    return reports, "".join([*around, text[end:]]).encode("utf-8", "replace")


def _text(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ValueError(f"the output is larger than {LARGEST >> 20} MiB")
    return data.decode("utf-8", "replace")


def objects(report: JsonObject, key: str) -> list[JsonObject]:
    """The objects in the list under a key; what is none is left out."""
    listed = report.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def number(record: JsonObject, key: str) -> float:
    """The number under a key. Raises ValueError if there is none."""
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key!r} is not a number")  # noqa: TRY004 - to verifiers only ValueError means: unreadable
    return float(value)


def text(record: JsonObject, key: str) -> str:
    """The text under a key, "" if there is none."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def named(figures: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Figures by name; the second "a" becomes "a #2"."""
    found: dict[str, float] = {}
    seen: dict[str, int] = {}
    for name, figure in figures:
        seen[name] = seen.get(name, 0) + 1
        found[name if seen[name] == 1 else f"{name} #{seen[name]}"] = figure
    return found


def xml_report(data: bytes, *roots: str) -> tuple[etree._Element, bytes]:
    """The XML document in an output, whose root is one of ``roots``, and the text around it.

    It is read as UTF-8 whatever it says of itself. A document type is refused: no report has one, and entities can
    only come from there. The network is never used, and libxml2's limits of depth and length hold.

    Raises:
        ValueError: there is none, or it is broken, or too large or too deep.
    """
    data = _text(data).encode("utf-8")
    begin, end = _place(data, roots)
    document = data[begin:end]
    if document.count(b"<") + document.count(b"=") > _MOST_ITEMS:
        raise ValueError("the XML report is too large")
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise ValueError("the XML report has a document type")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the XML report is broken: {error}") from error
    if root.tag not in roots:
        raise ValueError(f"the XML report is a <{root.tag}>, not a <{roots[0]}>")
    return root, data[:begin] + data[end:]


def _place(data: bytes, roots: Sequence[str]) -> tuple[int, int]:
    """Where the first document begins and the last of its roots ends."""
    either = "|".join(re.escape(root) for root in roots).encode()
    first = re.search(rb"<(?:" + either + rb")(?=[\s/>])", data)
    if first is None:
        raise ValueError(f"there is no XML report (<{roots[0]}>) in the output")
    declared = data.rfind(b"<?xml", 0, first.start())
    ends = [data.rfind(closing) + len(closing) for root in roots if (closing := f"</{root}>".encode()) in data]
    end = max(ends, default=0)
    return declared if declared >= 0 else first.start(), end if end > first.end() else len(data.rstrip())
