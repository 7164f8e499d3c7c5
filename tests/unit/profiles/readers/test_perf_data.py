"""perf's own recordings, by the real perf; and which build of a program was recorded."""

import shutil
import struct
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Diagnostic
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.formats import recognise
from pesquared.profiles.readers.build_id import build_id
from pesquared.profiles.readers.perf_data import PerfDataReader
from tests.support.perf import require_perf
from tests.support.reading import reading

PROGRAM = """
__attribute__((noinline)) double hot(int n) { volatile double s = 0; while (n--) s += n * 0.5; return s; }
int main(void) { return hot(30000000) < 0; }
"""


def built(folder, text, *options):
    (folder / "p.c").write_text(text)
    subprocess.run(["cc", "-O1", "-g", "-Wl,--build-id", *options, "-o", "p", "p.c"], cwd=folder, check=True)
    return folder / "p"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("perf")
    require_perf(folder)
    if shutil.which("cc") is None:
        pytest.skip("there is no compiler")
    program = built(folder, PROGRAM)
    record = ["perf", "record", "-q", "-F", "499", "-e", "cpu-clock:u", "-o", "p.data", str(program)]
    subprocess.run(record, cwd=folder, check=True, capture_output=True)
    return folder


def test_a_recording_is_read_by_perf(recorded):
    path = recorded / "p.data"
    assert isinstance(recognise(path), PerfDataReader)
    profile = StackAnalyzer.read(path)
    hottest = next(profile.hotspots())
    assert hottest.function == "hot"
    assert hottest.self_share > 0.5
    assert [text for text in map(str, profile.diagnostics) if "/p " in text] == []


def test_another_build_is_said_and_symfs_finds_the_right_one(recorded, tmp_path):
    program = recorded / "p"
    kept = tmp_path / "root" / program.relative_to("/")
    kept.parent.mkdir(parents=True)
    shutil.copy(program, kept)
    built(recorded, PROGRAM.replace("0.5", "0.25"))
    diagnostics: list[Diagnostic] = []
    list(PerfDataReader().read(recorded / "p.data", diagnostics))
    assert any(f"another build of {program} was recorded" in str(diagnostic) for diagnostic in diagnostics)
    shutil.move(str(program), recorded / "elsewhere")
    diagnostics.clear()
    samples = list(PerfDataReader(symfs=tmp_path / "root").read(recorded / "p.data", diagnostics))
    assert not any(str(program) in text and "another build" in text for text in map(str, diagnostics))
    assert any(sample.frames[-1] == "hot" for sample in samples)


def test_what_perf_cannot_print_is_said(tmp_path):
    require_perf(tmp_path)
    samples, said = reading(tmp_path / "x.data", PerfDataReader())(b"PERFILE2" + bytes(200))
    assert samples == []
    assert "perf cannot print it" in said[-1]


def test_reading_may_stop_at_any_sample(recorded):
    samples = PerfDataReader().read(recorded / "p.data", [])
    next(samples)
    samples.close()


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
def test_the_build_id_is_what_the_linker_was_told(tmp_path):
    program = built(tmp_path, "int main(void) { return 0; }", "-Wl,--build-id=0xdeadbeef01")
    assert build_id(program) == "deadbeef01"
    assert build_id(built(tmp_path, "int main(void) { return 0; }", "-Wl,--build-id=none")) is None


def test_what_is_no_program_has_no_build_id(tmp_path):
    assert build_id(tmp_path) is None
    assert build_id(tmp_path / "nowhere") is None
    for content in (b"", b"\x7fELF", b"text\n", b"\x7fELF\x02\x01" + b"\xff" * 90):
        (tmp_path / "x").write_bytes(content)
        assert build_id(tmp_path / "x") is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_either_byte_order_and_width(tmp_path, order):
    note = struct.pack(f"{order}III", 4, 3, 3) + b"GNU\0" + b"\x01\x02\x03\0"
    wide = struct.pack(f"{order}IIQQQQQQ", 4, 0, 120, 0, 0, len(note), 0, 0)
    narrow = struct.pack(f"{order}IIIIIIII", 4, 120, 0, 0, len(note), 0, 0, 0)
    mark = b"\x01" if order == "<" else b"\x02"
    for class_, offset, entry, counts in ((b"\x02", 32, wide, 54), (b"\x01", 28, narrow, 42)):
        head = bytearray(64)
        head[:6] = b"\x7fELF" + class_ + mark
        struct.pack_into(f"{order}Q" if class_ == b"\x02" else f"{order}I", head, offset, 64)
        struct.pack_into(f"{order}HH", head, counts, len(entry), 1)
        (tmp_path / "x").write_bytes((bytes(head) + entry).ljust(120, b"\0") + note)
        assert build_id(tmp_path / "x") == "010203"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_have_a_build_id_or_none(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any-program"
    path.write_bytes(b"\x7fELF\x02\x01" + content)
    found = build_id(path)
    assert found is None or len(found) <= 128
