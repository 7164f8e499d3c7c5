"""The default verifier: build, test and time with the commands of the settings."""

from pesquared.core.running import RunResult
from pesquared.errors import UsageError
from pesquared.verify import PerformanceVerifier, Suite, Workspace

_CONFIGURE = "cmake -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_EXPORT_COMPILE_COMMANDS=ON"
_CMAKE = f"{{ test -f build/CMakeCache.txt || {_CONFIGURE}; }} && cmake --build build"
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


class CommandVerifier(PerformanceVerifier):
    """Runs ``[build] command``, ``[test] quick`` and ``full``, ``[bench] command`` in the code base's folder.

    Without a build command: ``make`` where there is a Makefile, cmake where there is a CMakeLists.txt, else
    nothing.
    """

    def build(self, workspace: Workspace) -> RunResult | None:
        command = self.settings.build.command or self._likely_build(workspace)
        return workspace.run(command) if command else None

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:
        command = self.settings.test.quick if suite is Suite.QUICK else self.settings.test.full
        return workspace.run(command) if command else None

    def bench(self, workspace: Workspace) -> RunResult:
        return workspace.run(self.command)

    @property
    def command(self) -> str:
        """The benchmark command; raises UsageError if there is none."""
        if not self.settings.bench.command:
            raise UsageError("no benchmark command", "give --bench CMD, or [bench] command in pesquared.toml")
        return self.settings.bench.command

    @staticmethod
    def _likely_build(workspace: Workspace) -> str:
        if any((workspace.codebase / name).is_file() for name in _MAKEFILES):
            return "make"
        return _CMAKE if (workspace.codebase / "CMakeLists.txt").is_file() else ""
