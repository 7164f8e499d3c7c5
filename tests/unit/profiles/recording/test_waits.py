"""How long threads waited, from what perf prints of the scheduler."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Sample
from pesquared.profiles.names.spellings import Spellings
from pesquared.profiles.problems import Problems
from pesquared.profiles.recording.waits import Waits

OFF = (
    "wait {tid}/{tid} {time}:          1  sched:sched_switch: prev_comm=wait prev_pid={tid} prev_prio=120"
    " prev_state={state} ==> next_comm=x next_pid=1 next_prio=120\n"
    "\tffffffff821facd8 __schedule ([kernel.kallsyms])\n"
    "\t            117e nap (/home/me/wait)\n"
    "\t            1193 main (/home/me/wait)\n\n"
    "wait {tid}/{tid} {time}: PERF_RECORD_SWITCH OUT         \n"
)
ON = "wait {tid}/{tid} {time}: PERF_RECORD_SWITCH IN         \n"


def read(text: str) -> list[Sample]:
    lines = ((number, line.encode() + b"\n") for number, line in enumerate(text.split("\n"), 1))
    with Spellings() as spellings:
        return list(Waits(Problems("x", []), spellings).samples(lines))


def test_a_wait_lasts_until_its_thread_comes_back():
    text = (
        OFF.format(tid=7, time="1.000001", state="S")
        + OFF.format(tid=8, time="1.5", state="D").replace("1.5:", "1.500000:")
        + ON.format(tid=8, time="1.700000")
        + ON.format(tid=7, time="3.000000")
    )
    stack = ("main", "nap", "__schedule_[k]")
    assert [(one.frames, one.weight) for one in read(text)] == [(stack, 2e8), (stack, 1_999_999_000)]


def test_a_thread_that_was_pushed_off_did_not_wait():
    assert read(OFF.format(tid=7, time="1.000000", state="R+") + ON.format(tid=7, time="2.000000")) == []


def test_a_thread_that_never_comes_back_or_was_never_seen_to_go_counts_nothing():
    assert read(OFF.format(tid=7, time="1.000000", state="S") + ON.format(tid=9, time="2.000000")) == []


pieces = st.sampled_from(
    [OFF.format(tid=7, time="1.000000", state="S"), ON.format(tid=7, time="2.000000"), "\n", "\tff x (y)\n"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(pieces | st.text(max_size=20), max_size=12).map("".join))
def test_anything_is_read_without_an_error(text):
    assert all(one.frames and one.weight > 0 for one in read(text))
