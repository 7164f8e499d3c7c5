"""The fingerprint of a build: equal for equal programs, different for different ones, total on broken files."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pesquared.verify.trees.linked import fingerprint
from tests.unit.verify.conftest import compiled

SOURCE = "int table[] = {1, 2, 3};\nint main(void) { return table[1]; }\n"


def of(folder: Path, *names: str):
    return fingerprint(folder, names or ("a.out",))


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        folder.mkdir()
    return folders


def test_debug_information_comments_and_build_ids_do_not_matter(two: tuple[Path, Path]) -> None:
    compiled(two[0], SOURCE, "-g", "-Wl,--build-id=0x1234")
    compiled(two[1], "/* a comment */ " + SOURCE, "-Wl,--build-id=0x5678")
    assert of(two[0]) == of(two[1])
    assert of(two[0]).linked


@pytest.mark.parametrize(
    "change", [("{1, 2, 3}", "{1, 2, 4}"), ("table[1]", "table[2]"), ("int table", "const int table")]
)
def test_code_and_data_do(two: tuple[Path, Path], change: tuple[str, str]) -> None:
    compiled(two[0], SOURCE)
    compiled(two[1], SOURCE.replace(*change))
    assert of(two[0]) != of(two[1])


def test_other_files_count_by_content_and_objects_not_at_all(tmp_path: Path) -> None:
    compiled(tmp_path, SOURCE)
    subprocess.run(["cc", "-c", "-o", "plain", "a.c"], cwd=tmp_path, check=True)
    for name in ("a.o", "x.d", "lib.a"):
        (tmp_path / name).write_text("anything")
    (tmp_path / "CMakeFiles").mkdir()
    (tmp_path / "CMakeFiles" / "log").write_text("17:03")
    (tmp_path / "table.bin").write_text("1")
    names = ("a.o", "x.d", "lib.a", "plain", "CMakeFiles/log", "table.bin", "none")
    first = of(tmp_path, *names)
    assert set(first.digests) == {"table.bin"}
    assert not first.linked
    (tmp_path / "table.bin").write_text("2")
    assert of(tmp_path, *names) != first


def test_stripping_symbols_makes_the_same_program(two: tuple[Path, Path]) -> None:
    compiled(two[0], SOURCE)
    shutil.copy(two[0] / "a.out", two[1] / "a.out")
    subprocess.run(["strip", "--strip-debug", "a.out"], cwd=two[1], check=True)
    assert of(two[0]) == of(two[1])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=6), st.integers(0, 20_000))
def test_broken_files_are_files_like_any_other(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], length: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "elf"
    if not folder.exists():
        folder.mkdir()
        compiled(folder, SOURCE)
    data = bytearray((folder / "a.out").read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    (folder / "broken").write_bytes(bytes(data[:length]) if length % 3 else bytes(data))
    assert set(fingerprint(folder, ["broken"]).digests) <= {"broken"}
