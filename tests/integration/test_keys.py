"""A key is given to its provider and to nobody else: not to a child, a prompt, a log, a file or a commit."""

import contextlib
import json
import os
import threading
import zlib
from pathlib import Path

import pytest

from tests.support.behaviours import said
from tests.support.model_server import ModelServer, answer, serving
from tests.support.projects import BROKEN, make_project, pesquared

KEY = "sk-canary-5b1e0d"
REPLY = answer("chat", f"Faster.\n\n```c\n{BROKEN}```\n", usage=False)


class Watch:
    """Looks at every process again and again; remembers who has the key in its environment or command line."""

    def __init__(self, root):
        self.seen = set()
        self.looked_at = 0
        self._root = os.fsencode(root)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_ended):
        self._end.set()
        self._thread.join()

    def _look(self):
        ours = str(os.getpid())
        while not self._end.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                if process.name != ours:
                    with contextlib.suppress(OSError):
                        self._note(process)

    def _note(self, process):
        line = (process / "cmdline").read_bytes()
        if line.startswith(b"env\0-u\0"):  # which takes our environment from git
            return
        if KEY.encode() in line:
            self.seen.add(line)
        if KEY.encode() in (process / "environ").read_bytes() and self._root not in line:
            self.seen.add(line)
        self.looked_at += 1


def contents(folder):
    """All files below a folder, those of git's objects inflated."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            with contextlib.suppress(zlib.error):
                data += zlib.decompress(data)
            yield path, data


@pytest.fixture
def project(tmp_path):
    """Its build and its benchmark show what they know, and keep it."""
    made = make_project(tmp_path)
    makefile = made.root / "Makefile"
    shown = "$(info $(shell env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n' | head -c 20000))\n"
    makefile.write_text(shown + makefile.read_text())
    return made


def test_a_key_is_seen_by_nobody_but_its_provider(project):
    out = project.scratch / "result.json"
    with serving(ModelServer(otherwise=said(json.dumps(REPLY).encode()))) as server, Watch(project.root) as watch:
        done = pesquared(
            project,
            *("--provider", "openai", "--model", "small", "--base-url", server.url, "--price", "1/1"),
            *("--bench", "./bench/bench; env >&2", "--test", "env && make test", "--function", "equal_pairs"),
            *("--json", str(out), "--debug", "--unsafe-no-sandbox"),
            environ={"OPENAI_API_KEY": KEY},
        )
    (attempt,) = json.loads(out.read_text())["attempts"]
    assert attempt["verdict"] == "build-failed"
    assert len(server.asked) > 1  # a repair turn shows what the build said
    assert all(asked.headers["authorization"] == f"Bearer {KEY}" for asked in server.asked)
    assert [asked.sent for asked in server.asked if KEY in json.dumps(asked.sent)] == []
    assert KEY not in done.stdout + done.stderr
    assert watch.looked_at > 100
    assert watch.seen == set()
    assert [path for path, data in contents(project.scratch) if KEY.encode() in data] == []
    assert [path for path, data in contents(project.root) if KEY.encode() in data] == []
