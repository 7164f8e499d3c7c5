"""``pesquared hotspots`` on files, with and without a code base."""

import json

import pytest

from pesquared.cli.main import run

SOURCE = """\
#include <string.h>
static unsigned hash(const char *text)
{
    unsigned sum = 0;
    while (*text)
        sum = sum * 31 + *text++;
    return sum;
}
unsigned work(const char *text) { return hash(text) + strlen(text); }
int main(int argc, char **argv) { return work(argv[0]); }
"""


@pytest.fixture
def stacks(tmp_path):
    file = tmp_path / "x.folded"
    file.write_text("prog;main;work;hash 60\nprog;main;work;strlen 30\nprog;main 10\nother;idle 100\n")
    return file


@pytest.fixture
def codebase(tmp_path):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "work.c").write_text(SOURCE)
    return folder


def test_a_profile_alone(stacks, capsys):
    assert run(["hotspots", str(stacks), "--comm", "prog", "--top", "2", "--chains"]) == 0
    out = capsys.readouterr().out
    assert "hash" in out
    assert "60.0 %" in out
    assert "idle" not in out
    assert "2 of 3 functions" in out


def test_with_a_code_base_its_functions_are_listed_and_what_they_call_is_theirs(stacks, codebase, capsys):
    before = sorted(codebase.rglob("*"))
    assert run(["hotspots", str(stacks), str(codebase), "--comm", "prog", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {one["function"]: (one["place"], one["self_share"]) for one in document["functions"]} == {
        "hash": ("work.c:2", 0.6),
        "work": ("work.c:9", 0.3),
        "main": ("work.c:10", 0.1),
    }
    assert document["functions"][0]["speed_up"] == pytest.approx(2.5)
    assert sorted(codebase.rglob("*")) == before


def test_what_was_left_out_is_said_where_nothing_matches_the_code_base_too(tmp_path, codebase, capsys):
    file = tmp_path / "y.folded"
    file.write_text("prog;elsewhere 60\noops\n")
    assert run(["hotspots", str(file), str(codebase)]) == 0
    out = capsys.readouterr().out
    assert 0 < out.index("y.folded:2: no count") < out.index("no function of the profile")


def test_markdown_with_source(stacks, codebase, capsys):
    assert run(["hotspots", str(stacks), str(codebase), "--markdown"]) == 0
    out = capsys.readouterr().out
    assert "sum = sum * 31 + *text++;" in out
    assert run(["hotspots", str(stacks), str(codebase), "--markdown", "--tokens", "150"]) == 0
    assert len(capsys.readouterr().out) < 700


def test_several_profiles_and_a_first_frame(stacks, tmp_path, capsys):
    more = tmp_path / "more.folded"
    more.write_text("prog;main;work;hash 40\n")
    assert run(["hotspots", str(stacks), "--also", str(more), "--since-frame", "work", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["total"] == 130
    assert document["functions"][0]["chains"][0]["frames"] == ["work", "hash"]


@pytest.mark.parametrize("pair", ["x", "=there", "/=x", "a="])
def test_a_path_map_that_is_none_is_refused(stacks, pair, capsys):
    assert run(["hotspots", str(stacks), "--path-map", pair]) == 2
    assert "FROM=TO" in capsys.readouterr().err


def test_waits_beside_work_are_left_out_and_said(stacks, tmp_path, capsys):
    waits = tmp_path / "waits.folded"
    waits.write_text("prog;main;read;schedule_[k] 500\n")
    assert run(["hotspots", str(stacks), "--also", str(waits)]) == 0
    out = capsys.readouterr().out
    assert "schedule" not in out
    assert "waits.folded: is time off the processor" in out
    assert run(["hotspots", str(waits), "--symfs", str(tmp_path)]) == 0
    assert "main → read" in capsys.readouterr().out


def test_nothing_to_read_and_no_folder_are_messages(stacks, tmp_path, capsys):
    assert run(["hotspots", str(tmp_path / "nowhere")]) == 2
    assert run(["hotspots", str(stacks), str(stacks)]) == 2
    err = capsys.readouterr().err
    assert "nowhere" in err
    assert "not a folder" in err
