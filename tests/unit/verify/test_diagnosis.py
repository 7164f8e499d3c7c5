"""What failed commands say, cut to what matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.running import RunResult, Usage
from pesquared.verify.diagnosis import ending, excerpt, explain, missing_file, missing_program, visible


def failed(stderr: str | bytes = "", stdout: str = "", code: int = 1, stopped: str = "") -> RunResult:
    data = stderr.encode() if isinstance(stderr, str) else stderr
    return RunResult(code, stdout.encode(), data, Usage(1.0, None, None, "wall"), stopped)


def test_errors_come_first_and_the_tail_after() -> None:
    lines = ["a.c:3:5: error: ‘x’ undeclared", *(f"note {i}" for i in range(500)), "make: *** [a.o] Error 1"]
    text = excerpt(failed("\n".join(lines)))
    assert text.startswith("a.c:3:5: error")
    assert text.endswith("Error 1")
    assert len(text) <= 4096


def test_what_the_end_says_is_not_said_twice() -> None:
    lines = ["a.c:3:9: error: expected expression", "    3 | int x = ;", "      |         ^", "make: *** Error 1"]
    assert excerpt(failed("\n".join(lines))) == "\n".join(lines)
    text = excerpt(failed("\n".join(["a.c:1:1: error: first", *(f"note {i}" for i in range(30)), *lines])))
    assert text.startswith("a.c:1:1: error: first\n…\nnote ")
    assert text.count("expected expression") == 1


@pytest.mark.parametrize(
    ("stderr", "name"),
    [
        ("sh: 1: frobnicate: not found", "frobnicate"),
        ("bash: line 3: frob: command not found", "frob"),
        ("make: gfortran: No such file or directory", "gfortran"),
        ("/bin/sh: 1: ./run-me: not found", "./run-me"),
        ("make: data.txt: No such file or directory", ""),
        ("a.c:1:10: fatal error: config.h: No such file or directory", ""),
    ],
)
def test_missing_programs_are_named(stderr: str, name: str) -> None:
    assert missing_program(failed(stderr)) == name


@pytest.mark.parametrize(
    "stderr",
    [
        "a.c:1:10: fatal error: config.h: No such file or directory",
        "make: *** No rule to make target 'gen/config.h', needed by 'all'.  Stop.",
        "cannot open `./config.h'",
    ],
)
def test_missing_ignored_files_are_named(stderr: str) -> None:
    assert missing_file(failed(stderr), ("data/x", "gen/config.h")) == "gen/config.h"
    assert missing_file(failed(stderr), ("data/x",)) == ""
    assert missing_file(failed("config.h: 3 warnings"), ("gen/config.h",)) == ""


@pytest.mark.parametrize(
    "said",
    [
        "curl: (6) Could not resolve host: example.org",
        "wget: unable to resolve host address ‘example.org’",
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "fatal: unable to access: Couldn't resolve host 'example.org'",
        "connect: Network is unreachable",
        "java.net.UnknownHostException: example.org",
        'Get "https://example.org/": dial tcp: lookup example.org: no such host',
        "Error: getaddrinfo ENOTFOUND example.org",
        "OSError: [Errno 97] Address family not supported by protocol",
    ],
)
def test_what_needs_the_network_is_named(said: str) -> None:
    why, fix = explain(failed(said), ())
    assert "the sandbox has no network" in why
    assert "[sandbox] network = true" in fix


def test_code_about_networks_that_does_not_compile_is_not_taken_for_it() -> None:
    said = "net.c:3: undefined reference to `getaddrinfo'\nmake: *** [net] Error 1"
    assert "network" not in "".join(explain(failed(said), ()))


@pytest.mark.parametrize(
    ("stopped", "setting"),
    [("memory", "memory_mib"), ("disk", "disk_mib"), ("timeout", "timeout_s"), ("output", "64 MiB")],
)
def test_a_limit_that_was_reached_names_its_setting(stopped: str, setting: str) -> None:
    assert setting in explain(failed(stopped=stopped), ())[1]


def test_a_program_that_only_the_sandbox_hides_is_told_apart() -> None:
    assert "not visible inside the sandbox" in explain(failed("sh: 1: sh: not found"), ())[0]
    assert "install no-such-thing" in explain(failed("sh: 1: no-such-thing: not found"), ())[1]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (failed(stopped="timeout"), "took too long"),
        (failed(stopped="output"), "printed too much"),
        (failed(stopped="memory"), "took too much memory"),
        (failed(stopped="disk"), "filled the disk"),
        (failed(code=-11), "killed by signal 11"),
        (failed(code=2), "exit code 2"),
    ],
)
def test_endings_are_words(result: RunResult, words: str) -> None:
    assert words in ending(result)


@given(st.binary(max_size=2000))
def test_any_bytes_become_safe_text(data: bytes) -> None:
    text = visible(data)
    assert all(c.isprintable() or c in "\n\t" for c in text)
    assert len(excerpt(failed(data))) <= 4096
    assert isinstance(missing_program(failed(data)), str)
