"""Mangled names for people."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.profiles.shown import shown

pytestmark = pytest.mark.skipif(shutil.which("c++filt") is None, reason="binutils are missing")


def test_mangled_names_are_shown_as_they_were_written():
    assert shown(["_ZNK2V2clEd", "main", "_ZN12_GLOBAL__N_16Hidden4evalEd", "_ZNK2V2clEd.isra.0"]) == {
        "_ZNK2V2clEd": "V2::operator()(double) const",
        "_ZN12_GLOBAL__N_16Hidden4evalEd": "(anonymous namespace)::Hidden::eval(double)",
        "_ZNK2V2clEd.isra.0": "V2::operator()(double) const [clone .isra.0]",
    }


def test_names_that_are_not_mangled_are_left_out():
    assert shown(["_Zwhat", "_Z", "a\n_ZNK2V2clEd", "_ZNK2V2clEd; reboot"]) == {}


def test_a_name_that_grows_without_end_is_left_out():
    pairs = "".join(f"S{'' if n == 0 else '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n - 1]}_" * 2 for n in range(30))
    assert all(len(text) < 1 << 14 for text in shown([f"_Z1fPFvi{pairs}E", "_Z1fv"]).values())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.from_regex(r"_Z[A-Z0-9a-z_]{1,30}", fullmatch=True), max_size=20))
def test_any_names_are_taken(names):
    assert set(shown(names)) <= set(names)
