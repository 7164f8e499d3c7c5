"""Which system calls fail, by purpose and tier; and that everyday tools do not mind."""

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits, Purpose
from pesquared.sandbox.seccomp import LOCAL_SOCKETS, NO_SOCKETS, filter_for
from pesquared.sandbox.system_calls import machines

EVERYWHERE_REFUSED = ("io_uring_setup", "bpf", "keyctl", "userfaultfd", "ptrace", "unshare", "mount", "tiocsti")
FOREIGN_FAMILIES = ("packet", "vsock", "alg")


@pytest.fixture(scope="session")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    if not machines():
        pytest.skip("the system calls of this machine are not known")
    program = tmp_path_factory.mktemp("calls") / "calls"
    subprocess.run([compiler, "-o", program, Path(__file__).with_name("calls.c")], check=True)
    return program


@pytest.fixture
def ends(confining, tree, calls):
    """How each call ends, by its name: an errno, 0 for success."""

    def _ends(purpose: Purpose) -> dict[str, int]:
        shutil.copy2(calls, tree / "calls")
        result = confining.run(Command((str(tree / "calls"),), tree, tree, purpose=purpose))
        assert result.ok, result
        return {
            name: int(number) for name, number in (line.split() for line in result.stdout.decode().splitlines())
        }

    return _ends


@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_reaches_out_or_deep_into_the_kernel_fails_for_every_purpose(ends, purpose):
    found = ends(purpose)
    assert {name: found[name] for name in EVERYWHERE_REFUSED} == dict.fromkeys(EVERYWHERE_REFUSED, errno.EPERM)
    assert {name: found[name] for name in FOREIGN_FAMILIES} == dict.fromkeys(FOREIGN_FAMILIES, errno.EAFNOSUPPORT)
    assert found["clone3"] == errno.ENOSYS


@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_programs_and_sanitizers_need_succeeds_for_every_purpose(ends, purpose):
    found = ends(purpose)
    assert (found["personality"], found["socketpair"], found["own-limit"]) == (0, 0, 0)


def test_only_a_profiler_may_open_performance_events(ends):
    refused = {purpose for purpose in Purpose if ends(purpose)["perf_event_open"] == errno.EPERM}
    assert refused >= set(Purpose) - {Purpose.PROFILE}


def test_local_sockets_are_there_where_the_network_is_ones_own_and_nowhere_else(ends, confining):
    local = 0 if confining.tier == "bubblewrap" else errno.EAFNOSUPPORT
    found = ends(Purpose.TEST)
    assert (found["unix"], found["inet"], found["udp"]) == (local, local, local)


def test_what_is_shared_with_other_processes_of_the_user_cannot_be_reached(ends, confining):
    found = ends(Purpose.BENCH)
    if confining.tier == "landlock":
        assert (found["shmget"], found["other-limit"]) == (errno.EPERM, errno.EPERM)
    else:
        assert found["shmget"] == 0  # a namespace of its own


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_mark_cannot_be_taken_off(ends, purpose):
    found = ends(purpose)
    assert (found["mark"], found["mark-by-the-old-call"]) == (errno.EPERM, errno.EPERM)


def test_what_belongs_to_others_is_not_changed_where_it_can_be_seen(ends, confining):
    found = ends(Purpose.BENCH)
    assert found["own-priority"] == 0
    if confining.tier == "landlock":
        assert (found["other-priority"], found["user-priority"]) == (errno.EPERM, errno.EPERM)
        assert (found["owner"], found["attribute"]) == (errno.EPERM, errno.EOPNOTSUPP)


def test_a_benchmark_has_the_short_filter():
    lengths = {purpose: len(filter_for(purpose, LOCAL_SOCKETS)) for purpose in Purpose}
    assert lengths[Purpose.BENCH] < lengths[Purpose.TEST] == lengths[Purpose.BUILD]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_filter_is_within_what_the_kernel_takes(purpose):
    longest = filter_for(purpose, NO_SOCKETS, shares_host=True)
    assert len(longest) % 8 == 0
    assert len(longest) // 8 <= 4096


def test_compiler_make_and_sanitizers_work(confining, tree):
    if not shutil.which("make") or not shutil.which("gcc"):
        pytest.skip("no make or gcc")
    (tree / "Makefile").write_text(
        "all: a b\n\t./a\n\t./b\n%: %.c\n\tgcc -g -fsanitize=address,undefined -o $@ $<\n", encoding="ascii"
    )
    for name in ("a", "b"):
        (tree / f"{name}.c").write_text(f'#include <stdio.h>\nint main(void) {{ puts("{name}"); return 0; }}\n')
    env = {"ASAN_OPTIONS": "detect_leaks=0"}  # the leak checker traces, which no filter allows
    limits = Limits(timeout_s=120)
    result = confining.run(Command(("make", "-s", "-j2"), tree, tree, True, env, limits, Purpose.BUILD))
    assert (result.exit_code, result.stdout) == (0, b"a\nb\n"), result.stderr


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        (
            "python3",
            ("-c", "import subprocess; print(subprocess.run(['echo', 'x'], capture_output=True).stdout)"),
            "b'x",
        ),
        ("perl", ("-e", "print `echo perl`"), "perl"),
        ("java", ("-Xshare:auto", "-version"), ""),
        ("go", ("version",), "go"),
        ("bash", ("-c", "echo $((6 * 7)) | cat"), "42"),
    ],
)
def test_toolchains_work(confining, tree, program, arguments, said):
    if not shutil.which(program, path="/usr/local/bin:/usr/bin:/bin"):
        pytest.skip(f"no {program}")
    result = confining.run(Command((f"/usr/bin/{program}", *arguments), tree, tree, purpose=Purpose.TEST))
    assert result.ok, result
    assert said in result.stdout.decode()


def test_a_profiler_works(confining, tree):
    if not shutil.which("perf", path="/usr/bin:/bin"):
        pytest.skip("no perf")
    script = (
        "perf record -q -e cpu-clock:u -o perf.data -- sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'"
        " && perf script -i perf.data -F comm | sort | uniq -c"
    )
    command = Command(("sh", "-c", script), tree, tree, writable=True, purpose=Purpose.PROFILE)
    result = confining.run(command)
    assert result.ok, result
    assert b"sh" in result.stdout
    assert not confining.run(Command(command.argv, tree, tree, writable=True, purpose=Purpose.TEST)).ok


@pytest.mark.skipif(sys.platform != "linux", reason="filters are Linux's")
def test_the_numbers_of_this_machine_are_known():
    if not machines():
        pytest.skip("the system calls of this machine are not known")
    assert machines()[0].numbers()["landlock_create_ruleset"] == 444
