"""Reads many units at once in processes of their own; yields what came of each as it comes."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import msgspec

from pesquared.source.clang.compile_commands import CompileCommand
from pesquared.source.clang.worker import Answer, Job

PROCESSES = 2
_AHEAD = 4  # jobs that wait for each process
_MUCH = 1 << 30  # bytes of an answer


@dataclass(slots=True)
class _Worker:
    """One process; it is started again after it has died."""

    process: "subprocess.Popen[bytes] | None" = None

    def ask(self, job: Job) -> Answer:
        try:
            line = msgspec.json.encode(job) + b"\n"
        except UnicodeEncodeError:
            return Answer(None, "its name or its flags are not UTF-8")
        if self.process is None or self.process.poll() is not None:
            self.process = self._start()
        source, sink = self.process.stdout, self.process.stdin
        if source is None or sink is None:
            return Answer(None, "no process to read it")
        try:
            sink.write(line)
            sink.flush()
            size = int.from_bytes(source.read(8), "big")
            data = source.read(size) if 0 < size < _MUCH else b""
            if size and len(data) == size:
                return msgspec.json.decode(data, type=Answer)
        except (OSError, msgspec.DecodeError):
            pass  # it was ended from outside
        self.close()
        return Answer(None, "the process that read it was ended")

    @staticmethod
    def _start() -> "subprocess.Popen[bytes]":
        # Nothing of our environment, in which keys may lie, but the way to this package.
        path = os.pathsep.join(one for one in sys.path if one)
        return subprocess.Popen(
            [sys.executable, "-m", "pesquared.source.clang.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,  # Ctrl-C is ours to handle
        )

    def close(self) -> None:
        if self.process is not None:
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    stream.close()
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass(slots=True)
class Workers:
    """Processes that read units of the tree at ``root``; a context manager that ends them."""

    root: Path
    count: int = PROCESSES
    _idle: "SimpleQueue[_Worker]" = field(default_factory=SimpleQueue)
    _all: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._all = [_Worker() for _ in range(self.count)]
        for one in self._all:
            self._idle.put(one)
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._all:
            one.close()

    def read(self, commands: Iterable[CompileCommand]) -> Iterator[tuple[CompileCommand, Answer]]:
        """Each command with its answer, in no order. Only a few are read ahead: an answer may be large."""
        waiting = iter(commands)
        running: dict[Future[Answer], CompileCommand] = {}
        with ThreadPoolExecutor(self.count) as threads:
            for command in waiting:
                running[threads.submit(self._ask, command)] = command
                if len(running) >= self.count * _AHEAD:
                    yield from self._finished(running)
            while running:
                yield from self._finished(running)

    @staticmethod
    def _finished(running: dict[Future[Answer], CompileCommand]) -> Iterator[tuple[CompileCommand, Answer]]:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()

    def _ask(self, command: CompileCommand) -> Answer:
        worker = self._idle.get()
        try:
            return worker.ask(Job(str(self.root), command))
        finally:
            self._idle.put(worker)
