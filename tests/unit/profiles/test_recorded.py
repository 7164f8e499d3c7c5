"""Large files: in parts, by several processes, without keeping their stacks."""

import gzip
import os
from pathlib import Path

import pytest

from pesquared.errors import UsageError
from pesquared.profiles import Filters, StackAnalyzer
from pesquared.profiles import recorded as room
from pesquared.profiles.names.spellings import MAX_FUNCTIONS


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """Larger than two parts; more different stacks than are kept; a bad line near its end."""
    path = tmp_path_factory.mktemp("large") / "x.folded"
    filler = "::".join(f"a_rather_long_namespace_{number}" for number in range(20))
    lines = 2 * room.PART // (len(filler) + 16) + 1
    with path.open("w", encoding="ascii") as file:
        for number in range(lines):
            file.write(
                f"main;f{number % 97};{filler}::g{number % 89};h{number % 83};f{number % 97} {number % 7 + 1}\n"
            )
        file.write("oops\nmain;last 1\n")
    return path


def test_several_processes_come_to_what_one_comes_to(large):
    assert large.stat().st_size > 2 * room.PART
    one = StackAnalyzer.read(large, processes=1)
    two = StackAnalyzer.read(large, processes=2)
    assert (two.total, two.functions(), two.calls()) == (one.total, one.functions(), one.calls())
    assert [(h.function, h.self_weight) for h in two.hotspots()] == [
        (h.function, h.self_weight) for h in one.hotspots()
    ]
    lines = large.read_bytes().count(b"\n")
    assert [d.line for d in two.diagnostics] == [d.line for d in one.diagnostics] == [lines - 1]


def test_what_is_not_kept_is_read_again(large):
    profile = StackAnalyzer.read(large, processes=2)
    assert not profile.keeps_all_stacks
    owned = {hotspot.function: hotspot for hotspot in profile.hotspots({"h5", "main"}.__contains__)}
    assert set(owned) == {"h5", "main"}
    assert sum(one.self_share for one in owned.values()) == pytest.approx(1)
    share = profile.total_share("h5")
    assert owned["h5"].self_share == pytest.approx(share)
    assert profile.share_where(lambda stack: "h5" in stack) == pytest.approx(share)
    assert all(chain.frames[-1] == "h5" for chain in owned["h5"].chains)


def test_several_files_and_folders_are_one_profile_and_none_counts_twice(tmp_path):
    (tmp_path / "a.folded").write_text("main;f 1\n")
    (tmp_path / "b.folded").write_text("main;g 3\n")
    profile = StackAnalyzer.read(tmp_path, tmp_path / "a.folded")
    assert profile.total == 4


def test_waits_are_no_part_of_the_time_on_the_processor(tmp_path):
    (tmp_path / "a.folded").write_text("prog;main;read;schedule_[k] 500\n")
    (tmp_path / "b.folded").write_text("prog;main;work 3\n")
    profile = StackAnalyzer.read(tmp_path)
    assert profile.total == 3
    assert "no part of this profile" in str(profile.diagnostics[0])
    assert StackAnalyzer.read(tmp_path, filters=Filters(event="off-cpu")).total == 500
    assert StackAnalyzer.read(tmp_path / "a.folded").total == 500


def test_files_of_different_events_are_not_added_up(tmp_path):
    for name, event in (("b", "cycles"), ("a", "faults")):
        (tmp_path / f"{name}.txt").write_text(f"p 1/1 0.1: 7 {event}:\n\t 12 f (/p)\n")
    profile = StackAnalyzer.read(tmp_path)
    assert profile.total == 7
    assert "holds faults, but no cycles" in str(profile.diagnostics[0])
    (tmp_path / "c.folded").write_text("prog;main 5\n")
    assert StackAnalyzer.read(tmp_path).total == 12


def test_packed_stacks_are_not_cut_into_parts(large, tmp_path):
    packed = tmp_path / "x.folded.gz"
    packed.write_bytes(gzip.compress(large.read_bytes(), 0))
    assert packed.stat().st_size > 2 * room.PART
    assert StackAnalyzer.read(packed, processes=2).total == StackAnalyzer.read(large, processes=2).total


def test_a_filter_that_lets_nothing_through_is_an_error(tmp_path):
    (tmp_path / "a.folded").write_text("main;f 1\n")
    with pytest.raises(UsageError, match="asked for"):
        StackAnalyzer.read(tmp_path, filters=Filters(comms=("other",)))


def test_a_profile_of_addresses_is_refused_before_it_fills_the_memory(tmp_path):
    file = tmp_path / "a.folded"
    file.write_text("".join(f"a{number};b{number} 1\n" for number in range(MAX_FUNCTIONS // 2 + 9)))
    with pytest.raises(UsageError, match="names more than"):
        StackAnalyzer.read(file)


def test_a_file_that_goes_away_is_a_message(tmp_path):
    file = tmp_path / "a.folded"
    file.write_text("main 1\n")
    file.chmod(0)
    if os.access(file, os.R_OK):
        file.unlink()
    with pytest.raises(UsageError):
        StackAnalyzer.read(file)


def test_lines_of_a_function_by_weight(tmp_path):
    file = tmp_path / "a.folded"
    file.write_text("main (m.py:1);f (m.py:7) 3\nmain (m.py:1);f (m.py:8);f (m.py:7) 2\nmain (m.py:2) 1\n")
    profile = StackAnalyzer.read(file)
    assert [(one.file, one.line, one.weight) for one in profile.lines("f (m.py)")] == [
        ("m.py", 7, 5),
        ("m.py", 8, 2),
    ]
    assert profile.lines("main (m.py)")[0].share == pytest.approx(5 / 6)
    assert profile.lines("nobody") == ()
