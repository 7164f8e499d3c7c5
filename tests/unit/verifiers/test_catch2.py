"""Catch2's XML report is read, and nothing in it can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import Settings
from pesquared.verifiers.catch2 import Catch2Verifier

REPORT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Catch name="bench"><Group name="bench"><TestCase name="sums">
  <BenchmarkResults name="short" samples="100" resamples="100000" iterations="11" clockResolution="21.5">
    <mean value="1500" lowerBound="1490" upperBound="1510" ci="0.95"/>
    <standardDeviation value="10" lowerBound="9" upperBound="11" ci="0.95"/>
  </BenchmarkResults>
  <BenchmarkResults name="long"><mean value="2500.5"/></BenchmarkResults>
</TestCase></Group></Catch>
"""


def read(report: bytes) -> float | None:
    return Catch2Verifier(Settings()).metric(RunResult(0, report, b"", Usage(1.0, None, None, "wall")))


def test_means_are_added_up() -> None:
    assert read(REPORT.encode()) == pytest.approx(4000.5e-9)


@pytest.mark.parametrize(
    "report", [b"", b"<Catch/>", b"not xml", b"<a><mean value='x'/></a>", REPORT[:300].encode()]
)
def test_a_report_without_means_has_no_metric(report: bytes) -> None:
    assert read(report) is None


def test_entities_are_not_resolved(tmp_path) -> None:
    (tmp_path / "secret").write_text("42")
    hostile = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><a><mean value="1"/>&x;</a>'
    assert read(hostile.encode()) == pytest.approx(1e-9)
    bomb = '<!DOCTYPE a [<!ENTITY x "1"><!ENTITY y "&x;&x;">]><a><mean value="&y;"/></a>'
    assert read(bomb.encode()) == pytest.approx(11e-9)  # small ones, inside the document, are plain text
    many = "".join(f'<!ENTITY x{i} "{f"&x{i - 1};" * 10}">' for i in range(1, 12))
    assert read(f'<!DOCTYPE a [<!ENTITY x0 "1">{many}]><a><mean value="&x11;"/></a>'.encode()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_harm(report: bytes) -> None:
    assert read(report) is None or isinstance(read(report), float)
