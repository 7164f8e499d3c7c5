"""``command``: a program of the user's answers. The prompt is its stdin, its stdout the reply, both Markdown."""

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.model import Access, NoAnswer, Question, Reply
from pesquared.llm.price import FREE
from pesquared.llm.program import Ended, run_program
from pesquared.llm.tokens import estimate_tokens

PASSED = ("PATH", "HOME", "LANG", "TMPDIR")
LONGEST_COMMAND = 32 << 10  # shlex takes quadratic time
LONGEST_REPLY = 4 << 20
STDERR_SHOWN = 1000


class CommandModel:
    """Runs the program once a question, on this host, in the current directory, without a shell.

    Its environment is PATH, HOME, LANG and TMPDIR as far as they are set, the variables named in ``pass_env``, and
    PESQ_TARGET, PESQ_STAGE, PESQ_ATTEMPT. It costs nothing that we know of.

    Args:
        command: program and arguments, split as a shell would.
        environ: where the passed variables are taken from.
        pass_env: names of further variables.
        timeout_s: wall-clock seconds for one answer.
        stop: ends the program when it is set.

    Raises:
        ProposerError: there is no such program.
    """

    provider = "command"
    price = FREE

    def __init__(
        self,
        command: str,
        *,
        environ: Mapping[str, str],
        pass_env: Sequence[str] = (),
        timeout_s: float = 300.0,
        stop: StopRequest | None = None,
    ) -> None:
        self.model = command
        self._argv = _find(_split(command), environ.get("PATH", os.defpath))
        self._env = {name: environ[name] for name in (*PASSED, *pass_env) if name in environ}
        self._timeout_s = timeout_s
        self._stop = stop or StopRequest()

    def answer(self, question: Question) -> Reply | NoAnswer:
        """Asks the program; what it does wrong is no answer.

        Raises:
            ProposerError: it cannot be started.
        """
        prompt = question.prompt.text
        env = self._env | {
            "PESQ_TARGET": question.target.replace("\0", ""),
            "PESQ_STAGE": question.stage.value,
            "PESQ_ATTEMPT": str(question.attempt),
        }
        try:
            ended = run_program(
                self._argv,
                prompt.encode("utf-8", "surrogateescape"),
                env,
                timeout_s=self._timeout_s,
                output_cap=LONGEST_REPLY,
                stop=self._stop,
            )
        except OSError as error:
            raise ProposerError(
                f"{self._argv[0]} cannot be started: {error.strerror}",
                "a script needs a first line such as #!/bin/sh, or its interpreter named in --model",
            ) from error
        problem = self._problem(ended)
        if problem:
            return NoAnswer(problem)
        text = ended.stdout.decode("utf-8", "surrogateescape")
        counts = (estimate_tokens(prompt), estimate_tokens(text))
        return Reply(text, self.provider, self.model, *counts, cost_usd=0.0, estimated=True)

    def _problem(self, ended: Ended) -> str:
        if ended.stopped == "interrupted":
            return f"{self._argv[0]} was not waited for"
        if ended.stopped == "timeout":
            return f"{self._argv[0]} did not answer within {self._timeout_s:g} s"
        if ended.stopped == "output":
            return f"{self._argv[0]} wrote more than {LONGEST_REPLY >> 20} MiB"
        if ended.exit_code:
            tail = ended.stderr.decode("utf-8", "replace").strip()[-STDERR_SHOWN:]
            return f"{self._argv[0]} ended with exit code {ended.exit_code}" + (f": {tail}" if tail else "")
        return "" if ended.stdout.strip() else f"{self._argv[0]} wrote nothing"


def open_model(settings: ModelSettings, access: Access) -> CommandModel:
    """The program named in ``settings.model``."""
    return CommandModel(
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
