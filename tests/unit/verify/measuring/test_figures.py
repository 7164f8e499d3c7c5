"""A verifier's own figures: what is one, which count, and what is said where they cannot be used."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.errors import BaselineError, UsageError
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.measuring.figures import Figures, must_report
from tests.support.own_figures import SaidFigures, a_run, bench_settings


def said(**values: object):
    return a_run(stderr="".join(f"fig {name} {value}\n" for name, value in values.items()).encode())


def figures(**bench: object) -> Figures:
    return Figures(SaidFigures(bench_settings(**bench)))


class Answers(CommandVerifier):
    """Gives whatever it is made with."""

    metric_name = "answers"

    def __init__(self, answer, settings=None, *, higher=False):
        super().__init__(settings or bench_settings())
        self.answer = answer
        self.higher_is_better = higher

    def metric(self, result):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_without_a_metric_of_its_own_nothing_is_read() -> None:
    figure = Figures(CommandVerifier(bench_settings())).read(a_run())
    assert (figure.cost, figure.parts, figure.problem) == (None, {}, "")


def test_one_number_is_the_cost_and_has_no_parts() -> None:
    figure = Figures(Answers(3)).read(a_run())
    assert (figure.cost, figure.parts) == (3, {})
    assert Figures(Answers(4.0, higher=True)).read(a_run()).cost == 0.25


@pytest.mark.parametrize(
    ("bench", "cost"),
    [({}, 4.0), ({"combine": "sum"}, 10.0), ({"filter": "^b$"}, 8.0), ({"filter": "a|b", "combine": "sum"}, 10.0)],
)
def test_several_are_combined(bench: dict[str, object], cost: float) -> None:
    figure = figures(**bench).read(said(a=2, b=8))
    assert figure.cost == pytest.approx(cost)
    assert figure.parts == {"a": 2.0, "b": 8.0}


def test_guards_are_those_that_are_named() -> None:
    reader = figures(filter="a", guard="^[bc]$")
    assert not reader.guards
    reader.read(said(a=1, b=2, c=3))
    assert reader.guards == ("b", "c")


@pytest.mark.parametrize(
    ("value", "problem"),
    [("nan", "a is nan"), ("-1", "a is -1"), ("0", "a is 0"), ("inf", "a is inf"), ("x", "could not convert")],
)
def test_what_is_no_figure_is_said(value: str, problem: str) -> None:
    figure = figures().read(said(a=value))
    assert figure.cost is None
    assert problem in figure.problem


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "reports none"),
        ({}, "reports none"),
        (float("nan"), "it is nan"),
        (0, "it is 0"),
        (5e-324, "not a finite number above 0"),
        (ValueError("no\x1b[31m such\nline"), "no such\\nline"),
        (KeyError("x"), "x"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (RecursionError("too deep"), "too deep"),
        ({str(number): 1.0 for number in range(1001)}, "1000 are the most"),
        ({"a" * 200 + "b": 1.0, "a" * 200 + "c": 1.0}, "the same name"),
    ],
)
def test_answers_that_cannot_be_used(answer: object, problem: str) -> None:
    figure = Figures(Answers(answer, higher=True)).read(a_run())
    assert figure.cost is None
    assert problem in figure.problem


def test_both_sides_must_report_the_same_benchmarks() -> None:
    reader = figures()
    reader.read(said(a=1, b=2))
    assert reader.read(said(a=1)).problem == "it does not report b"
    assert "it reports c, which the unchanged code does not" in reader.read(said(a=1, b=2, c=3)).problem
    assert reader.read(said(b=1, a=2)).cost == pytest.approx(math.sqrt(2))


def test_names_with_control_characters_are_made_visible() -> None:
    figure = Figures(Answers({"\x1b[2Ja\nb\x07\udc80": 1.0, "": 2.0})).read(a_run())
    assert all(name.isprintable() for name in figure.parts)
    assert any(name.startswith("a\\nb\\x07") for name in figure.parts)


@pytest.mark.parametrize(
    ("bench", "message"),
    [
        ({"filter": "("}, "no regular expression"),
        ({"guard": "x" * 2000}, "longer"),
        ({"filter": "z"}, r"'z' matches no benchmark\n  there are: a, b"),
        ({"guard": "z"}, "matches no benchmark"),
    ],
)
def test_settings_that_cannot_be_used(bench: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        figures(**bench).read(said(a=1, b=2))


def test_settings_for_several_benchmarks_need_several() -> None:
    with pytest.raises(UsageError, match="needs a verifier that reports several"):
        Figures(CommandVerifier(bench_settings(filter="a")))
    with pytest.raises(UsageError, match="one figure, not several"):
        Figures(Answers(1.0, bench_settings(guard="a"))).read(a_run())


def test_an_own_metric_is_not_mistaken_for_a_time() -> None:
    class Cpu(SaidFigures):
        metric_name = "cpu"

    with pytest.raises(UsageError, match="may not be called 'cpu'"):
        Figures(Cpu(bench_settings()))


def test_a_baseline_without_figures_is_an_error() -> None:
    with pytest.raises(BaselineError, match="reports no said on the unchanged code: a is 0") as caught:
        must_report([figures().read(said(a=0))], "said")
    assert caught.value.exit_code == 4
    must_report([figures().read(said(a=1))], "said")


numbers = st.floats(allow_nan=True, allow_infinity=True) | st.integers()


@given(
    st.dictionaries(st.text(max_size=8), numbers, max_size=6), st.booleans(), st.sampled_from(["geomean", "sum"])
)
def test_whatever_is_answered_a_cost_is_a_finite_number_above_0(answer, higher: bool, combine: str) -> None:
    verifier = Answers(answer, bench_settings(combine=combine), higher=higher)
    figure = Figures(verifier).read(a_run())
    if figure.cost is None:
        assert figure.problem
    else:
        assert math.isfinite(figure.cost)
        assert figure.cost > 0
