"""What holds for every reader: its own files are recognised, broken ones never break it, hostile ones cost little."""

import gzip
import math
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Diagnostic
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.formats import EVIDENCE, FORMATS, recognise
from tests.support import profile_specimens
from tests.support.profile_specimens import PERF_SCRIPT, STACKS, broken

BATCH = 30  # broken files for one of hypothesis's examples: files are cheap, examples are not


def read(path, name):
    diagnostics: list[Diagnostic] = []
    return list(FORMATS.load(name)().read(path, diagnostics)), diagnostics


def test_there_is_a_specimen_of_every_format():
    assert {*STACKS, "perf.data"} == set(FORMATS)
    assert set(profile_specimens.EVIDENCE) == set(EVIDENCE)


@pytest.mark.parametrize(("name", "pack"), [(name, pack) for name in STACKS for pack in (bytes, gzip.compress)])
def test_a_good_file_is_recognised_and_weighed(tmp_path, name, pack):
    path = tmp_path / "x"
    path.write_bytes(pack(STACKS[name]))
    reader = recognise(path)
    assert not isinstance(reader, Diagnostic)
    assert reader.name == name
    assert StackAnalyzer.read(path).total > 0


@pytest.mark.parametrize("name", profile_specimens.EVIDENCE)
def test_what_holds_no_stacks_is_named(tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(profile_specimens.EVIDENCE[name])
    found = recognise(path)
    assert isinstance(found, Diagnostic)
    assert "holds no stacks" in found.message
    assert EVIDENCE.load(name)().recognises(profile_specimens.EVIDENCE[name])


def assert_usable(samples):
    for sample in samples:
        assert sample.frames
        assert all(sample.frames)
        assert all("\n" not in frame and "\x1b" not in frame for frame in sample.frames)
        assert 0 <= sample.weight < math.inf
    if samples:
        StackAnalyzer(samples)


@pytest.mark.parametrize("name", STACKS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_broken_files_become_samples_or_diagnostics(tmp_path_factory, name, seed):
    path = tmp_path_factory.getbasetemp() / f"broken-{name.replace(' ', '-')}"
    for number in range(BATCH):
        path.unlink(missing_ok=True)  # some file systems write to the disk when a file is emptied and filled again
        path.write_bytes(broken(STACKS[name], seed * BATCH + number))
        recognise(path)
        samples, diagnostics = read(path, name)
        assert_usable(samples)
        assert len(diagnostics) < 64


@pytest.mark.parametrize("name", profile_specimens.EVIDENCE)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_broken_evidence_becomes_facts_or_diagnostics(tmp_path_factory, name, seed):
    path = tmp_path_factory.getbasetemp() / f"broken-{name.replace(' ', '-')}"
    for number in range(BATCH):
        path.unlink(missing_ok=True)
        path.write_bytes(broken(profile_specimens.EVIDENCE[name], seed * BATCH + number))
        diagnostics: list[Diagnostic] = []
        recognise(path)
        list(EVIDENCE.load(name)().read(path, diagnostics))
        assert len(diagnostics) < 64


@pytest.mark.parametrize("name", STACKS)
@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_by_any_reader(tmp_path_factory, name, content):
    path = tmp_path_factory.getbasetemp() / f"any-{name.replace(' ', '-')}"
    path.write_bytes(content)
    assert_usable(read(path, name)[0])


HOSTILE = {
    "one long line": b"a" * (4 << 20),
    "zeros": bytes(4 << 20),
    "lines": b"\n" * (1 << 20),
    "open brackets": b"[" * (1 << 20),
    "open objects": b'{"shared":' * (1 << 17),
    "empty messages": b"\x12\x00" * (1 << 20),
    "calls": b"events: Ir\nfn=(1) a\n" + b"cfn=(2) b\ncalls=1 1\n1 1\n" * (1 << 15),
    "tuples": b"{" + b"(\xff\xff\x00\x00" * (1 << 17),
    "tree": b"Call graph:\n" + b"".join(b" " * (n % 4000) + b"5 f  (in x)\n" for n in range(2000)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_costs_little(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    begun = time.process_time()
    for name in STACKS:
        for _ in FORMATS.load(name)().read(path, []):
            pass
    assert time.process_time() - begun < 20  # nine readers; far below what anything quadratic would take


@pytest.mark.parametrize("name", STACKS)
def test_a_cut_packed_file_is_read_up_to_there(tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(STACKS[name])[:-9])
    _, diagnostics = read(path, name)
    assert any("cut off" in str(diagnostic) or "damaged" in str(diagnostic) for diagnostic in diagnostics)


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "x"
    squeeze = zlib.compressobj(9, wbits=31)
    path.write_bytes(b"".join(squeeze.compress(PERF_SCRIPT * (1 << 12)) for _ in range(40)) + squeeze.flush())
    samples, diagnostics = read(path, "perf script")
    assert 0 < len(samples) < 40 << 13
    assert any("times its size" in str(diagnostic) for diagnostic in diagnostics)


def test_what_must_be_held_whole_has_a_limit(tmp_path):
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(65 << 20)
    for name in ("pprof", "pstats", "speedscope"):
        samples, diagnostics = read(path, name)
        assert samples == []
        assert any("larger than 64 MiB" in str(diagnostic) for diagnostic in diagnostics)
