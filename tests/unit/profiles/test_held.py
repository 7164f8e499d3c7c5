"""Stacks in bounded memory: exact while there is room, at least what they say after that."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.profiles.held import HeldStacks


def test_while_there_is_room_nothing_is_lost():
    held: HeldStacks[str] = HeldStacks(most_frames=6)
    held.add_all([(("a", "b"), 1.0), (("a", "c"), 2.0), (("a", "b"), 3.0)])
    assert held.complete
    assert held.weights == {("a", "b"): 4.0, ("a", "c"): 2.0}


def test_the_light_go_and_each_function_keeps_its_heaviest():
    held: HeldStacks[str] = HeldStacks(most_frames=40)
    held.add(("rare", "other"), 0.5)
    held.add_all((("main", f"caller{number}", "leaf"), float(number)) for number in range(1, 40))
    assert not held.complete
    assert sum(map(len, held.weights)) <= 40
    assert held.weights[("main", "caller39", "leaf")] == 39.0
    assert held.weights[("rare", "other")] == 0.5


def test_many_functions_do_not_fill_the_memory():
    held: HeldStacks[str] = HeldStacks(most_frames=100)
    held.add_all(((f"f{number}",), 1.0) for number in range(10_000))
    assert sum(map(len, held.weights)) <= 101


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(tuple), st.integers(1, 9))))
def test_a_weight_is_never_more_than_it_was(weighted):
    held: HeldStacks[str] = HeldStacks(most_frames=12)
    true: dict[tuple[str, ...], int] = {}
    for stack, weight in weighted:
        held.add(stack, weight)
        true[stack] = true.get(stack, 0) + weight
    assert all(weight <= true[stack] for stack, weight in held.weights.items())
    if held.complete:
        assert held.weights == true
