"""The default verifier runs what the settings say, and finds a build by what is there."""

from pathlib import Path

import pytest

from pesquared.core.settings import BenchSettings, BuildSettings, Settings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.errors import UsageError
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import Suite, Workspace


def workspace(folder: Path) -> Workspace:
    return Workspace(folder, folder, Unconfined(accounting="wall"), 60.0, writable=True)


def test_make_is_found(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\t@echo made\n")
    built = CommandVerifier(Settings()).build(workspace(tmp_path))
    assert built is not None
    assert built.stdout == b"made\n"


def test_cmake_is_configured_once(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nadd_custom_target(all_of_it ALL COMMAND echo made)\n"
    )
    verifier = CommandVerifier(Settings())
    first, second = verifier.build(workspace(tmp_path)), verifier.build(workspace(tmp_path))
    assert first is not None
    assert second is not None
    assert first.ok, first.stderr
    assert b"Configuring done" in first.stdout
    assert second.ok
    assert b"Configuring done" not in second.stdout
    assert "RelWithDebInfo" in (tmp_path / "build" / "CMakeCache.txt").read_text()


def test_where_there_is_nothing_to_build_nothing_is(tmp_path: Path) -> None:
    assert CommandVerifier(Settings()).build(workspace(tmp_path)) is None


def test_the_settings_commands_are_run(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\tfalse\n")
    verifier = CommandVerifier(
        Settings(
            build=BuildSettings(command="echo own"),
            test=SuiteSettings(quick="exit 3", full=""),
            bench=BenchSettings(command="pwd; echo $$ >&2"),
        )
    )
    place = workspace(tmp_path)
    built, quick, run = verifier.build(place), verifier.test(place, Suite.QUICK), verifier.bench(place)
    assert built is not None
    assert built.stdout == b"own\n"
    assert quick is not None
    assert quick.exit_code == 3
    assert verifier.test(place, Suite.FULL) is None
    assert run.stdout.decode().strip() == str(tmp_path.resolve())


def test_without_a_benchmark_nothing_can_be_measured(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no benchmark"):
        CommandVerifier(Settings()).bench(workspace(tmp_path))


def test_a_step_cannot_take_longer_than_it_is_given(tmp_path: Path) -> None:
    place = Workspace(tmp_path, tmp_path, Unconfined(accounting="wall"), 0.2)
    assert place.run("sleep 60", timeout_s=90.0).stopped == "timeout"
