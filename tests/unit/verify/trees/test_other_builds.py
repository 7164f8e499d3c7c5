import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.errors import UsageError
from pesquared.verify.trees.other_builds import OtherBuild, other_builds


def test_a_compiler_options_or_both():
    assert other_builds(("clang -O3", "-O2 -m32", "gcc-12")) == (
        OtherBuild("clang -O3", "clang", ("-O3",)),
        OtherBuild("-O2 -m32", "", ("-O2", "-m32")),
        OtherBuild("gcc-12", "gcc-12", ()),
    )


@pytest.mark.parametrize("entry", ["", " ", "rm -rf /", "/usr/bin/gcc", "clang++", "gcc '-O2", "gcc-1234"])
def test_anything_else_is_refused_with_what_to_write(entry):
    with pytest.raises(UsageError) as caught:
        other_builds(("-O2", entry))
    assert "[accept] also" in caught.value.message
    assert caught.value.fix


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(entry):
    try:
        (build,) = other_builds((entry,))
    except UsageError:
        return
    assert build.compiler or build.options
