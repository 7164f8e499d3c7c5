"""Mangled names for people."""

import shutil
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Sample
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.names.demangler import Demangler

pytestmark = pytest.mark.skipif(shutil.which("c++filt") is None, reason="binutils are missing")


@pytest.fixture(scope="module")
def demangler():
    with Demangler() as demangler:
        yield demangler


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("_ZNK2V2clEd", "V2::operator()(double) const"),
        ("_ZN12_GLOBAL__N_16Hidden4evalEd", "(anonymous namespace)::Hidden::eval(double)"),
        *(
            (name, name)
            for name in ("main", "_Zwhat", "_Z", "", "_ZNK2V2clEd; reboot", "a\n_ZNK2V2clEd", "_ZNK2V2clEd\n")
        ),
    ],
)
def test_mangled_names_are_shown_as_they_were_written(demangler, name, shown):
    assert demangler.shown(name) == shown


def test_names_that_grow_without_end_cost_little():
    pairs = "".join(f"S{'' if n == 0 else '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n - 1]}_" * 2 for n in range(30))
    begun = time.monotonic()
    with Demangler() as demangler:
        for number in range(50):
            name = f"_Z{len(str(number)) + 1}f{number}PFvi{pairs}E"
            assert demangler.shown(name) == name
    assert time.monotonic() - begun < 30  # four are tried, each with little memory and for seconds at most


@settings(max_examples=150, deadline=None)
@given(name=st.from_regex(r"_{1,3}[ZR][A-Z0-9a-z_$]{1,30}", fullmatch=True))
def test_any_name_is_taken_and_answers_do_not_get_mixed_up(demangler, name):
    assert demangler.shown(name)
    assert demangler.shown("_ZN2ns1fEi") == "ns::f(int)"


def test_functions_are_demangled_and_keep_their_mangled_name():
    samples = [
        Sample(("main", "_ZN2ns1fEi.isra.0"), 2.0),
        Sample(("main", "_ZN2ns1fEi"), 1.0),
        Sample(("main", "_ZN2ns1fEd", "_ZN2ns1fEi"), 4.0),
    ]
    profile = StackAnalyzer(samples)
    (first,) = profile.hotspots()
    assert (first.function, first.symbol, first.self_weight) == ("ns::f(int)", "_ZN2ns1fEi", 7)
    assert first.chains[0].frames == ("main", "ns::f(double)", "ns::f(int)")
    assert "ns::f(double)" in profile.functions()
    assert profile.edge_share("ns::f(double)", "ns::f(int)") == pytest.approx(4 / 7)
    assert profile.total_share("ns::f") == 1
