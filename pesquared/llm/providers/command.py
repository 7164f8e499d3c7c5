"""``command``: a program of the user's answers. The prompt is its stdin, its stdout the reply, both Markdown."""

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.model import Question
from pesquared.llm.provider import Access, Failed, Kind, Spoken, estimated
from pesquared.llm.providers.program import Ended, run_program
from pesquared.llm.spending.price import FREE, Price

PASSED = ("PATH", "HOME", "LANG", "TMPDIR")
LONGEST_COMMAND = 32 << 10  # shlex takes quadratic time
LONGEST_REPLY = 4 << 20
STDERR_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class CommandModel:
    """Runs a program once a question, on this host, in the current directory, without a shell.

    ``env`` is its environment but for PESQ_TARGET, PESQ_STAGE, PESQ_ATTEMPT. It costs nothing that we know of.
    """

    model: str  # program and arguments, as the user wrote them
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    timeout_s: float = 300.0
    stop: StopRequest = field(default_factory=StopRequest)
    provider: str = "command"
    price: Price = FREE
    longest_answer: int = 0

    @property
    def identity(self) -> str:
        return f"command {self.model}"

    @classmethod
    def of(
        cls,
        command: str,
        *,
        environ: Mapping[str, str],
        pass_env: Sequence[str] = (),
        timeout_s: float = 300.0,
        stop: StopRequest | None = None,
    ) -> "CommandModel":
        """Makes one.

        Args:
            command: program and arguments, split as a shell would.
            environ: where PATH, HOME, LANG, TMPDIR and the other passed variables are taken from.
            pass_env: names of further variables.
            timeout_s: wall-clock seconds for one answer.
            stop: ends the program when it is set.

        Raises:
            ProposerError: there is no such program.
        """
        argv = _find(_split(command), environ.get("PATH", os.defpath))
        env = {name: environ[name] for name in (*PASSED, *pass_env) if name in environ}
        return cls(command, tuple(argv), env, timeout_s, stop or StopRequest())

    def send(self, question: Question) -> bytes | Failed:
        """Asks the program; what it does wrong is not asked for again."""
        env = {
            **self.env,
            "PESQ_TARGET": question.target.replace("\0", ""),
            "PESQ_STAGE": question.stage.value,
            "PESQ_ATTEMPT": str(question.attempt),
        }
        try:
            ended = run_program(
                self.argv,
                question.prompt.text.encode("utf-8", "surrogateescape"),
                env,
                timeout_s=self.timeout_s,
                output_cap=LONGEST_REPLY,
                stop=self.stop,
            )
        except OSError as error:
            return Failed(
                Kind.FATAL_CONFIG,
                f"{self.argv[0]} cannot be started: {error.strerror}",
                fix="a script needs a first line such as #!/bin/sh, or its interpreter named in --model",
            )
        problem = self._problem(ended)
        if not problem:
            return ended.stdout
        return Failed(Kind.STOPPED if ended.stopped == "interrupted" else Kind.REPAIR, problem)

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        """Its output, as it is."""
        text = body.decode("utf-8", "surrogateescape")
        return Spoken(text, estimated(question, text))

    def _problem(self, ended: Ended) -> str:
        if ended.stopped == "interrupted":
            return f"{self.argv[0]} was not waited for"
        if ended.stopped == "timeout":
            return f"{self.argv[0]} did not answer within {self.timeout_s:g} s"
        if ended.stopped == "output":
            return f"{self.argv[0]} wrote more than {LONGEST_REPLY >> 20} MiB"
        if ended.exit_code:
            tail = ended.stderr.decode("utf-8", "replace").strip()[-STDERR_SHOWN:]
            return f"{self.argv[0]} ended with exit code {ended.exit_code}" + (f": {tail}" if tail else "")
        return "" if ended.stdout.strip() else f"{self.argv[0]} wrote nothing"


def open_provider(settings: ModelSettings, access: Access) -> CommandModel:
    """The program named in ``settings.model``."""
    return CommandModel.of(
        settings.model,
        environ=access.environ,
        pass_env=settings.pass_env,
        timeout_s=settings.timeout_s,
        stop=access.stop,
    )


def _split(command: str) -> list[str]:
    problem = "is longer than 32 KiB" if len(command) > LONGEST_COMMAND else ""
    argv: list[str] = []
    if not problem:
        try:
            argv = shlex.split(command)
        except ValueError as error:
            problem = f"cannot be split into words: {error}"
    if not argv or "\0" in command:
        raise ProposerError(
            f"the command of --provider command {problem or 'is empty'}", "give it as --model 'PROGRAM ARGS'"
        )
    return argv


def _find(argv: list[str], path: str) -> list[str]:
    found = shutil.which(argv[0], path=path)
    if found is None:
        raise ProposerError(
            f"there is no program {argv[0]!r}",
            "check its name, that it may be executed (chmod +x), or name its interpreter: --model 'python3 FILE'",
        )
    return [found, *argv[1:]]
