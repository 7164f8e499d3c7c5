"""The one door to git: every git command runs through here, without a shell and with nothing inherited.

Of GitPython only the command interface is used: its object database keeps processes alive.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from pesquared.errors import PesquaredError

# GitPython expands "$NAME" in the folder it is given, and where that leads nowhere takes the current one: some
# other repository. So git itself is told where to go.
ANYWHERE = "/"
STDERR_SHOWN = 2000  # characters of git's own words in a message; the end is what matters


class GitError(PesquaredError):
    """A git command failed. The message ends with what git itself said."""

    def __init__(self, arguments: tuple[str, ...], status: int, stderr: str) -> None:
        command = next((word for word in arguments if not word.startswith("-")), "")
        said = stderr.strip()[-STDERR_SHOWN:] or f"exit code {status}"
        super().__init__(f"git {command} failed: {said}")
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git commands in one folder with exactly the given environment.

    Args:
        executable: absolute path of git.
        cwd: an existing folder.
        environment: all that the command sees of an environment.
    """

    executable: str
    cwd: Path
    environment: Mapping[str, str]

    def within(self, cwd: Path) -> "Git":
        """The same, in another folder."""
        return replace(self, cwd=cwd)

    def with_variables(self, **variables: str) -> "Git":
        """The same with more environment variables."""
        return replace(self, environment={**self.environment, **variables})

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Returns stdout as it is.

        Raises:
            GitError: the command exited with another code than 0.
        """
        status, stdout, stderr = self.attempt(*arguments, stdin=stdin)
        if status != 0:
            raise GitError(arguments, status, stderr)
        return stdout

    def line(self, *arguments: str, stdin: bytes = b"") -> str:
        """Stdout without its last newline: an object id, or a path, which may hold newlines itself."""
        return os.fsdecode(self.run(*arguments, stdin=stdin).removesuffix(b"\n"))

    def attempt(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
        """Exit code, stdout and stderr of a command whose failure is an answer."""
        with self._started(arguments, stdin) as process:
            stdout, stderr = process.communicate()
        return process.returncode, stdout, os.fsdecode(stderr)

    @contextmanager
    def stream(self, *arguments: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """Stdout as it comes, for what may not fit into memory. Leaving early ends the command.

        Raises:
            GitError: all was read and the command exited with another code than 0.
        """
        with self._started(arguments, stdin) as process:
            stdout, stderr = cast("BinaryIO", process.stdout), cast("BinaryIO", process.stderr)
            yield stdout
            if not stdout.read(1) and process.wait() != 0:
                raise GitError(arguments, process.returncode, os.fsdecode(stderr.read()))

    @contextmanager
    def _started(self, arguments: tuple[str, ...], stdin: bytes) -> Iterator["subprocess.Popen[bytes]"]:
        """A running command that is gone afterwards.

        It does not hear the terminal's Ctrl-C, which is for us: what is cut short is no answer.
        """
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # its import asks git, which may hear Ctrl-C
        from git.cmd import Git as Command  # noqa: PLC0415  importing it takes long and runs git

        with _as_file(stdin) as source:
            started = Command(ANYWHERE).execute(
                self._words(arguments),
                istream=source,
                env=dict(self.environment),
                as_process=True,
                shell=False,
                start_new_session=True,
            )
        process = cast("subprocess.Popen[bytes]", started.proc)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                cast("BinaryIO", pipe).close()

    def _words(self, arguments: tuple[str, ...]) -> list[str]:
        # GitPython lays ``env`` over our own environment and can drop nothing of it, so env(1) does: a GIT_DIR
        # left by a hook that started us would lead git elsewhere, and keys are nobody's business.
        dropped = [word for name in sorted(os.environ.keys() - self.environment.keys()) for word in ("-u", name)]
        return ["env", *dropped, self.executable, "-C", str(self.cwd), *arguments]


@contextmanager
def _as_file(content: bytes) -> Iterator[BinaryIO]:
    # A real file, not a pipe: nobody has to feed it while the output is read.
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield cast("BinaryIO", file)
