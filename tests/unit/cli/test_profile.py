"""``pesquared profile`` with the real perf, and without one."""

import json
import shutil
import subprocess

import pytest

from pesquared.cli.main import run
from pesquared.core.profile import Sample
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.readers.folded import FoldedReader
from pesquared.profiles.recording.kept import folded_lines
from pesquared.profiles.recording.perf_tool import PerfTool, counters, remedy
from tests.support.perf import require_perf

PROGRAM = """\
#include <time.h>
#include <unistd.h>
__attribute__((noinline)) double work(double sum)
{
    for (int i = 0; i < 1000000; i++) sum = sum * 0.5 + i;
    return sum;
}
int main(void)
{
    double sum = 0;
    while (clock() < CLOCKS_PER_SEC / 5) sum = work(sum);
    usleep(20000);
    return sum == 0.25 ? 1 : 3;
}
"""


@pytest.fixture
def program(tmp_path):
    require_perf(tmp_path)
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "p.c").write_text(PROGRAM)
    subprocess.run(["cc", "-O1", "-g", "-o", "prog", "p.c"], cwd=tmp_path, check=True)
    return tmp_path / "prog"


def test_a_command_is_recorded_and_the_other_commands_can_read_it(program, tmp_path, capsys):
    folder = tmp_path / "stacks"
    assert run(["profile", "-o", str(folder), "--", str(program)]) == 0
    out = capsys.readouterr().out
    assert "exit code 3" in out
    document = json.loads((folder / "recording.json").read_text())
    assert document["command"] == [str(program)]
    assert document["files"][0] == "cpu.folded"
    profile = StackAnalyzer.read(folder)
    assert profile.total == pytest.approx(document["total"], rel=0.01)
    hottest = next(profile.hotspots())
    assert hottest.function == "work"
    assert hottest.chains[0].frames[0] == "prog"
    assert hottest.chains[0].frames[-2:] == ("main", "work")


def test_lines_are_kept_where_they_are_asked_for(program, tmp_path, capsys):
    folder = tmp_path / "stacks"
    folder.mkdir()
    (folder / "cpu.folded").write_text("an;earlier;recording 7\n")
    assert run(["profile", "--lines", "--off-cpu", "-o", str(folder), "--", str(program)]) == 0
    document = json.loads((folder / "recording.json").read_text())
    assert document["files"][0] == "cpu.txt.gz"
    profile = StackAnalyzer.read(folder)
    assert profile.total == pytest.approx(document["total"], rel=0.01)
    heaviest = profile.lines("work")[0]
    assert (heaviest.file, PROGRAM.split("\n")[heaviest.line - 1].strip()[:3]) == ("p.c", "for")
    assert heaviest.share > 0.5


def test_waits_are_kept_apart_from_time_on_the_processor(program, tmp_path, capsys):
    folder = tmp_path / "stacks"
    assert run(["profile", "--off-cpu", "-o", str(folder), "--", str(program)]) == 0
    out = capsys.readouterr().out
    if why_not := PerfTool.find().may_trace_switches():
        assert why_not in out
        return
    waits = StackAnalyzer.read(folder / "off-cpu")
    assert waits.total >= 20e6 * 0.9
    assert waits.total_share("main") > 0.5
    assert StackAnalyzer.read(folder).total_share("usleep") < 0.5


def test_what_cannot_be_recorded_is_a_message(tmp_path, capsys):
    require_perf(tmp_path)
    folder = str(tmp_path / "stacks")
    (tmp_path / "file").touch()
    for command in (
        ["profile", "-o", folder],
        ["profile", "-o", folder, "--pid", "1", "--", "true"],
        ["profile", "-o", folder, "--", str(tmp_path / "nowhere")],
        ["profile", "-o", folder, "--pid", "4194999", "--duration", "0.1"],
        ["profile", "-o", str(tmp_path / "file" / "stacks"), "--", "true"],
    ):
        assert run(command) == 2, command
    said = capsys.readouterr().err
    assert "internal error" not in said
    assert "there is no program" in said
    assert "there is no process 4194999" in said


def test_without_perf_it_is_said_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert run(["profile", "--", "true"]) == 2
    err = capsys.readouterr().err
    assert "perf is not installed" in err
    assert "apt install linux-perf" in err


def test_the_remedy_fits_the_kernel():
    assert "sysctl kernel.perf_event_paranoid=2" in remedy(4, 1000)
    assert "PERFMON" in remedy(4, 0)
    assert "PERFMON" in remedy(1, 1000)
    assert "another machine" in remedy(None, 0)


def test_what_a_machine_does_not_count_is_left_out():
    printed = (
        b'# started\n{"counter-value" : "12.5", "event" : "task-clock"}\n'
        b'{"counter-value" : "<not supported>", "event" : "cycles"}\n[1]\n{"event": 3}\n\xff\n'
    )
    assert counters(printed) == {"task-clock": 12.5}


def test_what_is_folded_can_be_read_back(tmp_path):
    stacks = {("prog x", "f(int; char)", "  "): 2.4e9, ("main",): 3.0}
    file = tmp_path / "x.folded"
    file.write_text("".join(folded_lines(stacks)))
    diagnostics: list = []
    assert list(FoldedReader().read(file, diagnostics)) == [
        Sample(("main",), 3.0),
        Sample(("prog x", "f(int: char)", "[unknown]"), 2.4e9),
    ]
    assert diagnostics == []
