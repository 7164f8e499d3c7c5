"""What is named when the benchmark command is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.cli.suggest import likely_benchmarks


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Makefile": "all: lib\nbench: lib\n\t./x\n"}, ["make bench"]),
        ({"Makefile": "build/bench: a.o\nbuild/bench build/test:\n\tcc\n"}, ["./build/bench"]),
        ({"Makefile": "BENCH := 1\n.PHONY: bench-all\nbench.o: bench.c\nbench-all: x\n"}, ["make bench-all"]),
        ({"bench/bench.c": "", "bench/readme.md": ""}, ["./bench/bench"]),
        ({"Makefile": "build/bench: bench/bench.c\n\tcc\n", "bench/bench.c": ""}, ["./build/bench"]),
        (
            {"CMakeLists.txt": "add_executable(app a.c)\n  ADD_EXECUTABLE( my-bench b.c)\n", "bench/bench.c": ""},
            ["./build/my-bench"],
        ),
        (
            {"CMakeLists.txt": "add_subdirectory(bench)\n", "bench/CMakeLists.txt": "add_executable(bench_a a.c)"},
            ["./build/bench/bench_a"],
        ),
        ({"bench/CMakeLists.txt": "add_executable(bench_a a.c)"}, []),
        ({"src/a.c": ""}, []),
    ],
)
def test_likely_benchmarks_are_found(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert likely_benchmarks(tmp_path) == expected


def test_programs_are_named_as_they_are(tmp_path):
    script = tmp_path / "run_bench.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert likely_benchmarks(tmp_path) == ["./run_bench.sh"]


@given(st.binary(max_size=400), st.sampled_from(["Makefile", "CMakeLists.txt"]))
def test_any_makefile_is_survived(tmp_path_factory, content, name):
    folder = tmp_path_factory.mktemp("code")
    (folder / name).write_bytes(content)
    assert all(isinstance(command, str) for command in likely_benchmarks(folder))
