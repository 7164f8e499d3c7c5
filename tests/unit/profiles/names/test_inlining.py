"""Which function is inlined where perf says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.profiles.frames import Frame
from pesquared.profiles.names.inlining import Inlining


def frames(*texts: str) -> list[Frame]:
    """``"12 f"`` is a function, ``"12 f*"`` one that is inlined."""
    parts = [text.split(" ", 1) for text in texts]
    return [
        Frame(at, name.rstrip("*"), "" if name.endswith("*") else "/p", name.endswith("*")) for at, name in parts
    ]


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (("9 main", "1 start"), ("9 main", "1 start")),
        (("9 f*", "9 main", "1 start"), ("9 f*", "9 main", "1 start")),
        (("9 main", "9 sort*", "9 main", "1 start"), ("9 sort*", "9 main", "1 start")),
        (("9 std::sort<int>", "9 pivot*", "9 sort<int>*"), ("9 pivot*", "9 std::sort<int>")),
        (("9 _ZSt4sortIiEvv", "9 pivot*", "9 sort<int>*"), ("9 pivot*", "9 _ZSt4sortIiEvv")),
        (
            ("9 H<d (d), m::{lambda()#1}>::_M_invoke", "9 go*", "9 _M_invoke*"),
            ("9 go*", "9 H<d (d), m::{lambda()#1}>::_M_invoke"),
        ),
        (("9 std::sort<int>", "9 pivot*", "9 other<int>*"), ("9 std::sort<int>", "9 pivot*", "9 other<int>*")),
        (("9 A::run", "9 go*", "9 B::run"), ("9 A::run", "9 go*", "9 B::run")),
        # recursion through one place repeats all that is inlined there
        (("9 f", "9 g*", "9 f") * 2, ("9 g*", "9 f") * 2),
        (("8 g*", "9 f", "9 f", "9 f"), ("8 g*", "9 f", "9 f", "9 f")),
        ((), ()),
    ],
)
def test_an_innermost_function_has_no_name_where_perf_took_that_of_the_outermost(printed, meant):
    assert list(Inlining().mended(frames(*printed))) == frames(*meant)


@given(st.lists(st.sampled_from(("1 f", "1 g*", "1 f*", "2 f", "2 h*")), max_size=12))
def test_only_names_of_innermost_functions_go_and_some_frame_stays(printed):
    before, after = frames(*printed), list(Inlining().mended(frames(*printed)))
    assert len(after) <= len(before)
    assert bool(after) == bool(before)
    assert {frame.symbol for frame in after} <= {frame.symbol for frame in before}
