"""Reads ``perf.data``, perf's own recording, through the perf that is installed: its format belongs to that one.

perf looks for the programs that were recorded where they were then, or below the folder ``symfs``. One that has
been built anew since is another program, whose functions lie elsewhere: perf's build ids tell.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.paths import relocated
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.build_id import build_id
from pesquared.profiles.readers.perf_script import samples_of
from pesquared.profiles.readers.printed import printed

_MAGIC = (b"PERFILE2", b"2ELIFREP", b"PERFFILE")  # in either byte order; the last is that of old versions
_LONGEST_S = 900
# Mangled names tell overloads apart, which perf's own demangler does not.
_FIELDS = "comm,pid,tid,time,event,period,ip,sym,symoff,dso"
_LISTED = re.compile(rb"(?P<id>[0-9a-f]{8,64}) (?P<path>/[^\n]{1,4096})")
_MOST_OBJECTS = 256
_INSTALL = (
    "install perf (package linux-perf or linux-tools), or print the file elsewhere: perf script > stacks.txt"
)


@dataclass(slots=True)
class PerfDataReader:
    """The reader of the format.

    Args:
        symfs: folder below which the recorded programs and libraries lie under their full paths; None: the root.
        path_map: folders of the recorded builds → where they are here, for looking whether they are the same ones.
    """

    symfs: Path | None = None
    path_map: tuple[tuple[str, str], ...] = ()
    name: str = field(default="perf.data", init=False)

    def recognises(self, head: bytes) -> bool:
        """The file's magic number."""
        return head.startswith(_MAGIC)

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields what ``perf script`` prints. Another build of a program and a perf that fails are said."""
        problems = Problems(str(path), diagnostics)
        if shutil.which("perf") is None:
            problems.note(0, f"needs perf to be read: {_INSTALL}")
            return
        try:
            self._check_builds(path, problems)
            yield from self._samples(path, diagnostics, problems)
        except OSError as error:
            problems.note(0, f"perf cannot be started: {error.strerror or error}")

    def _samples(self, path: Path, diagnostics: list[Diagnostic], problems: Problems) -> Iterator[Sample]:
        command = ["perf", "script", "-f", "--no-demangle", "-F", _FIELDS, "-i", os.fspath(path.absolute())]
        if self.symfs is not None:
            command[2:2] = ["--symfs", os.fspath(self.symfs)]
        said: list[Diagnostic] = []
        with printed(command, _LONGEST_S, problems) as stream:
            yield from samples_of(stream, Problems("what perf printed", said))
        diagnostics.extend(replace(diagnostic, source=str(path), line=0) for diagnostic in said)

    def _here(self, recorded: str) -> Path:
        """Where a program that was recorded should lie now."""
        if self.symfs is not None:
            return self.symfs / recorded.lstrip("/")
        return Path(relocated(recorded, self.path_map))

    def _check_builds(self, path: Path, problems: Problems) -> None:
        command = ["perf", "buildid-list", "-f", "-i", os.fspath(path.absolute())]
        with printed(command, _LONGEST_S) as stream:
            text = stream.read(_MOST_OBJECTS * 4096)
        for found in list(_LISTED.finditer(text))[:_MOST_OBJECTS]:
            recorded = os.fsdecode(found["path"])
            here = self._here(recorded)
            current = build_id(here)
            if current is None:
                problems.note(
                    0, f"{here} is missing or has no build id: its functions may have no names (--symfs)"
                )
            elif not current.startswith(found["id"].decode()):
                problems.note(0, f"another build of {here} was recorded: its functions may be misnamed")
