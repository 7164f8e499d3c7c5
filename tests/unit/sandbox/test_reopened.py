"""A program may open its standard output anew by name, as harnesses do that write a report to ``/dev/stdout``."""

import os

from pesquared.core.running import Command
from pesquared.sandbox import choose


def test_standard_output_can_be_opened_by_name(tmp_path) -> None:
    tmp_path.chmod(0o755)
    sandbox = choose(os.environ).sandbox
    result = sandbox.run(
        Command(("sh", "-c", "echo one > /dev/stdout; echo two > /dev/stderr"), tmp_path, tmp_path)
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, b"one\n", b"two\n")
