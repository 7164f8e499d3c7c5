"""Reports are read out of what foreign programs print, and nothing in them can do harm."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verifiers.documents import json_reports, named, number, objects, text, xml_report

BOMB = "".join(f'<!ENTITY x{i} "{f"&x{i - 1};" * 10}">' for i in range(1, 12))


def test_reports_are_found_among_other_lines() -> None:
    said = b'begin {\n{"a": 1}\nif (x) {\n}\n[100%]{\n "b": 2\n}\nend'
    reports, around = json_reports(said)
    assert reports == [{"a": 1}, {"b": 2}]
    assert around == b"begin {\n\nif (x) {\n}\n[100%]\nend"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no JSON report"),
        (b"nothing here", "no JSON report"),
        (b'{"a": 1', "no JSON report"),
        (b'{"a":' * 200_000, "no JSON report"),
        (b"{\n" * 100_000, "no JSON report"),
        (b'{"a": [' + b"[]," * 600_000 + b"1]}", "too large"),
        (b'{"a": "' + b"x" * (17 << 20) + b'"}', "larger than 16 MiB"),
    ],
)
def test_what_is_no_json_report_is_said(data: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        json_reports(data)


def test_values_are_taken_by_their_kind() -> None:
    record = {"list": [{"a": 1}, 3, None], "n": 2, "t": "x", "b": True, "none": None}
    assert objects(record, "list") == [{"a": 1}]
    assert objects(record, "n") == objects(record, "missing") == []
    assert number(record, "n") == 2.0
    assert (text(record, "t"), text(record, "n")) == ("x", "")
    for key in ("t", "b", "none", "missing"):
        with pytest.raises(ValueError, match="is not a number"):
            number(record, key)


def test_names_that_come_twice_are_numbered() -> None:
    assert named([("a", 1.0), ("b", 2.0), ("a", 3.0)]) == {"a": 1.0, "b": 2.0, "a #2": 3.0}


def test_xml_is_found_among_other_lines() -> None:
    root, around = xml_report(b'one\n<?xml version="1.0"?>\n<r a="1"><c/></r>\ntwo', "q", "r")
    assert (root.tag, root.get("a"), around) == ("r", "1", b"one\n\ntwo")
    assert xml_report(b"<r/>", "r")[0].tag == "r"
    assert xml_report('<?xml version="1.0" encoding="UTF-16"?><r a="é"/>'.encode(), "r")[0].get("a") == "é"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "no XML report"),
        ("<s/>", "no XML report"),
        ("<r><c></r>", "is broken"),
        ("<s><r/></s>", "no XML report|is a <s>|is broken"),
        ("<r>" * 300 + "</r>" * 300, "depth"),
        ("<r>" + "<c/>" * 600_000 + "</r>", "too large"),
        ("<r " + " ".join(f'a{i}=""' for i in range(600_000)) + "/>", "too large"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', ""),
        (f'<r/><!DOCTYPE r [<!ENTITY x0 "1">{BOMB}]><r>&x11;</r>', "document type"),
        (f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x0 "1">{BOMB}]><r>&x11;</r>', "document type"),
        ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "document type"),
        ("<r>" + "x" * (11 << 20) + "</r>", "is broken"),
    ],
)
def test_what_is_no_xml_report_is_said(document: str, problem: str) -> None:
    if not problem:  # what stands before the root and is no declaration is no part of it
        assert xml_report(document.encode(), "r")[0].text is None
        return
    with pytest.raises(ValueError, match=problem):
        xml_report(document.encode(), "r")


def test_entities_are_not_resolved() -> None:
    with pytest.raises(ValueError, match="broken"):
        xml_report(b"<r>&x;</r>", "r")


@given(st.binary(max_size=200) | st.text(alphabet='<>/r?!{}[]":,a1 \n&;', max_size=200).map(str.encode))
def test_any_bytes_are_a_report_or_none(data: bytes) -> None:
    for read in (json_reports, lambda data: xml_report(data, "r")):
        with contextlib.suppress(ValueError):
            read(data)


trees = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=5), trees, min_size=1, max_size=3), min_size=1, max_size=3),
    st.sampled_from([None, 2]),
)
def test_what_was_written_is_read(values, indent) -> None:
    said = "before\n" + "\nbetween\n".join(json.dumps(value, indent=indent) for value in values) + "\nafter"
    assert json_reports(said.encode())[0] == values
